/** What a bid adds to the markup of its creative. */
import type { Bid, BidDecision } from '../../../domain/bid-decision.ts'
import type { BidRequest } from '../../../domain/bid-request.ts'
import { Channel } from '../../../domain/bid-request.ts'
import type { BidLinks } from '../../../domain/notice-links.ts'
import type { CreativeMarkup } from './creative-markup.ts'
import { fillTemplate, type TemplateValues } from './template.ts'

/** Everything a markup builder needs; URLs are plain, not escaped. */
export interface MarkupParts {
  readonly bid: Bid
  readonly markup: CreativeMarkup
  readonly values: TemplateValues
  /** Unique over all bids. */
  readonly servingId: string
  /** Fired when the ad is shown: ours, then the creative's trackers. */
  readonly impressions: readonly string[]
  /** Where a click goes: our redirect, behind the exchange's macro where it has one. */
  readonly click: string
  /** Our redirect alone. */
  readonly ownClick: string
  /** Fired on a click: the creative's trackers. */
  readonly clickTrackers: readonly string[]
  /** Our billing notice, where the markup has to carry it; '' = none. */
  readonly billing: string
}

/** The parts of one bid. */
export function markupParts(
  request: BidRequest,
  decision: BidDecision,
  bid: Bid,
  source: { readonly links: BidLinks; readonly markup: CreativeMarkup },
): MarkupParts {
  const { links, markup } = source
  const macro = decision.exchange?.macros.click ?? ''
  const click = macro === '' ? links.click : macro + encodeURIComponent(links.click)
  const values = valuesOf(request, decision, bid, { click, impression: links.impression })
  const filled = (template: Parameters<typeof fillTemplate>[0]) => fillTemplate(template, values)
  return {
    bid,
    markup,
    values,
    servingId: `${decision.decisionId}-${bid.id}`,
    impressions: [links.impression, ...markup.impressionTrackers.map(filled)],
    click,
    ownClick: links.click,
    clickTrackers: markup.clickTrackers.map(filled),
    billing: decision.exchange?.notices.billing ? links.bill : '',
  }
}

function valuesOf(
  request: BidRequest,
  decision: BidDecision,
  bid: Bid,
  urls: { readonly click: string; readonly impression: string },
): TemplateValues {
  const { inventory } = request
  return {
    click: urls.click,
    landing: bid.creative.clickUrl,
    impression: urls.impression,
    cachebuster: decision.decisionId + bid.id,
    width: bid.size.w,
    height: bid.size.h,
    creativeId: bid.creative.id,
    campaignId: bid.campaign.id,
    exchange: request.exchange,
    impId: bid.imp.id,
    auctionId: request.id,
    inventory: inventory.channel === Channel.App ? inventory.bundle : inventory.domain,
  }
}
