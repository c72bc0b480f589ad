/**
 * What `project` knows of one device, packed: when it was shown what, and what it did. Written by
 * the projector (feedback/project), read by decisions; docs/storage.md is the table of its bytes.
 *
 * Byte 0 is `userStateVersion`; two bytes, little endian, are the latest epoch day of a decision that
 * told of the device: by it what is old is forgotten. Entries follow, ascending by kind and tag:
 * `kind u8 · tag 5 bytes big endian · count varint · moments`. The newest moment is first: a varint
 * of
 * `minutes since 2024-01-01 UTC << 1 | several`, then of each older one `minutes before << 1 |
 * several`;
 * `several` is followed by a varint of how many fell into that minute.
 */
import { createHash } from 'node:crypto'
import type { Serial } from './serial.ts'

/** What an entry is about. Numbers are in the store: stable for ever. */
export const UserEntry = {
  /** Impressions of a creative, a campaign, an advertiser, an RTA strategy. */
  Creative: 0,
  Campaign: 1,
  Advertiser: 2,
  Strategy: 3,
  /** Last conversion of an advertiser's action (`convertedTag`). */
  Converted: 4,
  /** Last click for an advertiser: a device that may convert soon. */
  Clicked: 5,
  /** Clicks of the device whatever they were on: for invalid traffic. Tag 0. */
  Clicks: 6,
} as const
export type UserEntry = (typeof UserEntry)[keyof typeof UserEntry]

/** First byte of a value. Others are passed over, as if the device were unknown. */
export const userStateVersion = 1

/** 2024-01-01T00:00Z in minutes: keeps the newest moment at four bytes until 2187. */
const baseMinute = 28_401_120

/** The minute of a time, as user states count them. */
export function minuteOf(epochMs: number): number {
  return Math.max(0, Math.floor(epochMs / 60_000) - baseMinute)
}

/** Epoch milliseconds at which a minute begins. */
export function msOfMinute(minute: number): number {
  return (minute + baseMinute) * 60_000
}

/** 40 of a serial's 48 bits name a thing: two of 100 000 share them with probability 0.5 %. */
export function tagOf(serial: Serial): number {
  return Math.floor(serial / 256)
}

/**
 * Tag of conversions: 40 bits of SHA-256 of `<advertiser's serial>/<action>`; action '' = any.
 * About
 * 1 µs. It takes the serial because that is all an event knows of an advertiser.
 */
export function convertedTag(advertiser: Serial, action: string): number {
  const digest = createHash('sha256').update(`${advertiser}/${action}`).digest()
  return digest.readUIntBE(0, 5)
}

/** Appends a tag's five bytes. */
export function writeUserTag(bytes: number[], tag: number): void {
  for (let scale = 2 ** 32; scale >= 1; scale /= 256) bytes.push(Math.floor(tag / scale) % 256)
}

/** Bytes before the first entry. */
export const userHeadBytes = 3

/** The first minute of an epoch day. */
export function minuteOfDay(day: number): number {
  return Math.max(0, day * 1_440 - baseMinute)
}

/** Walks the entries of one value. One is reused for many. */
export class UserStateCursor {
  kind: UserEntry = UserEntry.Creative
  tag = 0
  /** Minute of the last moment. */
  newest = 0
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #end = 0
  /** Moments of the entry at hand, and where the first begins. */
  #moments = 0
  #momentsAt = 0
  /** Where a varint that was just read ended. */
  #after = 0

  /** Begins with the value `bytes[start, end)`; one of another version has no entries. */
  reset(bytes: Uint8Array, start: number, end: number): this {
    this.#bytes = bytes
    this.#at = start + userHeadBytes
    this.#end = end > start && bytes[start] === userStateVersion ? end : 0
    return this
  }

  /** Goes to the next entry; false at the end, or where the bytes make no sense any more. */
  next(): boolean {
    const at = this.#at
    if (at + 8 > this.#end) return false
    const bytes = this.#bytes
    this.kind = (bytes[at] ?? 0) as UserEntry
    this.tag = tagAt(bytes, at + 1)
    this.#moments = this.#varint(at + 6)
    this.#momentsAt = this.#after
    this.newest = Math.floor(this.#varint(this.#after) / 2)
    this.#at = this.#skipMoments()
    return this.#at <= this.#end && this.#moments > 0
  }

  /**
   * Minute of the `nth` newest impression (1 = the last one); -1 when there were not so many. So a
   * cap is reached when the minute of its last allowed impression is still in the window.
   */
  minuteOfNth(nth: number): number {
    let at = this.#momentsAt
    let minute = 0
    let seen = 0
    for (let moment = 0; moment < this.#moments; moment++) {
      const word = this.#varint(at)
      at = this.#after
      const minutes = Math.floor(word / 2)
      minute = moment === 0 ? minutes : minute - minutes
      seen += word % 2 === 0 ? 1 : this.#varint(at)
      if (word % 2 === 1) at = this.#after
      if (seen >= nth) return minute
    }
    return -1
  }

  /** Impressions in `minute` or later. */
  countSince(minute: number): number {
    let count = 0
    this.forEachMoment((at, several) => {
      if (at >= minute) count += several
    })
    return count
  }

  /** Calls `visit` with each minute, newest first, and how many fell into it. */
  forEachMoment(visit: (minute: number, count: number) => void): void {
    let at = this.#momentsAt
    let minute = 0
    for (let moment = 0; moment < this.#moments; moment++) {
      const word = this.#varint(at)
      at = this.#after
      const minutes = Math.floor(word / 2)
      minute = moment === 0 ? minutes : minute - minutes
      const count = word % 2 === 0 ? 1 : this.#varint(at)
      if (word % 2 === 1) at = this.#after
      visit(minute, count)
    }
  }

  /**
   * Where the next entry begins, without reading the moments: a decision passes most of them over.
   */
  #skipMoments(): number {
    const bytes = this.#bytes
    const end = this.#end
    let at = this.#momentsAt
    for (let moment = 0; moment < this.#moments && at < end; moment++) {
      // The lowest bit of a varint is in its first byte: `several` has a second one behind it.
      let varints = 1 + ((bytes[at] ?? 0) & 1)
      while (varints > 0 && at < end) {
        if ((bytes[at] ?? 0) < 0x80) varints--
        at++
      }
      if (varints > 0) return end + 1
    }
    return at
  }

  /** Past the end it is 0, and `#after` is beyond it. */
  #varint(at: number): number {
    const first = at < this.#end ? (this.#bytes[at] ?? 0) : 0x80
    if (first < 0x80) {
      this.#after = at + 1
      return first
    }
    let value = 0
    let scale = 1
    for (let i = at; i < this.#end; i++) {
      const byte = this.#bytes[i] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        this.#after = i + 1
        return value
      }
      scale *= 128
    }
    this.#after = this.#end + 1
    return 0
  }
}

function tagAt(bytes: Uint8Array, at: number): number {
  let tag = 0
  for (let i = at; i < at + 5; i++) tag = tag * 256 + (bytes[i] ?? 0)
  return tag
}

/**
 * The user states of one request, one value for each id that has one. A profile owns and reuses it:
 * values are copied in while the store's memory is valid.
 */
export class UserHistory {
  count = 0
  bytes = new Uint8Array(1_024)
  /** Value i is `bytes[from[i], from[i + 1])`. */
  readonly from = new Uint32Array(17)

  clear(): void {
    this.count = 0
  }

  /** Adds a copy of `bytes[start, end)`; more than 16 are passed over. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const at = this.from[this.count] ?? 0
    if (this.count === 16) return
    if (at + end - start > this.bytes.length) {
      const grown = new Uint8Array((at + end - start) * 2)
      grown.set(this.bytes)
      this.bytes = grown
    }
    this.bytes.set(bytes.subarray(start, end), at)
    this.count++
    this.from[this.count] = at + end - start
  }
}
