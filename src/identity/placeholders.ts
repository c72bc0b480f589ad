/** Texts that senders put where an id is missing, as a set of their md5 values. */
import { md5 } from '../lib/md5.ts'
import { macroDresses } from './id-text.ts'

/** Words for "no id" that SDKs, spreadsheets and script languages leave in id fields. */
const words = [
  'unknown',
  'null',
  'undefined',
  'none',
  'nil',
  'na',
  'n/a',
  'nan',
  'false',
  'true',
  'empty',
  'invalid',
  'unavailable',
  '(null)',
  '<null>',
  '<nil>',
  'null object',
  '-',
  '--',
  '""',
  "''",
  '[]',
  '{}',
] as const

/** Macro names of rta-media.md §4, whose unreplaced text some senders hash. */
const macroNames = [
  'im',
  'imei',
  'imei1',
  'imei2',
  'imei3',
  'imei4',
  'imei_md5',
  'muid',
  'idfa',
  'idfa2',
  'idfa_md5',
  'idfa_MD5',
  'imei_MD5',
  'oaid',
  'oaid1',
  'oaid2',
  'oaid_md5',
  'hash_oaid',
  'androidid',
  'androidid1',
  'androidid2',
  'android_id',
  'hash_android_id',
  'mac',
  'mac1',
  'caid',
  'caid_md5',
  'gx_caid',
  'ry_caid',
  'kenyid_caa',
  'qaid_caa',
  'gaid',
  'advertisingid',
  'advertisiingid2',
  'device_id',
] as const

/** What stands around a name when its macro was hashed; none when the name itself was. */
const hashedDresses = [['', ''], ['{{', '}}'], ['${', '}'], ...macroDresses] as const

/**
 * Ids that many devices share. The two MAC addresses are what Android and iOS return to apps
 * without permission; the Android id is the one of a widespread firmware defect of Android 2.2;
 * the IMEIs are those of emulators and cloned boards, and the digits in order.
 */
const sharedIds = [
  '02:00:00:00:00:00',
  '02-00-00-00-00-00',
  '020000000000',
  '9774d56d682e549c',
  '004999010640000',
  '123456789012345',
  '012345678912345',
  '1234567890123456',
  '0123456789abcdef',
] as const

/** Longest run of one repeated digit that is tried: two md5 values in a row. */
const repeatMax = 64

/** Open-addressing table of 64-bit md5 prefixes; at most an eighth full, so probes are short. */
export class PlaceholderSet {
  readonly #mask: number
  readonly #first: Int32Array
  readonly #second: Int32Array
  /** Texts in the set, after case variants. */
  readonly size: number

  constructor(texts: Iterable<string>) {
    const distinct = new Set(texts)
    const slots = 2 ** Math.ceil(Math.log2(distinct.size * 8))
    this.#mask = slots - 1
    this.#first = new Int32Array(slots)
    this.#second = new Int32Array(slots)
    this.size = distinct.size
    const digest = new Int32Array(4)
    const utf8 = new TextEncoder()
    for (const text of distinct) {
      const bytes = utf8.encode(text)
      md5(bytes, 0, bytes.length, digest)
      this.#insert(digest[0] ?? 0, digest[1] ?? 0)
    }
  }

  /**
   * True when a text of the set has a md5 that begins with these two words. A real id is taken
   * for a placeholder with a probability of 2^-52.
   */
  has(first: number, second: number): boolean {
    // An empty slot is 0:0, which no text of the set has as its md5 prefix.
    for (let slot = first & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const there = this.#first[slot] ?? 0
      const next = this.#second[slot] ?? 0
      if (there === first && next === second) return (there | next) !== 0
      if ((there | next) === 0) return false
    }
  }

  #insert(first: number, second: number): void {
    let slot = first & this.#mask
    while ((this.#first[slot] ?? 0) !== 0 || (this.#second[slot] ?? 0) !== 0) {
      slot = (slot + 1) & this.#mask
    }
    this.#first[slot] = first
    this.#second[slot] = second
  }
}

/** Every placeholder text with its case variants; some twice. */
export function* placeholderTexts(): Generator<string> {
  yield ''
  for (const text of basicTexts()) {
    yield text
    yield text.toLowerCase()
    yield text.toUpperCase()
    yield text.slice(0, 1).toUpperCase() + text.slice(1)
  }
}

function* basicTexts(): Generator<string> {
  yield* words
  yield* sharedIds
  for (const name of macroNames) {
    for (const [before, after] of hashedDresses) yield before + name + after
  }
  for (const digit of '0123456789abcdef') {
    // A user's own id may be 7, or aaa; zero is nobody's.
    const shortest = digit === '0' ? 1 : 12
    for (let length = shortest; length <= repeatMax; length++) yield digit.repeat(length)
    yield [8, 4, 4, 4, 12].map((length) => digit.repeat(length)).join('-')
    for (const joint of [':', '-']) yield Array(6).fill(digit.repeat(2)).join(joint)
  }
  // Hashed twice: a pipeline that hashes whatever it is given, and was given the md5 of nothing.
  yield 'd41d8cd98f00b204e9800998ecf8427e'
}
