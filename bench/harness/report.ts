/** Results as JSON and as a table people read, with the machine, the commit and the command. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import path from 'node:path'
import { systemClock } from '../../src/lib/clock.ts'
import { canPin, cores } from './processes.ts'

/** One line of a report: what was measured, and whether it meets its bar. */
export interface Finding {
  readonly line: string
  readonly measured: string
  readonly bar: string
  /** Null where there is no bar. */
  readonly met: boolean | null
}

/** A scenario's outcome. */
export interface ScenarioResult {
  readonly scenario: string
  readonly size: string
  readonly findings: readonly Finding[]
  /** Sentences on what the figures mean and how they were made. */
  readonly notes: readonly string[]
  /** Everything measured. */
  readonly data: unknown
}

/** Writes `<scenario>-<date>.json` and `.md` into `folder`; answers the table. */
export function writeReport(folder: string, result: ScenarioResult, command: string): string {
  mkdirSync(folder, { recursive: true })
  const date = new Date(systemClock.wallMs()).toISOString().slice(0, 10)
  const name = `${result.scenario}${result.size === 'full' ? '' : `-${result.size}`}-${date}`
  const about = { date, command, ...machine() }
  const json = JSON.stringify({ ...about, ...result }, null, 2)
  const table = markdown(result, about)
  writeFileSync(path.join(folder, `${name}.json`), `${json}\n`)
  writeFileSync(path.join(folder, `${name}.md`), table)
  return table
}

/** The machine and the code, as far as a stranger needs them to compare. */
function machine(): Record<string, string> {
  return {
    commit: tryRun(['git', 'rev-parse', '--short=12', 'HEAD']),
    uncommitted: tryRun(['git', 'status', '--porcelain']) === '' ? 'no' : 'yes',
    node: process.version,
    cpu: `${cpus()[0]?.model ?? 'unknown'} × ${cores()}`,
    memoryGiB: (totalmem() / 2 ** 30).toFixed(1),
    kernel: tryRead('/proc/sys/kernel/osrelease'),
    redis: tryRun(['redis-server', '--version']).match(/v=([\d.]+)/)?.[1] ?? 'none',
    pinned: canPin()
      ? 'servers on core 0, generator on core 1, redis-server unpinned'
      : 'no (fewer than two cores, or no taskset)',
  }
}

function markdown(result: ScenarioResult, about: Record<string, string>): string {
  const rows = result.findings.map((finding) => {
    const verdict = finding.met === null ? '' : finding.met ? 'yes' : '**no**'
    return `| ${finding.line} | ${finding.measured} | ${finding.bar} | ${verdict} |`
  })
  const facts = Object.entries(about).map(([key, value]) => `${key}: ${value}`)
  return [
    `# ${result.scenario} (${result.size})`,
    '',
    '| line | measured | bar | met |',
    '|---|---|---|---|',
    ...rows,
    '',
    ...result.notes.map((note) => `* ${note}`),
    '',
    facts.join(' · '),
    '',
  ].join('\n')
}

/** The middle of an odd number of values (upper middle of an even one). */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function tryRun(command: readonly string[]): string {
  const [file, ...args] = command as [string, ...string[]]
  try {
    return execFileSync(file, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}

function tryRead(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return 'unknown'
  }
}
