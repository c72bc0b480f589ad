/** What every request of a process shares, whatever it asks. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import type { Clock } from '../lib/clock.ts'
import type { Meter } from '../telemetry/meter.ts'
import type { InFlightLimit } from './admission.ts'
import type { BodyBudget, Outbox } from './exchange.ts'
import type { TurnClock } from './turn-clock.ts'

/** The edge of one process. */
export interface Edge {
  readonly clock: Clock
  readonly turn: TurnClock
  /** Requests in flight, of all kinds together. */
  readonly load: InFlightLimit
  readonly meter: Meter
  readonly budget: BodyBudget
  readonly outbox: Outbox
  /** True after SIGTERM: every answer closes its connection. */
  isDraining: boolean
  /** Says once what broke inside us; the request itself gets its explicit no. */
  readonly onInternalError: (error: unknown) => void
}

/** A request inside its route callback, when it came and what time it is. */
export interface Arrival {
  readonly response: HttpResponse
  readonly request: HttpRequest
  readonly arrivedAtMs: number
  readonly now: number
}

/** A body that is not complete after this long never will be in time: a slow or broken sender. */
export const bodyDeadlineMs = 1_000
