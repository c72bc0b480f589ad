/** Tokens of the tests: fixed keys, a fixed moment, one usual bid. */
import { DeviceKeys } from '../domain/device-keys.ts'
import { IdType } from '../domain/id-type.ts'
import { noSerial, serialOf } from '../domain/serial.ts'
import { ManualClock } from '../lib/clock.ts'
import { type SignedBid, Tokens } from './token.ts'
import type { TokenFields } from './token-body.ts'
import { tokenKeys } from './token-keys.ts'

/** 2026-11-22T00:00:00Z. */
export const issuedAtMs = 1_795_305_600_000

export const firstKey = { id: 7, bytes: Uint8Array.from({ length: 32 }, (_, i) => i) }
export const secondKey = { id: 8, bytes: Uint8Array.from({ length: 32 }, (_, i) => 255 - i) }
export const salt = Uint8Array.from({ length: 16 }, (_, i) => i * 3)

export const usualFields: TokenFields = {
  decisionId: '0123456789abcdef',
  bidNumber: 1,
  issuedAtMs,
  lifeMinutes: 7 * 24 * 60,
  impIndex: 0,
  exchange: serialOf('exchange', 'acme'),
  advertiser: serialOf('advertiser', 'shoes'),
  campaign: serialOf('campaign', 'shoes-autumn'),
  creative: serialOf('creative', 'shoes-300x250'),
  strategy: noSerial,
  priceMicros: 2_345_678,
  currency: 'USD',
  auctionType: 1,
  hasDeal: false,
  isTest: false,
  ctr: 0.0123,
  cvr: 0.00045,
  ctrModel: serialOf('model', 'ctr-cvr@12'),
  cvrModel: serialOf('model', 'ctr-cvr@12'),
  arms: [serialOf('arm', 'bidding/control'), serialOf('arm', 'shading/b')],
  multiplier: 1,
}

/** `count` keys; key i is `i+1 : 0x80000000+i`, the first of type ifa, others alternating. */
export function deviceKeys(count: number): DeviceKeys {
  const devices = new DeviceKeys()
  for (let i = 0; i < count; i++) {
    devices.push(i % 2 === 0 ? IdType.Gaid : IdType.OaidMd5, i + 1, 0x8000_0000 + i)
  }
  return devices
}

/** Tokens under `firstKey` (and the salt's) at the moment of issue. */
export function newTokens(secrets = [firstKey]): { tokens: Tokens; clock: ManualClock } {
  const clock = new ManualClock(issuedAtMs)
  return { tokens: new Tokens(tokenKeys(secrets, salt), clock), clock }
}

/** The usual bid with one device key, signed. */
export function signUsual(tokens: Tokens, changed: Partial<TokenFields> = {}): SignedBid {
  return tokens.sign({ ...usualFields, ...changed }, deviceKeys(1))
}
