/** The first admin key: from the configuration, or made once in the life of a store. */
import {
  type ApiKey,
  authorizationCharsMax,
  configuredKeyId,
  isKey,
  keyKind,
} from '../domain/api-key.ts'
import type { Clock } from '../lib/clock.ts'
import { firstKeyId, newKeyText, sealKey } from './api-keys.ts'
import { type CatalogDesk, type CatalogView, entityValue } from './catalog-desk.ts'
import { adminKeyCharsMin } from './limits.ts'

/** A configured admin key that cannot be used: the process must not start with it. */
export class AdminKeyError extends Error {
  readonly code = 'SLUICE_CONTROL_ADMIN_KEY'
}

const writer = { keyId: 'start' }

/**
 * Makes sure that an admin key exists. Returns the text of a key it made, or null when the
 * configuration gave one or the store has one. A configured key replaces the one configured before.
 */
export async function ensureAdminKey(
  desk: CatalogDesk,
  clock: Clock,
  configured: string | null,
): Promise<string | null> {
  if (configured !== null) {
    await storeConfigured(desk, clock, configured)
    return null
  }
  if (adminKeys(await desk.view()).length > 0) return null
  return makeFirst(desk, clock)
}

/** All keys of role admin. */
export function adminKeys(view: CatalogView): ApiKey[] {
  const keys = view.all(keyKind).map((entity) => entityValue<ApiKey>(entity))
  return keys.filter((key) => key.role === 'admin')
}

async function storeConfigured(desk: CatalogDesk, clock: Clock, text: string): Promise<void> {
  if (text.length < adminKeyCharsMin) {
    throw new AdminKeyError(`the admin key must have at least ${adminKeyCharsMin} characters`)
  }
  if (!/^[\x21-\x7e]+$/.test(text) || text.length > authorizationCharsMax - 16) {
    throw new AdminKeyError('the admin key must be printable ASCII without spaces, and not huge')
  }
  const stored = (await desk.view()).get(keyKind, configuredKeyId)
  if (stored !== null && isKey(entityValue<ApiKey>(stored), text)) return
  const order = orderOf(configuredKeyId, 'admin key of the configuration', clock)
  const value = sealKey(order, text)
  await desk.change(writer, (view) => {
    const action = view.get(keyKind, configuredKeyId) === null ? 'create' : 'update'
    return { write: { kind: keyKind, id: configuredKeyId, value, action }, result: null }
  })
}

/** Two processes that start at once make one key: the loser finds the winner's and makes none. */
async function makeFirst(desk: CatalogDesk, clock: Clock): Promise<string | null> {
  const text = newKeyText(firstKeyId)
  const made = sealKey(orderOf(firstKeyId, 'first admin key', clock), text)
  const written = await desk.change(writer, (view) => {
    if (adminKeys(view).length > 0) return { write: null, result: false }
    const action = view.get(keyKind, firstKeyId) === null ? 'create' : 'update'
    return { write: { kind: keyKind, id: firstKeyId, value: made, action }, result: true }
  })
  return written.result ? text : null
}

function orderOf(id: string, name: string, clock: Clock) {
  return { id, name, role: 'admin' as const, createdAtMs: clock.wallMs(), createdBy: 'start' }
}
