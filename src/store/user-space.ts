/**
 * Where the user state of a device lies: beside its packs, in a space that `project` alone writes.
 */

/**
 * `generation` of a `ValueAddress` that asks for the user state instead of the packs: both are read
 * in one trip.
 */
export const userGeneration = 2

/**
 * Buckets of user states a shard has in Redis, for ever: at 67 M devices with a history a bucket
 * holds
 * 128, the most that Redis keeps as a listpack; beyond that it works on and takes more memory.
 */
export const userBuckets = 512

/** Bucket of a device's user state. LMDB has no buckets there and does not look. */
export function userBucketOf(fieldHigh: number): number {
  return Math.floor((fieldHigh * userBuckets) / 4_294_967_296)
}
