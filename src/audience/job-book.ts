/** Jobs that run or have just ended, for whoever wants to watch. */
import type { Clock } from '../lib/clock.ts'
import type { JobProgress } from './pack-types.ts'

/** Ended jobs that are remembered. */
const endedJobsMax = 50

/** A running job; its worker writes the fields, readers get copies. */
export interface Job {
  stage: string
  bytesRead: number
  lines: number
  accepted: number
  rejected: number
  share: number | null
}

type Entry = Job & {
  id: string
  kind: string
  packId: string
  startedAtMs: number
  endedAtMs: number | null
}

/** Numbers jobs and remembers them. */
export class JobBook {
  readonly #clock: Clock
  readonly #entries: Entry[] = []
  #next = 1

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs a job under a new entry; a result `{ok: false}` or `false` ends it as refused. */
  async run<T>(kind: string, packId: string, work: (job: Job) => Promise<T>): Promise<T> {
    const entry = this.#open(kind, packId)
    try {
      const result = await work(entry)
      entry.stage = isNo(result) ? 'refused' : 'done'
      return result
    } catch (error) {
      entry.stage = 'failed'
      throw error
    } finally {
      entry.endedAtMs = this.#clock.wallMs()
      entry.share = null
      this.#forget()
    }
  }

  /** Newest last. */
  list(): readonly JobProgress[] {
    return this.#entries.map((entry) => ({ ...entry }))
  }

  #open(kind: string, packId: string): Entry {
    const entry: Entry = {
      id: String(this.#next++),
      kind,
      packId,
      stage: 'waiting',
      startedAtMs: this.#clock.wallMs(),
      endedAtMs: null,
      bytesRead: 0,
      lines: 0,
      accepted: 0,
      rejected: 0,
      share: null,
    }
    this.#entries.push(entry)
    return entry
  }

  #forget(): void {
    let ended = 0
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      if (this.#entries[i]?.endedAtMs === null) continue
      ended++
      if (ended > endedJobsMax) this.#entries.splice(i, 1)
    }
  }
}

function isNo(result: unknown): boolean {
  if (result === false) return true
  return typeof result === 'object' && result !== null && 'ok' in result && result.ok === false
}
