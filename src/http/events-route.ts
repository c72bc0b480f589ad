/** `POST /events`: who may send, before a byte of the body is read. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import type { KeyCheck } from '../feedback/event-keys.ts'
import { isJsonType } from './bid-head.ts'
import { problemAnswer } from './events-answers.ts'
import { EventsCall } from './events-call.ts'
import { type Answer, answerAtOnce } from './exchange.ts'
import type { FeedbackDoor } from './feedback-door.ts'

const maySend = 0 satisfies KeyCheck
const needsKey = 'SLUICE_EVENT_KEY'

/** By `KeyCheck`, made once. */
const refusals: Readonly<Record<Exclude<KeyCheck, typeof maySend>, Answer>> = {
  1: problemAnswer(401, needsKey, 'send Authorization: Bearer <key>'),
  2: problemAnswer(401, needsKey, 'this key is not known'),
  3: problemAnswer(403, 'SLUICE_EVENT_FORBIDDEN', 'this needs a key of role sender'),
  4: problemAnswer(503, 'SLUICE_EVENT_KEYS_UNKNOWN', 'the keys were not loaded yet; try again'),
}

const overload = problemAnswer(503, 'SLUICE_EVENT_UNAVAILABLE', 'too many calls are open')

/** The one route of senders. */
export class EventsRoute {
  readonly #door: FeedbackDoor
  readonly #newCall: () => EventsCall

  constructor(door: FeedbackDoor) {
    this.#door = door
    this.#newCall = () => new EventsCall(door)
  }

  /** Takes one call, inside its route callback. */
  take(response: HttpResponse, request: HttpRequest): void {
    const { keys, batches, meter } = this.#door
    const check = keys.check(request.getHeader('authorization'))
    const call = batches.take(this.#newCall)
    if (check !== maySend) meter.wrongKeys++
    if (call === null) {
      meter.overload++
      answerAtOnce(response, overload, true)
    } else if (check === maySend)
      call.begin(response, isJsonType(request.getHeader('content-type')))
    else call.refuse(response, refusals[check])
  }
}
