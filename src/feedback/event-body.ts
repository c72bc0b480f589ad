/** Bodies of `POST /events` in both forms, and their answers. */
import { eventOfJson, eventsOfJson } from './event-json.ts'
import { type EventResult, eventOfProto, eventsOfProto, resultsAsProto } from './event-proto.ts'
import { type EventFault, eventsMax, fault, type OutsideEvent } from './outside-event.ts'
import type { EventTeller, ToldReading } from './told-event.ts'

/** The events of one body, read when they are asked for: a long body is worked off in slices. */
export interface EventBatch {
  readonly ok: true
  readonly count: number
  /** Event `index`, or what is wrong with it. Each is asked for once. */
  at(index: number): ToldReading
}

/** Reads bodies and writes answers. Never throws. */
export interface EventBatchSource {
  /** `body` may be reused after the call; a fault is one of the whole body. */
  read(body: Uint8Array, isJson: boolean, receivedAtMs: number): EventBatch | EventFault
  /** The answer: a result for each event, in order. */
  results(results: readonly EventResult[], isJson: boolean): Uint8Array
}

/** Both forms over one teller. One a process. */
export class EventBodies implements EventBatchSource {
  readonly #teller: EventTeller

  constructor(teller: EventTeller) {
    this.#teller = teller
  }

  read(body: Uint8Array, isJson: boolean, receivedAtMs: number): EventBatch | EventFault {
    // Parts of protobuf bodies are views: the bytes must outlive the caller's buffer.
    const found = isJson ? eventsOfJson(body) : eventsOfProto(new Uint8Array(body))
    if (found === null) {
      const wanted = isJson ? 'JSON: one event, or {"events":[…]}' : 'a protobuf EventBatch'
      return fault('SLUICE_EVENT_BODY', `the body is not ${wanted}`)
    }
    if (found.length === 0 || found.length > eventsMax) {
      return fault('SLUICE_EVENT_COUNT', `send 1 to ${eventsMax} events, not ${found.length}`)
    }
    return {
      ok: true,
      count: found.length,
      at: (index) => this.#tell(found[index], isJson, receivedAtMs),
    }
  }

  results(results: readonly EventResult[], isJson: boolean): Uint8Array {
    if (!isJson) return resultsAsProto(results)
    const rows = results.map((result, index) => ({ index, ...result }))
    return Buffer.from(JSON.stringify({ results: rows }))
  }

  #tell(raw: unknown, isJson: boolean, receivedAtMs: number): ToldReading {
    const told = isJson ? eventOfJson(raw) : eventOfProto(raw as Uint8Array)
    return isFault(told) ? told : this.#teller.tell(told, receivedAtMs)
  }
}

function isFault(told: OutsideEvent | EventFault): told is EventFault {
  return 'ok' in told
}
