/** What writers must know of the workers: which revision they use, and what they feel. */
import type { PresenceRecord, PresenceStore } from '../store/ports.ts'

/** Waiting, injected so that tests need not wait. */
export type Sleep = (ms: number) => Promise<void>

const pollMs = 50
/** Presence is read at most this often for pacing. */
const feelEveryMs = 250

/** Looks at the presence records of `decide` processes. */
export class WorkerWatch {
  readonly #presence: PresenceStore
  readonly #sleep: Sleep
  readonly #nowMs: () => number
  #felt: readonly PresenceRecord[] = []
  #feltAtMs = Number.NEGATIVE_INFINITY

  constructor(presence: PresenceStore, sleep: Sleep, nowMs: () => number) {
    this.#presence = presence
    this.#sleep = sleep
    this.#nowMs = nowMs
  }

  /** Resolves when no live worker uses a catalog older than `revision`. */
  async reached(revision: number): Promise<void> {
    for (;;) {
      const records = await this.#presence.list()
      if (!records.some((record) => isBehind(record, revision))) return
      await this.#sleep(pollMs)
    }
  }

  /** The worst p99 of a worker under load, in microseconds; 0 when nobody is served. */
  async latencyP99Us(): Promise<number> {
    const now = this.#nowMs()
    if (now - this.#feltAtMs > feelEveryMs) {
      this.#feltAtMs = now
      this.#felt = await this.#presence.list()
    }
    let worst = 0
    for (const { role, requestsPerSecond, latencyP99Us } of this.#felt) {
      if (role === 'decide' && requestsPerSecond > 0 && latencyP99Us > worst) worst = latencyP99Us
    }
    return worst
  }
}

function isBehind({ role, usesSnapshot, revision }: PresenceRecord, wanted: number): boolean {
  return role === 'decide' && usesSnapshot && revision < wanted
}
