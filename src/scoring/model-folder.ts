/**
 * The models folder: `<name>/<version>/` with files, and `<name>/active` with the version in force
 * in one line.
 */
import { randomUUID } from 'node:crypto'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isModelWord } from './model-word.ts'
import { ScoringError } from './scoring-error.ts'

/** A pointer is one short word; a longer file is none. */
const pointerBytesMax = 256

/**
 * Versions in force by name. A folder that is not there has none. A pointer that names no version
 * gives '': it may be one that is being written. Rejects when the disk does not answer: what is in
 * force must not go for that.
 */
export async function activeVersions(modelsFolder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(modelsFolder).catch(noneIfAbsent)
  const versions = await Promise.all(
    names.filter(isModelWord).map(async (name) => [name, await pointerOf(modelsFolder, name)]),
  )
  return new Map(versions.filter((entry): entry is [string, string] => entry[1] !== null))
}

/** The version in force of a model; null = there is no pointer, or it names no version. */
export async function activeVersion(modelsFolder: string, name: string): Promise<string | null> {
  const version = await pointerOf(modelsFolder, name)
  return version === '' ? null : version
}

/** What a pointer says; '' = nothing that names a version, null = there is no pointer. */
async function pointerOf(modelsFolder: string, name: string): Promise<string | null> {
  try {
    const handle = await open(join(modelsFolder, name, 'active'), 'r')
    try {
      const bytes = new Uint8Array(pointerBytesMax)
      const { bytesRead } = await handle.read(bytes, 0, pointerBytesMax, 0)
      const word = new TextDecoder().decode(bytes.subarray(0, bytesRead)).trim()
      return isModelWord(word) ? word : ''
    } finally {
      await handle.close()
    }
  } catch (error) {
    noneIfAbsent(error)
    return null
  }
}

function noneIfAbsent(error: unknown): string[] {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return []
  throw error
}

/**
 * Puts a version in force: the pointer is replaced whole, so that a reader sees the old one or the
 * new one. Rejects with ScoringError when there is no such version.
 */
export async function activate(modelsFolder: string, name: string, version: string): Promise<void> {
  if (!isModelWord(name) || !isModelWord(version)) {
    throw new ScoringError(
      'SLUICE_SCORING_MODEL_NAME',
      `"${name}" or "${version}" is no name: lower case letters, digits, ".", "_", "-", at most 64`,
    )
  }
  const manifest = join(modelsFolder, name, version, 'manifest.json')
  const found = await stat(manifest).catch(() => null)
  if (found === null) {
    throw new ScoringError('SLUICE_SCORING_MODEL_FILE', `${name}/${version} has no manifest.json`)
  }
  const pointer = join(modelsFolder, name, 'active')
  const draft = `${pointer}.${randomUUID()}`
  try {
    const handle = await open(draft, 'wx')
    try {
      await handle.writeFile(`${version}\n`)
      // The name must not come to the disk before what it names.
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, pointer)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
