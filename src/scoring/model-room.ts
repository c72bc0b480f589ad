/**
 * The models that serve in one process, by key. A replaced one goes when nobody uses it any more.
 */
import type { ModelKey } from '../domain/ad-side.ts'
import { calibrationOf } from './calibration.ts'
import type { Calibration, Manifest } from './manifest.ts'
import type { OpenedModel } from './open-model.ts'
import type { CoarseModel, CoarsePlatt, FineModel, Models } from './ranking.ts'
import { seenFeatures } from './seen-features.ts'

/** A model that cannot go while it is held. */
export interface HeldModel {
  readonly model: OpenedModel
  /** What the road knows of it; one of them is null. */
  readonly coarse: CoarseModel | null
  readonly fine: FineModel | null
  /** Once a `hold`: the last one lets a retired model go. */
  letGo(): void
}

/** Models by the hash of their manifest. */
export class ModelRoom implements Models {
  readonly #entries = new Map<string, Entry>()

  /** From now on the model serves; one of the same key that served before retires. */
  add(model: OpenedModel): void {
    this.retire(model.key)
    this.#entries.set(model.key.hash, new Entry(model))
  }

  /** No job begins with the model any more; it is released when the last has ended. */
  retire({ hash }: ModelKey): void {
    const entry = this.#entries.get(hash)
    this.#entries.delete(hash)
    entry?.retire()
  }

  /** Keeps a model until `letGo`; null when none of this key serves. */
  hold({ hash }: ModelKey): HeldModel | null {
    const entry = this.#entries.get(hash)
    if (entry === undefined) return null
    entry.holders++
    return entry
  }

  coarse({ hash }: ModelKey): CoarseModel | null {
    return this.#entries.get(hash)?.coarse ?? null
  }

  fine({ hash }: ModelKey): FineModel | null {
    return this.#entries.get(hash)?.fine ?? null
  }
}

class Entry implements HeldModel {
  readonly model: OpenedModel
  readonly coarse: CoarseModel | null
  readonly fine: FineModel | null
  holders = 0
  #isRetired = false

  constructor(model: OpenedModel) {
    const { key, manifest } = model
    this.model = model
    this.coarse = coarseOf(key, manifest)
    this.fine = manifest.kind === 'rank' ? fineOf(model) : null
  }

  retire(): void {
    this.#isRetired = true
    this.#releaseIfFree()
  }

  letGo(): void {
    this.holders--
    this.#releaseIfFree()
  }

  #releaseIfFree(): void {
    if (this.#isRetired && this.holders === 0) this.model.release()
  }
}

function fineOf({ key, manifest, encoder }: OpenedModel): FineModel {
  return {
    key,
    hasCvr: manifest.targets.includes('cvr'),
    seen: (ask, atMs, side) => seenFeatures(encoder, ask, atMs, side),
  }
}

function coarseOf(key: ModelKey, manifest: Manifest): CoarseModel | null {
  const { vector } = manifest
  if (manifest.kind !== 'split' || vector === null) return null
  const fallback = plattOf(manifest, '')
  // Exchanges without a calibration of their own share one object: strangers' names are not kept.
  const own = new Map(
    Object.keys(manifest.calibration.exchanges).map((name) => [name, plattOf(manifest, name)]),
  )
  return {
    key,
    vectorWidth: vector.width,
    ctr: vector.ctr,
    cvr: vector.cvr,
    plattOf: (exchange) => own.get(exchange) ?? fallback,
  }
}

function plattOf(manifest: Manifest, exchange: string): CoarsePlatt {
  const ctr = lineOf(calibrationOf(manifest, exchange, 'ctr'))
  const cvr = lineOf(calibrationOf(manifest, exchange, 'cvr'))
  return {
    ctrSlope: ctr.slope,
    ctrShift: ctr.shift,
    cvrSlope: cvr.slope,
    cvrShift: cvr.shift,
  }
}

/** Split models have no isotonic calibration (manifest-reader.ts refuses it). */
function lineOf(calibration: Calibration | null): { slope: number; shift: number } {
  return calibration?.kind === 'platt' ? calibration : { slope: 1, shift: 0 }
}
