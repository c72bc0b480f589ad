/**
 * Slows a writer down to what the readers can bear, and keeps the event loop alive between slices.
 */
import type { Sleep, WorkerWatch } from './worker-watch.ts'

/**
 * A worker's p99 above this makes writers give way; the promise to media is 5 ms while packs
 * change.
 */
export const readersFeelUs = 2_000
/** At most this many milliseconds of rest for each of work: an upload always gets on. */
const restRatioMax = 12
const restMaxMs = 500

/** Rests in proportion to the work done; the proportion follows what the readers feel. */
export class Pacer {
  readonly #watch: WorkerWatch
  readonly #sleep: Sleep
  readonly #nowMs: () => number
  #ratio = 0
  #owedMs = 0
  #workStartMs: number

  constructor(watch: WorkerWatch, sleep: Sleep, nowMs: () => number) {
    this.#watch = watch
    this.#sleep = sleep
    this.#nowMs = nowMs
    this.#workStartMs = nowMs()
  }

  /** Call between slices of work: yields, and rests when the readers suffer. */
  async step(): Promise<void> {
    const workedMs = this.#nowMs() - this.#workStartMs
    const feltUs = await this.#watch.latencyP99Us()
    this.#ratio =
      feltUs > readersFeelUs
        ? Math.min(restRatioMax, this.#ratio * 1.5 + 0.25)
        : Math.max(0, this.#ratio * 0.95 - 0.01)
    this.#owedMs = Math.min(restMaxMs, this.#owedMs + workedMs * this.#ratio)
    // Timers have a grain of a millisecond: rest is saved up until it is worth one.
    if (this.#owedMs >= 2) {
      await this.#sleep(this.#owedMs)
      this.#owedMs = 0
    } else await new Promise((resolve) => setImmediate(resolve))
    this.#workStartMs = this.#nowMs()
  }
}
