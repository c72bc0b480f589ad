/** Eligibility and recall of every slot of a request, into its shortlists. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import { Drop } from '../../domain/drop-reason.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { type Blocks, prepareBlocks } from '../../domain/slot-fit/brand-fit.ts'
import type { AudienceRules } from './audience-rules.ts'
import type { BidScratch } from './bid-scratch.ts'
import type { BidTrace } from './bid-trace.ts'
import { BidCaps } from './caps.ts'
import { type OfferContext, offersOf } from './offers.ts'
import { Recall } from './recall.ts'
import { ScheduleRules } from './schedule-rules.ts'
import { CampaignSelector, type RequestFacts } from './select-campaigns.ts'
import { type Slot, slotsOf } from './slot.ts'

/** What slots are recalled for. */
export interface RecallTask {
  readonly context: OfferContext
  readonly scratch: BidScratch
  readonly trace: BidTrace | null
  /** Creatives that a slot keeps at most. */
  readonly keep: number
  /**
   * Asked before each impression: a late answer is worth nothing, and others wait for this loop.
   */
  readonly isLate: () => boolean
}

/**
 * Prices that one request may have made: candidates × ways to buy the slot × ads of a pod, at about
 * 35 ns each. One slot with a dozen deals keeps all of its candidates; 32 impressions of four
 * formats with hundreds of deals, which would cost a second, keep the best few of each.
 */
const pricesMax = 40_000

/** Candidates that every slot keeps, however much there is to price. */
const keepMin = 4

/** Recalls for all requests, one after the other; what it keeps between them is memory only. */
export class SlotRecall {
  readonly #selector: CampaignSelector
  readonly #recall: Recall
  readonly #caps = new BidCaps()
  readonly #linksAreSecure: boolean

  constructor(audiences: AudienceRules, linksAreSecure: boolean) {
    this.#selector = new CampaignSelector(audiences, new ScheduleRules(), this.#caps)
    this.#recall = new Recall(audiences)
    this.#linksAreSecure = linksAreSecure
  }

  /** Selects campaigns by what all impressions share; answers how many there are. */
  ofRequest(snapshot: BidSnapshot, facts: RequestFacts, { funnel }: BidScratch): number {
    return this.#selector.ofRequest(snapshot, facts, funnel)
  }

  /**
   * Fills the shortlists of the request that `ofRequest` looked at; slots without any have none.
   */
  run(task: RecallTask): void {
    const { context, scratch, trace } = task
    const { snapshot, request, exchange } = context
    const { funnel } = scratch
    const blocks = prepareBlocks(request, exchange)
    const slots = request.imps.map(slotsOf)
    const slotCount = slots.reduce((count, ofImp) => count + ofImp.length, 0)
    this.#recall.beginRequest(snapshot, slotCount)
    scratch.shortlists.clear()
    for (const ofImp of slots) {
      if (task.isLate()) return
      for (const slot of ofImp) {
        trace?.enter(slot, funnel)
        this.#recallSlot(slot, task, { blocks, slotCount })
        trace?.leave(slot, funnel)
      }
    }
  }

  #recallSlot(slot: Slot, { context, scratch, keep }: RecallTask, shared: Shared): void {
    const { snapshot, exchange } = context
    const { funnel, profile, shortlists } = scratch
    const campaignCount = this.#selector.ofSlot(snapshot, slot, funnel)
    funnel.eligible += campaignCount
    if (campaignCount === 0) return
    if (slot.imp.isSecure && !this.#linksAreSecure) {
      funnel.drop(Drop.Secure, campaignCount)
      return
    }
    const offers = offersOf(slot, context)
    const adsMax = adsMaxOf(slot, exchange)
    const affordable = Math.floor(pricesMax / (shared.slotCount * offers.length * adsMax))
    const view = {
      snapshot,
      slot,
      campaigns: this.#selector.bits,
      campaignCount,
      profile,
      blocks: shared.blocks,
      capped: this.#caps.creatives,
      max: Math.min(keep, Math.max(keepMin, affordable)),
    }
    if (this.#recall.run(view, funnel) === 0) return
    shortlists.add({ slot, offers, adsMax }, this.#recall.top, (creative) =>
      this.#recall.shareOf(view, snapshot.campaignOf(creative)),
    )
  }
}

/** What all slots of a request share. */
interface Shared {
  readonly blocks: Blocks
  readonly slotCount: number
}

/** Ads that a slot takes: more than one only in a dynamic pod. */
function adsMaxOf({ media }: Slot, { bidsPerImpMax }: Exchange): number {
  const place = media?.pod ?? null
  if (place === null || place.durationSec === 0) return 1
  return place.adsMax === 0 ? bidsPerImpMax : Math.min(place.adsMax, bidsPerImpMax)
}
