/** How far a request may go with the time it has left: shorter instead of late. */
import type { BidPlan } from '../domain/exchange.ts'
import { recallMax } from './bid/recall.ts'

/** Creatives that recall keeps, and rows that fine rank scores; 0 = no time for models at all. */
export interface RoadLength {
  readonly keep: number
  readonly fineMax: number
}

interface ShorterRoad {
  readonly leftMs: number
  readonly recallMax: number
  readonly fineMax: number
}

/**
 * Milliseconds left below which the road is shorter: creatives that recall keeps and rows that fine
 * rank scores. Below a millisecond models would end too late: 0 = prior order.
 */
const shorterRoads: readonly ShorterRoad[] = [
  { leftMs: 1, recallMax: 64, fineMax: 0 },
  { leftMs: 3, recallMax: 256, fineMax: 16 },
  { leftMs: 6, recallMax: 1_000, fineMax: 32 },
]

/** How far a plan and the time left let a request go. */
export function roadFor(plan: Pick<BidPlan, 'recallMax' | 'fineMax'>, leftMs: number): RoadLength {
  const keep = Math.min(plan.recallMax, recallMax)
  for (const road of shorterRoads) {
    if (leftMs < road.leftMs) {
      const fineMax = Math.min(plan.fineMax, road.fineMax)
      return { keep: Math.min(keep, road.recallMax), fineMax }
    }
  }
  return { keep, fineMax: plan.fineMax }
}
