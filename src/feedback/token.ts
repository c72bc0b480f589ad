/**
 * Signed tokens: what a notice or link must know of its bid, so that it is understood without a
 * look-up. One text, `header · sealed body · tag`, in base64url; docs/tokens.md is the contract.
 */
import { timingSafeEqual } from 'node:crypto'
import type { DeviceKeys } from '../domain/device-keys.ts'
import type { Clock } from '../lib/clock.ts'
import {
  armsMax,
  type BidToken,
  bodyBytesMax,
  devicesIn,
  headerBytes,
  readToken,
  type TokenFields,
  tokenCharsMax,
  writeBody,
  writeName,
} from './token-body.ts'
import type { TokenKey, TokenKeys } from './token-keys.ts'
import { TokenRefusal } from './token-refusal.ts'

/** What a token may be used for; the number is the place of its tag in the digest. */
export const TokenKind = { Win: 0, Bill: 1, Loss: 2, Impression: 3, Click: 4 } as const
export type TokenKind = (typeof TokenKind)[keyof typeof TokenKind]

/** The tokens of one bid: one stem for all kinds, and a tag for each. */
export interface SignedBid {
  readonly stem: string
  /** The tags by kind, `tagChars` each. */
  readonly tags: string
}

/** A genuine token, or the number of why not. */
export type TokenReading =
  | { readonly ok: true; readonly token: BidToken }
  | { readonly ok: false; readonly refusal: TokenRefusal }

export const tokenVersion = 1

/**
 * 96 bits: at a million forgeries a second the first one is expected after 10^15 years; RFC 2104
 * asks for no less than 80. Twelve bytes are sixteen characters with no bit to spare, so a tag has
 * exactly one spelling.
 */
const tagBytes = 12
const tagChars = 16
const kindCount = 5
const headerChars = 24
/**
 * The nonce of a body: time of issue (less its first byte: 34 years), decision id and bid number
 * out of the header. A bid is signed once, so it is never used for two bodies.
 */
const nonceAt = 3
const tokenPattern = /^[A-Za-z0-9_-]+$/

/** The token of one kind. */
export function tokenOf(bid: SignedBid, kind: TokenKind): string {
  return bid.stem + bid.tags.slice(kind * tagChars, (kind + 1) * tagChars)
}

/** Makes and checks tokens. One a process; it keeps counters of what did not fit. */
export class Tokens {
  readonly #keys: TokenKeys
  readonly #clock: Clock
  readonly #scratch = Buffer.alloc(headerBytes + bodyBytesMax)
  readonly #nonce = this.#scratch.subarray(nonceAt, headerBytes)
  /** Device keys and arms that had no room in a token. */
  devicesLeftOut = 0
  armsLeftOut = 0

  constructor(keys: TokenKeys, clock: Clock) {
    this.#keys = keys
    this.#clock = clock
  }

  /** Signs one bid for all kinds at once. Never throws for any bid of the decision. */
  sign(fields: TokenFields, devices: DeviceKeys): SignedBid {
    const scratch = this.#scratch
    const key = this.#keys.current
    scratch[0] = tokenVersion
    scratch[1] = key.id
    writeName(scratch, fields)
    const end = writeBody(scratch, headerBytes, fields, devices)
    this.devicesLeftOut += devices.count - devicesIn(scratch, headerBytes)
    if (fields.arms.length > armsMax) this.armsLeftOut += fields.arms.length - armsMax
    key.seal.apply(scratch.subarray(headerBytes, end), this.#nonce)
    const stem = scratch.toString('base64url', 0, end)
    return { stem, tags: digestOf(key, stem).toString('base64url', 0, kindCount * tagBytes) }
  }

  /** Reads a token that came as `kind`. Never throws, whatever the text. */
  verify(text: string, kind: TokenKind): TokenReading {
    const stemChars = text.length - tagChars
    if (stemChars <= headerChars || text.length > tokenCharsMax || !tokenPattern.test(text)) {
      return no(TokenRefusal.Malformed)
    }
    const header = Buffer.from(text.slice(0, headerChars), 'base64url')
    if (header[0] !== tokenVersion) return no(TokenRefusal.UnknownVersion)
    const key = this.#keys.known.get(header[1] ?? -1)
    if (key === undefined) return no(TokenRefusal.ForeignKey)
    const stem = text.slice(0, stemChars)
    const tag = Buffer.from(text.slice(stemChars), 'base64url')
    const digest = digestOf(key, stem)
    if (!isTagOf(digest, kind, tag)) {
      return no(isAnyTag(digest, tag) ? TokenRefusal.WrongKind : TokenRefusal.Forged)
    }
    return this.#open(key, header, Buffer.from(stem.slice(headerChars), 'base64url'))
  }

  #open(key: TokenKey, header: Buffer, sealed: Buffer): TokenReading {
    key.seal.apply(sealed, header.subarray(nonceAt))
    const token = readToken(header, sealed)
    if (token === null) return no(TokenRefusal.Malformed)
    const expiresAtMs = token.issuedAtMs + token.lifeMinutes * 60_000
    return this.#clock.wallMs() < expiresAtMs ? { ok: true, token } : no(TokenRefusal.Expired)
  }
}

function no(refusal: TokenRefusal): TokenReading {
  return { ok: false, refusal }
}

/**
 * One digest for all kinds. HMAC-SHA-512 is a pseudo-random function of 512 bits: its parts are
 * independent, so who sees the tag of one kind knows nothing of the others. The text is signed
 * rather than the bytes, so that no second spelling of the same bytes passes.
 */
function digestOf(key: TokenKey, stem: string): Buffer {
  return key.sign.digest(stem)
}

function isTagOf(digest: Buffer, kind: number, tag: Buffer): boolean {
  return timingSafeEqual(digest.subarray(kind * tagBytes, (kind + 1) * tagBytes), tag)
}

function isAnyTag(digest: Buffer, tag: Buffer): boolean {
  let isAny = false
  for (let kind = 0; kind < kindCount; kind++) isAny = isTagOf(digest, kind, tag) || isAny
  return isAny
}
