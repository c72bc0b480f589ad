/** `GET /m/{medium}/{imp|click|conv}`: the monitoring links that media call. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import type { MonitorReading, MonitorRefusal, MonitorRequest } from '../feedback/monitor-port.ts'
import { callerNetwork } from './caller-network.ts'
import { type Answer, answerAtOnce } from './exchange.ts'
import { badRequest, forbidden, notFound, ok, unavailable } from './feedback-answers.ts'
import { FeedbackCall, type Outcomes } from './feedback-call.ts'
import type { FeedbackDoor } from './feedback-door.ts'

const outcomes: Outcomes = { accepted: ok, unavailable }

const unknownKind = 2 satisfies MonitorRefusal
const refusals: Readonly<Record<MonitorRefusal, Answer>> = {
  1: notFound,
  2: notFound,
  3: forbidden,
  4: forbidden,
  5: badRequest,
  6: badRequest,
}

/** The one route of all media. */
export class MonitorRoute {
  readonly #door: FeedbackDoor
  readonly #newCall: () => FeedbackCall

  constructor(door: FeedbackDoor) {
    this.#door = door
    this.#newCall = () => new FeedbackCall(door)
  }

  /** Takes one call, inside its route callback. */
  take(response: HttpResponse, request: HttpRequest): void {
    const { links, meter, edge } = this.#door
    const reading = this.#read(response, request)
    const call = links.take(this.#newCall)
    if (!reading.ok) meter.monitorRefused(reading.refusal)
    if (call === null) {
      meter.overload++
      answerAtOnce(response, reading.ok ? unavailable : refusals[reading.refusal], edge.isDraining)
    } else if (reading.ok) call.begin(response, reading.event, outcomes)
    else call.refuse(response, refusals[reading.refusal])
  }

  #read(response: HttpResponse, request: HttpRequest): MonitorReading {
    const kind = request.getParameter(1) ?? ''
    if (!isKind(kind)) return { ok: false, refusal: unknownKind }
    return this.#door.monitor.read({
      medium: request.getParameter(0) ?? '',
      kind,
      query: request.getQuery() ?? '',
      receivedAtMs: Math.floor(this.#door.edge.clock.wallMs()),
      network: callerNetwork(response, request, this.#door.proxyHops),
      agent: request.getHeader('user-agent'),
    })
  }
}

function isKind(text: string): text is MonitorRequest['kind'] {
  return text === 'imp' || text === 'click' || text === 'conv'
}
