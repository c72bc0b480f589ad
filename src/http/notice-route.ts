/** `/n/win`, `/n/bill`, `/n/loss`, `/t/imp`, `/t/click`: calls of our own signed links. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import type { FeedbackEvent } from '../feedback/event.ts'
import type { NoticeName, NoticeReading } from '../feedback/notice-event.ts'
import type { TokenRefusal } from '../feedback/token-refusal.ts'
import { callerNetwork } from './caller-network.ts'
import { type Answer, answerAtOnce } from './exchange.ts'
import {
  badRequest,
  comeAgain,
  gone,
  noContent,
  notFound,
  pixel,
  redirectTo,
  unavailable,
} from './feedback-answers.ts'
import { FeedbackCall, type Outcomes } from './feedback-call.ts'
import type { FeedbackDoor } from './feedback-door.ts'

const noticeOutcomes: Outcomes = { accepted: noContent, unavailable }
const pixelOutcomes: Outcomes = { accepted: pixel, unavailable }
const unknownPage: Outcomes = { accepted: notFound, unavailable }
/**
 * A worker that has just started knows no page yet; the click is logged, and its repeat counts
 * once.
 */
const pageLater: Outcomes = { accepted: comeAgain, unavailable: { ...comeAgain } }

/** Exchanges try again after 5xx only: 4xx tells them that the link itself is no good. */
const refusals: Readonly<Record<TokenRefusal, Answer>> = {
  1: badRequest,
  2: badRequest,
  3: badRequest,
  4: badRequest,
  5: badRequest,
  6: gone,
}

/** One of the five routes. */
export class NoticeRoute {
  readonly #door: FeedbackDoor
  readonly #name: NoticeName
  /** True where a person's browser or app calls, not a server. */
  readonly #isUser: boolean
  readonly #newCall: () => FeedbackCall

  constructor(door: FeedbackDoor, name: NoticeName) {
    this.#door = door
    this.#name = name
    this.#isUser = name === 'Impression' || name === 'Click'
    this.#newCall = () => new FeedbackCall(door)
  }

  /** Takes one call, inside its route callback. */
  take(response: HttpResponse, request: HttpRequest): void {
    const reading = this.#read(response, request)
    const call = this.#door.links.take(this.#newCall)
    if (call === null) this.#goWithout(response, reading)
    else this.#go(call, response, reading)
  }

  #read(response: HttpResponse, request: HttpRequest): NoticeReading {
    const { notices, edge, proxyHops } = this.#door
    const reading = notices.read(this.#name, {
      query: request.getQuery() ?? '',
      receivedAtMs: Math.floor(edge.clock.wallMs()),
      network: this.#isUser ? callerNetwork(response, request, proxyHops) : '',
      agent: this.#isUser ? request.getHeader('user-agent') : '',
    })
    if (!reading.ok) this.#door.meter.tokenRefused(reading.refusal)
    return reading
  }

  #go(call: FeedbackCall, response: HttpResponse, reading: NoticeReading): void {
    if (reading.ok) call.begin(response, reading.event, this.#outcomesOf(reading.event))
    else call.refuse(response, this.#refusal(reading.refusal))
  }

  /** Too many calls are open: nothing is logged, but a person still gets to the page. */
  #goWithout(response: HttpResponse, reading: NoticeReading): void {
    const { meter, edge } = this.#door
    meter.overload++
    if (!reading.ok) {
      answerAtOnce(response, this.#refusal(reading.refusal), edge.isDraining)
      return
    }
    const { accepted, unavailable: lost } = this.#outcomesOf(reading.event)
    if (lost === accepted) meter.clicksLost++
    answerAtOnce(response, lost, edge.isDraining)
  }

  #outcomesOf(event: FeedbackEvent): Outcomes {
    if (this.#name === 'Impression') return pixelOutcomes
    return this.#name === 'Click' ? this.#clickOutcomes(event) : noticeOutcomes
  }

  /** Only to the page of the creative that the token names: no sender can say where to. */
  #clickOutcomes(event: FeedbackEvent): Outcomes {
    const { landingOf, isCatalogLoaded } = this.#door
    const landing = landingOf(event.creative)
    if (landing === null) return isCatalogLoaded() ? unknownPage : pageLater
    const redirect = redirectTo(landing)
    return redirect === null ? unknownPage : { accepted: redirect, unavailable: redirect }
  }

  #refusal(refusal: TokenRefusal): Answer {
    if (this.#name === 'Impression') return pixel
    return this.#name === 'Click' ? notFound : refusals[refusal]
  }
}
