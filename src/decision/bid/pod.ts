/** What an ad pod has been given so far, so that no ad stands in it twice. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { PodPlace } from '../../domain/bid-request.ts'
import type { Creative } from '../../domain/creative.ts'
import { Drop } from '../../domain/drop-reason.ts'

/** `poddedupe` (AdCOM "Pod Deduplication"); 5 asks for nothing. */
const byDomain = 1
const byCategory = 2
const byCreative = 3
const byMediaFile = 4

/** Without a word about it, one creative is not shown twice in a pod. */
const dedupeDefault: readonly number[] = [byCreative]

/** One pod of one request, over all impressions that belong to it. */
export class PodFill {
  readonly #dedupe = new Set<number>()
  readonly #creatives = new Set<number>()
  readonly #words = new Set<string>()

  /**
   * Takes the rules of an impression (`poddedupe`); those of all impressions of a pod hold
   * together, for what stands in it already as well.
   */
  require(snapshot: BidSnapshot, dedupe: PodPlace['dedupe']): this {
    const before = this.#dedupe.size
    for (const rule of dedupe.length === 0 ? dedupeDefault : dedupe) this.#dedupe.add(rule)
    if (this.#dedupe.size === before) return this
    for (const creative of this.#creatives) this.add(snapshot, creative)
    return this
  }

  /** Why this creative may not come into the pod any more; None = it may. */
  drop(snapshot: BidSnapshot, creative: number): Drop {
    if (this.#creatives.size === 0) return Drop.None
    if (this.#creatives.has(creative) && this.#dedupe.has(byCreative)) return Drop.PodDuplicate
    for (const word of this.#wordsOf(snapshot, creative)) {
      if (this.#words.has(word)) return Drop.PodDuplicate
    }
    return Drop.None
  }

  /** A pod that holds this creative as well; this one stays as it is. */
  with(snapshot: BidSnapshot, creative: number): PodFill {
    const filled = new PodFill()
    for (const rule of this.#dedupe) filled.#dedupe.add(rule)
    for (const one of this.#creatives) filled.#creatives.add(one)
    for (const word of this.#words) filled.#words.add(word)
    filled.add(snapshot, creative)
    return filled
  }

  /** Puts a creative into the pod. */
  add(snapshot: BidSnapshot, creative: number): void {
    this.#creatives.add(creative)
    for (const word of this.#wordsOf(snapshot, creative)) this.#words.add(word)
  }

  /** What must not repeat, as words; looks at a creative's text only where its files count. */
  #wordsOf(snapshot: BidSnapshot, creative: number): string[] {
    const words: string[] = []
    const { data, tables } = snapshot
    const brand = tables.brand[data.creatives.brand[creative] ?? 0]
    if (brand !== undefined && this.#dedupe.has(byDomain)) {
      words.push(...brand.domains.map((domain) => `d:${domain}`))
    }
    if (brand !== undefined && this.#dedupe.has(byCategory)) {
      for (const { taxonomy, chains } of brand.categories) {
        words.push(...chains.map(([category]) => `c:${taxonomy}:${category}`))
      }
    }
    if (this.#dedupe.has(byMediaFile)) words.push(...fileWords(snapshot.creative(creative)))
    return words
  }
}

function fileWords({ video, audio }: Creative): string[] {
  const media = video ?? audio
  if (media === null) return []
  const urls = media.tagUrl === '' ? media.files.map(({ url }) => url) : [media.tagUrl]
  return urls.map((url) => `f:${url}`)
}
