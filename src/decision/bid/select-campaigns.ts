/** Eligibility: which campaigns are meant for a request, and for each of its slots. */
import type { Dimension } from '../../catalog/bid/bid-data.ts'
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { BidRequest } from '../../domain/bid-request.ts'
import { Drop } from '../../domain/drop-reason.ts'
import type { Profile } from '../../domain/profile.ts'
import { anyDealWord, denySpace } from '../../domain/targeting-words.ts'
import { isVersionIn, versionParts } from '../../domain/version-parts.ts'
import { countBits, hasBit, intersect, setBit } from '../../lib/bitset.ts'
import type { AudienceRules } from './audience-rules.ts'
import type { BidCaps } from './caps.ts'
import type { LossFunnel } from './loss-funnel.ts'
import { isOfSlot, requestWords, slotWords } from './request-words.ts'
import type { ScheduleRules, UserTime } from './schedule-rules.ts'
import type { Slot } from './slot.ts'

/** What eligibility asks of a request beside the request itself. */
export interface RequestFacts {
  readonly request: BidRequest
  readonly profile: Profile
  readonly user: UserTime
  /** By seat of the snapshot: 1 = may bid. Null = all may. */
  readonly seats: Uint8Array | null
}

/** Finds campaigns by bitsets that grow with the catalog and are reused. */
export class CampaignSelector {
  readonly #audiences: AudienceRules
  readonly #schedules: ScheduleRules
  readonly #caps: BidCaps
  /** Campaigns of the request, and of the slot at hand. */
  #ofRequest = new Uint32Array(1)
  #ofSlot = new Uint32Array(1)
  #accept = new Uint32Array(1)

  constructor(audiences: AudienceRules, schedules: ScheduleRules, caps: BidCaps) {
    this.#audiences = audiences
    this.#schedules = schedules
    this.#caps = caps
  }

  /** Campaigns of the slot that `ofSlot` looked at last; valid until the next call. */
  get bits(): Uint32Array {
    return this.#ofSlot
  }

  /** Selects by everything that all impressions share; answers how many are left. */
  ofRequest(snapshot: BidSnapshot, facts: RequestFacts, funnel: LossFunnel): number {
    const { words, data } = snapshot
    if (this.#ofRequest.length < words) {
      this.#ofRequest = new Uint32Array(words)
      this.#ofSlot = new Uint32Array(words)
      this.#accept = new Uint32Array(words)
    }
    const live = snapshot.liveAt(facts.user.wallMs)
    const bits = this.#ofRequest
    for (let word = 0; word < words; word++) bits[word] = live[word] ?? 0
    funnel.drop(Drop.NotLive, data.campaignCount - countBits(bits, words))
    for (const dimension of data.dimensions) {
      if (isOfSlot(dimension.drop)) continue
      this.#acceptOf(snapshot, dimension, facts)
      funnel.drop(dimension.drop, intersect(bits, this.#accept, words))
    }
    if (facts.seats !== null) this.#bySeat(snapshot, facts.seats, funnel)
    const idCount = facts.request.devices.count
    const { wallMs } = facts.user
    this.#caps.apply(snapshot, { profile: facts.profile, idCount, wallMs }, bits, funnel)
    return countBits(bits, words)
  }

  /** Selects for one slot among the campaigns of the request; answers how many are left. */
  ofSlot(snapshot: BidSnapshot, slot: Slot, funnel: LossFunnel): number {
    const { words } = snapshot
    const bits = this.#ofSlot
    for (let word = 0; word < words; word++) bits[word] = this.#ofRequest[word] ?? 0
    for (const dimension of snapshot.data.dimensions) {
      if (!isOfSlot(dimension.drop)) continue
      const asked = slotWords(dimension.drop as Drop, slot)
      if (asked === null) continue
      this.#acceptWords(snapshot, dimension, asked)
      funnel.drop(dimension.drop, intersect(bits, this.#accept, words))
    }
    this.#acceptOffers(snapshot, slot)
    const reason = slot.imp.isPrivate ? Drop.PrivateAuction : Drop.Deal
    funnel.drop(reason, intersect(bits, this.#accept, words))
    return countBits(bits, words)
  }

  #acceptOf(snapshot: BidSnapshot, dimension: Dimension, facts: RequestFacts): void {
    switch (dimension.drop) {
      case Drop.Os:
        this.#acceptOs(snapshot, dimension, facts.request)
        return
      case Drop.Schedule:
        this.#acceptRules(snapshot, dimension, snapshot.data.rules.schedule, (rule) => {
          const schedule = snapshot.tables.schedule[rule]
          return schedule !== undefined && this.#schedules.isOn(schedule, facts.user)
        })
        return
      case Drop.Audience:
        this.#acceptAudiences(snapshot, dimension, facts.profile)
        return
      default:
        this.#acceptWords(snapshot, dimension, requestWords(dimension.drop as Drop, facts.request))
    }
  }

  #acceptOs(snapshot: BidSnapshot, dimension: Dimension, { device }: BidRequest): void {
    const version = versionParts(device.osVersion)
    this.#acceptRules(snapshot, dimension, snapshot.data.rules.os, (number) => {
      const rule = snapshot.tables.os[number]
      return rule !== undefined && rule.os === device.os && isVersionIn(version, rule.min, rule.max)
    })
  }

  #acceptAudiences(snapshot: BidSnapshot, dimension: Dimension, profile: Profile): void {
    const postings = snapshot.data.rules.audience
    this.#acceptFree(snapshot, dimension)
    this.#audiences.forEachMet(postings.length, profile, (rule) => {
      const posting = postings[rule] ?? -1
      if (posting >= 0) snapshot.unite(posting, this.#accept)
    })
  }

  #acceptRules(
    snapshot: BidSnapshot,
    dimension: Dimension,
    postings: Int32Array,
    holds: (rule: number) => boolean,
  ): void {
    this.#acceptFree(snapshot, dimension)
    for (let rule = 0; rule < postings.length; rule++) {
      const posting = postings[rule] ?? -1
      if (posting >= 0 && holds(rule)) snapshot.unite(posting, this.#accept)
    }
  }

  #acceptWords(snapshot: BidSnapshot, dimension: Dimension, words: readonly string[]): void {
    this.#acceptFree(snapshot, dimension)
    for (const word of words) {
      const posting = snapshot.posting(dimension.drop, word)
      if (posting >= 0) snapshot.unite(posting, this.#accept)
    }
    if (!dimension.denies) return
    for (const word of words) {
      const posting = snapshot.posting(dimension.drop + denySpace, word)
      if (posting >= 0) snapshot.remove(posting, this.#accept)
    }
  }

  #acceptFree({ data, words }: BidSnapshot, { freeFrom }: Dimension): void {
    for (let word = 0; word < words; word++) this.#accept[word] = data.free[freeFrom + word] ?? 0
  }

  /** The open auction, unless it is closed, and every deal on offer. */
  #acceptOffers(snapshot: BidSnapshot, { imp }: Slot): void {
    const { open } = snapshot.data
    for (let word = 0; word < snapshot.words; word++) {
      this.#accept[word] = imp.isPrivate ? 0 : (open[word] ?? 0)
    }
    if (imp.deals.length === 0) return
    for (const word of [anyDealWord, ...imp.deals.map((deal) => deal.id)]) {
      const posting = snapshot.posting(Drop.Deal, word)
      if (posting >= 0) snapshot.unite(posting, this.#accept)
    }
  }

  #bySeat(snapshot: BidSnapshot, seats: Uint8Array, funnel: LossFunnel): void {
    const { data, words } = snapshot
    const accept = this.#accept
    for (let word = 0; word < words; word++) accept[word] = 0
    for (let campaign = 0; campaign < data.campaignCount; campaign++) {
      if (!hasBit(this.#ofRequest, campaign)) continue
      if (seats[snapshot.seatOf(campaign)] === 1) setBit(accept, campaign)
    }
    funnel.drop(Drop.Seat, intersect(this.#ofRequest, accept, words))
  }
}
