/** One `POST /events` from its body to its answer: a result for each event. */
import type { HttpResponse } from 'uWebSockets.js'
import type { EventBatch } from '../feedback/event-body.ts'
import type { EventResult } from '../feedback/event-proto.ts'
import type { EventFault } from '../feedback/outside-event.ts'
import { batchAnswer, problemAnswer } from './events-answers.ts'
import { type Answer, Exchange, type ExchangeUser } from './exchange.ts'
import { appendLostMs } from './feedback-call.ts'
import { type FeedbackDoor, isEarly, type OpenCall, submit } from './feedback-door.ts'

/** A thousand events with everything have half of it. */
export const eventsBodyBytesMax = 1024 * 1024

/** Slow uplinks of shops; a megabyte in five seconds is 1.6 Mbit/s. */
const eventsBodyDeadlineMs = 5_000

/**
 * Events worked off before decisions of the same process get their turn: about half a millisecond.
 */
const eventsPerTurn = 32

/** State of one call; pooled. */
export class EventsCall implements ExchangeUser, OpenCall {
  index = -1
  readonly #door: FeedbackDoor
  readonly #exchange: Exchange
  #isJson = true
  #beganAtMs = 0
  #isPending = false

  constructor(door: FeedbackDoor) {
    this.#door = door
    this.#exchange = new Exchange(this, door.edge.budget, door.edge.outbox)
  }

  get reusable(): boolean {
    return this.#exchange.reusable && !this.#isPending
  }

  /** Reads a body whose sender may send, inside the route callback. */
  begin(response: HttpResponse, isJson: boolean): void {
    this.#isJson = isJson
    this.#beganAtMs = this.#door.edge.clock.monotonicMs()
    this.#exchange.begin(response, eventsBodyBytesMax)
  }

  /** Answers inside the route callback; the connection ends, because its body is not read. */
  refuse(response: HttpResponse, answer: Answer): void {
    this.#exchange.refuse(response, answer, true)
  }

  onBody(body: Uint8Array): void {
    const { events, edge } = this.#door
    const batch = events.read(body, this.#isJson, Math.floor(edge.clock.wallMs()))
    if (!batch.ok) {
      this.#refuseBody(batch)
      return
    }
    this.#isPending = true
    void this.#takeAll(batch).then((results) => this.#settle(results), this.#onFailed)
  }

  onTooLarge(): void {
    const message = `a body has at most ${eventsBodyBytesMax} bytes`
    this.#end(problemAnswer(413, 'SLUICE_EVENT_TOO_LARGE', message), true)
  }

  onNoMemory(): void {
    this.#endUnavailable()
  }

  onAborted(): void {
    this.#door.meter.aborted++
    this.#finish()
  }

  onWritten(): void {
    this.#finish()
  }

  sweep(nowMs: number): void {
    if (!this.#exchange.isOpen) return
    const ageMs = nowMs - this.#beganAtMs
    if (this.#exchange.isReading) {
      if (ageMs <= eventsBodyDeadlineMs) return
      this.#end(problemAnswer(408, 'SLUICE_EVENT_SLOW', 'the body did not come in time'), true)
    } else if (ageMs > eventsBodyDeadlineMs + appendLostMs) this.#endUnavailable()
  }

  abandon(): void {
    this.#endUnavailable()
  }

  /** All results, in order. Appends of one slice go to the log together. */
  async #takeAll(batch: EventBatch): Promise<EventResult[]> {
    const results: Promise<EventResult>[] = []
    for (let index = 0; index < batch.count; index++) {
      if (index > 0 && index % eventsPerTurn === 0) await nextTurn()
      results.push(this.#takeOne(batch, index))
    }
    return Promise.all(results)
  }

  async #takeOne(batch: EventBatch, index: number): Promise<EventResult> {
    const reading = batch.at(index)
    if (!reading.ok) {
      const { code, message } = reading
      this.#door.meter.eventRejected(code)
      return { status: 'rejected', code, message }
    }
    if (isEarly(this.#door, reading.event)) {
      this.#door.meter.unavailable++
      return { status: 'unavailable' }
    }
    const isAccepted = await submit(this.#door, reading.event)
    return isAccepted ? { status: 'accepted', id: reading.event.id } : { status: 'unavailable' }
  }

  #settle(results: readonly EventResult[]): void {
    this.#isPending = false
    if (!this.#exchange.isOpen) {
      this.#finish()
      return
    }
    const body = this.#door.events.results(results, this.#isJson)
    this.#end(batchAnswer(body, this.#isJson, statusOf(results)), false)
  }

  readonly #onFailed = (error: unknown): void => {
    this.#isPending = false
    this.#door.edge.onInternalError(error)
    if (this.#exchange.isOpen) this.#endUnavailable()
    else this.#finish()
  }

  #refuseBody({ code, message }: EventFault): void {
    this.#door.meter.eventRejected(code)
    this.#end(problemAnswer(400, code, message), false)
  }

  #endUnavailable(): void {
    const message = 'the event log does not take events now; try again'
    this.#end(problemAnswer(503, 'SLUICE_EVENT_UNAVAILABLE', message), true)
  }

  #end(answer: Answer, close: boolean): void {
    this.#exchange.end(answer, close || this.#door.edge.isDraining)
  }

  #finish(): void {
    if (!this.#isPending) this.#door.batches.release(this)
  }
}

/** 503 when the log took none of those it should have taken: the whole body is to be sent again. */
function statusOf(results: readonly EventResult[]): 202 | 503 {
  const hasAccepted = results.some(({ status }) => status === 'accepted')
  return !hasAccepted && results.some(({ status }) => status === 'unavailable') ? 503 : 202
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
