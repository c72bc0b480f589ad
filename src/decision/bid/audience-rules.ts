/**
 * Which of the catalog's distinct audience rules a profile meets. Rules are found by the packs of
 * the device: of thousands of rules only those that name one of its packs, or none at all, can be
 * met, and only they are asked.
 */
import type { Tables } from '../../catalog/bid/bid-data.ts'
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { PackIndex } from '../../domain/pack.ts'
import { type Profile, ProfileState } from '../../domain/profile.ts'
import type { AudienceRule } from '../../domain/strategy.ts'

/** A rule with pack numbers of one index; -1 stands for a pack that is not there. */
interface NumberedRule {
  readonly all: readonly number[]
  readonly any: readonly number[]
  readonly none: readonly number[]
}

/** Rules in the numbers of the pack index in force; made anew when a pack comes or goes. */
export class AudienceRules {
  #tables: Tables | null = null
  #packs: PackIndex | null = null
  #rules: NumberedRule[] = []
  /** Rules that want a pack, by pack number; those that only exclude; and how many are in. */
  #wanting: number[][] = []
  #excluding: number[] = []
  /** A rule that wants any of several packs comes up more than once. */
  #stamps = new Uint32Array(0)
  #stamp = 0
  #scorePacks: readonly number[] = []
  #snapshot: BidSnapshot | null = null

  /** Says which snapshots the next calls are about. */
  use(snapshot: BidSnapshot, packs: PackIndex): void {
    if (this.#packs !== packs || this.#tables !== snapshot.tables) this.#forget()
    if (this.#packs !== packs || this.#snapshot !== snapshot) {
      this.#scorePacks = snapshot.data.packIds.map((id) => packs.numberOf.get(id) ?? -1)
    }
    this.#packs = packs
    this.#tables = snapshot.tables
    this.#snapshot = snapshot
  }

  /**
   * Calls `visit` with each of the first `count` rules that the profile meets, in no order. A
   * device that we know nothing of is in no pack: it meets rules that only exclude. When the store
   * could not answer nobody meets any rule: an exclusion that cannot be looked up must not be
   * taken as passed.
   */
  forEachMet(count: number, profile: Profile, visit: (rule: number) => void): void {
    if (profile.state === ProfileState.Unavailable) return
    this.#index(count)
    this.#visit(this.#excluding, profile, visit)
    if (profile.state !== ProfileState.Known) return
    for (let word = 0; word < profile.packs.length; word++) {
      let bits = profile.packs[word] ?? 0
      while (bits !== 0) {
        const pack = word * 32 + 31 - Math.clz32(bits & -bits)
        bits &= bits - 1
        this.#visit(this.#wanting[pack] ?? nobodyWants, profile, visit)
      }
    }
  }

  #visit(rules: readonly number[], profile: Profile, visit: (rule: number) => void): void {
    for (const rule of rules) {
      if (this.#stamps[rule] === this.#stamp) continue
      this.#stamps[rule] = this.#stamp
      if (this.#isMet(rule, profile)) visit(rule)
    }
  }

  #isMet(rule: number, profile: Profile): boolean {
    const { all, any, none } = this.#numbered(rule)
    for (const pack of all) if (!isIn(profile, pack)) return false
    for (const pack of none) if (isIn(profile, pack)) return false
    if (any.length === 0) return true
    for (const pack of any) if (isIn(profile, pack)) return true
    return false
  }

  /** Score 0-255 of the device in pack `index` of the snapshot's list, or -1 when it is not in. */
  score(index: number, profile: Profile): number {
    const pack = this.#scorePacks[index] ?? -1
    return isIn(profile, pack) ? Math.max(0, profile.scores[pack] ?? 0) : -1
  }

  #forget(): void {
    this.#rules = []
    this.#wanting = []
    this.#excluding = []
  }

  /** Takes in rules that were added to the table, and begins a new round of stamps. */
  #index(count: number): void {
    if (this.#stamps.length < count) this.#stamps = new Uint32Array(count * 2)
    if (this.#stamp === 0xffff_ffff) this.#stamps.fill(0)
    this.#stamp = this.#stamp === 0xffff_ffff ? 1 : this.#stamp + 1
    for (let rule = this.#rules.length; rule < count; rule++) {
      const { all, any } = this.#numbered(rule)
      const [first] = all
      if (first !== undefined) this.#put(first, rule)
      else if (any.length > 0) for (const pack of any) this.#put(pack, rule)
      else this.#excluding.push(rule)
    }
  }

  /** A pack that is not there (-1) lets nobody in: its rule is never looked up. */
  #put(pack: number, rule: number): void {
    if (pack < 0) return
    const rules = this.#wanting[pack]
    if (rules === undefined) this.#wanting[pack] = [rule]
    else rules.push(rule)
  }

  #numbered(rule: number): NumberedRule {
    const known = this.#rules[rule]
    if (known !== undefined) return known
    const stored = this.#tables?.audience[rule] ?? nobody
    const numbers = (ids: readonly string[]) => ids.map((id) => this.#packs?.numberOf.get(id) ?? -1)
    const made = {
      all: numbers(stored.all),
      any: numbers(stored.any),
      none: numbers(stored.none),
    }
    this.#rules[rule] = made
    return made
  }
}

const nobodyWants: readonly number[] = []

const nobody: AudienceRule = { all: [''], any: [], none: [] }

function isIn(profile: Profile, pack: number): boolean {
  return pack >= 0 && profile.state === ProfileState.Known && profile.has(pack)
}
