/** Takes out of a request what its device has seen enough of, or has converted for. */
import type { GuardColumns } from '../../catalog/bid/bid-data.ts'
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import { Drop } from '../../domain/drop-reason.ts'
import { GuardKind } from '../../domain/guard.ts'
import type { Profile } from '../../domain/profile.ts'
import { minuteOf, UserEntry } from '../../domain/user-state.ts'
import { hasBit, setBit, subtract, takeBit } from '../../lib/bitset.ts'
import { GuardHits } from '../guard-hits.ts'
import { isHistoryUnknown } from '../history.ts'
import type { LossFunnel } from './loss-funnel.ts'

/** Whose caps are looked at, and when. */
export interface CapFacts {
  readonly profile: Profile
  /** Device ids of the request: without any there is no history that could be missing. */
  readonly idCount: number
  readonly wallMs: number
}

/** Applies caps for one request after the other; what it keeps between them is memory only. */
export class BidCaps {
  readonly #hits = new GuardHits()
  /** Creatives of this request that are capped, and where their bits are. */
  #bits = new Uint32Array(0)
  readonly #marked: number[] = []
  #creatives: Uint32Array | null = null
  /** By campaign: rules that want a conversion and have one. */
  #met = new Uint8Array(0)

  /** Bitset of the creatives that the last `apply` found capped; null = none. */
  get creatives(): Uint32Array | null {
    return this.#creatives
  }

  /**
   * Takes campaigns out of `bits` and notes capped creatives. Where the history could not be read,
   * whatever has caps or rules is out: what cannot be counted must not be taken for little.
   */
  apply(snapshot: BidSnapshot, facts: CapFacts, bits: Uint32Array, funnel: LossFunnel): void {
    this.#creatives = null
    if (!snapshot.asksHistory) return
    const { guards } = snapshot.data
    const { words } = snapshot
    if (isHistoryUnknown(facts)) {
      funnel.drop(Drop.CampaignCap, subtract(bits, guards.capped, words))
      funnel.drop(Drop.AdvertiserCap, subtract(bits, guards.cappedByAdvertiser, words))
      funnel.drop(Drop.Converted, subtract(bits, guards.ruled, words))
      this.#creatives = guards.creatives
      return
    }
    this.#hits.find(guards.table, facts.profile.history, minuteOf(facts.wallMs))
    this.#byCampaign(snapshot, bits, funnel)
    this.#byAdvertiser(snapshot, bits, funnel)
    this.#byConverts(snapshot, bits, funnel)
    this.#markCreatives(snapshot)
  }

  #byCampaign({ data }: BidSnapshot, bits: Uint32Array, funnel: LossFunnel): void {
    const { entries, things } = data.guards.table
    for (let hit = 0; hit < this.#hits.count; hit++) {
      const row = this.#hits.rows[hit] ?? 0
      if (entries[row] !== UserEntry.Campaign) continue
      if (takeBit(bits, things[row] ?? 0)) funnel.drop(Drop.CampaignCap)
    }
  }

  #byAdvertiser({ data }: BidSnapshot, bits: Uint32Array, funnel: LossFunnel): void {
    const { table, ofAdvertiser } = data.guards
    for (let hit = 0; hit < this.#hits.count; hit++) {
      const row = this.#hits.rows[hit] ?? 0
      if (table.entries[row] !== UserEntry.Advertiser) continue
      const advertiser = table.things[row] ?? 0
      const end = ofAdvertiser.from[advertiser + 1] ?? 0
      for (let at = ofAdvertiser.from[advertiser] ?? 0; at < end; at++) {
        if (takeBit(bits, ofAdvertiser.items[at] ?? 0)) funnel.drop(Drop.AdvertiserCap)
      }
    }
  }

  #byConverts({ data, words }: BidSnapshot, bits: Uint32Array, funnel: LossFunnel): void {
    const { kinds, things } = data.guards.table
    for (let hit = 0; hit < this.#hits.count; hit++) {
      const row = this.#hits.rows[hit] ?? 0
      if (kinds[row] !== GuardKind.Exclude) continue
      if (takeBit(bits, things[row] ?? 0)) funnel.drop(Drop.Converted)
    }
    this.#countMet(data.guards, bits)
    const gone = subtract(bits, data.guards.requiring, words)
    funnel.drop(Drop.Converted, gone - this.#letBack(data.guards, bits))
  }

  /** Counts the rules of each campaign that want a conversion and have one. */
  #countMet({ table, requires }: GuardColumns, bits: Uint32Array): void {
    if (this.#met.length < requires.length) this.#met = new Uint8Array(requires.length)
    for (let hit = 0; hit < this.#hits.count; hit++) {
      const row = this.#hits.rows[hit] ?? 0
      const campaign = table.things[row] ?? 0
      if (table.kinds[row] !== GuardKind.Require || !hasBit(bits, campaign)) continue
      this.#met[campaign] = (this.#met[campaign] ?? 0) + 1
    }
  }

  /** Puts campaigns back that have all they want; answers how many. */
  #letBack({ table, requires }: GuardColumns, bits: Uint32Array): number {
    let count = 0
    for (let hit = 0; hit < this.#hits.count; hit++) {
      const row = this.#hits.rows[hit] ?? 0
      if (table.kinds[row] !== GuardKind.Require) continue
      const campaign = table.things[row] ?? 0
      const met = this.#met[campaign] ?? 0
      this.#met[campaign] = 0
      if (met === 0 || met < (requires[campaign] ?? 0)) continue
      setBit(bits, campaign)
      count++
    }
    return count
  }

  #markCreatives({ data }: BidSnapshot): void {
    const { table, creatives } = data.guards
    for (const creative of this.#marked) this.#bits[creative >>> 5] = 0
    this.#marked.length = 0
    if (this.#bits.length < creatives.length) this.#bits = new Uint32Array(creatives.length)
    for (let hit = 0; hit < this.#hits.count; hit++) {
      const row = this.#hits.rows[hit] ?? 0
      if (table.entries[row] !== UserEntry.Creative) continue
      const creative = table.things[row] ?? 0
      setBit(this.#bits, creative)
      this.#marked.push(creative)
    }
    if (this.#marked.length > 0) this.#creatives = this.#bits
  }
}
