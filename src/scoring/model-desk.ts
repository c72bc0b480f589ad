/** What there is in the models folder, for people: versions, their reports, and which one is active. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from './manifest.ts'
import { readManifest } from './manifest-reader.ts'
import { activate, activeVersion } from './model-folder.ts'
import { manifestBytesMax } from './model-limits.ts'
import { isModelWord } from './model-word.ts'
import { openModel } from './open-model.ts'

/** The figures of a report are a few KiB; another file of that name is not read. */
const reportBytesMax = 1024 * 1024

/** Versions of a model that are listed, the last by name: each costs the reading of a manifest. */
export const versionsListedMax = 50

/** A model by its folder. */
export interface ModelListing {
  readonly name: string
  /** The version that the pointer names, there or not; null = no pointer: nothing serves. */
  readonly active: string | null
  /** By name, at most `versionsListedMax` of `versionCount`. */
  readonly versions: readonly VersionListing[]
  readonly versionCount: number
}

/** A version by its manifest, which is read and not proved: `check` does that. */
export interface VersionListing {
  readonly version: string
  /** Why the manifest cannot be read; null = it can. */
  readonly problem: string | null
  readonly about: VersionFacts | null
  /** `targets` of `report.json`: figures by target; null = there is no report. */
  readonly figures: unknown
}

/** The head of a manifest. */
export interface VersionFacts
  extends Pick<Manifest, 'kind' | 'targets' | 'trainedBy' | 'trainedOn'> {
  readonly features: number
  /** Exchanges and media with a calibration of their own. */
  readonly calibratedFor: readonly string[]
}

/** One models folder. */
export class ModelDesk {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Every model, by name. */
  async list(): Promise<readonly ModelListing[]> {
    const names = await foldersIn(this.#folder)
    const models = await Promise.all(names.map((name) => this.#model(name)))
    // Other things may lie beside the models, such as what trains them.
    return models.filter(({ active, versionCount }) => active !== null || versionCount > 0)
  }

  /** True when there is such a version, good or bad. */
  async has(name: string, version: string): Promise<boolean> {
    if (!isModelWord(name) || !isModelWord(version)) return false
    return isFile(join(this.#folder, name, version, 'manifest.json'))
  }

  /** Opens a version as the processes would. Rejects with ScoringError when it cannot serve. */
  async check(name: string, version: string): Promise<void> {
    const model = await openModel(join(this.#folder, name, version))
    model.release()
  }

  /** Checks a version and makes it the active one; answers the version before, or null. */
  async activate(name: string, version: string): Promise<string | null> {
    await this.check(name, version)
    const before = await activeVersion(this.#folder, name)
    await activate(this.#folder, name, version)
    return before
  }

  async #model(name: string): Promise<ModelListing> {
    const folder = join(this.#folder, name)
    const candidates = await foldersIn(folder)
    const are = await Promise.all(candidates.map((version) => this.has(name, version)))
    const versions = candidates.filter((_, at) => are[at] === true)
    const listed = versions.slice(-versionsListedMax)
    return {
      name,
      active: await activeVersion(this.#folder, name),
      versions: await Promise.all(listed.map((version) => versionIn(folder, version))),
      versionCount: versions.length,
    }
  }
}

async function versionIn(folder: string, version: string): Promise<VersionListing> {
  const figures = await figuresIn(join(folder, version, 'report.json'))
  try {
    const manifest = readManifest(
      await textOf(join(folder, version, 'manifest.json'), manifestBytesMax),
    )
    return { version, problem: null, about: factsOf(manifest), figures }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { version, problem, about: null, figures }
  }
}

function factsOf(manifest: Manifest): VersionFacts {
  const { kind, targets, trainedBy, trainedOn, features, calibration } = manifest
  const calibratedFor = Object.keys(calibration.exchanges)
  return { kind, targets, trainedBy, trainedOn, features: features.length, calibratedFor }
}

async function figuresIn(path: string): Promise<unknown> {
  try {
    const report: unknown = JSON.parse(await textOf(path, reportBytesMax))
    const isObject = typeof report === 'object' && report !== null
    return isObject && 'targets' in report ? report.targets : null
  } catch {
    // A version without a report serves as well.
    return null
  }
}

async function textOf(path: string, bytesMax: number): Promise<string> {
  const { size } = await stat(path)
  if (size > bytesMax) throw new RangeError(`${size} bytes; at most ${bytesMax} are read`)
  return readFile(path, 'utf8')
}

/** Names of folders that may be models or versions, in order; none when there is no such folder. */
async function foldersIn(path: string): Promise<string[]> {
  try {
    const names = (await readdir(path)).filter(isModelWord)
    const are = await Promise.all(names.map((name) => isDirectory(join(path, name))))
    return names.filter((_, at) => are[at] === true).sort(byNumbersInside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** `9` before `10`. */
function byNumbersInside(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

async function isDirectory(path: string): Promise<boolean> {
  return (await statOrNull(path))?.isDirectory() ?? false
}

async function isFile(path: string): Promise<boolean> {
  return (await statOrNull(path))?.isFile() ?? false
}

async function statOrNull(path: string) {
  return stat(path).catch(() => null)
}
