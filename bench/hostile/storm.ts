/** Throws hostile bodies at a target and watches for exceptions, bad answers and slow ones. */
import { systemClock } from '../../src/lib/clock.ts'

/** What is thrown at. */
export interface StormTarget {
  /** Takes a body as far as its time counts; true when it was readable. */
  run(body: Uint8Array): boolean
  /** Answers the last body; false when the answer is bad. `isChecked`: look at it closely. */
  answer(isChecked: boolean): boolean
}

/** How a storm is made. */
export interface StormOptions {
  readonly count: number
  /** No body may cost more milliseconds, repeated alone. */
  readonly slowMs: number
}

/** What a storm saw. */
export interface StormReport {
  readonly bodies: number
  /** Bodies that decoded into a request, damaged or not. */
  readonly decoded: number
  readonly thrown: readonly { readonly error: string; readonly bodyBase64: string }[]
  /** Bodies whose answer the medium would not read as one. */
  readonly badAnswers: number
  /** Bodies that took over `slowMs` alone, minimum of ten. */
  readonly slow: readonly { readonly ms: number; readonly bodyBase64: string }[]
  /** The longest minimum of ten among those that once took over `slowMs`; 0 = none did. */
  readonly slowestMs: number
}

/** Runs of a suspected body; the minimum leaves out what the machine did meanwhile. */
const repeats = 10

/** Findings kept; a broken decoder would give a million. */
const keptMax = 20

/** One answer in so many is looked at closely. */
const checkEvery = 97

/** Throws bodies of `next` at `target`. */
export function storm(
  target: StormTarget,
  next: () => Uint8Array,
  { count, slowMs }: StormOptions,
): StormReport {
  const record = new StormRecord(target, slowMs)
  for (let i = 0; i < count; i++) record.throw(next(), i % checkEvery === 0)
  return record.report(count)
}

class StormRecord {
  readonly #target: StormTarget
  readonly #slowMs: number
  readonly #thrown: { error: string; bodyBase64: string }[] = []
  readonly #slow: { ms: number; bodyBase64: string }[] = []
  #decoded = 0
  #badAnswers = 0
  #slowestMs = 0
  #isDecoded = false

  constructor(target: StormTarget, slowMs: number) {
    this.#target = target
    this.#slowMs = slowMs
  }

  throw(body: Uint8Array, isChecked: boolean): void {
    try {
      const tookMs = this.#run(body)
      if (this.#isDecoded) this.#decoded++
      if (tookMs > this.#slowMs) this.#repeat(body, tookMs)
      if (!this.#target.answer(isChecked)) this.#badAnswers++
    } catch (error) {
      const found = { error: String(error), bodyBase64: base64(body) }
      if (this.#thrown.length < keptMax) this.#thrown.push(found)
    }
  }

  report(bodies: number): StormReport {
    this.#confirmSlow()
    return {
      bodies,
      decoded: this.#decoded,
      thrown: this.#thrown,
      badAnswers: this.#badAnswers,
      slow: this.#slow,
      slowestMs: this.#slowestMs,
    }
  }

  #run(body: Uint8Array): number {
    const startMs = systemClock.monotonicMs()
    this.#isDecoded = this.#target.run(body)
    return systemClock.monotonicMs() - startMs
  }

  #repeat(body: Uint8Array, firstMs: number): void {
    const ms = this.#best(body, firstMs)
    if (ms <= this.#slowMs) this.#slowestMs = Math.max(this.#slowestMs, ms)
    else if (this.#slow.length < keptMax) this.#slow.push({ ms, bodyBase64: base64(body) })
  }

  /** Once more when the storm is over: a machine that was busy for ten runs on end is no finding. */
  #confirmSlow(): void {
    const suspects = this.#slow.splice(0)
    for (const { ms, bodyBase64 } of suspects) {
      const bestMs = this.#best(Buffer.from(bodyBase64, 'base64'), ms)
      this.#slowestMs = Math.max(this.#slowestMs, bestMs)
      if (bestMs > this.#slowMs) this.#slow.push({ ms: bestMs, bodyBase64 })
    }
  }

  #best(body: Uint8Array, firstMs: number): number {
    let bestMs = firstMs
    for (let i = 0; i < repeats; i++) bestMs = Math.min(bestMs, this.#run(body))
    return bestMs
  }
}

function base64(body: Uint8Array): string {
  return Buffer.from(body).toString('base64')
}
