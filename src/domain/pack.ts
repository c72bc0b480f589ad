/** Audience packs: what the catalog keeps of them, and the index a decision reads them through. */
import { shardCount } from '../lib/shard-count.ts'

/** Slots that may be in use at once: packs × about three (current, previous, one being written). */
export const packSlotsMax = 4_096

/** One write of ids: a device holding `slot` is in (`sign` 1) or out (`sign` -1) of the pack. */
export interface PackLayer {
  readonly slot: number
  readonly sign: 1 | -1
}

/** A version of a pack: layers in order; the last one that a device holds decides. */
export interface PackVersion {
  readonly version: number
  readonly layers: readonly PackLayer[]
  /** Devices in this version, exact after a replace, counted through layers otherwise. */
  readonly devices: number
  readonly activatedAtMs: number
}

/** A pack as stored in the catalog. */
export interface Pack {
  readonly id: string
  readonly current: PackVersion | null
  /** Kept for rollback; null after a rollback or when there was none. */
  readonly previous: PackVersion | null
  /** Epoch milliseconds after which the pack matches nobody; null = never. */
  readonly expiresAtMs: number | null
}

/** Bucket layout of every shard; index = shard. */
export interface Layout {
  readonly generation: Uint8Array
  readonly buckets: Uint32Array
}

/**
 * Packs as a decision sees them: dense pack numbers, and for each slot its pack, order and sign.
 * Immutable; made once per catalog revision by `indexPacks`.
 */
export interface PackIndex {
  /** Pack ids by pack number. */
  readonly ids: readonly string[]
  readonly numberOf: ReadonlyMap<string, number>
  /** By slot: pack number, or -1 for a slot that no live version uses. */
  readonly slotPack: Int16Array
  /** By slot: 1-based position among the layers of its version; later layers win. */
  readonly slotOrder: Uint8Array
  /** By slot: 1 in, 0 out. */
  readonly slotSign: Uint8Array
  /** Words of a pack bitset: `ceil(packs / 32)`, at least 1. */
  readonly words: number
}

/** Layers one version may have before it must be folded; also bounds `slotOrder`. */
export const packLayersMax = 64

/** Builds the index; packs that have expired at `nowMs` or have no version match nobody. */
export function indexPacks(packs: readonly Pack[], nowMs: number): PackIndex {
  const slotPack = new Int16Array(packSlotsMax).fill(-1)
  const slotOrder = new Uint8Array(packSlotsMax)
  const slotSign = new Uint8Array(packSlotsMax)
  const numberOf = new Map<string, number>()
  for (const [number, pack] of packs.entries()) {
    numberOf.set(pack.id, number)
    if (pack.expiresAtMs !== null && pack.expiresAtMs <= nowMs) continue
    for (const [order, layer] of (pack.current?.layers ?? []).entries()) {
      slotPack[layer.slot] = number
      slotOrder[layer.slot] = order + 1
      slotSign[layer.slot] = layer.sign === 1 ? 1 : 0
    }
  }
  const words = Math.max(1, Math.ceil(packs.length / 32))
  return { ids: packs.map((pack) => pack.id), numberOf, slotPack, slotOrder, slotSign, words }
}

/** The layout as its catalog entity stores it: one digit of generation and one count a shard. */
export interface LayoutRecord {
  /** 1 024 characters '0' or '1'. */
  readonly generation: string
  readonly buckets: readonly number[]
  /**
   * Most buckets that any generation of any shard may have in the store; writers raise it first.
   */
  readonly ceiling: number
}

/** A layout in which every shard has one bucket: an empty store. */
export function emptyLayout(): Layout {
  return { generation: new Uint8Array(shardCount), buckets: new Uint32Array(shardCount).fill(1) }
}

/** Reads the stored form; null (no entity yet) is the empty layout. */
export function layoutFrom(record: LayoutRecord | null): Layout {
  const layout = emptyLayout()
  if (record === null) return layout
  for (let shard = 0; shard < shardCount; shard++) {
    layout.generation[shard] = record.generation[shard] === '1' ? 1 : 0
    layout.buckets[shard] = record.buckets[shard] ?? 1
  }
  return layout
}

/** The stored form of a layout. */
export function layoutRecord(layout: Layout, ceiling: number): LayoutRecord {
  return { generation: layout.generation.join(''), buckets: [...layout.buckets], ceiling }
}

/** Catalog kinds of the entities that packs live in. */
export const packKind = 'pack'
/** One entity, id `layout`. */
export const layoutKind = 'layout'
/** One entity, id `slots`: slots that may still stand in values though no version uses them. */
export const slotsKind = 'slots'
