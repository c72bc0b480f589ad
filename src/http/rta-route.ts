/** One medium's route, `POST /rta/<medium>`: what is refused before a body is read, and how. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { AdRequest } from '../domain/ad-request.ts'
import type { RtaDecision } from '../domain/decision.ts'
import type { MediumSettings } from '../domain/medium-settings.ts'
import { Refusal, refusalNames } from '../domain/refusal.ts'
import type { MediumAdapter } from '../media/adapter.ts'
import { type Answer, answerAtOnce } from './exchange.ts'
import { RtaCall, type RtaDoor } from './rta-call.ts'
import { SecretValues } from './secret.ts'
import { statusLine } from './status-line.ts'
import { TokenBucket } from './token-bucket.ts'

/** A medium with everything its requests need, made at start. */
export class RtaRoute {
  readonly name: string
  /** Number of the medium in the meter. */
  readonly number: number
  readonly adapter: MediumAdapter
  readonly wantedHeaders: readonly string[]
  /** Milliseconds from arrival to the deadline: the medium's budget minus the allowances. */
  readonly timeMs: number
  readonly secondTimeMs: number
  readonly exchangeLogRate: number
  readonly logsStrategies: boolean
  /** True when any exchange of this medium may be logged. */
  readonly isLogging: boolean
  readonly #door: RtaDoor
  readonly #isEnabled: boolean
  readonly #secret: SecretValues | null
  readonly #secretName: string
  readonly #qps: TokenBucket
  readonly #loggedStrategies: ReadonlySet<string>
  readonly #refusals: readonly Answer[]
  readonly #jsonRefusals: readonly Answer[]
  readonly #contentTypes = new Map<string, Uint8Array | null>()
  readonly #refusalStatus: Uint8Array | null
  readonly #newCall: () => RtaCall

  constructor(door: RtaDoor, adapter: MediumAdapter, settings: MediumSettings, number: number) {
    const allowanceMs = settings.networkAllowanceMs + settings.sendAllowanceMs
    this.name = adapter.name
    this.number = number
    this.adapter = adapter
    this.wantedHeaders = adapter.wantedHeaders
    this.timeMs = adapter.rules.budgetMs - allowanceMs
    this.secondTimeMs = adapter.rules.secondBudgetMs - allowanceMs
    this.exchangeLogRate = settings.exchangeLogRate
    this.logsStrategies = settings.exchangeLogStrategies.length > 0
    this.isLogging =
      door.exchangeLog !== null && (settings.exchangeLogRate > 0 || this.logsStrategies)
    this.#door = door
    this.#isEnabled = settings.enabled
    this.#secret = settings.secretHeader && new SecretValues(settings.secretHeader.values)
    this.#secretName = settings.secretHeader?.name.toLowerCase() ?? ''
    this.#qps = new TokenBucket(settings.qpsMax)
    this.#loggedStrategies = new Set(settings.exchangeLogStrategies)
    this.#refusalStatus = statusLine(adapter.rules.refusalStatus)
    this.#refusals = this.#refusalsOf(false)
    this.#jsonRefusals = adapter.isJsonWire === undefined ? [] : this.#refusalsOf(true)
    this.#newCall = () => new RtaCall(door, this)
  }

  /**
   * Takes one request, inside its route callback. Whatever can be refused without its body is
   * refused here, at the price of one clock reading and one write.
   */
  take(response: HttpResponse, request: HttpRequest): void {
    const { admission, clock, turn, load, calls } = this.#door
    const arrivedAtMs = turn.arrivedAtMs()
    const now = clock.monotonicMs()
    const reason = admission.admits(now - arrivedAtMs, this.timeMs, load.inFlight)
      ? this.#refusedByHead(request, now)
      : Refusal.Overload
    const call = calls.take(this.#newCall)
    if (call === null) this.#refuseAtOnce(response, request, reason || Refusal.Overload)
    else if (reason === Refusal.None) call.begin(this, { response, request, arrivedAtMs, now })
    else call.refuseUnread(this, { response, request, arrivedAtMs, now }, reason)
  }

  /** The form of a refusal for a request whose body was not read. */
  isJson(request: HttpRequest): boolean {
    const { adapter } = this
    if (adapter.isJsonWire === undefined) return false
    return adapter.isJsonWire({ body: noBody, headers: this.headersOf(request), query: '' })
  }

  /** The explicit refusal, from bytes made at start; `isJson` as `isJsonWire` said. */
  refusal(reason: Refusal, isJson: boolean): Answer {
    const answer = (isJson ? this.#jsonRefusals : this.#refusals)[reason]
    if (answer === undefined) throw new Error(`no refusal was made for ${reason}`)
    return answer
  }

  /** What the adapter wants of the head; valid only inside the route callback. */
  headersOf(request: HttpRequest): readonly string[] {
    if (this.wantedHeaders.length === 0) return noHeaders
    return this.wantedHeaders.map((name) => request.getHeader(name))
  }

  /** An encoded decision as an answer. */
  answerOf(request: AdRequest, isAccepted: boolean, body: Uint8Array): Answer {
    const status = isAccepted ? null : this.#refusalStatus
    return { status, contentType: this.#typeBytes(this.adapter.contentType(request)), body }
  }

  /** True when a strategy that is always logged takes part. */
  isLoggedStrategy(decision: RtaDecision): boolean {
    if (!this.logsStrategies) return false
    return decision.verdicts.some((verdict) => this.#loggedStrategies.has(verdict.strategyId))
  }

  #refusedByHead(request: HttpRequest, now: number): Refusal {
    if (!this.#isEnabled) return Refusal.Forbidden
    if (this.#secret !== null && !this.#secret.accepts(request.getHeader(this.#secretName))) {
      return Refusal.Forbidden
    }
    return this.#qps.take(now) ? Refusal.None : Refusal.QpsCap
  }

  #refuseAtOnce(response: HttpResponse, request: HttpRequest, reason: Refusal): void {
    const { clock, turn, meter, isDraining } = this.#door
    answerAtOnce(response, this.refusal(reason, this.isJson(request)), isDraining)
    meter.answer(this.number, reason, clock.monotonicMs() - turn.arrivedAtMs())
  }

  /** Refusals by number; a sparse array, since the numbers have gaps. */
  #refusalsOf(isJson: boolean): readonly Answer[] {
    const request = new AdRequest()
    request.isJson = isJson
    const contentType = this.#typeBytes(this.adapter.contentType(request))
    const answers: Answer[] = []
    for (const reason of refusalNames.keys()) {
      const body = this.adapter.refusal(reason as Refusal, isJson)
      answers[reason] = { status: this.#refusalStatus, contentType, body }
    }
    return answers
  }

  #typeBytes(type: string): Uint8Array | null {
    let bytes = this.#contentTypes.get(type)
    if (bytes === undefined) {
      bytes = type === '' ? null : Buffer.from(type)
      // An adapter has one or two content types; this map cannot grow beyond them.
      this.#contentTypes.set(type, bytes)
    }
    return bytes
  }
}

const noHeaders: readonly string[] = []
const noBody = new Uint8Array(0)
