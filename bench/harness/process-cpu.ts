/** CPU time and memory of processes, from /proc. */
import { readdirSync, readFileSync } from 'node:fs'

/** Kernel clock ticks a second: 100 on every Linux that Node runs on (USER_HZ). */
const ticksPerSecond = 100

/** CPU seconds (user + system, all threads) a process has used; 0 when it is gone. */
export function cpuSeconds(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === null) return 0
  // The command name (field 2) may hold spaces; what follows its closing bracket does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const user = Number(fields[11])
  const system = Number(fields[12])
  return (user + system) / ticksPerSecond
}

/** Anonymous resident memory in bytes: heap and buffers, not mapped files. */
export function anonymousBytes(pid: number): number {
  const status = read(`/proc/${pid}/status`)
  const kib = status?.match(/^RssAnon:\s+(\d+) kB/m)?.[1]
  return kib === undefined ? 0 : Number(kib) * 1_024
}

/** Direct children of a process. */
export function childrenOf(pid: number): number[] {
  const children = new Set<number>()
  let tasks: string[] = []
  try {
    tasks = readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
  for (const task of tasks) {
    const list = read(`/proc/${pid}/task/${task}/children`) ?? ''
    for (const child of list.trim().split(' ')) if (child !== '') children.add(Number(child))
  }
  return [...children]
}

/** All processes below `pid`, itself first. */
export function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap((child) => treeOf(child))]
}

/** The command line of a process, or '' when it is gone. */
export function commandLine(pid: number): string {
  return (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim()
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
