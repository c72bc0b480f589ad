/** The life of a projector: claims its parts, rounds as fast as there is work, keeps house. */

import { dropOldDays, forgottenDevices } from '../feedback/project/keep.ts'
import type { Projector } from '../feedback/project/projector.ts'
import type { Clock } from '../lib/clock.ts'
import {
  claimEveryMs,
  type EventLog,
  type StateKey,
  type StateStore,
} from '../store/feedback-ports.ts'
import type { ProjectMeter } from '../telemetry/project-meter.ts'

/**
 * Pause after a round that found nothing. What comes meanwhile waits so long: a twentieth of the
 * 100 ms that half of the events may take to their first decision.
 */
export const idleMs = 5

/** Pause after the store did not answer: doubled up to the last. */
const failMsMin = 50
const failMsMax = 1_000

/** Whole days are dropped, and forgotten devices looked for, this often. */
const keepEveryMs = 6 * 3_600_000
/** The first time soon, but not while a process starts under load. */
const keepFirstMs = 60_000
/** Devices taken away after one look at all of them: their keys are held in memory. */
const forgetMax = 100_000
/** Of these, as many between two rounds: some milliseconds of work. */
const forgetAtOnce = 500

/** What the loop works with. */
export interface ProjectLoopDeps {
  readonly projector: Pick<Projector, 'own' | 'round' | 'forget'>
  readonly state: StateStore
  readonly log: EventLog
  /** Name of this projector among others. */
  readonly name: string
  readonly clock: Clock
  readonly meter: ProjectMeter
  readonly sleep: (ms: number) => Promise<void>
  readonly onError: (error: unknown) => void
}

/** Runs until told to stop. */
export class ProjectLoop {
  readonly #deps: ProjectLoopDeps
  #isRunning = true
  #claimedAtMs = Number.NEGATIVE_INFINITY
  #keptAtMs: number
  /** Keeping house, beside the rounds: a look at all devices takes minutes where there are many. */
  #keeping: Promise<void> | null = null
  /** Devices that were found to be forgotten, and are not taken away yet. */
  #forgotten: StateKey[] = []
  #failMs = failMsMin
  #problem: string | null = 'the log was not read yet'
  #done: Promise<void> | null = null

  constructor(deps: ProjectLoopDeps) {
    this.#deps = deps
    this.#keptAtMs = deps.clock.monotonicMs() - keepEveryMs + keepFirstMs
  }

  /** Why nothing is projected now; null = it is. */
  problem(): string | null {
    return this.#problem
  }

  /** Starts; a second call does nothing. */
  start(): void {
    this.#done ??= this.#run()
  }

  /** Resolves when the round under way has ended. */
  async stop(): Promise<void> {
    this.#isRunning = false
    await this.#done
    await this.#keeping
  }

  async #run(): Promise<void> {
    const { sleep, meter, onError } = this.#deps
    while (this.#isRunning) {
      try {
        const done = await this.#turn()
        this.#problem = null
        this.#failMs = failMsMin
        if (done === 0) await sleep(idleMs)
      } catch (error) {
        meter.failures++
        this.#problem = error instanceof Error ? error.message : String(error)
        onError(error)
        await sleep(this.#failMs)
        this.#failMs = Math.min(failMsMax, this.#failMs * 2)
      }
    }
  }

  async #turn(): Promise<number> {
    const { projector, state, name, clock, meter } = this.#deps
    if (clock.monotonicMs() - this.#claimedAtMs >= claimEveryMs) {
      const parts = await state.claim(name)
      this.#claimedAtMs = clock.monotonicMs()
      meter.parts = parts.length
      projector.own(parts)
    }
    const done = await projector.round()
    if (clock.monotonicMs() - this.#keptAtMs >= keepEveryMs) {
      this.#keptAtMs = clock.monotonicMs()
      this.#keeping ??= this.#keep()
    }
    // By the projector, between its rounds: both move the places of its parts.
    if (this.#forgotten.length > 0) await projector.forget(this.#forgotten.splice(-forgetAtOnce))
    return done
  }

  async #keep(): Promise<void> {
    const { log, state, clock, meter, onError } = this.#deps
    try {
      await dropOldDays({ log, state }, clock.wallMs())
      const goesOn = () => this.#isRunning
      this.#forgotten = await forgottenDevices(state, { nowMs: clock.wallMs(), goesOn }, forgetMax)
    } catch (error) {
      // The process ends, or the store was away: the next time does it.
      if (!this.#isRunning) return
      meter.failures++
      onError(error)
    } finally {
      this.#keeping = null
    }
  }
}
