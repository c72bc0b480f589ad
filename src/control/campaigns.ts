/** `/api/v1/campaigns`: what an advertiser wants to buy. */
import { type Campaign, campaignKind } from '../domain/campaign.ts'
import { checkedCampaign } from './campaign-checks.ts'
import type { CatalogResource } from './catalog-resource.ts'
import { campaignsMax } from './limits.ts'
import {
  type CampaignInput,
  campaignInput,
  campaignListQuery,
  campaignView,
} from './schemas/campaign-schema.ts'

/** What was stored before there were caps and rules on converts has none. */
const noGuards = { caps: [], converted: [] }

/** Campaigns as a resource of the API. */
export const campaigns: CatalogResource<CampaignInput, Campaign> = {
  kind: campaignKind,
  plural: 'campaigns',
  countMax: campaignsMax,
  input: campaignInput,
  view: campaignView,
  listQuery: campaignListQuery,
  keeps: (campaign, { advertiserId, enabled }) =>
    (advertiserId === undefined || campaign.advertiserId === advertiserId) &&
    (enabled === undefined || campaign.enabled === (enabled === 'true')),
  check: checkedCampaign,
  shown: (value) => ({ ...noGuards, ...value }),
}
