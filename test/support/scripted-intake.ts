/** Intake over a log that is told what to do, real tokens, one creative, fixed keys. */
import type { FeedbackEvent } from '../../src/feedback/event.ts'
import { eventOfNoBid } from '../../src/feedback/event.ts'
import { EventBodies } from '../../src/feedback/event-body.ts'
import { KeyCheck } from '../../src/feedback/event-keys.ts'
import { feedbackNames } from '../../src/feedback/feedback-names.ts'
import { type EventSink, Intake } from '../../src/feedback/intake.ts'
import { eventOfRecord } from '../../src/feedback/log-record.ts'
import { MonitorRefusal, type MonitorRequest } from '../../src/feedback/monitor-port.ts'
import { NoticeReader } from '../../src/feedback/notice-event.ts'
import { usualFields } from '../../src/feedback/test-tokens.ts'
import type { FeedbackDeps } from '../../src/http/feedback-door.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { FeedbackMeter } from '../../src/telemetry/feedback-meter.ts'
import { newTeller } from './event-teller.ts'

export const landing = 'https://shop.example/autumn?from=ad'
export const senderKey = 'Authorization: Bearer good-key'

/** A log in memory whose appends succeed, fail, or wait until they are let go. */
export class ScriptedLog implements EventSink {
  mode: 'takes' | 'refuses' | 'holds' = 'takes'
  readonly events: FeedbackEvent[] = []
  readonly #held: (() => void)[] = []
  #arrived: (() => void) | null = null

  append(_: number, record: Uint8Array): Promise<void> {
    const event = eventOfRecord(record)
    if (event === null) throw new Error('no event')
    if (this.mode === 'refuses') return Promise.reject(new Error('the disk is full'))
    if (this.mode === 'takes') {
      this.events.push(event)
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      this.#held.push(() => {
        this.events.push(event)
        resolve()
      })
      this.#arrived?.()
    })
  }

  /** Resolves when `count` appends wait. */
  async waiting(count: number): Promise<void> {
    while (this.#held.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
  }

  letGo(): void {
    for (const go of this.#held.splice(0)) go()
  }
}

/** Intake as `process/` builds it, over a scripted log. Limits are small enough to reach. */
export function newTestFeedback(clock: Clock) {
  const { teller, tokens, tokenClock, prices, traffic } = newTeller(clock)
  const log = new ScriptedLog()
  const meter = new FeedbackMeter(feedbackNames)
  const refusals: unknown[] = []
  const state = { isCatalogLoaded: true }
  const deps: FeedbackDeps = {
    notices: new NoticeReader({ tokens, prices, traffic }),
    monitor: { read: readMonitor },
    events: new EventBodies(teller),
    keys: { check: (header) => keyChecks.get(header) ?? KeyCheck.Unknown },
    intake: new Intake(log, (error) => refusals.push(error)),
    landingOf: (creative) =>
      state.isCatalogLoaded && creative === usualFields.creative ? landing : null,
    isCatalogLoaded: () => state.isCatalogLoaded,
    meter,
    proxyHops: 1,
    callsMax: 8,
  }
  return { deps, log, meter, tokens, tokenClock, refusals, state }
}

const keyChecks = new Map<string, KeyCheck>([
  ['', KeyCheck.Missing],
  ['Bearer good-key', KeyCheck.Ok],
  ['Bearer viewer-key', KeyCheck.Forbidden],
  ['Bearer early-key', KeyCheck.NotLoaded],
])

/** A medium `word` whose links say which refusal they get; without `no=` they are exposures. */
function readMonitor({ medium, query, receivedAtMs, network }: MonitorRequest) {
  const [, refusal] = /^no=(\d)$/.exec(query) ?? []
  if (medium !== 'word') return { ok: false, refusal: MonitorRefusal.UnknownMedium } as const
  if (refusal !== undefined) {
    return { ok: false, refusal: Number(refusal) as MonitorRefusal } as const
  }
  const event = { ...eventOfNoBid(1, receivedAtMs), id: `monitor-${query}`, network }
  return { ok: true, event } as const
}
