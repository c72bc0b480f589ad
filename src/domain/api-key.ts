/** API keys as stored, who may do what with them, and how a text is compared with one. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * What a key may do. `sender`: `POST /events`, and nothing else. `viewer`: read and explain.
 * `marketer`: also send, and write packs, strategies, the bid catalog. `admin`: everything.
 */
export const roles = ['sender', 'viewer', 'marketer', 'admin'] as const
export type Role = (typeof roles)[number]

/** Catalog kind of API keys. */
export const keyKind = 'key'

/** Entity id of the key that the configuration gives. */
export const configuredKeyId = 'config-admin'

/** Longest Authorization header looked at; real keys have about 60 characters. */
export const authorizationCharsMax = 512

/** A key as stored: the key itself is nowhere. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly createdAtMs: number
  readonly createdBy: string
  /** Hex of 16 random bytes. */
  readonly salt: string
  /** Hex of `keyHash`. */
  readonly hash: string
}

/** By role: what needs which role it may do. A sender sees nothing, a viewer tells nothing. */
const mayBe: Readonly<Record<Role, readonly Role[]>> = {
  sender: ['sender'],
  viewer: ['viewer'],
  marketer: ['sender', 'viewer', 'marketer'],
  admin: roles,
}

/** True when a key of role `role` may do what needs `needed`. */
export function mayDo(role: Role, needed: Role): boolean {
  return mayBe[role].includes(needed)
}

/** HMAC-SHA256(salt, key text). Made keys have 256 random bits: stretching adds nothing. */
export function keyHash(salt: Uint8Array, text: string): Buffer {
  return createHmac('sha256', salt).update(text, 'utf8').digest()
}

/** True when `text` is the key that was sealed; takes the same time whatever the bytes are. */
export function isKey(key: Pick<ApiKey, 'salt' | 'hash'>, text: string): boolean {
  const expected = Buffer.from(key.hash, 'hex')
  const given = keyHash(Buffer.from(key.salt, 'hex'), text)
  return expected.length === given.length && timingSafeEqual(expected, given)
}

/** The entity a key text names; a text of another form can only be the configured key. */
export function keyIdOf(text: string): string {
  return /^sluice_([0-9a-z-]{1,32})_[A-Za-z0-9_-]{43}$/.exec(text)?.[1] ?? configuredKeyId
}

/** The key text of an Authorization header; null when it has none. */
export function bearerOf(header: string | undefined): string | null {
  if (header === undefined || header.length > authorizationCharsMax) return null
  return /^bearer +(\S+) *$/i.exec(header)?.[1] ?? null
}
