/** The device keys of one request, in typed columns that a scratch owns and reuses. */

/**
 * Ids one request may carry; a Tencent request with every field and four CAID versions has 11,
 * an Ocean Engine one 14. Beyond it ids are dropped and counted in `overflow`.
 */
export const deviceIdsMax = 16

/**
 * Columns of one request's device keys: entry i is the 64-bit key `high[i]:low[i]` of an id of
 * type `type[i]` (an `IdType` code). Filled by `identity/`, read by `audience/`.
 */
export class DeviceKeys {
  count = 0
  readonly high = new Uint32Array(deviceIdsMax)
  readonly low = new Uint32Array(deviceIdsMax)
  readonly type = new Uint8Array(deviceIdsMax)
  /** Index of the id that the medium caches its answer by; -1 when it is unknown or was dropped. */
  cachedBy = -1
  /**
   * Ids dropped as doubtful (empty, zeros, hashes of those, literal macros, listed by the medium).
   */
  doubtful = 0
  /** Ids dropped because the request carried more than `deviceIdsMax`. */
  overflow = 0

  /** Empties the columns for the next request; the arrays stay. */
  clear(): void {
    this.count = 0
    this.cachedBy = -1
    this.doubtful = 0
    this.overflow = 0
  }

  /** Appends a key; false (and counted) when the columns are full, or the same key is there. */
  push(type: number, high: number, low: number): boolean {
    const count = this.count
    if (count === deviceIdsMax) {
      this.overflow++
      return false
    }
    for (let i = 0; i < count; i++) if (this.low[i] === low && this.high[i] === high) return false
    this.high[count] = high
    this.low[count] = low
    this.type[count] = type
    this.count = count + 1
    return true
  }

  /** The 64-bit key of entry `index` as 16 hex digits: the only form that may reach a log. */
  hex(index: number): string {
    return hex32(this.high[index] ?? 0) + hex32(this.low[index] ?? 0)
  }
}

function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}
