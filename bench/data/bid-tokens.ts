/** Signed bids of a made-up day, for benches of tokens: the same seed makes the same. */
import { DeviceKeys } from '../../src/domain/device-keys.ts'
import { IdType } from '../../src/domain/id-type.ts'
import { noSerial, type Serial } from '../../src/domain/serial.ts'
import type { SignedBid, Tokens } from '../../src/feedback/token.ts'
import type { TokenFields } from '../../src/feedback/token-body.ts'
import { Draw } from './draw.ts'

/** The moment at which all of them are made: 2026-11-22T00:00:00Z. */
export const bidsAtMs = 1_795_305_600_000

const lifeMinutes = 7 * 24 * 60
const dayMs = 86_400_000

/** Past the life of every one of them. */
export const afterLifeMs = bidsAtMs + lifeMinutes * 60_000 + dayMs

/** A bid that is to be signed. */
interface MadeBid {
  readonly fields: TokenFields
  readonly devices: DeviceKeys
}

/** `count` bids with one to three device keys and up to two arms, each of a decision of its own. */
export function madeBids(count: number, seed: number): MadeBid[] {
  const draw = new Draw(seed)
  return Array.from({ length: count }, (_, n) => {
    return { fields: fieldsOf(draw, n), devices: devicesOf(draw) }
  })
}

/** The same, signed. */
export function signedBids(tokens: Tokens, count: number, seed: number): SignedBid[] {
  return madeBids(count, seed).map(({ fields, devices }) => tokens.sign(fields, devices))
}

function fieldsOf(draw: Draw, n: number): TokenFields {
  const model = serial(draw)
  return {
    decisionId: n.toString(16).padStart(16, '0'),
    bidNumber: 1 + draw.below(4),
    issuedAtMs: bidsAtMs,
    lifeMinutes,
    impIndex: draw.below(4),
    exchange: serial(draw),
    advertiser: serial(draw),
    campaign: serial(draw),
    creative: serial(draw),
    strategy: noSerial,
    priceMicros: Math.floor(draw.spread(1e4, 1e8)),
    currency: draw.pick(['USD', 'EUR', 'CNY']),
    auctionType: draw.pick([1, 2]),
    hasDeal: draw.chance(0.1),
    isTest: false,
    ctr: draw.spread(1e-4, 0.1),
    cvr: draw.spread(1e-3, 0.3),
    ctrModel: model,
    cvrModel: model,
    arms: Array.from({ length: draw.below(3) }, () => serial(draw)),
    multiplier: 1,
  }
}

function devicesOf(draw: Draw): DeviceKeys {
  const devices = new DeviceKeys()
  const count = 1 + draw.below(3)
  for (let at = 0; at < count; at++) {
    devices.push(draw.pick([IdType.Gaid, IdType.OaidMd5]), draw.below(2 ** 32), draw.below(2 ** 32))
  }
  return devices
}

function serial(draw: Draw): Serial {
  return draw.below(2 ** 48) as Serial
}
