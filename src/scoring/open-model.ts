/** Opens a version of a model: every promise of its manifest is checked before it may serve. */
import { createHash, webcrypto } from 'node:crypto'
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { ModelKey } from '../domain/ad-side.ts'
import { Encoder } from './encoder.ts'
import { checkWhole } from './graph-check.ts'
import type { Manifest, ModelFile } from './manifest.ts'
import { readManifest } from './manifest-reader.ts'
import {
  graphBytesMax,
  manifestBytesMax,
  parityBytesMax,
  parityDifferenceMax,
} from './model-limits.ts'
import { ModelRunner, openRunner } from './model-runner.ts'
import { checkParity, readParity } from './parity.ts'
import { ScoringError } from './scoring-error.ts'

const { subtle } = webcrypto

/** A version that may serve, in the thread that opened it. */
export interface OpenedModel {
  readonly key: ModelKey
  readonly manifest: Manifest
  readonly encoder: Encoder
  readonly runner: ModelRunner
  /** Frees the graphs; no run may follow. */
  release(): void
}

/**
 * Opens `models/<name>/<version>`. Rejects with ScoringError that says what is wrong with which
 * file; nothing stays loaded then.
 */
export async function openModel(folder: string): Promise<OpenedModel> {
  const bytes = await readBytes(folder, 'manifest.json', manifestBytesMax)
  const manifest = readManifest(new TextDecoder().decode(bytes))
  checkName(folder, manifest)
  const encoder = new Encoder(manifest.features)
  checkVocabulary(manifest, encoder)
  const [model, ad, parity] = await Promise.all([
    readBytes(folder, manifest.model.file, graphBytesMax),
    manifest.ad === null ? null : readBytes(folder, manifest.ad.file, graphBytesMax),
    readBytes(folder, manifest.parity.file, parityBytesMax),
  ])
  checkHash(manifest.parity, parity)
  const rows = readParity(new TextDecoder().decode(parity), manifest.parity.rows)
  checkDifference(manifest)
  checkGraphFile(manifest.model, model)
  if (manifest.ad !== null && ad !== null) checkGraphFile(manifest.ad, ad)
  const runner = openRunner(manifest, encoder.layout, { model, ad })
  try {
    checkParity(rows, encoder, runner, manifest.parity.maxDifference)
  } catch (error) {
    runner.release()
    if (error instanceof ScoringError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    const sentence = `the graph does not run over its golden vectors: ${reason}`
    throw new ScoringError('SLUICE_SCORING_MODEL_RUN', sentence)
  }
  const key = { name: manifest.name, version: manifest.version, hash: sha256Of(bytes) }
  return { key, manifest, encoder, runner, release: () => runner.release() }
}

/**
 * Opens once more what another thread of this process has proved: a loop that decides must not
 * stand still for golden vectors. Rejects with ScoringError when the files are not those of `key`
 * any more.
 */
export async function openProvedModel(folder: string, key: ModelKey): Promise<OpenedModel> {
  const bytes = await readBytes(folder, 'manifest.json', manifestBytesMax)
  await checkDigest({ file: 'manifest.json', sha256: key.hash }, bytes)
  const manifest = readManifest(new TextDecoder().decode(bytes))
  await turn()
  const encoder = new Encoder(manifest.features)
  const model = await readBytes(folder, manifest.model.file, graphBytesMax)
  await checkDigest(manifest.model, model)
  const ad = manifest.ad === null ? null : await readBytes(folder, manifest.ad.file, graphBytesMax)
  if (manifest.ad !== null && ad !== null) await checkDigest(manifest.ad, ad)
  await turn()
  const runner = new ModelRunner(manifest, encoder.layout, { model, ad })
  return { key, manifest, encoder, runner, release: () => runner.release() }
}

/** As `checkHash`, away from the loop: 25 MB take it some 20 ms. */
async function checkDigest(file: ModelFile, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const digest = await subtle.digest('SHA-256', bytes)
  compareHash(file, bytes, Buffer.from(digest).toString('hex'))
}

/** SHA-256 of bytes, hex. */
function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Reads a file that is at most `bytesMax` long into memory of its own. */
async function readBytes(
  folder: string,
  file: string,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const handle = await open(join(folder, file), 'r')
    try {
      const { size } = await handle.stat()
      if (size > bytesMax) {
        throw new ScoringError(
          'SLUICE_SCORING_MODEL_TOO_LARGE',
          `${file} has ${size} bytes; at most ${bytesMax} are loaded`,
        )
      }
      const bytes = new Uint8Array(size)
      // What is appended meanwhile is not read; what is cut off stays zero and fails its hash.
      await handle.read(bytes, 0, size, 0)
      return bytes
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof ScoringError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new ScoringError('SLUICE_SCORING_MODEL_FILE', `${file} cannot be read: ${reason}`)
  }
}

function checkName(folder: string, { name, version }: Manifest): void {
  const own = { name: basename(dirname(folder)), version: basename(folder) }
  if (own.name === name && own.version === version) return
  throw new ScoringError(
    'SLUICE_SCORING_MODEL_NAME',
    `manifest.json is of ${name}/${version}, its folder is ${own.name}/${own.version}`,
  )
}

function checkVocabulary({ featuresHash }: Manifest, { layout }: Encoder): void {
  if (featuresHash === layout.hash) return
  throw new ScoringError(
    'SLUICE_SCORING_MODEL_VOCABULARY',
    `manifest.json: features and words have hash ${layout.hash}, the model was trained on ` +
      `${featuresHash}: another vocabulary or feature list`,
  )
}

function checkDifference({ parity }: Manifest): void {
  const { maxDifference } = parity
  if (maxDifference >= 0 && maxDifference <= parityDifferenceMax) return
  throw new ScoringError(
    'SLUICE_SCORING_MODEL_PARITY',
    `manifest.json: parity.maxDifference is ${maxDifference}; ` +
      `it may be 0 to ${parityDifferenceMax}`,
  )
}

/** A truncated graph has another hash too; it is called what it is. */
function checkGraphFile(file: ModelFile, bytes: Uint8Array): void {
  checkWhole(file.file, bytes)
  checkHash(file, bytes)
}

function checkHash(file: ModelFile, bytes: Uint8Array): void {
  compareHash(file, bytes, sha256Of(bytes))
}

function compareHash({ file, sha256 }: ModelFile, bytes: Uint8Array, own: string): void {
  if (own === sha256) return
  throw new ScoringError(
    'SLUICE_SCORING_MODEL_HASH',
    `${file} (${bytes.length} bytes) has SHA-256 ${own}, the manifest names ${sha256}: it was ` +
      'changed after it was sealed',
  )
}
