/** Signatures of monitoring links: who may tell of events of an advertiser's campaign. */
import { hkdfSync, timingSafeEqual } from 'node:crypto'
import type { MonitorKind } from '../domain/monitor.ts'
import { HmacSha512 } from '../lib/hmac-sha512.ts'
import type { TokenSecret } from './token-keys.ts'

/** The part of a link that is signed: where it leads, and whose events it makes. */
export interface LinkName {
  readonly medium: string
  readonly kind: MonitorKind
  readonly advertiserId: string
  readonly campaignId: string
  /** '' = none. */
  readonly creativeId: string
  readonly strategyId: string
}

/** 96 bits, as tokens have (token.ts): sixteen characters with no bit to spare. */
const tagBytes = 12
const keyBytes = 64
/** Two hex digits name the key, sixteen characters are the tag. */
const signaturePattern = /^[0-9a-f]{2}[A-Za-z0-9_-]{16}$/
/** What ids and names of media are made of: one character a byte, and no slash. */
const wordPattern = /^[A-Za-z0-9._-]*$/
/** Five words of at most 64 characters, the kind, and slashes. */
const textCharsMax = 400
/** Advertisers whose keys are kept, 2 KiB each; one that was made up costs an HKDF (10 µs). */
const derivedMax = 1_024

/** Signs links and checks signatures. One a process. */
export class LinkSignatures {
  readonly #secrets: ReadonlyMap<number, TokenSecret>
  readonly #current: TokenSecret
  readonly #salt: Uint8Array
  readonly #derived = new Map<string, HmacSha512>()

  /** The secrets of tokens, the first one signs; throws RangeError on an empty list. */
  constructor(secrets: readonly TokenSecret[], salt: Uint8Array) {
    const [current] = secrets
    if (current === undefined) throw new RangeError('no key for links')
    this.#current = current
    this.#secrets = new Map(secrets.map((secret) => [secret.id, secret]))
    this.#salt = salt
  }

  /** 18 characters that need no escaping: key id, tag. RangeError for ids that no link can have. */
  sign(name: LinkName): string {
    const text = signedText(name)
    if (text === null) throw new RangeError('an id that no link can have')
    const id = this.#current.id.toString(16).padStart(2, '0')
    return id + this.#tag(this.#current, name.advertiserId, text).toString('base64url')
  }

  /** True when one of our keys made it for exactly this name. In constant time; never throws. */
  verify(name: LinkName, signature: string): boolean {
    if (!signaturePattern.test(signature)) return false
    const secret = this.#secrets.get(Number.parseInt(signature.slice(0, 2), 16))
    const text = signedText(name)
    if (secret === undefined || text === null) return false
    const given = Buffer.from(signature.slice(2), 'base64url')
    return timingSafeEqual(this.#tag(secret, name.advertiserId, text), given)
  }

  #tag(secret: TokenSecret, advertiserId: string, text: string): Buffer {
    return this.#keyOf(secret, advertiserId).digest(text).subarray(0, tagBytes)
  }

  /** A key an advertiser, so that nothing learnt of one says anything of another. */
  #keyOf({ id, bytes }: TokenSecret, advertiserId: string): HmacSha512 {
    const place = `${id}/${advertiserId}`
    const known = this.#derived.get(place)
    if (known !== undefined) return known
    const origin = bytes === null ? 'device salt' : 'token key'
    const label = `sluice link 1 sign from ${origin} for ${advertiserId}`
    const derived = hkdfSync('sha256', bytes ?? this.#salt, '', label, keyBytes)
    const key = new HmacSha512(new Uint8Array(derived), textCharsMax)
    if (this.#derived.size === derivedMax) this.#derived.clear()
    this.#derived.set(place, key)
    return key
  }
}

/** One text for one name, as no word has a slash; null where a word is none. */
function signedText(name: LinkName): string | null {
  const { medium, kind, advertiserId, campaignId, creativeId, strategyId } = name
  const words = [medium, kind, advertiserId, campaignId, creativeId, strategyId]
  const text = words.join('/')
  return text.length <= textCharsMax && words.every((word) => wordPattern.test(word)) ? text : null
}
