/** Names of everything that feedback keeps in Redis; docs/storage.md is the table. */
import { type StateKey, StateTable } from '../feedback-ports.ts'
import { userBucketOf, userBuckets, userGeneration } from '../user-space.ts'
import type { Word } from './redis-commands.ts'
import { bucketKeyText } from './shard-keys.ts'

/** Stream of a shard's events. */
export function eventsKey(shard: number | string): string {
  return `{${shard}}e`
}

/** Hash: where the readers of a shard's stream stand. Days follow a table's letter, never this. */
export function placesKey(shard: number | string): string {
  return `{${shard}}p`
}

/** List: what the last commit of a shard left to be sent to other shards. */
export function outboxKey(shard: number | string): string {
  return `{${shard}}o`
}

/** Hash: when each projector last said that it lives, by the server's clock. */
export const projectorsKey = '{sluice}projectors'

/** Set of `<table><day>`: the days of which there may be state. */
export const daysKey = '{sluice}days'

/** Channel on which it is told which shards got records. */
export const freshChannel = '{sluice}fresh'

/**
 * Hashes that the journeys of a shard and day are spread over: up to 4.2 M journeys a day they hold
 * at most 128 each, which Redis keeps as listpacks (if `hash-max-listpack-value` lets it).
 */
const journeyBuckets = 32

/** Hash that a value lies in. */
export function hashKeyOf({ table, shard, day, name }: StateKey): string {
  switch (table) {
    case StateTable.User:
      return userKeyText(shard, userBucketOf(Number.parseInt(name.slice(0, 8), 16)))
    case StateTable.Journey:
      return journeyKeyText(shard, day, spread(name) % journeyBuckets)
    default:
      return `{${shard}}${table}${day}`
  }
}

/** Field of a value in its hash. */
export function fieldOf({ table, name }: StateKey): Word {
  return table === StateTable.User ? Buffer.from(name, 'hex') : name
}

/** Name of a value by its field: `fieldOf` backwards. */
export function nameOf(table: StateTable, field: Uint8Array): string {
  const bytes = Buffer.from(field.buffer, field.byteOffset, field.length)
  return bytes.toString(table === StateTable.User ? 'hex' : 'latin1')
}

/** All hashes that a table may have in a shard and day. */
export function hashKeysOf(table: StateTable, shard: number, day: number): string[] {
  if (table === StateTable.User) return numbered(userBuckets, (n) => userKeyText(shard, n))
  if (table === StateTable.Journey)
    return numbered(journeyBuckets, (n) => journeyKeyText(shard, day, n))
  return [`{${shard}}${table}${day}`]
}

function userKeyText(shard: number, bucket: number): string {
  return bucketKeyText(shard, userGeneration, bucket)
}

function journeyKeyText(shard: number, day: number, bucket: number): string {
  return `{${shard}}${StateTable.Journey}${day}.${bucket.toString(36)}`
}

function numbered(count: number, keyAt: (n: number) => string): string[] {
  return Array.from({ length: count }, (_, n) => keyAt(n))
}

/** FNV-1a, 32 bits. In keys: stable for ever. */
function spread(name: string): number {
  let hash = 0x811c_9dc5
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x0100_0193) >>> 0
  }
  return hash
}
