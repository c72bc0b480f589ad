/** Where a device key lies: shard, bucket and 48-bit field. See docs/storage.md. */
import type { Layout } from '../domain/pack.ts'
import type { ValueAddress } from '../store/ports.ts'

/** An address to be filled. */
export function newAddress(): ValueAddress {
  return { shard: 0, generation: 0, bucket: 0, fieldHigh: 0, fieldLow: 0 }
}

/** Upper 10 bits of a device key. */
export function shardOf(high: number): number {
  return high >>> 22
}

/** Upper 32 of the 48 field bits: key bits 47 … 16. Bits 48 … 53 are not kept. */
export function fieldHighOf(high: number, low: number): number {
  return ((high << 16) | (low >>> 16)) >>> 0
}

/** Lower 16 of the 48 field bits. */
export function fieldLowOf(low: number): number {
  return low & 0xffff
}

/**
 * Bucket of a field among `buckets`: proportional, so that buckets are in field order for any
 * number of them and a shard may grow by any factor.
 */
export function bucketOf(fieldHigh: number, buckets: number): number {
  // Below 2^53: a shard has fewer than 2^21 buckets.
  return Math.floor((fieldHigh * buckets) / 4_294_967_296)
}

/** Fills `into` with the address of a device key under a layout. */
export function addressOf(high: number, low: number, layout: Layout, into: ValueAddress): void {
  const shard = shardOf(high)
  const fieldHigh = fieldHighOf(high, low)
  into.shard = shard
  into.generation = layout.generation[shard] as number
  into.fieldHigh = fieldHigh
  into.fieldLow = fieldLowOf(low)
  into.bucket = bucketOf(fieldHigh, layout.buckets[shard] as number)
}
