/**
 * Keys of the device space in Redis: bucket keys by hash tag, and the cluster slot of each shard.
 */

import { shardCount } from '../../lib/shard-count.ts'

/** Slots of a Redis Cluster (redis.io, "Redis cluster specification"). */
export const clusterSlots = 16_384

/** What bucket keys of generation 0, 1 and of user states (`userGeneration`) start with. */
const letters = ['a', 'b', 'u'] as const

/**
 * Bytes of `{shard}a`, `{shard}b` or `{shard}u`: what every bucket key of a shard and generation
 * starts with.
 */
export function bucketPrefix(shard: number, generation: number): Uint8Array {
  return prefixes[shard * letters.length + generation] as Uint8Array
}

/** The same key as text, for tools. */
export function bucketKeyText(shard: number, generation: number, bucket: number): string {
  return `{${shard}}${letters[generation]}${bucket.toString(36)}`
}

/** The cluster slot of a shard's hash tag. */
export function slotOfShard(shard: number): number {
  return slots[shard] as number
}

/** The cluster slot of keys that belong to no shard: `{sluice}…`. */
export const commonSlot = crc16(Buffer.from('sluice')) % clusterSlots

const prefixes: Uint8Array[] = []
const slots = new Uint16Array(shardCount)
for (let shard = 0; shard < shardCount; shard++) {
  for (const letter of letters) prefixes.push(Buffer.from(`{${shard}}${letter}`))
  slots[shard] = crc16(Buffer.from(String(shard))) % clusterSlots
}

/** CRC-16/XMODEM: polynomial 1021, start 0 (cluster specification, appendix A). */
export function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
    crc &= 0xffff
  }
  return crc
}
