/** Times a stage call by call, in rounds, with what garbage collection took of them. */
import { createHash, type Hash } from 'node:crypto'
import { PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/lib/clock.ts'
import { median } from '../harness/report.ts'

/**
 * One step of the road, alone: `run` is timed, what it needs is made before. Where `run` answers
 * with a promise, a call has ended when that has.
 */
export interface Stage {
  readonly name: string
  /** Calls of one round, numbered from 0. */
  readonly count: number
  prepare(call: number): void
  run(call: number): unknown
  /** Feeds what the last `run` came to. */
  digest(hash: Hash): void
}

/** Microseconds of one call: medians over the rounds, and the longest of all. */
export interface StageTimes {
  readonly name: string
  readonly calls: number
  readonly rounds: number
  readonly p50Us: number
  readonly p99Us: number
  readonly p999Us: number
  readonly maxUs: number
  readonly longestUs: number
  readonly meanUs: number
  /**
   * CPU time of the process a call, its untimed preparation and garbage collection included: on a
   * machine that others use too it says more than any wall time.
   */
  readonly cpuUs: number
  /** Garbage collections during the rounds, and their time together. */
  readonly gcCount: number
  readonly gcMs: number
  /** The same for the same code and seed: whoever makes a stage faster must not change it. */
  readonly result: string
}

/** What every call of a stage comes to, as 16 hex digits. Also warms it up. */
export async function digestOf(stage: Stage): Promise<string> {
  const hash = createHash('sha256')
  for (let call = 0; call < stage.count; call++) {
    stage.prepare(call)
    await stage.run(call)
    stage.digest(hash)
  }
  return hash.digest('hex').slice(0, 16)
}

/** Times `rounds` rounds. */
export async function timesOf(stage: Stage, rounds: number, result: string): Promise<StageTimes> {
  const gc = watchGc()
  const all: Float64Array[] = []
  const before = process.cpuUsage()
  for (let number = 0; number < rounds; number++) all.push(await round(stage))
  const { user, system } = process.cpuUsage(before)
  const { count, ms } = await gc.end()
  const at = (share: number): number => median(all.map((times) => quantile(times, share)))
  return {
    name: stage.name,
    calls: stage.count,
    rounds,
    p50Us: at(0.5),
    p99Us: at(0.99),
    p999Us: at(0.999),
    maxUs: at(1),
    longestUs: Math.max(...all.map((times) => quantile(times, 1))),
    meanUs: rounded(
      median(all.map((times) => times.reduce((sum, us) => sum + us, 0))) / stage.count,
    ),
    cpuUs: rounded((user + system) / rounds / stage.count),
    gcCount: count,
    gcMs: rounded(ms),
    result,
  }
}

/** Microseconds of every call, ascending. */
async function round(stage: Stage): Promise<Float64Array> {
  const times = new Float64Array(stage.count)
  for (let call = 0; call < stage.count; call++) {
    stage.prepare(call)
    const startMs = systemClock.monotonicMs()
    const waiting = stage.run(call)
    // Not `await` for everybody: its turn of the microtasks would be in the figures.
    if (waiting instanceof Promise) await waiting
    times[call] = (systemClock.monotonicMs() - startMs) * 1_000
  }
  return times.sort()
}

function quantile(sorted: Float64Array, share: number): number {
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * share))
  return rounded(sorted[at] ?? Number.NaN)
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

function watchGc(): { end(): Promise<{ count: number; ms: number }> } {
  let count = 0
  let ms = 0
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      count++
      ms += entry.duration
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return {
    end: async () => {
      // Entries are handed over in a later turn of the loop.
      await sleep(10)
      observer.disconnect()
      return { count, ms }
    },
  }
}
