/** Recall as one would first write it: filter and sort over objects. The yardstick, and the proof. */
import type { BidSnapshot } from '../../src/catalog/bid/bid-snapshot.ts'
import type { Slot } from '../../src/decision/bid/slot.ts'
import type { CreativeShape } from '../../src/domain/creative-shape.ts'
import { Drop } from '../../src/domain/drop-reason.ts'
import { type Blocks, fitBrand, type PreparedBrand } from '../../src/domain/slot-fit/brand-fit.ts'
import { fitSlot } from '../../src/domain/slot-fit/fit-slot.ts'
import { hasBit } from '../../src/lib/bitset.ts'

/** A creative as an object. */
export interface NaiveCreative {
  readonly slot: number
  readonly campaign: number
  readonly prior: number
  readonly shape: CreativeShape
  readonly brand: PreparedBrand
}

/** What a recall is asked. */
export interface NaiveQuestion {
  readonly slot: Slot
  readonly blocks: Blocks
  readonly campaigns: Uint32Array
  readonly shareOf: (campaign: number) => number
  readonly max: number
}

/** All creatives of a snapshot. */
export function naiveCreatives({ data, tables }: BidSnapshot): NaiveCreative[] {
  return Array.from({ length: data.creativeCount }, (_, slot) => {
    const shape = tables.shape[data.creatives.shape[slot] ?? -1]
    const brand = tables.brand[data.creatives.brand[slot] ?? -1]
    if (shape === undefined || brand === undefined) throw new Error('the snapshot is not whole')
    const campaign = data.creatives.campaign[slot] ?? 0
    return { slot, campaign, prior: data.creatives.prior[slot] ?? 0, shape, brand }
  })
}

/** The best by prior × share; equal ones in the order of the snapshot. */
export function naiveRecall(
  creatives: readonly NaiveCreative[],
  { slot, blocks, campaigns, shareOf, max }: NaiveQuestion,
): NaiveCreative[] {
  return creatives
    .filter((creative) => hasBit(campaigns, creative.campaign))
    .filter(({ shape }) => fitSlot(shape, slot.imp, slot.format) === Drop.None)
    .filter(({ brand }) => fitBrand(brand, blocks) === Drop.None)
    .map((creative) => ({ creative, score: creative.prior * shareOf(creative.campaign) }))
    .sort((a, b) => b.score - a.score || a.creative.slot - b.creative.slot)
    .slice(0, max)
    .map(({ creative }) => creative)
}
