/** What the bids of one request leave of caps: impressions that nobody could report yet. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import { Drop } from '../../domain/drop-reason.ts'
import { entryKey, GuardKind } from '../../domain/guard.ts'
import type { Profile } from '../../domain/profile.ts'
import type { Serial } from '../../domain/serial.ts'
import { minuteOf, tagOf, UserEntry } from '../../domain/user-state.ts'
import { hasBit } from '../../lib/bitset.ts'
import { placeIn } from '../../lib/number-index.ts'
import { mostSince } from '../history.ts'

/** Whose request it is. */
interface CapsLeftView {
  readonly snapshot: BidSnapshot
  readonly profile: Profile
  readonly wallMs: number
}

/**
 * Counts every choice as shown: of a capped thing no more is bid in one request than its cap has
 * left. A bid that loses was counted in vain; the device's next request asks anew.
 */
export class CapsLeft {
  readonly #view: CapsLeftView
  /** Impressions left by entry key; only of what was chosen. */
  readonly #left = new Map<number, number>()
  /** Things of which nothing is left. */
  readonly #full: Set<number> = new Set()

  constructor(view: CapsLeftView) {
    this.#view = view
  }

  /** Why this creative may not be shown once more; None = it may. */
  drop(creative: number): Drop {
    if (this.#full.size === 0) return Drop.None
    const { data } = this.#view.snapshot
    const campaign = data.creatives.campaign[creative] ?? 0
    if (this.#full.has(thingKey(UserEntry.Campaign, campaign))) return Drop.CampaignCap
    const advertiser = data.campaigns.advertiser[campaign] ?? 0
    if (this.#full.has(thingKey(UserEntry.Advertiser, advertiser))) return Drop.AdvertiserCap
    const isFull = this.#full.has(thingKey(UserEntry.Creative, creative))
    return isFull ? Drop.CreativeCap : Drop.None
  }

  /** Counts one impression of a creative. */
  add(creative: number): void {
    const { data } = this.#view.snapshot
    const { guards, serials, campaigns, advertiserSerial } = data
    const campaign = data.creatives.campaign[creative] ?? 0
    const advertiser = campaigns.advertiser[campaign] ?? 0
    if (hasBit(guards.creatives, creative)) {
      this.#take(UserEntry.Creative, creative, serials.index.keys[creative] ?? 0)
    }
    if (hasBit(guards.capped, campaign)) {
      this.#take(UserEntry.Campaign, campaign, campaigns.serial[campaign] ?? 0)
    }
    if (hasBit(guards.cappedByAdvertiser, campaign)) {
      this.#take(UserEntry.Advertiser, advertiser, advertiserSerial[advertiser] ?? 0)
    }
  }

  /** One that has counted this creative as well; this one stays as it is. */
  with(creative: number): CapsLeft {
    const other = new CapsLeft(this.#view)
    for (const [key, left] of this.#left) other.#left.set(key, left)
    for (const key of this.#full) other.#full.add(key)
    other.add(creative)
    return other
  }

  #take(entry: UserEntry, thing: number, serial: number): void {
    const key = thingKey(entry, thing)
    const left = (this.#left.get(key) ?? this.#counted(entry, thing, serial)) - 1
    this.#left.set(key, left)
    if (left <= 0) this.#full.add(key)
  }

  /** What the tightest cap of a thing has left by the history. */
  #counted(entry: UserEntry, thing: number, serial: number): number {
    const { snapshot, profile, wallMs } = this.#view
    const { history } = profile
    const { table } = snapshot.data.guards
    const nowMinute = minuteOf(wallMs)
    const tag = tagOf(serial as Serial)
    let left = Number.POSITIVE_INFINITY
    for (
      let row = placeIn(table.keys, entryKey(entry, tag));
      row >= 0;
      row = table.next[row] ?? -1
    ) {
      if (table.things[row] !== thing || table.kinds[row] !== GuardKind.Cap) continue
      const since = nowMinute - (table.minutes[row] ?? 0)
      left = Math.min(left, (table.nths[row] ?? 0) - mostSince(history, { entry, tag }, since))
    }
    return left
  }
}

/** Things of a snapshot are fewer than 2^32. */
function thingKey(entry: UserEntry, thing: number): number {
  return entry * 2 ** 32 + thing
}
