/** The models that a bench decides by: those of a folder, or some with random weights. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { activeVersion } from '../../src/scoring/model-folder.ts'
import { openModel } from '../../src/scoring/open-model.ts'
import { coarseName, fineName, type LearnedFrom, writeBenchModels } from './bench-models.ts'
import type { BenchModels } from './bidding-world.ts'

/** Where models were found. */
export interface FoundModels {
  readonly folder: string
  /** False: random weights; times mean something, quality does not. */
  readonly areTrained: boolean
}

/** Version of the models with random weights. */
export const randomVersion = 'random-1'

/** What to name for random weights whatever `models/` has. */
export const randomModels = 'random'

/**
 * The folder named, or `models/` of the checkout; where that has no models, or `random` is named,
 * some are made in `workFolder`. Rejects when the folder named has none.
 */
export async function findModels(
  named: string | null,
  workFolder: string,
  from: LearnedFrom,
): Promise<FoundModels> {
  const isRandom = named === randomModels
  const shipped = named ?? 'models'
  const versions = Object.values(await modelVersions(shipped))
  if (!isRandom && !versions.includes(''))
    return { folder: path.resolve(shipped), areTrained: true }
  if (!isRandom && named !== null)
    throw new Error(`${named} has no active ${coarseName} and ${fineName}`)
  const folder = path.join(workFolder, 'models')
  if (!existsSync(path.join(folder, fineName))) {
    await writeBenchModels(folder, from, { version: randomVersion, seed: 1 })
  }
  return { folder, areTrained: false }
}

/** Versions of both models; '' = none is active. */
export interface ModelVersions {
  readonly coarse: string
  readonly fine: string
}

/** The active versions of a folder. */
export async function modelVersions(folder: string): Promise<ModelVersions> {
  const [coarse, fine] = [
    await activeVersion(folder, coarseName),
    await activeVersion(folder, fineName),
  ]
  return { coarse: coarse ?? '', fine: fine ?? '' }
}

/** Opens the active versions of both. */
export async function openModels({ folder }: FoundModels): Promise<BenchModels> {
  const versions = await modelVersions(folder)
  const open = (name: string, version: string) => openModel(path.join(folder, name, version))
  return {
    coarse: await open(coarseName, versions.coarse),
    fine: await open(fineName, versions.fine),
  }
}

/** How the models of a run are called in its report. */
export function modelWords({ coarse, fine }: BenchModels, { areTrained }: FoundModels): string {
  const words = [coarse, fine].map(({ key }) => `${key.name}@${key.version}`).join(', ')
  return areTrained ? words : `${words} (random weights: their quality means nothing)`
}
