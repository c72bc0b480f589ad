/** Turns the ids of a request into 64-bit device keys, or says why not. */
import type { DeviceKeys } from '../domain/device-keys.ts'
import { type IdTypeInfo, idTypeOf, type RawCase } from '../domain/id-type.ts'
import { md5, md5BytesMax } from '../lib/md5.ts'
import { IdDoubt } from './id-doubt.ts'
import { doubtOfOpaque, doubtOfRaw, mayBeMd5, parseMd5, trimEnd, trimStart } from './id-text.ts'
import { PlaceholderSet, placeholderTexts } from './placeholders.ts'
import { SipHash } from './siphash.ts'

/** Longest opaque id: encrypted ids of media run to about 200 bytes of base64. */
export const idBytesMax = 512
/** Longest scope: appids have 18 characters, CAID versions 8. */
export const scopeBytesMax = 64

/** Where `keyOf` puts a key: two unsigned 32-bit halves. */
export interface KeyHalves {
  high: number
  low: number
}

/** No placeholder text is longer than a few words; openids (28 characters) are worth no md5. */
const placeholderBytesMax = 24

/** No id of a device can have family 0, so this message cannot be one (docs/identity.md). */
const fingerprintText = 'sluice salt fingerprint 1\0\0'

const placeholders = new PlaceholderSet(placeholderTexts())
const utf8 = new TextEncoder()

/**
 * Computes device keys with the house's secret salt. Not re-entrant and not shared between
 * threads; one for each process is enough. Key format: docs/identity.md.
 */
export class DeviceHasher {
  readonly #sip: SipHash
  readonly #digest = new Int32Array(4)
  /** An id given as text; a little longer than any id may be, so that white space can go. */
  readonly #text = new Uint8Array(idBytesMax + 64)
  /** Normal form, scope, length of the scope, family. */
  readonly #message = new Uint8Array(idBytesMax + scopeBytesMax + 2)
  readonly #digestBytes = new Uint8Array(this.#digest.buffer)
  readonly #scope = new Uint8Array(scopeBytesMax)
  #scopeText = ''
  #scopeLength = 0
  readonly #key: KeyHalves = { high: 0, low: 0 }

  /** `salt`: 16 secret bytes; throws RangeError on another length. */
  constructor(salt: Uint8Array) {
    this.#sip = new SipHash(salt)
  }

  /** A public name of the salt (16 hex digits) that does not reveal it. */
  fingerprint(): string {
    const bytes = utf8.encode(fingerprintText)
    this.#sip.bytes(bytes, 0, bytes.length)
    const hex = (half: number): string => half.toString(16).padStart(8, '0')
    return hex(this.#sip.high) + hex(this.#sip.low)
  }

  /**
   * Adds the id whose text is the bytes [start, end) (unscoped types only: RangeError otherwise).
   * Returns its index in `devices` (also when it was there already), or -1 when it was doubtful
   * (counted) or did not fit.
   */
  // oxlint-disable-next-line max-params -- a range of bytes without a wrapper object per id
  add(devices: DeviceKeys, type: number, bytes: Uint8Array, start: number, end: number): number {
    const info = idTypeOf(type)
    if (info.scoped) throw new RangeError(`an id of type ${info.name} needs a scope: use addText`)
    return this.#put(devices, info, this.keyOf(info, bytes, start, end, '', this.#key))
  }

  /**
   * The same for an id given as text; `scope` is the CAID version or appid of a scoped type
   * (an empty scope is a scope of its own) and is ignored for the others.
   */
  addText(devices: DeviceKeys, type: number, text: string, scope = ''): number {
    const info = idTypeOf(type)
    const { read, written } = utf8.encodeInto(text, this.#text)
    const doubt =
      read < text.length
        ? IdDoubt.TooLong
        : this.keyOf(info, this.#text, 0, written, scope, this.#key)
    return this.#put(devices, info, doubt)
  }

  /**
   * The key of one id of a named type, for packs: writes it to `out` and returns `IdDoubt.None`,
   * or says why there is none and leaves `out` as it was. Allocates nothing. `scope` is that of
   * `addText`.
   */
  // oxlint-disable-next-line max-params -- called for millions of lines a second
  keyOf(
    type: IdTypeInfo,
    bytes: Uint8Array,
    start: number,
    end: number,
    scope: string,
    out: KeyHalves,
  ): IdDoubt {
    const from = trimStart(bytes, start, end)
    const to = trimEnd(bytes, from, end)
    const isOpaque = type.form === 'opaque'
    const doubt = isOpaque
      ? this.#copyOpaque(bytes, from, to)
      : this.#digestOf(type, bytes, from, to)
    if (doubt !== IdDoubt.None) return doubt
    if (type.scoped || isOpaque) {
      if (!isOpaque) this.#message.set(this.#digestBytes)
      if (!this.#hashScoped(type, isOpaque ? to - from : 16, scope)) return IdDoubt.TooLong
    } else {
      // Length 0 of the scope in the lower byte, family in the upper: as in #hashScoped.
      this.#sip.words(this.#digest, type.family << 8)
    }
    out.high = this.#sip.high
    out.low = this.#sip.low
    return IdDoubt.None
  }

  /** The 16-byte normal form of a md5 or raw id, into #digest. */
  #digestOf(type: IdTypeInfo, bytes: Uint8Array, from: number, to: number): IdDoubt {
    const digest = this.#digest
    const doubt =
      type.form === 'md5' ? parseMd5(bytes, from, to, digest) : this.#hashRaw(type, bytes, from, to)
    if (doubt !== IdDoubt.None) return doubt
    return placeholders.has(digest[0] ?? 0, digest[1] ?? 0) ? IdDoubt.Placeholder : IdDoubt.None
  }

  #hashRaw(type: IdTypeInfo, bytes: Uint8Array, from: number, to: number): IdDoubt {
    // A md5 in a field for raw ids is taken as the md5 it is, where it can be nothing else.
    if (mayBeMd5(type, to - from)) return parseMd5(bytes, from, to, this.#digest)
    if (to - from > md5BytesMax) return IdDoubt.TooLong
    const doubt = doubtOfRaw(type, bytes, from, to)
    if (doubt !== IdDoubt.None) return doubt
    copyInCase(type.rawCase, bytes, from, to, this.#message)
    md5(this.#message, 0, to - from, this.#digest)
    return IdDoubt.None
  }

  /** The normal form of an opaque id, which is its text, into #message. */
  #copyOpaque(bytes: Uint8Array, from: number, to: number): IdDoubt {
    if (to - from > idBytesMax) return IdDoubt.TooLong
    const doubt = doubtOfOpaque(bytes, from, to)
    if (doubt !== IdDoubt.None) return doubt
    copyInCase('asis', bytes, from, to, this.#message)
    if (to - from > placeholderBytesMax) return IdDoubt.None
    const digest = this.#digest
    md5(this.#message, 0, to - from, digest)
    return placeholders.has(digest[0] ?? 0, digest[1] ?? 0) ? IdDoubt.Placeholder : IdDoubt.None
  }

  /** Hashes normal form (at the start of #message), scope, its length and the family. */
  #hashScoped(type: IdTypeInfo, length: number, givenScope: string): boolean {
    // A pack has one scope for all of its lines, a request one appid: the last one is kept.
    const scope = type.scoped ? givenScope : ''
    if (scope !== this.#scopeText) {
      const { read, written } = utf8.encodeInto(scope, this.#scope)
      if (read < scope.length) {
        this.#scopeText = ''
        this.#scopeLength = 0
        return false
      }
      this.#scopeText = scope
      this.#scopeLength = written
    }
    const message = this.#message
    const scopeLength = this.#scopeLength
    for (let i = 0; i < scopeLength; i++) message[length + i] = this.#scope[i] ?? 0
    message[length + scopeLength] = scopeLength
    message[length + scopeLength + 1] = type.family
    this.#sip.bytes(message, 0, length + scopeLength + 2)
    return true
  }

  #put(devices: DeviceKeys, type: IdTypeInfo, doubt: IdDoubt): number {
    if (doubt !== IdDoubt.None) {
      devices.doubtful++
      return -1
    }
    const { high, low } = this.#key
    if (devices.push(type.code, high, low)) return devices.count - 1
    for (let i = 0; i < devices.count; i++) {
      if (devices.low[i] === low && devices.high[i] === high) return i
    }
    return -1
  }
}

/** Copies ASCII in the family's case; other bytes as they are. */
// oxlint-disable-next-line max-params -- a range of bytes without a wrapper object per id
function copyInCase(
  rawCase: RawCase,
  bytes: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
): void {
  // 0x20 is the bit between a and A; 'a' - 1 and 'A' - 1 bound the letters that have to change.
  const before = rawCase === 'upper' ? 0x60 : rawCase === 'lower' ? 0x40 : 0xff
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0
    target[i - from] = byte > before && byte <= before + 26 ? byte ^ 0x20 : byte
  }
}
