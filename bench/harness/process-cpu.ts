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

/** CPU seconds of several processes by name. */
export function cpuOf(processes: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, cpuSeconds(pid)]))
}

/** CPU microseconds a request between two readings of `cpuOf`. */
export function cpuPerRequest(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  requests: number,
): Record<string, number> {
  const micros = Object.entries(after).map(([name, used]) => {
    return [name, ((used - (before[name] ?? 0)) * 1e6) / Math.max(1, requests)]
  })
  return Object.fromEntries(micros) as Record<string, number>
}

/** Anonymous resident memory in bytes: heap and buffers, not mapped files. */
export function anonymousBytes(pid: number): number {
  const status = read(`/proc/${pid}/status`)
  const kib = status?.match(/^RssAnon:\s+(\d+) kB/m)?.[1]
  return kib === undefined ? 0 : Number(kib) * 1_024
}

/** Milliseconds that a process's main thread was ready to run and waited for a core. */
export function runQueueMs(pid: number): number {
  const [, waitedNs] = (read(`/proc/${pid}/task/${pid}/schedstat`) ?? '').split(' ')
  return Number(waitedNs ?? 0) / 1e6
}

/** Milliseconds since a process was started, to 10 ms; NaN when it is gone. */
export function ageMs(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  const startTicks = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? Number.NaN)
  const upSeconds = Number((read('/proc/uptime') ?? '').split(' ')[0])
  return (upSeconds - startTicks / ticksPerSecond) * 1_000
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
