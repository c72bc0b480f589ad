/** API keys: made here, stored as salted hashes only, compared in constant time. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a key may do: read and explain; also write packs, strategies, experiments; also keys. */
export const roles = ['viewer', 'marketer', 'admin'] as const
export type Role = (typeof roles)[number]

/** Catalog kind of API keys. */
export const keyKind = 'key'

/** Entity id of the key that the configuration gives. */
export const configuredKeyId = 'config-admin'

/** Entity id of the key made at first start. */
export const firstKeyId = 'first-admin'

/** A key as stored: the key itself is nowhere. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly createdAtMs: number
  readonly createdBy: string
  /** Hex of 16 random bytes. */
  readonly salt: string
  /**
   * Hex of HMAC-SHA256(salt, key text). Made keys have 256 random bits: stretching adds nothing.
   */
  readonly hash: string
}

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
  return { ...order, salt: salt.toString('hex'), hash: hashOf(salt, text).toString('hex') }
}

/** True when `text` is the key that was sealed; takes the same time whatever the bytes are. */
export function isKey(key: ApiKey, text: string): boolean {
  const expected = Buffer.from(key.hash, 'hex')
  const given = hashOf(Buffer.from(key.salt, 'hex'), text)
  return expected.length === given.length && timingSafeEqual(expected, given)
}

/** The entity a key text names; a text of another form can only be the configured key. */
export function keyIdOf(text: string): string {
  return /^sluice_([0-9a-z-]{1,32})_[A-Za-z0-9_-]{43}$/.exec(text)?.[1] ?? configuredKeyId
}

/** True when a key of role `role` may do what needs `needed`. */
export function mayDo(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed)
}

function hashOf(salt: Uint8Array, text: string): Buffer {
  return createHmac('sha256', salt).update(text, 'utf8').digest()
}
