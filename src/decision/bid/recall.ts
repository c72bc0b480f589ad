/** Recall: the creatives of the eligible campaigns that fit a slot, best prior first. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import { Drop } from '../../domain/drop-reason.ts'
import { scoreShare } from '../../domain/expected-value.ts'
import { Format, responsiveSize } from '../../domain/format.ts'
import type { Profile } from '../../domain/profile.ts'
import { type Blocks, fitBrand } from '../../domain/slot-fit/brand-fit.ts'
import { fitSlot } from '../../domain/slot-fit/fit-slot.ts'
import { hasBit } from '../../lib/bitset.ts'
import { TopK } from '../../lib/top-k.ts'
import type { AudienceRules } from './audience-rules.ts'
import type { LossFunnel } from './loss-funnel.ts'
import type { Slot } from './slot.ts'

/** Creatives that one recall keeps at most, whatever a plan says (design.md §3). */
export const recallMax = 2_000

/**
 * Where few campaigns are eligible their creatives are walked instead of the slot's whole group:
 * a step into another campaign's list costs about four steps along a group.
 */
const groupStepsPerCampaignStep = 4

/**
 * Steps of one request along the groups of creatives, at 4 ns each: twenty slots may look at all
 * of 100 000 creatives, 128 at the best 16 000 of each group.
 */
const stepsMax = 2_000_000

/** What a recall looks at. */
export interface RecallView {
  readonly snapshot: BidSnapshot
  readonly slot: Slot
  /** Bitset of the eligible campaigns, and how many there are. */
  readonly campaigns: Uint32Array
  readonly campaignCount: number
  readonly profile: Profile
  readonly blocks: Blocks
  /** Bitset of the creatives that the device has seen enough of; null = none. */
  readonly capped: Uint32Array | null
  /** Creatives to keep. */
  readonly max: number
}

/**
 * Finds the best by prior: the score of a creative is its prior times the share that the device's
 * pack score leaves of it, so the prior is an upper bound and a group, which is in the order of
 * priors, is left as soon as its next prior cannot enter any more.
 *
 * What is the same for many creatives is asked once: whether a brand is let in once a request,
 * whether a shape fits once a slot. Bitmaps of verdicts are stamped, never cleared.
 */
export class Recall {
  readonly top = new TopK(recallMax)
  readonly #audiences: AudienceRules
  #brandStamp = new Uint32Array(0)
  #brandDrop = new Uint8Array(0)
  #shapeStamp = new Uint32Array(0)
  #shapeDrop = new Uint8Array(0)
  #requestNumber = 0
  #brandMode: number = brandsUnknown
  #slotNumber = 0
  /** Of each group; what is beyond has lower priors than all that was looked at. */
  #stepsMax = stepsMax

  constructor(audiences: AudienceRules) {
    this.#audiences = audiences
  }

  /** Forgets what was asked of brands; call once a request, before its slots. */
  beginRequest({ tables }: BidSnapshot, slotCount = 1): void {
    this.#stepsMax = Math.floor(stepsMax / slotCount)
    this.#requestNumber = this.#nextStamp(this.#requestNumber)
    this.#brandMode = brandsUnknown
    if (this.#brandStamp.length < tables.brand.length) {
      this.#brandStamp = new Uint32Array(tables.brand.length * 2)
      this.#brandDrop = new Uint8Array(tables.brand.length * 2)
    }
    if (this.#shapeStamp.length < tables.shape.length) {
      this.#shapeStamp = new Uint32Array(tables.shape.length * 2)
      this.#shapeDrop = new Uint8Array(tables.shape.length * 2)
    }
  }

  /** Fills `top` with slots of the snapshot's creatives; answers how many it holds. */
  run(view: RecallView, funnel: LossFunnel): number {
    this.#slotNumber = this.#nextStamp(this.#slotNumber)
    this.top.reset(view.max)
    const groups = this.#groups(view)
    const { from } = view.snapshot.data.groups
    let groupSteps = 0
    for (const group of groups) groupSteps += (from[group + 1] ?? 0) - (from[group] ?? 0)
    const { creativesFrom } = view.snapshot.data.campaigns
    const perCampaign = (creativesFrom.at(-1) ?? 0) / Math.max(1, creativesFrom.length - 1)
    const campaignSteps = view.campaignCount * perCampaign * groupStepsPerCampaignStep
    if (campaignSteps < groupSteps) this.#walkCampaigns(view, funnel)
    else {
      // What stands in no wanted size is not looked at, and is out for its size all the same.
      const ofFormat = view.snapshot.formatGroup(view.slot.format)
      const formatSteps = (from[ofFormat + 1] ?? 0) - (from[ofFormat] ?? 0)
      funnel.drop(Drop.Size, formatSteps - groupSteps)
      for (const group of groups) {
        this.#walk(view, group, funnel)
      }
    }
    funnel.recalled += this.top.count
    return this.top.count
  }

  /** The next number; when they have all been used, what was stamped is forgotten. */
  #nextStamp(number: number): number {
    if (number < 0xffff_ffff) return number + 1
    this.#brandStamp.fill(0)
    this.#shapeStamp.fill(0)
    return 1
  }

  /** A banner of given sizes starts from their groups, everything else from its format's. */
  #groups({ snapshot, slot }: RecallView): number[] {
    const { format, imp } = slot
    const banner = format === Format.Banner ? imp.banner : null
    const isExact = banner !== null && banner.sizes.length > 0 && banner.flex.length === 0
    if (!isExact) return [snapshot.formatGroup(format)]
    const groups: number[] = []
    for (const { w, h } of [...banner.sizes, responsiveSize]) {
      const group = snapshot.sizeGroup(w, h)
      if (group >= 0 && !groups.includes(group)) groups.push(group)
    }
    return groups
  }

  #walk(view: RecallView, group: number, funnel: LossFunnel): void {
    const eligible = view.campaigns
    const { creatives, groups } = view.snapshot.data
    const { from, items, campaigns } = groups
    const start = from[group] ?? 0
    const last = from[group + 1] ?? 0
    const end = Math.min(last, start + this.#stepsMax)
    for (let at = start; at < end; at++) {
      const campaign = campaigns[at] ?? 0
      if ((((eligible[campaign >>> 5] ?? 0) >>> (campaign & 31)) & 1) === 0) continue
      const creative = items[at] ?? 0
      if (this.top.excludes(creatives.prior[creative] ?? 0)) {
        funnel.drop(Drop.NotRecalled, last - at)
        return
      }
      this.#offer(view, creative, funnel)
    }
    funnel.drop(Drop.NotRecalled, last - end)
  }

  #walkCampaigns(view: RecallView, funnel: LossFunnel): void {
    const { creatives, creativesFrom } = view.snapshot.data.campaigns
    for (let word = 0; word < view.snapshot.words; word++) {
      let bits = view.campaigns[word] ?? 0
      while (bits !== 0) {
        const campaign = word * 32 + 31 - Math.clz32(bits & -bits)
        bits &= bits - 1
        const end = creativesFrom[campaign + 1] ?? 0
        for (let at = creativesFrom[campaign] ?? 0; at < end; at++) {
          this.#offer(view, creatives[at] ?? 0, funnel)
        }
      }
    }
  }

  #offer(view: RecallView, creative: number, funnel: LossFunnel): void {
    const drop = this.#fit(view, creative) || capDrop(view, creative)
    if (drop !== Drop.None) {
      funnel.drop(drop)
      return
    }
    const { snapshot } = view
    const score = snapshot.priorOf(creative) * this.shareOf(view, snapshot.campaignOf(creative))
    if (this.top.offer(creative, score) > 0) funnel.drop(Drop.NotRecalled)
  }

  /** Share of the highest weight that the device's score in the campaign's pack gives. */
  shareOf(
    { snapshot, profile }: Pick<RecallView, 'snapshot' | 'profile'>,
    campaign: number,
  ): number {
    const { scorePack, scoreLow, scoreHigh } = snapshot.data.campaigns
    const pack = scorePack[campaign] ?? -1
    if (pack < 0) return 1
    const score = this.#audiences.score(pack, profile)
    return scoreShare(scoreLow[campaign] ?? 1, scoreHigh[campaign] ?? 1, score)
  }

  #fit(view: RecallView, creative: number): number {
    const { creatives } = view.snapshot.data
    const shape = creatives.shape[creative] ?? 0
    if (this.#shapeStamp[shape] !== this.#slotNumber) {
      const facts = view.snapshot.tables.shape[shape]
      this.#shapeStamp[shape] = this.#slotNumber
      this.#shapeDrop[shape] =
        facts === undefined ? Drop.Unfit : fitSlot(facts, view.slot.imp, view.slot.format)
    }
    const drop = this.#shapeDrop[shape] ?? Drop.Unfit
    return drop === Drop.None ? this.#brand(view, creatives.brand[creative] ?? 0) : drop
  }

  #brand(view: RecallView, brand: number): number {
    if (this.#brandMode === brandsUnknown) this.#markBrands(view)
    const isStamped = this.#brandStamp[brand] === this.#requestNumber
    if (isStamped) return this.#brandDrop[brand] ?? Drop.Unfit
    if (this.#brandMode === brandsMarked) return Drop.None
    const facts = view.snapshot.tables.brand[brand]
    const drop = facts === undefined ? Drop.Unfit : fitBrand(facts, view.blocks)
    this.#brandStamp[brand] = this.#requestNumber
    this.#brandDrop[brand] = drop
    return drop
  }

  /** Marks what the request blocks, where it can be looked up; else brands are asked one by one. */
  #markBrands({ snapshot, blocks }: RecallView): void {
    const isMarked = snapshot.brands.mark(blocks, {
      stamps: this.#brandStamp,
      drops: this.#brandDrop,
      stamp: this.#requestNumber,
    })
    this.#brandMode = isMarked ? brandsMarked : brandsAsked
  }
}

function capDrop({ capped }: RecallView, creative: number): number {
  return capped !== null && hasBit(capped, creative) ? Drop.CreativeCap : Drop.None
}

/** How the brands of a request are told apart. */
const brandsUnknown = 0
const brandsMarked = 1
const brandsAsked = 2
