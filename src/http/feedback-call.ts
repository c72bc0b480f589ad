/**
 * One call of a link from its reading to its answer: the event is in the log before anybody knows.
 */
import type { HttpResponse } from 'uWebSockets.js'
import type { FeedbackEvent } from '../feedback/event.ts'
import { bodyDeadlineMs } from './edge.ts'
import { type Answer, Exchange, type ExchangeUser } from './exchange.ts'
import { requestTimeout, tooLarge, unavailable } from './feedback-answers.ts'
import { type FeedbackDoor, isEarly, type OpenCall, submit } from './feedback-door.ts'

/** What is said when the event is in the log, and when the log did not take it. */
export interface Outcomes {
  readonly accepted: Answer
  readonly unavailable: Answer
}

/** Bodies of POSTed notices are not looked at: everything stands in the link. */
const bodyBytesMax = 4 * 1024

/** A log that has not answered for so long will not; its own limits are shorter. */
export const appendLostMs = 5_000

const noOutcomes: Outcomes = { accepted: unavailable, unavailable }

/** State of one call; pooled, so that a call allocates no callbacks. */
export class FeedbackCall implements ExchangeUser, OpenCall {
  index = -1
  readonly #door: FeedbackDoor
  readonly #exchange: Exchange
  readonly #onSettled: (isAccepted: boolean) => void
  #event: FeedbackEvent | null = null
  #outcomes = noOutcomes
  #beganAtMs = 0
  /** True while the log has the event. */
  #isPending = false

  constructor(door: FeedbackDoor) {
    this.#door = door
    this.#exchange = new Exchange(this, door.edge.budget, door.edge.outbox)
    this.#onSettled = (isAccepted) => this.#settle(isAccepted)
  }

  get reusable(): boolean {
    return this.#exchange.reusable && !this.#isPending
  }

  /** Takes an event in, inside the route callback; it is submitted when the body has come. */
  begin(response: HttpResponse, event: FeedbackEvent, outcomes: Outcomes): void {
    if (isEarly(this.#door, event)) {
      this.#door.meter.unavailable++
      this.refuse(response, outcomes.unavailable)
      return
    }
    this.#event = event
    this.#outcomes = outcomes
    this.#beganAtMs = this.#door.edge.clock.monotonicMs()
    this.#exchange.begin(response, bodyBytesMax)
  }

  /** Answers inside the route callback without an event. */
  refuse(response: HttpResponse, answer: Answer): void {
    this.#exchange.refuse(response, answer, this.#door.edge.isDraining)
  }

  onBody(): void {
    const event = this.#event
    if (event === null) return
    this.#event = null
    this.#isPending = true
    void submit(this.#door, event).then(this.#onSettled)
  }

  onTooLarge(): void {
    this.#end(tooLarge, true)
  }

  onNoMemory(): void {
    this.#end(unavailable, true)
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
      if (ageMs > bodyDeadlineMs) this.#end(requestTimeout, true)
    } else if (ageMs > appendLostMs) this.#end(this.#outcomes.unavailable, true)
  }

  abandon(): void {
    this.#end(this.#outcomes.unavailable, true)
  }

  #settle(isAccepted: boolean): void {
    this.#isPending = false
    const { accepted, unavailable: lost } = this.#outcomes
    if (!isAccepted && lost === accepted) this.#door.meter.clicksLost++
    // Whoever has gone, or has heard of a lost log, is told nothing more.
    if (this.#exchange.isOpen) this.#end(isAccepted ? accepted : lost, false)
    else this.#finish()
  }

  #end(answer: Answer, close: boolean): void {
    this.#exchange.end(answer, close || this.#door.edge.isDraining)
  }

  /** The log may still hold the event of a call that was answered or left; it comes back then. */
  #finish(): void {
    this.#event = null
    if (!this.#isPending) this.#door.links.release(this)
  }
}
