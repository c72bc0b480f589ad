/** How many parts every store is cut into by device key: fixed for ever (docs/storage.md). */

/** Shards of the device space; Redis hash tags `{0}` … `{1023}`. */
export const shardCount = 1_024
