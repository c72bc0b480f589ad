/** What is wrong with a bid of an answer, by the request's own JSON and the catalog: nothing, if all is well. */
import type { FormatName } from '../../src/domain/format.ts'
import type { OrtbBid } from '../../src/media/openrtb/wire/openrtb.generated.ts'
import type { Json } from '../support/openrtb-decode.ts'
import { elementsOf, readXml } from '../support/xml-reader.ts'
import {
  brokenByBrand,
  brokenByImp,
  isSet,
  nativeRequestOf,
  number,
  numbers,
  object,
  objects,
  positive,
  text,
  texts,
} from './naive-fit.ts'
import { microsPerUnit, multiplierOf, type NaiveWorld, rate, writtenFloor } from './naive-price.ts'
import { nativeOf, type Outcome } from './road.ts'

const formats: readonly FormatName[] = ['banner', 'video', 'audio', 'native']

/** Everything that is wrong with an answer, as sentences. */
export function faultsOf({ answer }: Outcome, body: Json, world: NaiveWorld): string[] {
  const faults: string[] = []
  if (answer.id !== text(body, 'id')) faults.push('the id is not the request’s')
  const cur = texts(body, 'cur').map((one) => one.toUpperCase())
  if (answer.seatbid.length > 0 && cur.length > 0 && !cur.includes(answer.cur ?? '')) {
    faults.push(`nobody asked for ${answer.cur}`)
  }
  const ids = answer.seatbid.flatMap(({ bid }) => bid.map(({ id }) => id))
  if (new Set(ids).size !== ids.length) faults.push('two bids have one id')
  for (const { bid, seat } of answer.seatbid) {
    for (const one of bid) {
      const whole = faultsOfBid(one, seat ?? '', answer.cur ?? '', { body, world })
      faults.push(...whole.map((fault) => `bid ${one.id} on ${one.impid}: ${fault}`))
    }
  }
  return faults
}

interface Context {
  readonly body: Json
  readonly world: NaiveWorld
}

// oxlint-disable-next-line max-params -- a bid, whose it is, in what, and what it is held against
function faultsOfBid(bid: OrtbBid, seat: string, currency: string, context: Context): string[] {
  const { body, world } = context
  const imp = objects(body, 'imp').find((one) => text(one, 'id').trim() === bid.impid)
  const format = formats[(bid.mtype ?? 0) - 1]
  const creative = world.creatives.find(({ id }) => id === bid.crid)
  const campaign = world.campaigns.find(({ id }) => id === bid.cid)
  const advertiser = world.advertisers.find(({ id }) => id === campaign?.advertiserId)
  if (imp === undefined || format === undefined) return ['no such impression or format']
  if (creative === undefined || campaign === undefined || advertiser === undefined) {
    return ['nothing of the catalog']
  }
  const whole = { bid, imp, format, creative, campaign, advertiser, ...context }
  return [
    ...brokenByImp(creative, imp, body, format).map((rule) => `breaks ${rule}`),
    ...brokenByBrand(creative, advertiser, body, world.exchange).map((rule) => `breaks ${rule}`),
    ...faultsOfPrice(whole, currency),
    ...faultsOfSeat(whole, seat),
    ...faultsOfFields(whole),
    ...faultsOfMarkup(whole),
  ]
}

interface Whole extends Context {
  readonly bid: OrtbBid
  readonly imp: Json
  readonly format: FormatName
  readonly creative: NaiveWorld['creatives'][number]
  readonly campaign: NaiveWorld['campaigns'][number]
  readonly advertiser: NaiveWorld['advertisers'][number]
}

/** What rates may differ by through the order of two multiplications. */
const hair = 1e-9

function faultsOfPrice(whole: Whole, currency: string): string[] {
  const { bid, imp, campaign, advertiser, world } = whole
  const faults: string[] = []
  const check = (fault: string, holds: boolean): void => void (holds || faults.push(fault))
  const micros = (bid.price ?? 0) * microsPerUnit(world.exchange)
  check(
    `price ${bid.price} is no whole number of micros`,
    Math.abs(micros - Math.round(micros)) < 1e-3,
  )
  check('price is not above 0', micros > 0)
  const deal = objects(object(imp, 'pmp'), 'deals').find((one) => text(one, 'id') === bid.dealid)
  const floor = writtenFloor(whole, deal ?? null)
  const demanded = floor.micros === 0 ? 0 : floor.micros * rate(world, floor.currency, currency)
  check(`price ${micros} is below its floor ${demanded}`, micros >= demanded * (1 - hair) - 1e-3)
  const own = rate(world, advertiser.currency, currency)
  const { maxBidMicros, minBidMicros, maxCostPerWinMicros } = campaign
  check('price is above its limit', maxBidMicros === 0 || micros <= maxBidMicros * own * (1 + hair))
  check('price is below its minimum', micros >= minBidMicros * own * (1 - hair))
  const cost = (micros / 1_000) * multiplierOf(imp)
  const isPaid = maxCostPerWinMicros === 0 || cost <= maxCostPerWinMicros * own * (1 + hair)
  check('a win costs too much', isPaid)
  return faults
}

function faultsOfSeat(
  { bid, imp, body, campaign, advertiser, world, creative }: Whole,
  seat: string,
): string[] {
  const faults: string[] = []
  const check = (fault: string, holds: boolean): void => void (holds || faults.push(fault))
  check('the seat is another', seat === (advertiser.seat || world.exchange.seat))
  const wseat = texts(body, 'wseat')
  check('the seat is not allowed', wseat.length === 0 || wseat.includes(seat))
  check('the seat is blocked', !texts(body, 'bseat').includes(seat))
  const pmp = object(imp, 'pmp')
  const { deals, openAuction } = campaign.targeting
  if (bid.dealid === null) {
    check('the open auction is closed', !isSet(pmp, 'private_auction') && openAuction)
    return faults
  }
  const deal = objects(pmp, 'deals').find((one) => text(one, 'id') === bid.dealid)
  check('no such deal', deal !== undefined)
  check('the campaign does not buy the deal', deals.includes(bid.dealid) || deals.includes('*'))
  const seats = deal === undefined ? [] : texts(deal, 'wseat')
  check('the deal is not for this seat', seats.length === 0 || seats.includes(seat))
  const wadomain = deal === undefined ? [] : texts(deal, 'wadomain')
  const own = creative.domains.length > 0 ? creative.domains : advertiser.domains
  const isFor = own.some((one) => wadomain.some((allowed) => `.${one}`.endsWith(`.${allowed}`)))
  check('the deal is not for this advertiser', wadomain.length === 0 || isFor)
  return faults
}

function faultsOfFields(whole: Whole): string[] {
  const { bid, imp, format, creative, advertiser } = whole
  const faults: string[] = []
  const check = (fault: string, holds: boolean): void => void (holds || faults.push(fault))
  const own = creative.domains.length > 0 ? creative.domains : advertiser.domains
  check('adomain is another', String(bid.adomain) === String(own))
  check('adid is not the creative', bid.adid === creative.id)
  const slot = object(imp, format)
  check('attr is blocked', !bid.attr.some((one) => numbers(slot, 'battr').includes(one)))
  const { banner } = creative
  if (banner !== null && banner.w > 0) {
    check('size is not the creative’s', bid.w === banner.w && bid.h === banner.h)
  }
  if (format === 'video' || format === 'audio') {
    const seconds = (creative.video ?? creative.audio)?.durationSec ?? 0
    check('dur is another', (bid.dur ?? 0) === seconds)
    const protocols = numbers(slot, 'protocols')
    check(
      'protocol was not asked for',
      protocols.length === 0 || protocols.includes(bid.protocol ?? 0),
    )
  }
  return faults
}

function faultsOfMarkup({ bid, imp, format }: Whole): string[] {
  const slot = object(imp, format)
  const faults: string[] = []
  const adm = bid.adm ?? JSON.stringify(bid.adm_native)
  if (adm === '' || adm === 'null') return ['no markup']
  if (isSet(imp, 'secure') && /http:\/\//i.test(adm)) faults.push('the markup loads http')
  if (format === 'video' || format === 'audio') {
    const mimes = texts(slot, 'mimes').map((one) => one.trim().toLowerCase())
    const document = readXml(adm)
    const files = [...elementsOf(document, 'MediaFile'), ...elementsOf(document, 'NonLinear')]
    for (const { attributes } of files) {
      const type = attributes['type']?.toLowerCase()
      if (type !== undefined && mimes.length > 0 && !mimes.includes(type)) {
        faults.push(`a file of ${type}, wanted are ${mimes.join(', ')}`)
      }
    }
  }
  if (format === 'native') faults.push(...faultsOfNative(bid, nativeRequestOf(slot)))
  return faults
}

/** Every required asset is answered, and nothing that was not asked; lengths and kinds are as asked. */
function faultsOfNative(bid: OrtbBid, request: Json): string[] {
  const answer = nativeOf(bid)
  if (answer === null) return ['the native markup cannot be read']
  const faults: string[] = []
  const asked = objects(request, 'assets')
  const ids = answer.assets.map(({ id }) => id)
  for (const asset of asked) {
    const isThere = ids.includes(positive(asset, 'id', 0))
    if (isSet(asset, 'required') && !isThere) faults.push(`asset ${text(asset, 'id')} is missing`)
  }
  for (const { id, title, img, data } of answer.assets) {
    const asset = asked.find((one) => positive(one, 'id', 0) === id)
    if (asset === undefined) {
      faults.push(`asset ${id} was not asked for`)
      continue
    }
    const most = positive(object(asset, 'title' in asset ? 'title' : 'data'), 'len', Infinity)
    const words = title?.text ?? data?.value ?? ''
    if (words.length > most) faults.push(`asset ${id} is too long`)
    const least = number(object(asset, 'img'), 'wmin')
    if ((img?.w ?? Infinity) < least) faults.push(`asset ${id} is too small`)
  }
  return faults
}
