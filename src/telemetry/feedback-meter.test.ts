import { describe, expect, test } from 'vitest'
import { feedbackNames } from '../feedback/feedback-names.ts'
import { FeedbackMeter } from './feedback-meter.ts'

function valuesOf(meter: FeedbackMeter, name: string) {
  return meter.snapshot(2).find((one) => one.name === name)?.values
}

describe('FeedbackMeter', () => {
  test('counts accepted events by kind and source, and their flags', () => {
    const meter = new FeedbackMeter(feedbackNames)
    meter.accepted({ kind: 2, source: 1, flags: [] }, 1)
    meter.accepted({ kind: 2, source: 1, flags: [1, 3] }, 2)
    meter.accepted({ kind: 3, source: 2, flags: [3] }, 3)
    expect(valuesOf(meter, 'sluice_events_accepted_total')).toEqual([
      { labels: { worker: 2, kind: 'click', source: 'notice' }, value: 2 },
      { labels: { worker: 2, kind: 'conversion', source: 'monitor-link' }, value: 1 },
    ])
    expect(valuesOf(meter, 'sluice_events_flagged_total')).toEqual([
      { labels: { worker: 2, flag: 'crawler' }, value: 1 },
      { labels: { worker: 2, flag: 'network-rate' }, value: 2 },
    ])
    expect(valuesOf(meter, 'sluice_event_append_seconds')?.at(-1)?.value).toBe(3)
  })

  test('counts refusals by the name of their number or code', () => {
    const meter = new FeedbackMeter(feedbackNames)
    meter.tokenRefused(5)
    meter.monitorRefused(3)
    meter.eventRejected('SLUICE_EVENT_TYPE')
    meter.eventRejected('SLUICE_EVENT_TYPE')
    const one = (label: string, value: string, count: number) => [
      { labels: { worker: 2, [label]: value }, value: count },
    ]
    expect(valuesOf(meter, 'sluice_tokens_refused_total')).toEqual(one('reason', 'wrong-kind', 1))
    expect(valuesOf(meter, 'sluice_monitor_refused_total')).toEqual(
      one('reason', 'bad-signature', 1),
    )
    expect(valuesOf(meter, 'sluice_events_rejected_total')).toEqual(
      one('code', 'SLUICE_EVENT_TYPE', 2),
    )
  })
})
