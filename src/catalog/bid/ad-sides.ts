/**
 * The advertising sides of the models in force. A creative is encoded once a model, and again only
 * when its facts changed; a model version that is new is filled piece by piece, and the one before
 * serves until it is whole.
 */
import { adFactsOf } from '../../domain/ad-facts-of.ts'
import type { AdEncoder, AdSide, ModelKey } from '../../domain/ad-side.ts'
import type { Creative } from '../../domain/creative.ts'
import { AdSlab } from './ad-slab.ts'
import type { BidProblem } from './bid-data.ts'
import type { BidRows, CreativeRow } from './bid-rows.ts'

/** Creatives that are encoded in one go: parsed, they are some MB that live shortly. */
const chunkMax = 512

/** A model by name: what serves, and what is being filled to replace it. */
interface Entry {
  serving: AdSlab | null
  coming: AdSlab | null
  /** Why a version that was wanted does not serve. */
  problem: string | null
  /** The version that `problem` is of: it is not tried again. */
  failed: string
}

/** Told when an encoder rejected: that version is out. */
export type AdSideFailure = (key: ModelKey, reason: string) => void

/** Encodes and keeps the rows of all models. */
export class AdSides {
  readonly #entries = new Map<string, Entry>()
  readonly #onFailure: AdSideFailure
  #isChanged = false

  constructor(onFailure: AdSideFailure) {
    this.#onFailure = onFailure
  }

  /** The models from now on, one of a name at most; those without an encoder go at once. */
  use(encoders: readonly AdEncoder[]): void {
    const wanted = new Map(encoders.map((encoder) => [encoder.key.name, encoder]))
    for (const [name, entry] of this.#entries) {
      if (wanted.has(name)) continue
      this.#isChanged ||= entry.serving !== null || entry.problem !== null
      this.#entries.delete(name)
    }
    for (const [name, encoder] of wanted) this.#want(name, encoder)
  }

  /** Forgets every row: they were of creatives that are numbered anew. */
  beginAnew(): void {
    for (const entry of this.#entries.values()) {
      const newest = entry.coming ?? entry.serving
      entry.serving = null
      entry.coming = newest === null ? null : new AdSlab(newest.encoder)
    }
  }

  /** True while the encoder of this model is needed here. */
  uses(key: ModelKey): boolean {
    const entry = this.#entries.get(key.name)
    return [entry?.serving, entry?.coming].some((slab) => slab?.encoder.key.hash === key.hash)
  }

  /** True when the sides are those of other models than at the last `build`. */
  get isChanged(): boolean {
    return this.#isChanged
  }

  /** True while a model is being filled. */
  get isFilling(): boolean {
    for (const { coming } of this.#entries.values()) if (coming !== null) return true
    return false
  }

  /** Encodes up to `max` creatives for the models that are coming; those that are whole serve. */
  async fill(rows: BidRows, max: number): Promise<void> {
    let left = max
    for (const entry of this.#entries.values()) {
      const { coming } = entry
      if (coming === null) continue
      const behind = behindOf(coming, rows)
      const part = behind.slice(0, left)
      left -= part.length
      const reason = await this.#encode(coming, part, rows)
      if (reason !== null) this.#fail(entry, coming, reason)
      else if (part.length < behind.length) continue
      else entry.serving = coming
      entry.coming = null
      this.#isChanged = true
    }
  }

  /** The sides of the last build's creatives; what changed since the last call is encoded again. */
  async build(rows: BidRows): Promise<AdSide[]> {
    const sides: AdSide[] = []
    this.#isChanged = false
    for (const entry of this.#entries.values()) {
      const { serving } = entry
      if (serving === null) continue
      const reason = await this.#encode(serving, behindOf(serving, rows), rows)
      if (reason === null) {
        sides.push(serving.side(rows.live))
      } else {
        this.#fail(entry, serving, reason)
        entry.serving = null
      }
    }
    return sides
  }

  /** Models that do not serve as wanted. */
  problems(): BidProblem[] {
    return [...this.#entries].flatMap(([id, { problem }]) =>
      problem === null ? [] : [{ kind: 'model', id, reason: problem }],
    )
  }

  #want(name: string, encoder: AdEncoder): void {
    const entry = this.#entries.get(name) ?? emptyEntry()
    this.#entries.set(name, entry)
    const { hash } = encoder.key
    if (entry.coming?.encoder.key.hash === hash) return
    entry.coming = null
    if (entry.failed === hash) return
    if (entry.serving?.encoder.key.hash !== hash) entry.coming = new AdSlab(encoder)
    this.#isChanged ||= entry.problem !== null
    entry.problem = null
    entry.failed = ''
  }

  #fail(entry: Entry, { encoder: { key } }: AdSlab, reason: string): void {
    entry.problem = `version ${key.version} cannot encode the creatives: ${reason}`
    entry.failed = key.hash
    this.#onFailure(key, entry.problem)
  }

  /** Answers why the encoder rejected, or null. */
  async #encode(
    slab: AdSlab,
    creatives: readonly CreativeRow[],
    rows: BidRows,
  ): Promise<string | null> {
    try {
      for (let from = 0; from < creatives.length; from += chunkMax) {
        const chunk = creatives.slice(from, from + chunkMax)
        slab.put(chunk, await slab.encoder.encode(chunk.map((row) => factsOf(row, rows))))
      }
      return null
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
}

function emptyEntry(): Entry {
  return { serving: null, coming: null, problem: null, failed: '' }
}

function behindOf(slab: AdSlab, rows: BidRows): readonly CreativeRow[] {
  return rows.live.filter((row) => slab.lacks(row))
}

function factsOf(row: CreativeRow, { texts }: BidRows) {
  const { pricedFor, brandOf } = row
  if (pricedFor === null || brandOf === null) throw new Error(`${row.id} is in no build`)
  // Checked when it was put into the rows.
  const creative = JSON.parse(texts.read(row.text)) as Creative
  return adFactsOf(creative, pricedFor.value, brandOf.value)
}
