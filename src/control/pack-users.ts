/** Who names a pack: deleting it under them would change whom they reach without a word. */
import {
  type BidAction,
  type Experiment,
  experimentKind,
  type Strategy,
  strategyKind,
} from '../domain/strategy.ts'
import { type CatalogView, entityValue } from './catalog-desk.ts'

/** `strategy a`, `experiment b`, … that name the pack. */
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
  return users
}

function scoresBy(bid: BidAction | null, packId: string): boolean {
  return bid?.kind === 'factorByScore' && bid.packId === packId
}
