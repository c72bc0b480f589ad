/** One RTA request from its body to its answer: the road of the edge, admission to bytes. */

import { hash } from 'node:crypto'
import type { Scratch } from '../decision/scratch.ts'
import type { ScratchPool } from '../decision/scratch-pool.ts'
import { type AdRequest, RequestKind } from '../domain/ad-request.ts'
import { isAccept, type RtaDecision } from '../domain/decision.ts'
import { Refusal } from '../domain/refusal.ts'
import { Step } from '../domain/step.ts'
import type { WireRequest } from '../media/adapter.ts'
import type { ExchangeLog } from '../telemetry/exchange-log.ts'
import type { Admission } from './admission.ts'
import type { CallPool } from './call-pool.ts'
import { type Arrival, bodyDeadlineMs, type Edge } from './edge.ts'
import { Exchange, type ExchangeUser } from './exchange.ts'
import type { RtaRoute } from './rta-route.ts'

/**
 * The decision port: decides `request`, which `scratch` owns; an answer at once where the store
 * answers at once, else a promise of one.
 */
export interface Decider {
  decide(request: AdRequest, scratch: Scratch): RtaDecision | Promise<RtaDecision>
}

/** What all RTA routes of a process share. */
export interface RtaDoor extends Edge {
  readonly admission: Admission
  readonly decider: Decider
  readonly scratches: ScratchPool<Scratch>
  readonly exchangeLog: ExchangeLog | null
  readonly calls: CallPool<RtaCall>
}

/** RTA bodies: real ones are under 4 KiB; beyond this they are refused unread (issue 2). */
export const rtaBodyBytesMax = 64 * 1024

/** How long after its deadline a decision that still has not come is given up. */
const lostDecisionMs = 500

/** The wire view is filled anew for each request instead of being made anew. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const noHeaders: readonly string[] = []
const nothing = new Uint8Array(0)

/** State of one request; pooled, so that a request allocates no callbacks. */
export class RtaCall implements ExchangeUser {
  /** Position among the open calls; kept by `CallPool`. */
  index = -1
  readonly #door: RtaDoor
  readonly #exchange: Exchange
  readonly #wire: Mutable<WireRequest> = { body: nothing, headers: noHeaders, query: '' }
  readonly #onDecided: (decision: RtaDecision) => void
  readonly #onFailed: (error: unknown) => void
  #route: RtaRoute
  #scratch: Scratch | null = null
  #beganAtMs = 0
  #receivedAtMs = 0
  #deadlineMs = 0
  #decidingAtMs = 0
  #isJson = false
  #isLogged = false
  #bodyHash = ''
  #bodyBytes = 0
  /** The refusal number that is being written, and whether it answers a decision. */
  #refusal: Refusal = Refusal.None
  #isDecided = false

  constructor(door: RtaDoor, route: RtaRoute) {
    this.#door = door
    this.#route = route
    this.#exchange = new Exchange(this, door.budget, door.outbox)
    this.#onDecided = (decision) => this.#afterWait(decision)
    this.#onFailed = (error) => this.#afterFailure(error)
  }

  /** True when the call holds nothing and no callback of its request is left. */
  get reusable(): boolean {
    return this.#exchange.reusable && this.#scratch === null
  }

  /** Starts on a request that was admitted; reads what the adapter wants of the head now. */
  begin(route: RtaRoute, { response, request, arrivedAtMs, now }: Arrival): void {
    this.#route = route
    this.#receivedAtMs = arrivedAtMs
    this.#beganAtMs = now
    this.#deadlineMs = arrivedAtMs + route.timeMs
    this.#wire.query = route.adapter.wantsQuery === true ? (request.getQuery() ?? '') : ''
    this.#wire.headers = route.headersOf(request)
    this.#isJson = route.adapter.isJsonWire?.(this.#wire) ?? false
    this.#exchange.begin(response, rtaBodyBytesMax)
  }

  /** Refuses a request inside its route callback, whatever its body says. */
  refuseUnread(
    route: RtaRoute,
    { response, request, arrivedAtMs }: Arrival,
    reason: Refusal,
  ): void {
    this.#route = route
    this.#receivedAtMs = arrivedAtMs
    this.#refusal = reason
    this.#isDecided = false
    const answer = route.refusal(reason, route.isJson(request))
    this.#exchange.refuse(response, answer, this.#door.isDraining)
  }

  onTooLarge(): void {
    this.#refuse(Refusal.BodyTooLarge, true)
  }

  onNoMemory(): void {
    this.#refuse(Refusal.Overload, true)
  }

  onAborted(): void {
    this.#door.meter.aborted++
    // A decision under way holds the scratch until it comes back.
    if (this.#scratch === null) this.#finish()
  }

  onWritten(): void {
    const { clock, meter } = this.#door
    const ms = clock.monotonicMs() - this.#receivedAtMs
    meter.answer(this.#route.number, this.#refusal, ms)
    if (this.#isDecided) meter.decided(ms)
    // A decision that came too late may still hold the scratch.
    if (this.#scratch === null) this.#finish()
  }

  onBody(body: Uint8Array): void {
    if (body.length === 0) {
      this.#refuse(Refusal.EmptyBody, false)
      return
    }
    const { clock, admission, scratches, meter, load } = this.#door
    const now = clock.monotonicMs()
    const ageMs = now - this.#receivedAtMs
    const scratch = admission.admits(ageMs, this.#route.timeMs, load.inFlight)
      ? scratches.take()
      : null
    if (scratch === null) {
      this.#refuse(Refusal.Overload, false)
      return
    }
    meter.step(Step.Queue, ageMs)
    this.#scratch = scratch
    meter.inFlight++
    load.inFlight++
    try {
      this.#decide(scratch, body, now)
    } catch (error) {
      this.#afterFailure(error)
    }
  }

  /** Gives up what has taken too long: a body that drips, a decision that never came. */
  sweep(nowMs: number): void {
    if (this.#exchange.isReading) {
      if (nowMs - this.#beganAtMs > bodyDeadlineMs) this.#refuse(Refusal.Deadline, true)
    } else if (this.#exchange.isOpen && nowMs > this.#deadlineMs + lostDecisionMs) {
      this.#refuse(Refusal.Deadline, true)
    }
  }

  /** Ends an open request with a refusal, because the process ends. */
  abandon(): void {
    this.#refuse(Refusal.Draining, true)
  }

  #decide(scratch: Scratch, body: Uint8Array, startedAtMs: number): void {
    const { clock, decider, meter } = this.#door
    const route = this.#route
    const { request } = scratch
    request.medium = route.name
    request.receivedAtMs = this.#receivedAtMs
    request.deadlineMs = this.#deadlineMs
    this.#wire.body = body
    const refusal = route.adapter.decode(this.#wire, request)
    if (route.isLogging) this.#noteBody(body)
    this.#wire.body = nothing
    if (request.kind === RequestKind.Second) {
      this.#deadlineMs = this.#receivedAtMs + route.secondTimeMs
      request.deadlineMs = this.#deadlineMs
    }
    meter.idsDropped(route.number, request.devices.doubtful, request.devices.overflow)
    this.#decidingAtMs = clock.monotonicMs()
    meter.step(Step.Decode, this.#decidingAtMs - startedAtMs)
    if (refusal !== Refusal.None) {
      this.#giveBack()
      this.#refuse(refusal, false)
      return
    }
    const decided = decider.decide(request, scratch)
    if (decided instanceof Promise) decided.then(this.#onDecided, this.#onFailed)
    else this.#answer(scratch, decided, false)
  }

  #afterWait(decision: RtaDecision): void {
    const scratch = this.#scratch
    if (scratch === null) return
    try {
      this.#answer(scratch, decision, true)
    } catch (error) {
      this.#afterFailure(error)
    }
  }

  #afterFailure(error: unknown): void {
    this.#door.onInternalError(error)
    this.#giveBack()
    this.#refuse(Refusal.Internal, false)
  }

  #answer(scratch: Scratch, decision: RtaDecision, waited: boolean): void {
    const { clock, admission, meter } = this.#door
    const decidedAtMs = clock.monotonicMs()
    const tookMs = decidedAtMs - this.#decidingAtMs
    meter.step(Step.Decide, tookMs)
    admission.learn(tookMs, this.#route.timeMs, waited, decidedAtMs)
    if (decidedAtMs > this.#deadlineMs || !this.#exchange.isOpen) {
      this.#giveBack()
      this.#refuse(Refusal.Deadline, false)
      return
    }
    const bytes = this.#route.adapter.encode(scratch.request, decision)
    const answer = this.#route.answerOf(scratch.request, isAccept(decision), bytes)
    meter.step(Step.Encode, clock.monotonicMs() - decidedAtMs)
    this.#refusal = decision.refusal
    this.#isDecided = true
    if (decision.ranking !== null) meter.ranked(this.#route.number, decision.ranking)
    this.#log(scratch.request, decision, bytes)
    this.#giveBack()
    this.#exchange.end(answer, this.#door.isDraining)
  }

  /** The medium's explicit refusal; nothing when the sender has gone. */
  #refuse(reason: Refusal, close: boolean): void {
    if (this.#exchange.isOpen) {
      this.#refusal = reason
      this.#isDecided = reason === Refusal.Deadline
      const answer = this.#route.refusal(reason, this.#isJson)
      this.#exchange.end(answer, close || this.#door.isDraining)
    } else if (this.#scratch === null) this.#finish()
  }

  #finish(): void {
    this.#door.calls.release(this)
  }

  #giveBack(): void {
    const scratch = this.#scratch
    if (scratch === null) return
    this.#scratch = null
    this.#door.meter.inFlight--
    this.#door.load.inFlight--
    this.#door.scratches.give(scratch)
  }

  #noteBody(body: Uint8Array): void {
    const log = this.#door.exchangeLog
    this.#isLogged = log?.samples(this.#route.exchangeLogRate) ?? false
    this.#bodyBytes = body.length
    // With strategies always logged, every body is hashed: whether it counts is known only later.
    this.#bodyHash = this.#isLogged || this.#route.logsStrategies ? hash('sha256', body, 'hex') : ''
  }

  #log(request: AdRequest, decision: RtaDecision, bytes: Uint8Array): void {
    const { exchangeLog } = this.#door
    if (exchangeLog === null || !this.#route.isLogging) return
    if (!this.#isLogged && !this.#route.isLoggedStrategy(decision)) return
    exchangeLog.write(request, decision, {
      bodyBytes: this.#bodyBytes,
      bodySha256: this.#bodyHash,
      answer: bytes,
    })
  }
}
