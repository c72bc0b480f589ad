/** One bid request from its body to its answer: the road of the edge, admission to bytes. */
import type { BidScratch } from '../decision/bid/bid-scratch.ts'
import type { ScratchPool } from '../decision/scratch-pool.ts'
import { type BidDecision, isBid } from '../domain/bid-decision.ts'
import type { BidRequest } from '../domain/bid-request.ts'
import type { Exchange as AdExchange } from '../domain/exchange.ts'
import { Refusal } from '../domain/refusal.ts'
import { BidStep } from '../domain/step.ts'
import type { BidAdapter } from '../media/bid-adapter.ts'
import type { BidMeter } from '../telemetry/bid-meter.ts'
import type { Admission } from './admission.ts'
import { bodyAnswer, echoOf, refusalAnswer, type VersionEcho } from './bid-answer.ts'
import {
  deflate,
  gzipAnswerBytesMin,
  inflate,
  looksGzipped,
  openRtbBodyBytesMax,
} from './bid-body.ts'
import { type BidGate, timeMsOf } from './bid-gate.ts'
import { type BidHead, Coding } from './bid-head.ts'
import type { CallPool, PooledCall } from './call-pool.ts'
import { type Arrival, bodyDeadlineMs, type Edge } from './edge.ts'
import { type Answer, Exchange, type ExchangeUser } from './exchange.ts'

/**
 * The decision port: decides `request`, which `scratch` owns; an answer at once where the store
 * answers at once, else a promise of one. A no is an answer; what is thrown is a fault of ours.
 * Fills `scratch.funnel` (given empty) and `scratch.audienceUs`.
 */
export interface BidDecider {
  decide(request: BidRequest, scratch: BidScratch): BidDecision | Promise<BidDecision>
}

/** What bidding is built from. */
export interface BidDeps {
  readonly adapter: BidAdapter
  readonly decider: BidDecider
  readonly scratches: ScratchPool<BidScratch>
  readonly meter: BidMeter
  /** The exchange of this name in the catalog in force, or null. */
  readonly exchangeOf: (name: string) => AdExchange | null
  /** False until a first catalog is in force: then no exchange is known to be unknown. */
  readonly isCatalogLoaded: () => boolean
}

/** What all bid requests of a process share. */
export interface BidDoor extends BidDeps {
  readonly edge: Edge
  readonly admission: Admission
  readonly calls: CallPool<BidCall>
}

const plainHead: BidHead = { isJson: true, coding: Coding.Plain, takesGzip: false }

/** State of one request; pooled, so that a request allocates no callbacks. */
export class BidCall implements ExchangeUser, PooledCall {
  index = -1
  readonly #door: BidDoor
  readonly #edge: Edge
  readonly #exchange: Exchange
  readonly #onDecided: (decision: BidDecision) => void
  readonly #onFailed: (error: unknown) => void
  #gate: BidGate | null = null
  #scratch: BidScratch | null = null
  #head: BidHead = plainHead
  #echo: VersionEcho = echoOf('')
  #beganAtMs = 0
  #receivedAtMs = 0
  #timeMs = 0
  #decidingAtMs = 0
  /** What the answer that is being written says, and whether a decision was made for it. */
  #refusal: Refusal = Refusal.None
  #isDecided = false
  #isTest = false

  constructor(door: BidDoor) {
    this.#door = door
    this.#edge = door.edge
    this.#exchange = new Exchange(this, door.edge.budget, door.edge.outbox)
    this.#onDecided = (decision) => this.#afterWait(decision)
    this.#onFailed = (error) => this.#afterFailure(error)
  }

  get reusable(): boolean {
    return this.#exchange.reusable && this.#scratch === null
  }

  /** Starts on a request that was admitted. */
  // oxlint-disable-next-line max-params -- who asks, what its head says, twice, and the request
  begin(gate: BidGate, head: BidHead, echo: VersionEcho, arrival: Arrival): void {
    this.#prepare(gate, echo, arrival)
    this.#head = head
    this.#timeMs = timeMsOf(gate.exchange, 0)
    this.#exchange.begin(arrival.response, openRtbBodyBytesMax)
  }

  /** Refuses a request inside its route callback, whatever its body says; null = unknown exchange. */
  // oxlint-disable-next-line max-params -- who asks, why not, how to say it, and the request
  refuseUnread(gate: BidGate | null, reason: Refusal, echo: VersionEcho, arrival: Arrival): void {
    this.#prepare(gate, echo, arrival)
    this.#refusal = reason
    this.#exchange.refuse(arrival.response, refusalAnswer(reason, echo), this.#edge.isDraining)
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
    const { meter } = this.#door
    const number = this.#gate?.number ?? meter.unknown
    const ms = this.#edge.clock.monotonicMs() - this.#receivedAtMs
    if (this.#isTest) meter.test(number)
    else meter.answer(number, this.#refusal, ms)
    this.#edge.meter.answeredElsewhere(ms, this.#isDecided)
    // A decision that came too late may still hold the scratch.
    if (this.#scratch === null) this.#finish()
  }

  onBody(body: Uint8Array): void {
    if (body.length === 0) {
      this.#refuse(Refusal.EmptyBody, false)
      return
    }
    const { admission, scratches, meter } = this.#door
    const { clock, load } = this.#edge
    const now = clock.monotonicMs()
    const scratch = admission.admits(now - this.#receivedAtMs, this.#timeMs, load.inFlight)
      ? scratches.take()
      : null
    if (scratch === null) {
      this.#refuse(Refusal.Overload, false)
      return
    }
    this.#scratch = scratch
    meter.inFlight++
    load.inFlight++
    try {
      this.#read(scratch, body, now)
    } catch (error) {
      this.#afterFailure(error)
    }
  }

  /**
   * Gives up a body that drips, and a decision that is late: after the deadline none is of use, and
   * its scratch comes back with it.
   */
  sweep(nowMs: number): void {
    if (this.#exchange.isReading) {
      if (nowMs - this.#beganAtMs > bodyDeadlineMs) this.#refuse(Refusal.Deadline, true)
    } else if (this.#exchange.isOpen && nowMs > this.#receivedAtMs + this.#timeMs) {
      this.#refuse(Refusal.Deadline, false)
    }
  }

  /** Ends an open request with no bid, because the process ends. */
  abandon(): void {
    this.#refuse(Refusal.Draining, true)
  }

  #prepare(gate: BidGate | null, echo: VersionEcho, { arrivedAtMs, now }: Arrival): void {
    this.#gate = gate
    this.#echo = echo
    this.#receivedAtMs = arrivedAtMs
    this.#beganAtMs = now
    this.#isDecided = false
    this.#isTest = false
  }

  /** Body to request: inflates, decodes and counts; goes on to decide what may be decided. */
  #read(scratch: BidScratch, body: Uint8Array, startedAtMs: number): void {
    const { clock } = this.#edge
    const plain = this.#plainBody(body)
    if (typeof plain === 'number') {
      this.#giveBack()
      this.#refuse(plain, false)
      return
    }
    const inflatedAtMs = plain === body ? Number.NaN : clock.monotonicMs()
    const refusal = this.#decode(scratch, plain)
    const now = clock.monotonicMs()
    this.#decidingAtMs = now
    scratch.queueUs = (startedAtMs - this.#receivedAtMs) * 1_000
    scratch.decodeUs = (now - startedAtMs) * 1_000
    this.#step(BidStep.Queue, startedAtMs - this.#receivedAtMs)
    this.#step(BidStep.Inflate, inflatedAtMs - startedAtMs)
    this.#step(BidStep.Decode, now - (plain === body ? startedAtMs : inflatedAtMs))
    if (refusal !== Refusal.None) this.#refuseRead(scratch, refusal)
    else if (now >= this.#receivedAtMs + this.#timeMs) this.#refuseRead(scratch, Refusal.Deadline)
    else this.#decide(scratch)
  }

  /**
   * The body as its sender wrote it. Gzip that nobody announced is inflated as well: its first
   * bytes can begin neither JSON nor protobuf, so nothing else can be meant.
   */
  #plainBody(body: Uint8Array): Uint8Array | Refusal {
    return this.#head.coding === Coding.Gzip || looksGzipped(body) ? inflate(body) : body
  }

  #decode(scratch: BidScratch, body: Uint8Array): Refusal {
    const { request } = scratch
    const { exchange } = this.#gateNow()
    request.exchange = exchange.id
    request.receivedAtMs = this.#receivedAtMs
    request.isJson = this.#head.isJson
    const refusal = this.#door.adapter.decode(body, this.#head.isJson, exchange, request)
    // Only the body says how much time there is.
    this.#timeMs = timeMsOf(exchange, request.tmaxMs)
    request.deadlineMs = this.#receivedAtMs + this.#timeMs
    this.#isTest = request.isTest
    return refusal
  }

  #decide(scratch: BidScratch): void {
    const { decider, meter } = this.#door
    const { request } = scratch
    if (!this.#isTest) {
      meter.imps(this.#gateNow().number, request.imps.length, request.impsDropped)
    }
    // A decision that ends before its first candidate must not show those of the one before.
    scratch.funnel.clear()
    const decided = decider.decide(request, scratch)
    if (decided instanceof Promise) decided.then(this.#onDecided, this.#onFailed)
    else this.#answer(scratch, decided, false)
  }

  #afterWait(decision: BidDecision): void {
    const scratch = this.#scratch
    if (scratch === null) return
    try {
      this.#answer(scratch, decision, true)
    } catch (error) {
      this.#afterFailure(error)
    }
  }

  #afterFailure(error: unknown): void {
    this.#edge.onInternalError(error)
    this.#giveBack()
    this.#refuse(Refusal.Internal, false)
  }

  #answer(scratch: BidScratch, decision: BidDecision, waited: boolean): void {
    const now = this.#edge.clock.monotonicMs()
    const tookMs = now - this.#decidingAtMs
    this.#door.admission.learn(tookMs, this.#timeMs, waited, now)
    this.#countDecision(scratch, decision, tookMs)
    if (!this.#exchange.isOpen) {
      this.#giveBack()
      this.#finish()
    } else if (now > this.#receivedAtMs + this.#timeMs) {
      this.#refuseRead(scratch, Refusal.Deadline)
    } else if (isBid(decision)) {
      this.#bid(scratch, decision, now)
    } else {
      this.#isDecided = true
      this.#refuseRead(scratch, whyNoBid(decision))
    }
  }

  #countDecision(scratch: BidScratch, { ranking }: BidDecision, tookMs: number): void {
    if (this.#isTest) return
    const { meter } = this.#door
    meter.step(BidStep.Audience, scratch.audienceUs / 1000)
    meter.step(BidStep.Rank, scratch.rankUs / 1000)
    meter.step(BidStep.Decide, tookMs)
    meter.funnel(scratch.funnel)
    if (scratch.funnel.recalled > 0) meter.ranking(ranking)
    meter.impersonal(scratch.request.privacyLimit)
  }

  #bid(scratch: BidScratch, decision: BidDecision, decidedAtMs: number): void {
    const body = this.#door.adapter.encode(scratch.request, decision)
    const answer = this.#bodyAnswer(body)
    this.#step(BidStep.Encode, this.#edge.clock.monotonicMs() - decidedAtMs)
    this.#countBids(decision)
    this.#isDecided = true
    this.#refusal = Refusal.None
    this.#giveBack()
    this.#exchange.end(answer, this.#edge.isDraining)
  }

  #countBids(decision: BidDecision): void {
    if (this.#isTest) return
    const { number } = this.#gateNow()
    for (const { format } of decision.bids) this.#door.meter.bid(number, format)
  }

  /** No bid for a request that was decoded: with its reason, if the exchange wants to hear it. */
  #refuseRead(scratch: BidScratch, reason: Refusal): void {
    const { request } = scratch
    const saysWhy = this.#gateNow().exchange.noBid === 'reason'
    if (!saysWhy || reason === Refusal.Malformed || request.id === '') {
      this.#giveBack()
      this.#refuse(reason, false)
      return
    }
    const body = this.#door.adapter.encodeNoBid(request, reason)
    this.#giveBack()
    this.#end(reason, this.#bodyAnswer(body), false)
  }

  /** No bid, or the status of what the caller did wrong; nothing when the sender has gone. */
  #refuse(reason: Refusal, close: boolean): void {
    if (this.#exchange.isOpen) this.#end(reason, refusalAnswer(reason, this.#echo), close)
    else if (this.#scratch === null) this.#finish()
  }

  #end(reason: Refusal, answer: Answer, close: boolean): void {
    this.#refusal = reason
    this.#isDecided ||= reason === Refusal.Deadline
    this.#exchange.end(answer, close || this.#edge.isDraining)
  }

  #bodyAnswer(body: Uint8Array): Answer {
    const { isJson, takesGzip } = this.#head
    const { headers, gzipHeaders } = this.#echo
    return takesGzip && body.length >= gzipAnswerBytesMin
      ? bodyAnswer(deflate(body), isJson, gzipHeaders)
      : bodyAnswer(body, isJson, headers)
  }

  #step(step: BidStep, ms: number): void {
    if (!this.#isTest) this.#door.meter.step(step, ms)
  }

  #gateNow(): BidGate {
    if (this.#gate === null) throw new Error('a request without an exchange was read')
    return this.#gate
  }

  #finish(): void {
    this.#door.calls.release(this)
  }

  #giveBack(): void {
    const scratch = this.#scratch
    if (scratch === null) return
    this.#scratch = null
    this.#door.meter.inFlight--
    this.#edge.load.inFlight--
    this.#door.scratches.give(scratch)
  }
}

/** The reason of a decision that sends nothing. */
function whyNoBid(decision: BidDecision): Refusal {
  if (decision.refusal !== Refusal.None) return decision.refusal
  return decision.isDryRun ? Refusal.DryRun : Refusal.NothingEligible
}
