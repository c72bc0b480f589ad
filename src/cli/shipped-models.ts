/** The models that ship with the house: trained on the world of seed 1 (docs/world.md). */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { BidPlan } from '../domain/exchange.ts'
import { activeVersion } from '../scoring/model-folder.ts'

/** Their names below `models/`: the split network that comes first, and the one that is bid by. */
export const shippedModels = { coarse: 'world-coarse', fine: 'world-fine' } as const

/** The plan that their figures are of: fine's best ten survive it (bench funnel-quality). */
export const shippedPlan: BidPlan = {
  recallMax: 1_000,
  coarseModel: shippedModels.coarse,
  fineModel: shippedModels.fine,
  fineMax: 64,
}

/** A version that lies in a models folder and is not in force there yet. */
export interface PlacedModel {
  readonly name: string
  readonly version: string
}

/** Copies the versions in force of one models folder into another; answers what it found. */
export async function placeShippedModels(from: string, to: string): Promise<PlacedModel[]> {
  const placed: PlacedModel[] = []
  for (const name of Object.values(shippedModels)) {
    const version = await activeVersion(from, name)
    if (version === null) continue
    cpSync(join(from, name, version), join(to, name, version), { recursive: true })
    placed.push({ name, version })
  }
  return placed
}
