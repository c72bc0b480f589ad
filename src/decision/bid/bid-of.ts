/** A choice as a bid: the entities behind the numbers, and what the exchange is told of them. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { Bid } from '../../domain/bid-decision.ts'
import type { Campaign } from '../../domain/campaign.ts'
import type { Creative } from '../../domain/creative.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { isResponsive, responsiveSize, type SizePx } from '../../domain/format.ts'
import type { Micros } from '../../domain/money.ts'
import type { Choice } from './pricing.ts'
import type { Slot } from './slot.ts'

/** What a bid is made from beside its choice. */
export interface BidMaker {
  readonly snapshot: BidSnapshot
  readonly exchange: Exchange
}

/** The bid of a choice; `id` is unique in its answer. */
export function bidOf(choice: Choice, id: string, { snapshot, exchange }: BidMaker): Bid {
  const { creatives, campaigns } = snapshot.data
  const campaignIndex = creatives.campaign[choice.creative] ?? 0
  const campaign = snapshot.campaign(campaignIndex)
  const advertiser = snapshot.advertiser(campaigns.advertiser[campaignIndex] ?? 0)
  const creative = snapshot.creative(choice.creative)
  return {
    id,
    imp: choice.slot.imp,
    format: choice.slot.format,
    advertiser,
    campaign,
    creative,
    seat: advertiser.seat || exchange.seat,
    priceMicros: choice.price as Micros,
    floorMicros: choice.floor as Micros,
    deal: choice.offer.deal,
    size: sizeOf(choice.slot, creative),
    durationSec: choice.durationSec,
    slotInPod: slotInPodOf(choice.slot, campaign),
    valueMicros: choice.value as Micros,
    ctr: choice.ctr,
    cvr: choice.cvr,
    rankedBy: choice.rankedBy,
    propensity: 1 / choice.equals,
  }
}

function sizeOf({ imp, media }: Slot, { banner, video }: Creative): SizePx {
  if (banner !== null) {
    const { w, h } = isResponsive(banner) ? (imp.banner?.sizes[0] ?? responsiveSize) : banner
    return { w, h }
  }
  if (media !== null && media.widthPx > 0) return { w: media.widthPx, h: media.heightPx }
  const file = video?.files[0]
  return file === undefined ? { w: 0, h: 0 } : { w: file.w, h: file.h }
}

/** A campaign that wants one end of a pod says so where the slot leaves it open. */
function slotInPodOf({ media }: Slot, { targeting }: Campaign): number {
  const pod = media?.pod ?? null
  if (pod === null || targeting.podSlots.length === 0) return 0
  if (pod.slot === 1 || pod.slot === -1) return 0
  return targeting.podSlots.includes('first') ? 1 : -1
}
