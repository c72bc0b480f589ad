/** What models may look at of a creative: the same where the catalog compiles and where they train. */
import type { Advertiser } from './advertiser.ts'
import type { Campaign } from './campaign.ts'
import type { Creative, MediaPart } from './creative.ts'
import { smoothedRates } from './expected-value.ts'
import type { AdFacts } from './feature-facts.ts'
import { formatNames, isResponsive, type SizePx } from './format.ts'

/** A creative as far as models look at it. */
type CreativeSide = Pick<
  Creative,
  | 'id'
  | 'campaignId'
  | 'format'
  | 'domains'
  | 'categories'
  | 'bundle'
  | 'language'
  | 'attributes'
  | 'history'
> & {
  readonly banner: SizePx | null
  readonly video: Pick<MediaPart, 'durationSec'> | null
  readonly audio: Pick<MediaPart, 'durationSec'> | null
}

type CampaignSide = Pick<Campaign, 'id' | 'startMs' | 'prior'> & {
  readonly goal: Pick<Campaign['goal'], 'kind'>
}

type AdvertiserSide = Pick<Advertiser, 'id' | 'domains' | 'categories'>

/** Facts of a creative with those of its campaign and advertiser. */
export function adFactsOf(
  creative: CreativeSide,
  campaign: CampaignSide,
  advertiser: AdvertiserSide,
): AdFacts {
  const { banner, video, audio, history } = creative
  const { ctr, cvr } = smoothedRates(history, campaign.prior)
  const sets = creative.categories.length > 0 ? creative.categories : advertiser.categories
  return {
    creativeId: creative.id,
    campaignId: campaign.id,
    advertiserId: advertiser.id,
    categories: [...new Set(sets.flatMap(({ ids }) => ids))],
    domain: creative.domains[0] ?? advertiser.domains[0] ?? '',
    bundle: creative.bundle,
    language: creative.language,
    format: formatNames.indexOf(creative.format),
    size: banner === null || isResponsive(banner) ? '' : `${banner.w}x${banner.h}`,
    durationSec: (video ?? audio)?.durationSec ?? 0,
    attributes: creative.attributes,
    goal: campaign.goal.kind,
    priorCtr: ctr,
    priorCvr: cvr,
    impressions: history.impressions,
    clicks: history.clicks,
    conversions: history.conversions,
    flightStartMs: campaign.startMs,
  }
}
