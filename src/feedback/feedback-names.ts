/** Names of the numbers that intake counts, for metrics. */
import { invalidReasonNames } from '../domain/invalid-reason.ts'
import type { FeedbackNames } from '../telemetry/feedback-meter.ts'
import { EventKind, EventSource } from './event.ts'
import { MonitorRefusal } from './monitor-port.ts'
import { tokenRefusalNames } from './token-refusal.ts'

/** Kinds, sources, flags and refusals, in kebab-case. */
export const feedbackNames: FeedbackNames = {
  kinds: namesOf(EventKind),
  sources: namesOf(EventSource),
  flags: invalidReasonNames,
  tokenRefusals: tokenRefusalNames,
  monitorRefusals: namesOf(MonitorRefusal),
}

function namesOf(numbers: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(
    Object.entries(numbers).map(([name, number]) => [
      number,
      name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase(),
    ]),
  )
}
