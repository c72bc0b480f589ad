/**
 * Probes of freshness: tell an event of a device, then ask for the device until an answer knows.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'hdr-histogram-js'
import { systemClock } from '../../src/lib/clock.ts'
import { seededRandom } from '../data/seeded-random.ts'

/** One way to tell and to ask. */
export interface ProbeKind {
  readonly name: string
  /**
   * Makes sure that the device takes part now; answers what tells the event. Throws if it does not.
   */
  prepare(device: number): Promise<() => Promise<void>>
  /** Whether the device takes part; null = the answer was no decision. */
  takesPart(device: number): Promise<boolean | null>
}

/** Percentiles of one kind of probe, milliseconds from the moment the event was sent. */
export interface ProbeReport {
  readonly name: string
  readonly count: number
  /** Probes that no answer ever knew of. */
  readonly never: number
  /** To the sending of the first request whose answer knew. */
  readonly bySend: Percentiles
  /** To that answer. */
  readonly byAnswer: Percentiles
  /** Requests asked per probe, the one that knew included; and those that got no decision. */
  readonly askedMean: number
  readonly undecided: number
  /** The longest by sending in each `bucketMs` of the run, milliseconds; 0 = no probe ended there. */
  readonly longestByTime: readonly number[]
}

/** Length of the stretches of `longestByTime`. */
const bucketMs = 5_000

interface Percentiles {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** Milliseconds after which a probe gives up. */
const patienceMs = 15_000

/** Milliseconds before a question that was refused for overload is asked again. */
const againMs = 10

/** Asks until there is a decision; throws when there is none for as long as a probe has patience. */
export async function decided<T>(ask: () => Promise<T | null>): Promise<T> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += againMs) {
    const answer = await ask()
    if (answer !== null) return answer
    await sleep(againMs)
  }
  throw new Error('a probe got no decision')
}

/** Longest rest of a prober between two devices: probes must not march in step. */
const restMs = 150

/** Probes with devices of its own, one after another, until told to stop. */
export class Prober {
  readonly #kind: ProbeKind
  readonly #bySend = newHistogram()
  readonly #byAnswer = newHistogram()
  #never = 0
  #asked = 0
  #undecided = 0
  #startMs = 0
  readonly #longest: number[] = []

  constructor(kind: ProbeKind) {
    this.#kind = kind
  }

  get count(): number {
    return this.#bySend.totalCount
  }

  /** Runs `parallel` probers at a time while `goesOn`. */
  async run(parallel: number, firstDevice: number, goesOn: () => boolean): Promise<void> {
    this.#startMs = systemClock.monotonicMs()
    let next = firstDevice
    const random = seededRandom(firstDevice)
    const lane = async (): Promise<void> => {
      while (goesOn()) {
        await this.#probe(next++)
        await sleep(random() * restMs)
      }
    }
    await Promise.all(Array.from({ length: parallel }, lane))
  }

  report(): ProbeReport {
    const { count } = this
    return {
      name: this.#kind.name,
      count,
      never: this.#never,
      bySend: percentiles(this.#bySend),
      byAnswer: percentiles(this.#byAnswer),
      askedMean: this.#asked / Math.max(1, count),
      undecided: this.#undecided,
      longestByTime: this.#longest,
    }
  }

  #note(atMs: number, tookMs: number): void {
    const bucket = Math.floor((atMs - this.#startMs) / bucketMs)
    while (this.#longest.length <= bucket) this.#longest.push(0)
    this.#longest[bucket] = Math.round(Math.max(this.#longest[bucket] ?? 0, tookMs))
  }

  async #probe(device: number): Promise<void> {
    const tell = await this.#kind.prepare(device)
    const startMs = systemClock.monotonicMs()
    const told = tell()
    let sentMs = startMs
    while (sentMs - startMs < patienceMs) {
      sentMs = systemClock.monotonicMs()
      this.#asked++
      const takesPart = await this.#kind.takesPart(device)
      if (takesPart === null) this.#undecided++
      if (takesPart === false) {
        this.#bySend.recordValue(Math.round((sentMs - startMs) * 1_000))
        this.#note(sentMs, sentMs - startMs)
        this.#byAnswer.recordValue(Math.round((systemClock.monotonicMs() - startMs) * 1_000))
        await told
        return
      }
    }
    this.#never++
    await told
  }
}

function newHistogram() {
  return build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 })
}

function percentiles(histogram: ReturnType<typeof newHistogram>): Percentiles {
  const at = (percentile: number): number =>
    histogram.totalCount === 0 ? Number.NaN : histogram.getValueAtPercentile(percentile) / 1_000
  return { p50Ms: at(50), p99Ms: at(99), maxMs: at(100) }
}
