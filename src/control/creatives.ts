/** `/api/v1/creatives`: what is shown. */
import { type Creative, creativeKind } from '../domain/creative.ts'
import type { CatalogResource } from './catalog-resource.ts'
import { checkedCreative } from './creative-checks.ts'
import { creativesMax } from './limits.ts'
import {
  type CreativeInput,
  creativeInput,
  creativeListQuery,
  creativeView,
} from './schemas/creative-schema.ts'

/** What was stored before there were caps has none. */
const noCaps = { caps: [] }

/** Creatives as a resource of the API. */
export const creatives: CatalogResource<CreativeInput, Creative> = {
  kind: creativeKind,
  plural: 'creatives',
  countMax: creativesMax,
  input: creativeInput,
  view: creativeView,
  listQuery: creativeListQuery,
  keeps: (creative, { campaignId, format, enabled }) =>
    (campaignId === undefined || creative.campaignId === campaignId) &&
    (format === undefined || creative.format === format) &&
    (enabled === undefined || creative.enabled === (enabled === 'true')),
  check: checkedCreative,
  shown: (value) => ({ ...noCaps, ...value }),
}
