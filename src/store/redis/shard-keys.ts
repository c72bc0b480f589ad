/**
 * Keys of the device space in Redis: bucket keys by hash tag, and the cluster slot of each shard.
 */

import { shardCount } from '../../lib/shard-count.ts'

/** Slots of a Redis Cluster (redis.io, "Redis cluster specification"). */
export const clusterSlots = 16_384

/**
 * Bytes of `{shard}a` or `{shard}b`: what every bucket key of a shard and generation starts with.
 */
export function bucketPrefix(shard: number, generation: number): Uint8Array {
  return prefixes[shard * 2 + generation] as Uint8Array
}

/** The same key as text, for tools. */
export function bucketKeyText(shard: number, generation: number, bucket: number): string {
  return `{${shard}}${generation === 0 ? 'a' : 'b'}${bucket.toString(36)}`
}

/** The cluster slot of a shard's hash tag. */
export function slotOfShard(shard: number): number {
  return slots[shard] as number
}

const prefixes: Uint8Array[] = []
const slots = new Uint16Array(shardCount)
for (let shard = 0; shard < shardCount; shard++) {
  prefixes.push(Buffer.from(`{${shard}}a`), Buffer.from(`{${shard}}b`))
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
