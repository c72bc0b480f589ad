/**
 * A made-up catalog of advertisers, campaigns and creatives with the mix of targeting, goals and
 * formats that a house has: the same size is always the same catalog.
 */
import type { Advertiser } from '../../src/domain/advertiser.ts'
import type { Creative } from '../../src/domain/creative.ts'
import type { Exchange } from '../../src/domain/exchange.ts'
import type { Rates } from '../../src/domain/rates.ts'
import { drawCampaign } from './bid-campaign.ts'
import { drawCreative } from './bid-creative.ts'
import {
  advertiserDomain,
  benchExchange,
  benchGoogleExchange,
  benchVendor,
  bidSeed,
  drawCategory,
} from './bid-words.ts'
import { Draw } from './draw.ts'

/** One entity of the catalog in its stored form, which is also a body of PUT. */
export interface WorldEntity {
  readonly kind: 'advertiser' | 'campaign' | 'creative' | 'exchange' | 'rates'
  readonly id: string
  readonly value: object
}

/** Creatives of a campaign, and campaigns of an advertiser. */
const perParent = 10

/** Entities of a world with `creatives` creatives, parents first. Made as they are asked for. */
export function* bidWorld(creatives: number): Generator<WorldEntity> {
  yield { kind: 'rates', id: 'main', value: benchRates }
  yield { kind: 'exchange', id: benchExchange, value: exchange(benchExchange, 'iab') }
  yield {
    kind: 'exchange',
    id: benchGoogleExchange,
    value: exchange(benchGoogleExchange, 'google'),
  }
  const draw = new Draw(bidSeed)
  const campaigns = Math.ceil(creatives / perParent)
  const advertisers = Math.ceil(campaigns / perParent)
  for (let number = 0; number < advertisers; number++) {
    const value = drawAdvertiser(draw, number)
    yield { kind: 'advertiser', id: value.id, value }
  }
  for (let number = 0; number < campaigns; number++) {
    const value = drawCampaign(draw, number, `a${Math.floor(number / perParent)}`)
    yield { kind: 'campaign', id: value.id, value }
  }
  for (let number = 0; number < creatives; number++) {
    const value: Creative = drawCreative(draw, number, `c${Math.floor(number / perParent)}`)
    yield { kind: 'creative', id: value.id, value }
  }
}

/** Lines of entities as the import takes them. */
export function* importLines(entities: Iterable<object>): Generator<Uint8Array> {
  let lines = ''
  for (const entity of entities) {
    lines += `${JSON.stringify(entity)}\n`
    if (lines.length < chunkChars) continue
    yield Buffer.from(lines)
    lines = ''
  }
  yield Buffer.from(lines)
}

/** Characters of one chunk of an import at least. */
const chunkChars = 256 * 1024

const benchRates: Rates = {
  id: 'main',
  base: 'USD',
  // Old on every machine: rates may be old, but not of the future.
  asOf: '2023-01-01',
  rates: { EUR: 0.9, GBP: 0.78, JPY: 151.5 },
}

function drawAdvertiser(draw: Draw, number: number): Advertiser {
  const currencies = [
    ['USD', 75],
    ['EUR', 15],
    ['GBP', 5],
    ['JPY', 5],
  ] as const
  return {
    id: `a${number}`,
    name: `Advertiser ${number}`,
    enabled: draw.chance(0.98),
    currency: draw.weighted(currencies),
    domains: [advertiserDomain(number)],
    categories: [{ taxonomy: 1, ids: draw.some(1 + draw.below(2), () => drawCategory(draw)) }],
    seat: draw.chance(0.2) ? `seat-${number}` : '',
    caps: [],
  }
}

function exchange(id: string, protobufLayout: Exchange['protobufLayout']): Exchange {
  return {
    id,
    name: `Bench exchange, ${protobufLayout}`,
    enabled: true,
    live: true,
    protobufLayout,
    currency: 'USD',
    otherCurrencies: ['EUR'],
    priceUnit: 'cpm',
    tmaxDefaultMs: 300,
    tmaxMaxMs: 1_000,
    networkAllowanceMs: 20,
    sendAllowanceMs: 2,
    auctionType: 1,
    firstPriceShare: 0.9,
    noBid: 'empty',
    seat: 'sluice',
    bidsPerImpMax: 1,
    macros: { price: '${AUCTION_PRICE}', click: '' },
    notices: { win: true, billing: true, loss: true },
    nativeMarkup: 'string',
    nativeEvents: 'native',
    blocked: {
      publishers: [],
      domains: [],
      bundles: [],
      advertiserDomains: [],
      advertiserCategories: [],
      schainNodes: [],
    },
    requiresCompleteSchain: false,
    tcfVendorId: benchVendor,
    qpsMax: 0,
    secretHeader: null,
    noBidRecordRate: 0.01,
    plan: { recallMax: 2_000, coarseModel: '', fineModel: '', fineMax: 64 },
  }
}
