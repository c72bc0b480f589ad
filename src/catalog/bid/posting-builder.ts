/** Builds the inverted index over campaigns: words to postings, dense or sparse. */
import type { Drop } from '../../domain/drop-reason.ts'
import { denySpace } from '../../domain/targeting-words.ts'
import { setBit, wordsOf } from '../../lib/bitset.ts'
import { buildWordMap, type WordEntry, type WordMapData } from '../../lib/word-map.ts'
import type { Dimension, PostingColumns } from './bid-data.ts'
import type { DimensionWords } from './campaign-words.ts'

/**
 * A posting of more than one campaign in 32 is smaller as a bitset (4 bytes an entry against a
 * 32nd of a word), and quicker to unite.
 */
const denseShare = 1 / 32

/** Collects campaigns by word, campaign by campaign in ascending order. */
export class PostingBuilder {
  readonly #campaigns: number
  readonly #words: number
  readonly #lists: number[][] = []
  readonly #bySpace = new Map<number, Map<string, number>>()
  readonly #constrained = new Map<Drop, Uint32Array>()
  readonly #denying = new Set<Drop>()

  constructor(campaigns: number) {
    this.#campaigns = campaigns
    this.#words = wordsOf(campaigns)
  }

  /** Takes one dimension of one campaign. */
  add(campaign: number, { drop, allow, deny }: DimensionWords): void {
    for (const word of allow) this.#put(drop, word, campaign)
    for (const word of deny) this.#put(drop + denySpace, word, campaign)
    if (deny.length > 0) this.#denying.add(drop)
    this.#constrain(drop, campaign, allow.length > 0)
  }

  /** Takes words that are asked for by name only: they constrain nothing by themselves. */
  name(campaign: number, { drop, allow }: DimensionWords): void {
    for (const word of allow) this.#put(drop, word, campaign)
  }

  /** A posting without a word, for a rule of `drop`; the list it is made of grows by `push`. */
  rule(): number {
    return this.#lists.push([]) - 1
  }

  /** Puts a campaign under a rule's posting. */
  addToRule(posting: number, campaign: number, drop: Drop): void {
    push(this.#lists[posting] ?? [], campaign)
    this.#constrain(drop, campaign, true)
  }

  /** Everything as arrays; `entries` are further words for the same map. */
  build(entries: readonly WordEntry[]): {
    readonly words: WordMapData
    readonly postings: PostingColumns
    readonly dimensions: readonly Dimension[]
    readonly free: Uint32Array
  } {
    const all = [...entries]
    for (const [space, words] of this.#bySpace) {
      for (const [word, value] of words) all.push({ space, word, value })
    }
    return { words: buildWordMap(all), postings: this.#columns(), ...this.#dimensions() }
  }

  #put(space: number, word: string, campaign: number): void {
    let words = this.#bySpace.get(space)
    if (words === undefined) this.#bySpace.set(space, (words = new Map()))
    let posting = words.get(word)
    if (posting === undefined) words.set(word, (posting = this.rule()))
    push(this.#lists[posting] ?? [], campaign)
  }

  #constrain(drop: Drop, campaign: number, isConstrained: boolean): void {
    let constrained = this.#constrained.get(drop)
    if (constrained === undefined) {
      constrained = new Uint32Array(this.#words)
      this.#constrained.set(drop, constrained)
    }
    if (isConstrained) setBit(constrained, campaign)
  }

  #dimensions(): { dimensions: Dimension[]; free: Uint32Array } {
    const dimensions: Dimension[] = []
    const free = new Uint32Array(this.#constrained.size * this.#words)
    for (const [drop, constrained] of this.#constrained) {
      const freeFrom = dimensions.length * this.#words
      for (let word = 0; word < this.#words; word++) {
        free[freeFrom + word] = ~(constrained[word] ?? 0)
      }
      dimensions.push({ drop, freeFrom, denies: this.#denying.has(drop) })
    }
    return { dimensions, free }
  }

  #columns(): PostingColumns {
    const lists = this.#lists
    const isDense = Uint8Array.from(lists, (list) => Number(list.length > this.#denseMin()))
    const from = new Uint32Array(lists.length)
    let sparseLength = 0
    let denseLength = 0
    for (const [posting, list] of lists.entries()) {
      from[posting] = isDense[posting] === 1 ? denseLength : sparseLength
      if (isDense[posting] === 1) denseLength += this.#words
      else sparseLength += list.length
    }
    const sparse = new Int32Array(sparseLength)
    const dense = new Uint32Array(denseLength)
    for (const [posting, list] of lists.entries()) {
      const start = from[posting] ?? 0
      if (isDense[posting] === 0) sparse.set(list, start)
      else for (const campaign of list) setBit(dense.subarray(start), campaign)
    }
    const length = Uint32Array.from(lists, (list) => list.length)
    return { isDense, from, length, sparse, dense }
  }

  #denseMin(): number {
    return this.#campaigns * denseShare
  }
}

/** Ascending and without repeats: a campaign may say one word twice. */
function push(list: number[], campaign: number): void {
  if (list.at(-1) !== campaign) list.push(campaign)
}
