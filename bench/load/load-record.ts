/** What a load run saw: counts and latencies, apart for each phase of the run. */
import { build, type Histogram } from 'hdr-histogram-js'
import { systemClock } from '../../src/lib/clock.ts'
import { AnswerKind, type AnswerReader } from './answer-kinds.ts'
import type { Connection } from './connection.ts'
import { Expect, type PreparedRequest } from './request-file.ts'

/** Latency in milliseconds. */
export interface LatencySummary {
  readonly count: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

/** One phase of a run. */
export interface PhaseReport {
  /** Answers whose intended time fell into the phase. */
  readonly answers: number
  readonly accepts: number
  readonly refusals: number
  /** Explicit refusals that an overload or a fault caused. */
  readonly failures: number
  /** The right status, but bytes that the medium would count as an error. */
  readonly invalid: number
  readonly badStatus: number
  /** Requests whose connection ended before the answer. */
  readonly lost: number
  /** Decisions that contradict the expectation. */
  readonly wrong: number
  /** From the intended send time: what the medium would have waited. */
  readonly latency: LatencySummary
  /** From the real send time: what the server took. */
  readonly service: LatencySummary
  /** From the real send time, accepts and decided refusals alone: the admitted ones. */
  readonly admitted: LatencySummary
}

/** A whole run. */
export interface LoadReport {
  readonly seconds: number
  /** Requests a second the schedule asked for; null in a closed loop. */
  readonly offeredPerSecond: number | null
  /** Answers a second, within the recorded time. */
  readonly achievedPerSecond: number
  /** Accepts and decided refusals a second. */
  readonly decisionsPerSecond: number
  /** Most requests that waited in the generator for a free connection. */
  readonly waitingMax: number
  /** Requests given up before they could be sent: every connection was busy for too long. */
  readonly abandoned: number
  /** Requests the generator had no room for. */
  readonly dropped: number
  /** Requests without an answer when the run ended. */
  readonly unanswered: number
  /** False: offered load could not be sent (connections all busy, or the generator too slow). */
  readonly keptUp: boolean
  /** Longest time between an intended send and the real one, milliseconds. */
  readonly behindMaxMs: number
  /** Before, during and after the change or fault under test; a plain run is all "before". */
  readonly phases: readonly [PhaseReport, PhaseReport, PhaseReport]
}

/** A share of offered requests that may miss their schedule before a run counts as not kept up. */
const missedShareMax = 0.01

/** Milliseconds of the monotonic clock. */
export function monotonicMs(): number {
  return systemClock.monotonicMs()
}

class Phase {
  accepts = 0
  refusals = 0
  failures = 0
  invalid = 0
  badStatus = 0
  lost = 0
  wrong = 0
  readonly latency = newHistogram()
  readonly service = newHistogram()
  readonly admitted = newHistogram()
}

/** Records the answers of one run. */
export class LoadRecord {
  /** An answer has shown the state after the change (see `Expect.Leaves` and `Expect.Joins`). */
  hasFlipped = false
  readonly #read: AnswerReader
  readonly #phases: { current: number }
  readonly #records = [new Phase(), new Phase(), new Phase()] as const
  #fromMs = 0
  #untilMs = 0
  #answersInTime = 0
  #decisionsInTime = 0
  #offered = 0
  #dropped = 0
  #abandoned = 0
  #waitingMax = 0
  #behindMaxMs = 0

  constructor(read: AnswerReader, phases: { current: number }) {
    this.#read = read
    this.#phases = phases
  }

  /** Sets the recorded window; what is meant to be sent outside of it is not recorded. */
  start(fromMs: number, untilMs: number): void {
    this.#fromMs = fromMs
    this.#untilMs = untilMs
  }

  offered(intendedMs: number): void {
    if (intendedMs >= this.#fromMs) this.#offered++
  }

  abandoned(intendedMs: number): void {
    if (intendedMs >= this.#fromMs) this.#abandoned++
  }

  dropped(): void {
    this.#dropped++
  }

  waiting(count: number): void {
    if (count > this.#waitingMax) this.#waitingMax = count
  }

  lost(connection: Connection): void {
    if (connection.intendedMs < this.#fromMs) return
    this.#phase().lost++
  }

  answered(connection: Connection, { body, expect }: PreparedRequest): void {
    const { parser, intendedMs, sentMs } = connection
    if (intendedMs < this.#fromMs) return
    const now = monotonicMs()
    const phase = this.#phase()
    const kind = this.#read(parser, body)
    count(phase, kind)
    if (this.#isWrong(kind, expect, connection.sentAfterFlip)) phase.wrong++
    const isDecision = kind === AnswerKind.Accept || kind === AnswerKind.Refuse
    const serviceUs = Math.round((now - sentMs) * 1_000)
    phase.latency.recordValue(Math.round((now - intendedMs) * 1_000))
    phase.service.recordValue(serviceUs)
    if (isDecision) phase.admitted.recordValue(serviceUs)
    if (sentMs - intendedMs > this.#behindMaxMs) this.#behindMaxMs = sentMs - intendedMs
    if (now > this.#untilMs) return
    this.#answersInTime++
    if (isDecision) this.#decisionsInTime++
  }

  report(offeredPerSecond: number | null, unanswered: number): LoadReport {
    const seconds = (this.#untilMs - this.#fromMs) / 1_000
    const missed = this.#dropped + Math.max(0, this.#offered - this.#answersInTime)
    return {
      seconds,
      offeredPerSecond,
      achievedPerSecond: Math.round(this.#answersInTime / seconds),
      decisionsPerSecond: Math.round(this.#decisionsInTime / seconds),
      waitingMax: this.#waitingMax,
      abandoned: this.#abandoned,
      dropped: this.#dropped,
      unanswered,
      keptUp: offeredPerSecond === null || missed <= this.#offered * missedShareMax,
      behindMaxMs: Math.round(this.#behindMaxMs * 1_000) / 1_000,
      phases: [
        phaseReport(this.#records[0]),
        phaseReport(this.#records[1]),
        phaseReport(this.#records[2]),
      ],
    }
  }

  #phase(): Phase {
    return this.#records[this.#phases.current] ?? this.#records[2]
  }

  /** A refusal by failure is never wrong: it says nothing about the device. */
  #isWrong(kind: AnswerKind, expect: number, sentAfterFlip: boolean): boolean {
    if (kind !== AnswerKind.Accept && kind !== AnswerKind.Refuse) return false
    const isAccept = kind === AnswerKind.Accept
    if (expect === Expect.Accept) return !isAccept
    if (expect === Expect.Refuse) return isAccept
    if (expect === Expect.Anything) return false
    const isNew = isAccept === (expect === Expect.Joins)
    if (this.#phases.current === 0) return isNew
    // Once one answer has shown the new state, no request sent after it may see the old one.
    if (isNew) this.hasFlipped = true
    return !isNew && (sentAfterFlip || this.#phases.current === 2)
  }
}

function count(phase: Phase, kind: AnswerKind): void {
  if (kind === AnswerKind.BadStatus) phase.badStatus++
  else if (kind === AnswerKind.Accept) phase.accepts++
  else if (kind === AnswerKind.Refuse) phase.refusals++
  else if (kind === AnswerKind.Failure) phase.failures++
  else phase.invalid++
}

/** Microseconds up to a minute, three significant digits. */
function newHistogram(): Histogram {
  return build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000_000,
    numberOfSignificantValueDigits: 3,
  })
}

function phaseReport(phase: Phase): PhaseReport {
  const { accepts, refusals, failures, invalid, badStatus, lost, wrong } = phase
  return {
    answers: accepts + refusals + failures + invalid + badStatus,
    accepts,
    refusals,
    failures,
    invalid,
    badStatus,
    lost,
    wrong,
    latency: summary(phase.latency),
    service: summary(phase.service),
    admitted: summary(phase.admitted),
  }
}

function summary(histogram: Histogram): LatencySummary {
  const at = (percentile: number): number =>
    histogram.totalCount === 0 ? 0 : histogram.getValueAtPercentile(percentile) / 1_000
  return {
    count: histogram.totalCount,
    p50Ms: at(50),
    p90Ms: at(90),
    p99Ms: at(99),
    p999Ms: at(99.9),
    maxMs: histogram.totalCount === 0 ? 0 : histogram.maxValue / 1_000,
  }
}
