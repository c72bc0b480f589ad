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
    const slabs = this.#slabs('coming')
    if (slabs.length === 0) return
    const behind = behindOf(slabs, rows)
    const part = behind.slice(0, max)
    const failures = await encode(slabs, part, rows)
    for (const entry of this.#entries.values()) {
      const { coming } = entry
      const isDone = coming !== null && (failures.has(coming) || part.length === behind.length)
      if (!isDone) continue
      const reason = failures.get(coming)
      if (reason === undefined) entry.serving = coming
      else this.#fail(entry, coming, reason)
      entry.coming = null
      this.#isChanged = true
    }
  }

  /** The sides of the last build's creatives; what changed since the last call is encoded again. */
  async build(rows: BidRows): Promise<AdSide[]> {
    this.#isChanged = false
    const slabs = this.#slabs('serving')
    const failures = await encode(slabs, behindOf(slabs, rows), rows)
    for (const entry of this.#entries.values()) {
      const reason = entry.serving === null ? undefined : failures.get(entry.serving)
      if (entry.serving === null || reason === undefined) continue
      this.#fail(entry, entry.serving, reason)
      entry.serving = null
    }
    return this.#slabs('serving').map((slab) => slab.side(rows.live))
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

  #slabs(which: 'serving' | 'coming'): AdSlab[] {
    return [...this.#entries.values()].flatMap((entry) => entry[which] ?? [])
  }
}

function emptyEntry(): Entry {
  return { serving: null, coming: null, problem: null, failed: '' }
}

/** Creatives that at least one of the slabs lacks. */
function behindOf(slabs: readonly AdSlab[], { live }: BidRows): readonly CreativeRow[] {
  return live.filter((row) => slabs.some((slab) => slab.lacks(row)))
}

/** Brings these creatives into all slabs; answers why an encoder rejected, of those that did. */
async function encode(
  slabs: readonly AdSlab[],
  creatives: readonly CreativeRow[],
  rows: BidRows,
): Promise<ReadonlyMap<AdSlab, string>> {
  const failures = new Map<AdSlab, string>()
  for (let from = 0; from < creatives.length; from += chunkMax) {
    const chunk = creatives.slice(from, from + chunkMax)
    // Read once for all models: it costs more than encoding.
    const facts = chunk.map((row) => factsOf(row, rows))
    for (const slab of slabs) {
      if (failures.has(slab)) continue
      const lacking = chunk.filter((row) => slab.lacks(row))
      const wanted = facts.filter((_, at) => lacks(slab, chunk[at]))
      if (lacking.length === 0) continue
      try {
        slab.put(lacking, await slab.encoder.encode(wanted))
      } catch (error) {
        failures.set(slab, error instanceof Error ? error.message : String(error))
      }
    }
  }
  return failures
}

function lacks(slab: AdSlab, row: CreativeRow | undefined): boolean {
  return row !== undefined && slab.lacks(row)
}

function factsOf(row: CreativeRow, { texts }: BidRows) {
  const { pricedFor, brandOf } = row
  if (pricedFor === null || brandOf === null) throw new Error(`${row.id} is in no build`)
  // Checked when it was put into the rows.
  const creative = JSON.parse(texts.read(row.text)) as Creative
  return adFactsOf(creative, pricedFor.value, brandOf.value)
}
