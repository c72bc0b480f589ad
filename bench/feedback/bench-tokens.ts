/** Signed tokens of made-up bids, under a key that the measured server is started with. */

import type { AdminClient } from '../../src/cli/admin-client.ts'
import { DeviceKeys } from '../../src/domain/device-keys.ts'
import { IdType } from '../../src/domain/id-type.ts'
import { noSerial, type Serial, serialOf } from '../../src/domain/serial.ts'
import { type SignedBid, Tokens } from '../../src/feedback/token.ts'
import type { TokenFields } from '../../src/feedback/token-body.ts'
import { tokenKeys } from '../../src/feedback/token-keys.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { mix32 } from '../data/seeded-random.ts'

const keyHex = '5e'.repeat(32)

/** Environment of a server that takes these tokens. */
export const tokenEnv = { SLUICE_TOKEN_KEYS: `9:${keyHex}` }

/** A signer under the key of the bench. */
export function benchTokens(): Tokens {
  const secret = { id: 9, bytes: new Uint8Array(Buffer.from(keyHex, 'hex')) }
  return new Tokens(tokenKeys([secret], new Uint8Array(16)), systemClock)
}

const exchange = 'made-up'

/** Writes the exchange of made-up bids: prices are read in its unit. */
export async function writeMadeUpExchange(admin: AdminClient): Promise<void> {
  await admin.json('PUT', `/api/v1/exchanges/${exchange}`, { name: 'Made up' })
}

/** What tells one made-up bid from another. */
export interface MadeUpBid {
  /** Its number; the decision id is made of it and `series`, so it is unique in a run. */
  readonly number: number
  /** Kinds of bids that must not be the same, such as a warm-up's and a measurement's. */
  readonly series: number
  /** Number of the device; device n has 1 + n % 3 keys. */
  readonly device: number
  readonly issuedAtMs: number
  readonly campaign: string
  readonly priceMicros: number
}

/** Campaigns that made-up bids are spread over. */
export const madeUpCampaigns = 100

/** Advertiser of a campaign of `madeUpCampaign`. */
export function madeUpAdvertiser(campaign: string): string {
  return `a-${campaign}`
}
export function madeUpCampaign(number: number): string {
  return `made-up-${number % madeUpCampaigns}`
}

/** Signs one bid for all kinds of links. */
export function signMadeUp(tokens: Tokens, bid: MadeUpBid): SignedBid {
  const { number, series, issuedAtMs, campaign, priceMicros } = bid
  const fields: TokenFields = {
    decisionId: hex32(series) + hex32(number),
    bidNumber: 1,
    issuedAtMs,
    lifeMinutes: 7 * 24 * 60,
    impIndex: 0,
    exchange: exchangeSerial,
    advertiser: known('advertiser', madeUpAdvertiser(campaign)),
    campaign: known('campaign', campaign),
    creative: known('creative', `${campaign}-banner`),
    strategy: noSerial,
    priceMicros,
    currency: 'USD',
    auctionType: 1,
    hasDeal: false,
    isTest: false,
    ctr: 0.01,
    cvr: 0.05,
    ctrModel: noSerial,
    cvrModel: noSerial,
    arms: [],
    multiplier: 1,
  }
  return tokens.sign(fields, devicesOf(bid.device))
}

const exchangeSerial = serialOf('exchange', exchange)
const serials = new Map<string, Serial>()

function known(kind: 'advertiser' | 'campaign' | 'creative', id: string): Serial {
  const name = `${kind}/${id}`
  const serial = serials.get(name) ?? serialOf(kind, id)
  serials.set(name, serial)
  return serial
}

/** Keys of a made-up device: spread over all shards, and no two devices share one. */
function devicesOf(device: number): DeviceKeys {
  const keys = new DeviceKeys()
  for (let i = 0; i < 1 + (device % 3); i++) {
    const type = i === 0 ? IdType.Gaid : IdType.OaidMd5
    keys.push(type, mix32(device * 3 + i), device * 3 + i)
  }
  return keys
}

function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}
