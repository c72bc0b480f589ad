/**
 * The secret salt of the device keys: where it comes from, and the proof that it is the store's.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { CatalogStore } from '../store/ports.ts'
import { codeOf, StartupError } from './startup-error.ts'

/** Catalog entity that holds the fingerprint of the salt that the store's keys were made with. */
export const saltKind = 'salt'
export const fingerprintId = 'fingerprint'

const saltBytes = 16
const fileName = 'device-salt'

/**
 * The configured salt, or the one kept in the data folder, made at the first start. The file is
 * readable by its owner alone: who has it can test whether a known id is in a pack.
 */
export function resolveSalt(config: Config): Uint8Array {
  if (config.deviceSalt !== null) return config.deviceSalt
  const path = join(config.dataFolder, fileName)
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 })
  try {
    // `wx` lets exactly one of several processes make it; the others read what it wrote.
    const hex = randomBytes(saltBytes).toString('hex')
    writeFileSync(path, `${hex}\n`, { mode: 0o600, flag: 'wx', flush: true })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  const hex = readFileSync(path, 'utf8').trim()
  if (!/^[0-9a-f]{32}$/.test(hex)) {
    throw new StartupError(
      'SLUICE_IDENTITY_SALT_FILE',
      `${path} does not hold 32 hex digits; restore it from a backup, a new salt matches nobody`,
    )
  }
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

/**
 * Compares the salt's fingerprint with the store's. True when they agree, false when the store has
 * none and this role may not write one. `mayWrite` (control): an empty store takes this one.
 * Throws `StartupError` on another salt, and whatever the store rejects with.
 */
export async function checkFingerprint(
  catalog: CatalogStore,
  fingerprint: string,
  mayWrite: boolean,
): Promise<boolean> {
  if (await isStored(catalog, fingerprint)) return true
  if (!mayWrite) return false
  const json = JSON.stringify({ fingerprint })
  const result = await catalog.write([
    { kind: saltKind, id: fingerprintId, json, expectedVersion: 0 },
  ])
  // Lost the race against another control process: then its salt is the store's.
  return result.ok || isStored(catalog, fingerprint)
}

async function isStored(catalog: CatalogStore, fingerprint: string): Promise<boolean> {
  const { entities } = await catalog.load([saltKind])
  const entity = entities.find((one) => one.id === fingerprintId)
  if (entity === undefined) return false
  const stored = JSON.parse(entity.json) as { readonly fingerprint?: unknown }
  if (stored.fingerprint === fingerprint) return true
  throw new StartupError(
    'SLUICE_IDENTITY_SALT_MISMATCH',
    `this store was filled with another device salt (fingerprint ${String(stored.fingerprint)}, ` +
      `ours is ${fingerprint}): no device would match. Set SLUICE_DEVICE_SALT to the store's salt.`,
  )
}
