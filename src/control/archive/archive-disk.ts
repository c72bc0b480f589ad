/** What the archive does to the disk: a port, so that tests can kill it between any two steps. */
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Changes of files. Each is on disk when it resolves. */
export interface ArchiveDisk {
  /** Writes a small file: after a crash the whole text is there, or what was there before. */
  keep(path: string, text: string): Promise<void>
  /** Moves a finished file to its place, over one of the same name. */
  place(from: string, to: string): Promise<void>
  /** Removes a file, or a folder with all that is in it, if it is there. */
  remove(path: string): Promise<void>
}

/** How folders are made: device keys are personal data, though no ids. */
export const ownFolders = { recursive: true, mode: 0o700 } as const

/** The machine's disk. */
export const machineDisk: ArchiveDisk = {
  keep: async (path, text) => {
    await mkdir(dirname(path), ownFolders)
    const temporary = `${path}.new`
    const file = await open(temporary, 'w', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await sync(dirname(path))
  },
  place: async (from, to) => {
    await mkdir(dirname(to), ownFolders)
    await sync(from)
    await rename(from, to)
    await sync(dirname(to))
  },
  remove: (path) => rm(path, { force: true, recursive: true }),
}

/** Of a file: its bytes. Of a folder: the names in it. */
async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
