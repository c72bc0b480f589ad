/** `/api/v1/advertisers`: who pays. */
import { type Advertiser, advertiserKind } from '../domain/advertiser.ts'
import { checkedAdvertiser } from './advertiser-checks.ts'
import type { CatalogResource } from './catalog-resource.ts'
import { advertisersMax } from './limits.ts'
import {
  type AdvertiserInput,
  advertiserInput,
  advertiserView,
} from './schemas/advertiser-schema.ts'
import { pageQuery } from './schemas/common.ts'

/** What was stored before there were caps has none. */
const noCaps = { caps: [] }

/** Advertisers as a resource of the API. */
export const advertisers: CatalogResource<AdvertiserInput, Advertiser> = {
  kind: advertiserKind,
  plural: 'advertisers',
  countMax: advertisersMax,
  input: advertiserInput,
  view: advertiserView,
  listQuery: pageQuery,
  keeps: () => true,
  check: checkedAdvertiser,
  shown: (value) => ({ ...noCaps, ...value }),
}
