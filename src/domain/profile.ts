/**
 * What we know of the device of one request: the packs it is in, and its history where that was
 * asked for. A scratch owns and reuses it.
 */
import { UserHistory } from './user-state.ts'

/**
 * How the profile came about. Unknown: the store could not answer, or there was no id to ask by.
 */
export const ProfileState = { Known: 0, NoId: 1, Unavailable: 2 } as const
export type ProfileState = (typeof ProfileState)[keyof typeof ProfileState]

/** Packs of a device over all of its ids: a bitset by pack number, and the best score of each. */
export class Profile {
  state: ProfileState = ProfileState.NoId
  /** Ids of the request that the store knew. */
  idsFound = 0
  /** Bit n % 32 of word n / 32: the device is in pack n. */
  packs = new Uint32Array(1)
  /**
   * By pack number: best score 0-255 over the ids, or -1. Valid only where the pack's bit is set.
   */
  scores = new Int16Array(32)
  /** What was shown to the device and what it did, a value for each of its ids that has one. */
  readonly history = new UserHistory()
  /** True when `history` is all there is; false = it was not asked for, or could not be read. */
  sawHistory = false

  /** Empties the profile and makes room for `words` bitset words. */
  reset(words: number): void {
    this.state = ProfileState.NoId
    this.idsFound = 0
    this.history.clear()
    this.sawHistory = false
    if (this.packs.length < words) {
      this.packs = new Uint32Array(words)
      this.scores = new Int16Array(words * 32)
    }
    // A loop: the built-in fill costs 60 ns a call, and a house has a handful of words.
    for (let word = 0; word < words; word++) this.packs[word] = 0
  }

  /** True when the device is in pack `number`. */
  has(number: number): boolean {
    return (((this.packs[number >>> 5] ?? 0) >>> (number & 31)) & 1) === 1
  }

  /** Puts the device into pack `number`; the higher of two scores stays. */
  add(number: number, score: number): void {
    const word = number >>> 5
    const bit = 1 << (number & 31)
    const before = this.packs[word] ?? 0
    const isNew = (before & bit) === 0
    this.packs[word] = before | bit
    if (isNew || score > (this.scores[number] ?? -1)) this.scores[number] = score
  }
}
