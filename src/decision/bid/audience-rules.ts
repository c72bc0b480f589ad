/** Which of the catalog's distinct audience rules a profile meets: each is asked once a request. */
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
  #scorePacks: readonly number[] = []
  #snapshot: BidSnapshot | null = null

  /** Says which snapshots the next calls are about. */
  use(snapshot: BidSnapshot, packs: PackIndex): void {
    if (this.#packs !== packs || this.#tables !== snapshot.tables) this.#rules = []
    if (this.#packs !== packs || this.#snapshot !== snapshot) {
      this.#scorePacks = snapshot.data.packIds.map((id) => packs.numberOf.get(id) ?? -1)
    }
    this.#packs = packs
    this.#tables = snapshot.tables
    this.#snapshot = snapshot
  }

  /**
   * True when the profile meets the rule. A device that we know nothing of is in no pack: it meets
   * rules that only exclude. When the store could not answer nobody meets any rule: an exclusion
   * that cannot be looked up must not be taken as passed.
   */
  isMet(rule: number, profile: Profile): boolean {
    if (profile.state === ProfileState.Unavailable) return false
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

const nobody: AudienceRule = { all: [''], any: [], none: [] }

function isIn(profile: Profile, pack: number): boolean {
  return pack >= 0 && profile.state === ProfileState.Known && profile.has(pack)
}
