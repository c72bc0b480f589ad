/** The door of events: what was accepted is in the log before anybody is told so. */
import type { FeedbackEvent } from './event.ts'
import { homeShardOf } from './event-home.ts'
import { eventRecord } from './log-record.ts'

/** What became of one event; numbers stand in answers of `POST /events` and in docs/errors.md. */
export const IntakeResult = {
  /** In the log, on disk. */
  Accepted: 0,
  /** The log does not take it now (disk full, store away, too many wait): try again. */
  Unavailable: 1,
} as const
export type IntakeResult = (typeof IntakeResult)[keyof typeof IntakeResult]

/** The part of the event log that intake writes to. */
export interface EventSink {
  append(shard: number, record: Uint8Array): Promise<void>
}

/** Takes events. One a process. */
export class Intake {
  readonly #log: EventSink
  readonly #onRefused: (error: unknown) => void

  /** `onRefused` hears why the log did not take an event. */
  constructor(log: EventSink, onRefused: (error: unknown) => void) {
    this.#log = log
    this.#onRefused = onRefused
  }

  /** Resolves when the event is in the log, or is refused. Never rejects. */
  async accept(event: FeedbackEvent): Promise<IntakeResult> {
    try {
      await this.#log.append(homeShardOf(event), eventRecord(event))
      return IntakeResult.Accepted
    } catch (error) {
      this.#onRefused(error)
      return IntakeResult.Unavailable
    }
  }
}
