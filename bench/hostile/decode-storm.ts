/**
 * Throws hostile bodies at one adapter and watches for exceptions, bad refusals and slow decodes.
 */
import { AdRequest } from '../../src/domain/ad-request.ts'
import { refuse } from '../../src/domain/decision.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { MediumAdapter } from '../../src/media/adapter.ts'

/** What a storm saw. */
export interface StormReport {
  readonly bodies: number
  /** Bodies that decoded into a request, damaged or not. */
  readonly decoded: number
  readonly thrown: readonly { readonly error: string; readonly bodyBase64: string }[]
  /** Bodies whose refusal the medium would not read as a refusal. */
  readonly badRefusals: number
  /** Bodies that took over `slowMs` alone, minimum of ten. */
  readonly slow: readonly { readonly ms: number; readonly bodyBase64: string }[]
  /** The longest minimum of ten among those that once took over `slowMs`; 0 = none did. */
  readonly slowestMs: number
}

/** No body may cost more, repeated alone (issue "The gate"). */
export const slowMs = 1

/** Runs of a suspected body; the minimum leaves out what the machine did meanwhile. */
const repeats = 10

/** Findings kept; a broken decoder would give a million. */
const keptMax = 20

/** One answer in so many is decoded in full. */
const describeEvery = 97

/** Decodes `count` bodies of `next`, sent as `contentType`, and encodes a refusal for each. */
export function decodeStorm(
  adapter: MediumAdapter,
  next: () => Uint8Array,
  count: number,
  contentType: string,
): StormReport {
  const storm = new DecodeStorm(adapter, contentType)
  for (let i = 0; i < count; i++) storm.throw(next(), i % describeEvery === 0)
  return storm.report(count)
}

class DecodeStorm {
  readonly #adapter: MediumAdapter
  readonly #headers: readonly string[]
  readonly #request = new AdRequest()
  readonly #thrown: { error: string; bodyBase64: string }[] = []
  readonly #slow: { ms: number; bodyBase64: string }[] = []
  #decoded = 0
  #badRefusals = 0
  #slowestMs = 0
  #refusal: Refusal = Refusal.None

  constructor(adapter: MediumAdapter, contentType: string) {
    this.#adapter = adapter
    this.#headers = adapter.wantedHeaders.map((name) =>
      name === 'content-type' ? contentType : '',
    )
  }

  throw(body: Uint8Array, isDescribed: boolean): void {
    try {
      const tookMs = this.#decode(body)
      if (this.#refusal === Refusal.None) this.#decoded++
      if (tookMs > slowMs) this.#repeat(body, tookMs)
      const answer = this.#adapter.encode(this.#request, refuse(Refusal.AudienceMismatch))
      if (isDescribed) this.#check(answer)
    } catch (error) {
      const found = { error: String(error), bodyBase64: base64(body) }
      if (this.#thrown.length < keptMax) this.#thrown.push(found)
    }
  }

  report(bodies: number): StormReport {
    return {
      bodies,
      decoded: this.#decoded,
      thrown: this.#thrown,
      badRefusals: this.#badRefusals,
      slow: this.#slow,
      slowestMs: this.#slowestMs,
    }
  }

  #decode(body: Uint8Array): number {
    this.#request.clear()
    const startMs = systemClock.monotonicMs()
    this.#refusal = this.#adapter.decode({ body, headers: this.#headers, query: '' }, this.#request)
    return systemClock.monotonicMs() - startMs
  }

  #repeat(body: Uint8Array, firstMs: number): void {
    let bestMs = firstMs
    for (let i = 0; i < repeats; i++) bestMs = Math.min(bestMs, this.#decode(body))
    this.#slowestMs = Math.max(this.#slowestMs, bestMs)
    if (bestMs <= slowMs || this.#slow.length === keptMax) return
    this.#slow.push({ ms: bestMs, bodyBase64: base64(body) })
  }

  #check(answer: Uint8Array): void {
    const { valid, accepted } = this.#adapter.describeAnswer(answer)
    if (!valid || accepted) this.#badRefusals++
  }
}

function base64(body: Uint8Array): string {
  return Buffer.from(body).toString('base64')
}
