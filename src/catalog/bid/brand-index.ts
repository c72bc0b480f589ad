/**
 * Brands by what a request may block: one look a blocked word instead of one a brand. A request
 * blocks some seventy words, and a catalog has thousands of brands.
 */
import { Drop } from '../../domain/drop-reason.ts'
import type { Blocks, PreparedBrand } from '../../domain/slot-fit/brand-fit.ts'

/** Verdicts on brands, by number: `drops[b]` holds where `stamps[b]` is `stamp`. */
export interface BrandVerdicts {
  readonly stamps: Uint32Array
  readonly drops: Uint8Array
  readonly stamp: number
}

/** Brands that have no category in a taxonomy, and those under each of its categories. */
interface TaxonomyIndex {
  readonly lacking: number[]
  readonly byCategory: Map<string, number[]>
}

/** An index over a table of brands that only grows. */
export class BrandIndex {
  readonly #brands: readonly PreparedBrand[]
  #count = 0
  readonly #byDomain = new Map<string, number[]>()
  readonly #byBundle = new Map<string, number[]>()
  /** In whatever taxonomy. */
  readonly #byCategory = new Map<string, number[]>()
  readonly #taxonomies = new Map<number, TaxonomyIndex>()

  constructor(brands: readonly PreparedBrand[]) {
    this.#brands = brands
  }

  /** Takes in what was added to the table since the last call, about 2 µs a brand. */
  sync(): void {
    for (; this.#count < this.#brands.length; this.#count++) {
      const brand = this.#brands[this.#count]
      if (brand !== undefined) this.#add(this.#count, brand)
    }
  }

  /**
   * Writes the verdict of `fitBrand` on every brand that is kept out; brands without one are let
   * in. False, with nothing written, for lists that say who may come in instead of who may not
   * (`acat`, `wlang`): there each brand has to be asked.
   */
  mark(blocks: Blocks, verdicts: BrandVerdicts): boolean {
    if (blocks.allowedCategories !== null || blocks.languages.length > 0) return false
    this.sync()
    // A brand has the first rule it breaks: what is asked first by `fitBrand` is written last.
    this.#markCategories(blocks, verdicts)
    if (blocks.bundles !== null) {
      markAll(this.#byBundle, blocks.bundles, Drop.BlockedBundle, verdicts)
    }
    for (const domains of [blocks.domains, blocks.exchangeDomains]) {
      if (domains !== null) markAll(this.#byDomain, domains, Drop.BlockedDomain, verdicts)
    }
    return true
  }

  #markCategories(blocks: Blocks, verdicts: BrandVerdicts): void {
    const { blockedCategories, exchangeCategories, taxonomy } = blocks
    if (exchangeCategories !== null) {
      markAll(this.#byCategory, exchangeCategories, Drop.BlockedCategory, verdicts)
    }
    if (blockedCategories === null) return
    const index = this.#taxonomies.get(taxonomy)
    // Without a category in the taxonomy nobody can tell that it is none of the blocked.
    if (index === undefined) {
      for (let brand = 0; brand < this.#count; brand++) put(verdicts, brand, Drop.BlockedCategory)
      return
    }
    for (const brand of index.lacking) put(verdicts, brand, Drop.BlockedCategory)
    markAll(index.byCategory, blockedCategories, Drop.BlockedCategory, verdicts)
  }

  #add(number: number, brand: PreparedBrand): void {
    for (const form of brand.domainForms) addTo(this.#byDomain, form, number)
    if (brand.bundle !== '') addTo(this.#byBundle, brand.bundle, number)
    const everywhere = new Set(brand.categories.flatMap(({ chains }) => chains.flat()))
    for (const category of everywhere) addTo(this.#byCategory, category, number)
    const seen = new Set<number>()
    for (const { taxonomy, chains } of brand.categories) {
      const index = this.#taxonomyOf(taxonomy, number)
      // `fitBrand` looks at the first set of a taxonomy only.
      if (seen.has(taxonomy)) continue
      seen.add(taxonomy)
      for (const category of new Set(chains.flat())) addTo(index.byCategory, category, number)
    }
    for (const [taxonomy, { lacking }] of this.#taxonomies) {
      if (!seen.has(taxonomy)) lacking.push(number)
    }
  }

  /** The index of a taxonomy; nobody before brand `number` is in a new one. */
  #taxonomyOf(taxonomy: number, number: number): TaxonomyIndex {
    let index = this.#taxonomies.get(taxonomy)
    if (index === undefined) {
      index = {
        lacking: Array.from({ length: number }, (_, before) => before),
        byCategory: new Map(),
      }
      this.#taxonomies.set(taxonomy, index)
    }
    return index
  }
}

const indexes = new WeakMap<readonly PreparedBrand[], BrandIndex>()

/** The one index of a table. */
export function brandIndexOf(brands: readonly PreparedBrand[]): BrandIndex {
  let index = indexes.get(brands)
  if (index === undefined) {
    index = new BrandIndex(brands)
    indexes.set(brands, index)
  }
  return index
}

function markAll(
  index: ReadonlyMap<string, readonly number[]>,
  words: ReadonlySet<string>,
  drop: Drop,
  verdicts: BrandVerdicts,
): void {
  for (const word of words) {
    const brands = index.get(word)
    if (brands === undefined) continue
    for (const brand of brands) put(verdicts, brand, drop)
  }
}

function put({ stamps, drops, stamp }: BrandVerdicts, brand: number, drop: Drop): void {
  stamps[brand] = stamp
  drops[brand] = drop
}

function addTo(index: Map<string, number[]>, word: string, brand: number): void {
  const brands = index.get(word)
  if (brands === undefined) index.set(word, [brand])
  else brands.push(brand)
}
