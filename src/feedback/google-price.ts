/**
 * Google's encrypted price (developers.google.com/authorized-buyers/rtb, "Decrypt price
 * confirmations"): `iv(16) | price ^ pad(8) | signature(4)` in web-safe base64, where the pad is
 * HMAC-SHA1(encryption key, iv) and the signature HMAC-SHA1(integrity key, price | iv), each cut.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** The two keys of one exchange account. */
export interface GooglePriceKeys {
  readonly encryption: Uint8Array
  readonly integrity: Uint8Array
}

/** When a price is too old to be believed; without it age says nothing. */
export interface PriceAgeLimit {
  readonly nowMs: number
  readonly ageMsMax: number
}

const ivBytes = 16
const priceBytes = 8
const signatureBytes = 4
const cipherBytes = ivBytes + priceBytes + signatureBytes
/** 28 bytes are 38 characters, and 40 with padding. */
const cipherPattern = /^[A-Za-z0-9_-]{38}(?:==)?$/

/** True for a text that has the form of an encrypted price. */
export function looksSealed(text: string): boolean {
  return cipherPattern.test(text)
}

/**
 * The price in micros of CPM currency; null when the text is no encrypted price, its signature does
 * not hold, or it is older (or newer) than `age` allows. The iv begins with its time: 4 bytes of
 * seconds, 4 of microseconds.
 */
export function openGooglePrice(
  text: string,
  keys: GooglePriceKeys,
  age: PriceAgeLimit | null = null,
): number | null {
  if (!looksSealed(text)) return null
  const cipher = Buffer.from(text, 'base64url')
  if (cipher.length !== cipherBytes) return null
  const iv = cipher.subarray(0, ivBytes)
  const price = Buffer.from(cipher.subarray(ivBytes, ivBytes + priceBytes))
  const pad = createHmac('sha1', keys.encryption).update(iv).digest()
  for (let i = 0; i < priceBytes; i++) price[i] = (price[i] ?? 0) ^ (pad[i] ?? 0)
  const wanted = createHmac('sha1', keys.integrity).update(price).update(iv).digest()
  const given = cipher.subarray(ivBytes + priceBytes)
  if (!timingSafeEqual(wanted.subarray(0, signatureBytes), given)) return null
  if (age !== null && Math.abs(age.nowMs - sealedAtMs(iv)) > age.ageMsMax) return null
  const micros = Number(price.readBigUInt64BE())
  return Number.isSafeInteger(micros) ? micros : null
}

function sealedAtMs(iv: Buffer): number {
  return iv.readUInt32BE(0) * 1_000 + iv.readUInt32BE(4) / 1_000
}
