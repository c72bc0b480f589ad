/** The world that a bench of the funnel runs on, with its models and a bidder. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { shippedPlan } from '../../src/cli/shipped-models.ts'
import type { AdFacts } from '../../src/domain/feature-facts.ts'
import type { StoredEntity } from '../../src/store/ports.ts'
import { type WorldSettings, worldDefaults, worldStartMs } from '../../src/world/settings.ts'
import { World } from '../../src/world/world.ts'
import { type BenchModels, type BiddingWorld, openBiddingWorld } from './bidding-world.ts'
import { adFactsById, marketLines, storedEntities } from './market-entities.ts'
import { type FoundModels, findModels, openModels } from './open-models.ts'

/** Which world: a generated folder, or settings; nothing but settings is read of a folder. */
export interface WorldChoice {
  readonly folder: string | null
  readonly seed: number
  readonly days: number
}

/** Everything of a run. */
export interface FunnelWorld {
  readonly world: World
  readonly entities: readonly StoredEntity[]
  readonly ads: ReadonlyMap<string, AdFacts>
  readonly found: FoundModels
  readonly models: BenchModels
  readonly bidding: BiddingWorld
}

/** The settings of a world. */
export function settingsOf({ folder, seed, days }: WorldChoice): WorldSettings {
  if (folder === null) return { ...worldDefaults, seed, days }
  const text = readFileSync(path.join(folder, 'world.json'), 'utf8')
  const { settings } = JSON.parse(text) as { readonly settings: WorldSettings }
  return { ...worldDefaults, ...settings }
}

/** Opens world, models and bidder; `creativesMax` cuts the catalog. */
export async function openFunnelWorld(
  settings: WorldSettings,
  models: { readonly named: string | null; readonly workFolder: string },
  creativesMax = Number.POSITIVE_INFINITY,
): Promise<FunnelWorld> {
  const world = new World(settings)
  const lines = marketLines(world.market, { plan: shippedPlan }, creativesMax)
  const entities = storedEntities(lines, worldStartMs)
  const ads = adFactsById(entities)
  const found = await findModels(models.named, models.workFolder, { world, ads })
  const opened = await openModels(found)
  const bidding = await openBiddingWorld(entities, opened)
  return { world, entities, ads, found, models: opened, bidding }
}
