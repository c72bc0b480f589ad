/** A disk that can be made full and given space again under a running process. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, statfsSync } from 'node:fs'
import { which } from '../harness/processes.ts'

/** How much a roomy disk has, MiB; and what a full one has left, bytes: some hundred events. */
const roomyMib = 768
const leftBytes = 128 * 1024

/** A folder with a disk of its own, or a limit on how long files may get. */
export interface SmallDisk {
  readonly how: string
  /** Leaves so little that some seconds of events fill it. `pid` writes to it. */
  makeFull(pid: number): void
  giveSpace(pid: number): void
  end(): void
}

/**
 * Puts a tmpfs on `folder` where we may mount one; else limits the length of files of the process
 * (RLIMIT_FSIZE), which stops its writes in the same way with another error.
 */
export function smallDisk(folder: string): SmallDisk {
  mkdirSync(folder, { recursive: true })
  return mounted(folder) ?? limited()
}

function mounted(folder: string): SmallDisk | null {
  const mount = which('mount')
  if (mount === null || process.getuid?.() !== 0) return null
  const mountWith = (options: string): void => {
    execFileSync(mount, ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' })
  }
  try {
    mountWith(`size=${roomyMib}m`)
  } catch {
    return null
  }
  const usedBytes = (): number => {
    const { blocks, bfree, bsize } = statfsSync(folder)
    return (blocks - bfree) * bsize
  }
  return {
    how: 'a tmpfs without space left (ENOSPC)',
    makeFull: () => mountWith(`remount,size=${usedBytes() + leftBytes}`),
    giveSpace: () => mountWith(`remount,size=${roomyMib}m`),
    end: () => void execFileSync('umount', [folder], { stdio: 'ignore' }),
  }
}

/** Files already longer than this cannot be made longer: as full as a disk can be. */
const fullBytes = 64 * 1024

function limited(): SmallDisk {
  const limit = (pid: number, bytes: string): void => {
    execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`], { stdio: 'ignore' })
  }
  return {
    how: 'a limit on the length of files (EFBIG)',
    makeFull: (pid) => limit(pid, String(fullBytes)),
    giveSpace: (pid) => limit(pid, 'unlimited'),
    end: () => undefined,
  }
}
