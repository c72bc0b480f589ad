/** What all calls that bring events share: the ports of feedback, and one way into the log. */
import type { Serial } from '../domain/serial.ts'
import type { EventKind, EventSource, FeedbackEvent } from '../feedback/event.ts'
import type { EventBatchSource } from '../feedback/event-body.ts'
import type { SenderKeys } from '../feedback/event-keys.ts'
import type { Intake, IntakeResult } from '../feedback/intake.ts'
import type { MonitorSource } from '../feedback/monitor-port.ts'
import type { NoticeSource } from '../feedback/notice-event.ts'
import type { FeedbackMeter } from '../telemetry/feedback-meter.ts'
import type { CallPool, PooledCall } from './call-pool.ts'
import type { Edge } from './edge.ts'
import type { EventsCall } from './events-call.ts'
import type { FeedbackCall } from './feedback-call.ts'

/** What intake is built from. */
export interface FeedbackDeps {
  readonly notices: NoticeSource
  readonly monitor: MonitorSource
  readonly events: EventBatchSource
  readonly keys: SenderKeys
  readonly intake: Pick<Intake, 'accept'>
  /** Landing page of a creative of the catalog; null = there is no such creative. */
  readonly landingOf: (creative: Serial) => string | null
  /** False until a first catalog is in force: then no creative is known to be unknown. */
  readonly isCatalogLoaded: () => boolean
  readonly meter: FeedbackMeter
  /** How many proxies of ours stand before us and write `X-Forwarded-For`; 0 = none. */
  readonly proxyHops: number
  /** Calls of links open at once; `feedbackCallsMax` unless a test wants to reach it. */
  readonly callsMax?: number
}

/** A call of any of the routes. */
export interface OpenCall extends PooledCall {
  /** Gives up what has taken too long. */
  sweep(nowMs: number): void
  /** Ends the call, because the process ends. */
  abandon(): void
}

/** The door of one process. */
export interface FeedbackDoor extends FeedbackDeps {
  readonly edge: Edge
  /** Calls of links. */
  readonly links: CallPool<FeedbackCall>
  /** Calls of `POST /events`. */
  readonly batches: CallPool<EventsCall>
}

/**
 * Calls open at once: twice what may wait for the log (`appendsWaitingMax`), so that the log says
 * no
 * first, and with its reason. At 1 KiB each they are 16 MiB.
 */
export const feedbackCallsMax = 16_384

/**
 * Bodies of events open at once; a thousand events wait for the log with each, so eight full ones
 * fill it. Most are single events of shops.
 */
export const eventCallsMax = 1_024

/** `IntakeResult.Accepted`; this room knows the values of feedback by type only. */
const accepted = 0 satisfies IntakeResult

const click = 2 satisfies EventKind
const notice = 1 satisfies EventSource

/**
 * True where the catalog would have had a say in the event and is not there yet: in the first
 * moments
 * of a worker. The unit of its price, the advertiser of its campaign or the strategy of its target
 * would be unknown for ever; who tells it again a second later is understood. A click of ours needs
 * none of these.
 */
export function isEarly({ isCatalogLoaded }: FeedbackDoor, event: FeedbackEvent): boolean {
  return !(event.kind === click && event.source === notice) && !isCatalogLoaded()
}

/** Gives an event to the log and counts it; resolves to whether it is there. Never rejects. */
export async function submit(door: FeedbackDoor, event: FeedbackEvent): Promise<boolean> {
  const { meter, edge, intake } = door
  const startedAtMs = edge.clock.monotonicMs()
  meter.waiting++
  const result = await intake.accept(event)
  meter.waiting--
  if (result !== accepted) {
    meter.unavailable++
    return false
  }
  meter.accepted(event, edge.clock.monotonicMs() - startedAtMs)
  return true
}
