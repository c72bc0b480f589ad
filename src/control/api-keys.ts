/** API keys are made here, and sealed: stored as salted hashes only. */
import { randomBytes } from 'node:crypto'
import { type ApiKey, keyHash, type Role } from '../domain/api-key.ts'

/** Entity id of the key made at first start. */
export const firstKeyId = 'first-admin'

/** The caller of a request. */
export interface Caller {
  readonly keyId: string
  readonly role: Role
}

/** Describes a key that is to be made. */
export interface KeyOrder {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly createdAtMs: number
  readonly createdBy: string
}

/** A fresh random id for a key. */
export function newKeyId(): string {
  return randomBytes(6).toString('hex')
}

/** A new key text for the entity `id`: `sluice_<id>_<43 characters>`. Shown once, never stored. */
export function newKeyText(id: string): string {
  return `sluice_${id}_${randomBytes(32).toString('base64url')}`
}

/** The stored form of a key text. */
export function sealKey(order: KeyOrder, text: string): ApiKey {
  const salt = randomBytes(16)
  return { ...order, salt: salt.toString('hex'), hash: keyHash(salt, text).toString('hex') }
}
