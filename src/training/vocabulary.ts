/** Learns the words of a feature list from the rows of the training slice. */
import type { AdFacts, AskFacts } from '../domain/feature-facts.ts'
import { sourceOf } from '../scoring/feature-layout.ts'
import type { FeatureSpec } from '../scoring/feature-spec.ts'
import type { FeatureSource, SourceOf } from '../scoring/features.ts'

/** Words of one feature, at most: a table of a million rows is what vocabularies are good for. */
export const wordsMax = 2 ** 20

/** Features that have words of their own. */
type WordSpec = Extract<FeatureSpec, { words: readonly string[] }>

/** Counts words by source; features of one source share their counts. */
export class Vocabulary {
  readonly #specs: readonly FeatureSpec[]
  readonly #counts = new Map<string, WordCounts>()
  readonly #ask: { readonly of: SourceOf<AskFacts>; readonly counts: WordCounts }[] = []
  readonly #ad: { readonly of: SourceOf<AdFacts>; readonly counts: WordCounts }[] = []

  /** Features that bring their words keep them. Throws `ScoringError` on an unknown source. */
  constructor(specs: readonly FeatureSpec[]) {
    this.#specs = specs
    for (const spec of specs) {
      if (isOpen(spec) && !this.#counts.has(spec.source)) this.#addSource(spec)
    }
  }

  /** Counts the words of one row's asking side. */
  addAsk(facts: AskFacts, atMs: number): void {
    for (const { of, counts } of this.#ask) addWords(counts, of, facts, { atMs, rows: 1 })
  }

  /** Counts the words of an ad that `rows` rows have. */
  addAd(facts: AdFacts, rows: number): void {
    const atMs = Number.NaN
    for (const { of, counts } of this.#ad) addWords(counts, of, facts, { atMs, rows })
  }

  /** The list with its words, the most frequent first; of equal counts by code units. */
  specs(): FeatureSpec[] {
    return this.#specs.map((spec) => {
      const counts = isOpen(spec) ? this.#counts.get(spec.source) : undefined
      return isOpen(spec) && counts !== undefined
        ? { ...spec, words: counts.words(spec.minCount) }
        : spec
    })
  }

  #addSource(spec: WordSpec): void {
    const counts = new WordCounts()
    const source: FeatureSource = sourceOf(spec)
    if (source.side === 'ask') this.#ask.push({ of: source.of, counts })
    else this.#ad.push({ of: source.of, counts })
    this.#counts.set(spec.source, counts)
  }
}

function isOpen(spec: FeatureSpec): spec is WordSpec {
  return 'words' in spec && spec.words.length === 0
}

/** How often each word of a source was seen. Ids without end forget those that were seen least. */
class WordCounts {
  readonly #counts = new Map<string, number>()

  add(word: string, rows: number): void {
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + rows)
    if (this.#counts.size > 2 * wordsMax) this.#forget()
  }

  words(minCount: number): string[] {
    return [...this.#counts]
      .filter(([, count]) => count >= minCount)
      .toSorted(([a, times], [b, others]) => others - times || (a < b ? -1 : 1))
      .slice(0, wordsMax)
      .map(([word]) => word)
  }

  #forget(): void {
    for (let least = 1; this.#counts.size > wordsMax; least *= 2) {
      for (const [word, count] of this.#counts) if (count <= least) this.#counts.delete(word)
    }
  }
}

function addWords<Facts>(
  counts: WordCounts,
  of: SourceOf<Facts>,
  facts: Facts,
  row: { readonly atMs: number; readonly rows: number },
): void {
  switch (of.kind) {
    case 'word': {
      const word = of.read(facts, row.atMs)
      if (word !== '') counts.add(word, row.rows)
      break
    }
    case 'code': {
      const code = of.read(facts, row.atMs)
      if (!Number.isNaN(code)) counts.add(String(code), row.rows)
      break
    }
    case 'words':
    case 'packs':
      for (const word of of.read(facts)) if (word !== '') counts.add(word, row.rows)
      break
    default:
    // Amounts and moments have no words; the layout has refused a vocabulary of them.
  }
}
