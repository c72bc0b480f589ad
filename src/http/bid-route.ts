/** `POST /openrtb2/<exchange>`: what is refused before a body is read. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { Refusal } from '../domain/refusal.ts'
import { echoOf, refusalAnswer, type VersionEcho } from './bid-answer.ts'
import { BidCall, type BidDoor } from './bid-call.ts'
import { type BidGate, BidGates, timeMsOf } from './bid-gate.ts'
import { Coding, headOf } from './bid-head.ts'
import type { Arrival } from './edge.ts'
import { answerAtOnce } from './exchange.ts'

/** The one route of all exchanges: which there are is catalog data. */
export class BidRoute {
  readonly #door: BidDoor
  readonly #gates: BidGates
  readonly #newCall: () => BidCall

  constructor(door: BidDoor) {
    this.#door = door
    this.#gates = new BidGates((exchange) => door.meter.numberOf(exchange))
    this.#newCall = () => new BidCall(door)
  }

  /** Takes one request, inside its route callback; the route's first parameter is the exchange. */
  take(response: HttpResponse, request: HttpRequest): void {
    const { edge, exchangeOf, isCatalogLoaded } = this.#door
    const arrivedAtMs = edge.turn.arrivedAtMs()
    const now = edge.clock.monotonicMs()
    const arrival: Arrival = { response, request, arrivedAtMs, now }
    const echo = echoOf(request.getHeader('x-openrtb-version'))
    const exchange = exchangeOf(request.getParameter(0) ?? '')
    if (exchange === null) {
      const reason = isCatalogLoaded() ? Refusal.UnknownExchange : Refusal.CatalogUnavailable
      this.#refuse(null, arrival, reason, echo)
      return
    }
    const gate = this.#gates.of(exchange)
    const reason = this.#refusedByHead(gate, arrival)
    if (reason === Refusal.None) this.#begin(gate, arrival, echo)
    else this.#refuse(gate, arrival, reason, echo)
  }

  #refusedByHead(gate: BidGate, { request, arrivedAtMs, now }: Arrival): Refusal {
    const { admission, edge } = this.#door
    const timeMs = timeMsOf(gate.exchange, 0)
    if (!admission.admits(now - arrivedAtMs, timeMs, edge.load.inFlight)) return Refusal.Overload
    return gate.refusedByHead(request, now)
  }

  #begin(gate: BidGate, arrival: Arrival, echo: VersionEcho): void {
    const head = headOf(arrival.request)
    if (head.coding === Coding.Unknown) {
      this.#refuse(gate, arrival, Refusal.Malformed, echo)
      return
    }
    const call = this.#door.calls.take(this.#newCall)
    if (call === null) this.#refuseAtOnce(gate, arrival, Refusal.Overload, echo)
    else call.begin(gate, head, echo, arrival)
  }

  // oxlint-disable-next-line max-params -- who, which request, why, and how to say it
  #refuse(gate: BidGate | null, arrival: Arrival, reason: Refusal, echo: VersionEcho): void {
    const call = this.#door.calls.take(this.#newCall)
    if (call === null) this.#refuseAtOnce(gate, arrival, reason, echo)
    else call.refuseUnread(gate, reason, echo, arrival)
  }

  // oxlint-disable-next-line max-params -- as above
  #refuseAtOnce(gate: BidGate | null, arrival: Arrival, reason: Refusal, echo: VersionEcho): void {
    const { edge, meter } = this.#door
    answerAtOnce(arrival.response, refusalAnswer(reason, echo), edge.isDraining)
    const ms = edge.clock.monotonicMs() - arrival.arrivedAtMs
    meter.answer(gate?.number ?? meter.unknown, reason, ms)
    edge.meter.answeredElsewhere(ms, false)
  }
}
