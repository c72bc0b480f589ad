/** What intake counts and times in one decide process; Prometheus JSON on demand. */
import { Histogram } from './histogram.ts'
import { histogramJson, type Labels, type MetricJson, metric } from './metric-json.ts'

/** Names of the numbers that are counted; a number without a name is not reported. */
export interface FeedbackNames {
  readonly kinds: ReadonlyMap<number, string>
  readonly sources: ReadonlyMap<number, string>
  readonly flags: ReadonlyMap<number, string>
  readonly tokenRefusals: ReadonlyMap<number, string>
  readonly monitorRefusals: ReadonlyMap<number, string>
}

/** What is counted of an event. */
export interface CountedEvent {
  readonly kind: number
  readonly source: number
  readonly flags: readonly number[]
}

/** All kinds, sources, flags and refusals have numbers below this (domain/invalid-reason.ts). */
const numbersMax = 64

/** Different codes of refused events that are counted apart: docs/errors.md has a dozen. */
const codesMax = 64

/** One a doubling, 64 µs to 1 s: a flush takes from a tenth of a millisecond to tens of them. */
const boundsUs = Array.from({ length: 15 }, (_, i) => 2 ** (i + 6))

/** Counters of intake in one process. No id of anybody ever enters. */
export class FeedbackMeter {
  /** Events that wait for the log now. */
  waiting = 0
  /** Events that the log did not take: their sender was told to try again. */
  unavailable = 0
  /** Clicks whose person was sent on although the log did not take the event. */
  clicksLost = 0
  /** Calls that were refused because too many were open. */
  overload = 0
  /** Calls whose sender went away before the answer. */
  aborted = 0
  /** Calls of `POST /events` without a key that may. */
  wrongKeys = 0
  readonly #names: FeedbackNames
  /** By kind × source. */
  readonly #accepted = new Float64Array(numbersMax * numbersMax)
  readonly #flags = new Float64Array(numbersMax)
  readonly #tokens = new Float64Array(numbersMax)
  readonly #monitors = new Float64Array(numbersMax)
  readonly #rejected = new Map<string, number>()
  readonly #append = new Histogram()

  constructor(names: FeedbackNames) {
    this.#names = names
  }

  /** One event is in the log; it took `ms` from its reading. */
  accepted({ kind, source, flags }: CountedEvent, ms: number): void {
    add(this.#accepted, kind * numbersMax + source)
    for (const flag of flags) add(this.#flags, flag)
    this.#append.observe(ms)
  }

  /** A token was not taken. */
  tokenRefused(refusal: number): void {
    add(this.#tokens, refusal)
  }

  /** A monitoring link was not taken. */
  monitorRefused(refusal: number): void {
    add(this.#monitors, refusal)
  }

  /** An event of `POST /events` was rejected; `code` as in docs/errors.md. */
  eventRejected(code: string): void {
    if (this.#rejected.size === codesMax && !this.#rejected.has(code)) return
    this.#rejected.set(code, (this.#rejected.get(code) ?? 0) + 1)
  }

  /** Events accepted of a kind and source so far; for tests. */
  acceptedOf(kind: number, source: number): number {
    return this.#accepted[kind * numbersMax + source] ?? 0
  }

  /** Tokens refused with a number so far; for tests. */
  tokensRefused(refusal: number): number {
    return this.#tokens[refusal] ?? 0
  }

  /** Everything as Prometheus JSON, labelled with the worker's index. */
  snapshot(worker: number): readonly MetricJson[] {
    const { flags, tokenRefusals, monitorRefusals } = this.#names
    const one = (value: number) => [{ labels: { worker }, value }]
    return [
      metric(
        'sluice_events_accepted_total',
        'Events taken into the log',
        this.#acceptedRows(worker),
      ),
      metric('sluice_events_flagged_total', 'Of those, with a flag of invalid traffic', [
        ...rows(flags, this.#flags, (flag) => ({ worker, flag })),
      ]),
      metric('sluice_tokens_refused_total', 'Notices whose token was not taken', [
        ...rows(tokenRefusals, this.#tokens, (reason) => ({ worker, reason })),
      ]),
      metric('sluice_monitor_refused_total', 'Monitoring links that were not taken', [
        ...rows(monitorRefusals, this.#monitors, (reason) => ({ worker, reason })),
      ]),
      metric('sluice_events_rejected_total', 'Events of POST /events that were rejected', [
        ...[...this.#rejected].map(([code, value]) => ({ labels: { worker, code }, value })),
      ]),
      metric('sluice_events_wrong_keys_total', 'POST /events without a key', one(this.wrongKeys)),
      metric('sluice_events_unavailable_total', 'Not taken by the log', one(this.unavailable)),
      metric('sluice_events_clicks_lost_total', 'Sent on, not logged', one(this.clicksLost)),
      metric('sluice_events_overload_total', 'Too many calls open', one(this.overload)),
      metric('sluice_events_aborted_total', 'Calls whose sender went away', one(this.aborted)),
      metric('sluice_events_waiting', 'Events that wait for the log', one(this.waiting), 'gauge'),
      histogramJson(
        'sluice_event_append_seconds',
        'From the reading of an event to its being in the log',
        [{ labels: { worker }, of: this.#append }],
        boundsUs,
      ),
    ]
  }

  #acceptedRows(worker: number): Row[] {
    return [...this.#names.kinds].flatMap(([kind, kindName]) =>
      [...this.#names.sources].flatMap(([source, sourceName]) => {
        const value = this.acceptedOf(kind, source)
        return value === 0
          ? []
          : [{ labels: { worker, kind: kindName, source: sourceName }, value }]
      }),
    )
  }
}

interface Row {
  readonly labels: Labels
  readonly value: number
}

function rows(
  names: ReadonlyMap<number, string>,
  counts: Float64Array,
  labelsOf: (name: string) => Labels,
): Row[] {
  return [...names].flatMap(([number, name]) => {
    const value = counts[number] ?? 0
    return value === 0 ? [] : [{ labels: labelsOf(name), value }]
  })
}

function add(counts: Float64Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1
}
