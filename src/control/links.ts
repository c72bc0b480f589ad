/** `GET /api/v1/links`: the monitoring links of a campaign, ready to paste into a medium. */
import { type Campaign, campaignKind } from '../domain/campaign.ts'
import { type Creative, creativeKind } from '../domain/creative.ts'
import { type Strategy, strategyKind } from '../domain/strategy.ts'
import type { ControlApp, ControlContext } from './app.ts'
import { type CatalogView, entityValue } from './catalog-desk.ts'
import { entityOf } from './entity-resource.ts'
import { invalid } from './problem.ts'
import { entityProblems } from './schemas/common.ts'
import { linkQuery, linkView } from './schemas/link-schema.ts'

/** Registers the route. */
export function linkRoutes(app: ControlApp, { deps, desk }: ControlContext): void {
  app.get(
    '/api/v1/links',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Signed monitoring links of a campaign, ready to paste into a medium',
        tags: ['links'],
        querystring: linkQuery,
        response: { 200: linkView, ...entityProblems },
      },
    },
    async ({ query }) => {
      const { links } = deps
      const medium = links.media.get(query.medium)
      if (medium === undefined) {
        const known = [...links.media.keys()].sort().join(', ')
        const message = `no medium '${query.medium}' has monitoring links; there are: ${known}`
        throw invalid([{ path: 'query.medium', message }])
      }
      const view = await desk.view()
      const campaign = entityValue<Campaign>(entityOf(view, campaignKind, query.campaign))
      checkCreative(view, campaign, query.creative)
      checkStrategy(view, medium.name, query.strategy)
      const built = links.of(medium, {
        advertiserId: campaign.advertiserId,
        campaignId: campaign.id,
        creativeId: query.creative ?? '',
        strategyId: query.strategy ?? '',
      })
      return {
        medium: medium.name,
        links: { ...built.links },
        macros: [...built.params],
        notes: [...built.notes],
      }
    },
  )
}

/** A creative of another campaign would be counted for both. */
function checkCreative(view: CatalogView, campaign: Campaign, id: string | undefined): void {
  if (id === undefined) return
  const creative = entityValue<Creative>(entityOf(view, creativeKind, id))
  if (creative.campaignId === campaign.id) return
  const message = `is a creative of campaign '${creative.campaignId}'`
  throw invalid([{ path: 'query.creative', message }])
}

function checkStrategy(view: CatalogView, medium: string, id: string | undefined): void {
  if (id === undefined) return
  const strategy = entityValue<Strategy>(entityOf(view, strategyKind, id))
  if (strategy.medium === medium) return
  throw invalid([{ path: 'query.strategy', message: `is a strategy of '${strategy.medium}'` }])
}
