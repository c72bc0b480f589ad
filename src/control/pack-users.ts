/** Who names a pack: deleting it under them would change whom they reach without a word. */
import { type Campaign, campaignKind } from '../domain/campaign.ts'
import { scoreOf } from '../domain/expected-value.ts'
import {
  type BidAction,
  type Experiment,
  experimentKind,
  type Strategy,
  strategyKind,
} from '../domain/strategy.ts'
import { type CatalogView, entityValue } from './catalog-desk.ts'

/** `strategy a`, `experiment b`, `campaign c`, … that name the pack. */
export function usersOfPack(view: CatalogView, packId: string): string[] {
  const users: string[] = []
  for (const entity of view.all(strategyKind)) {
    const { audience, action } = entityValue<Strategy>(entity)
    const named = [...audience.all, ...audience.any, ...audience.none]
    if (named.includes(packId) || scoresBy(action.bid, packId)) users.push(`strategy ${entity.id}`)
  }
  for (const entity of view.all(experimentKind)) {
    const { arms } = entityValue<Experiment>(entity)
    if (arms.some((arm) => scoresBy(arm.bid, packId))) users.push(`experiment ${entity.id}`)
  }
  return [...users, ...campaignsOfPack(view, packId)]
}

/** Of 100 000 campaigns only those whose text has the id are parsed. */
function campaignsOfPack(view: CatalogView, packId: string): string[] {
  const users: string[] = []
  for (const entity of view.after(campaignKind, '')) {
    if (!entity.json.includes(`"${packId}"`)) continue
    const { targeting, goal } = entityValue<Campaign>(entity)
    const { all, any, none } = targeting.audience
    const isNamed = [...all, ...any, ...none].includes(packId)
    if (isNamed || scoreOf(goal)?.packId === packId) users.push(`campaign ${entity.id}`)
  }
  return users
}

function scoresBy(bid: BidAction | null, packId: string): boolean {
  return bid?.kind === 'factorByScore' && bid.packId === packId
}
