/**
 * The reference that the engine is compared with: looks at every creative of a catalog one by one,
 * with every rule of targeting as a plain comparison. No index, no bitset, no order.
 */
import type { Campaign, Place, Targeting } from '../../src/domain/campaign.ts'
import type { FormatName } from '../../src/domain/format.ts'
import type { Json } from '../support/openrtb-decode.ts'
import {
  brokenByBrand,
  brokenByImp,
  isSet,
  number,
  object,
  objects,
  positive,
  text,
  texts,
} from './naive-fit.ts'
import {
  bestOffer,
  currencyOf,
  type NaiveCase,
  type NaiveOffer,
  type NaiveWorld,
} from './naive-price.ts'

/** What the reference is told beside the request. */
export interface NaiveFacts {
  readonly wallMs: number
  /** Scores of the device by pack id; -1 = in without a score. Null = a device nobody knows. */
  readonly packs: Readonly<Record<string, number>> | null
}

/** A creative that could answer an impression, with what it would bid. */
export interface NaiveCandidate extends NaiveOffer {
  readonly creativeId: string
  readonly format: FormatName
}

const formats: readonly FormatName[] = ['banner', 'video', 'audio', 'native']

/** Every creative that could answer the impression. */
export function candidatesOf(
  world: NaiveWorld,
  body: Json,
  imp: Json,
  facts: NaiveFacts,
): NaiveCandidate[] {
  return admittedOf(world, body, imp, facts).flatMap((one) => {
    const offer = bestOffer(one)
    return offer === null ? [] : [{ ...offer, creativeId: one.creative.id, format: one.format }]
  })
}

/** Every creative that is meant for the impression and may be shown there, at whatever price. */
export function admittedOf(
  world: NaiveWorld,
  body: Json,
  imp: Json,
  facts: NaiveFacts,
): NaiveCase[] {
  if (currencyOf(world, body) === '') return []
  const found: NaiveCase[] = []
  for (const format of formats) {
    if (imp[format] === undefined) continue
    for (const creative of world.creatives) {
      const campaign = world.campaigns.find(({ id }) => id === creative.campaignId)
      const advertiser = world.advertisers.find(({ id }) => id === campaign?.advertiserId)
      if (campaign === undefined || advertiser === undefined) continue
      const one = { world, body, imp, format, creative, campaign, advertiser }
      const isOff = !creative.enabled || !campaign.enabled || !advertiser.enabled
      if (isOff || !seatFits(advertiser.seat || world.exchange.seat, body)) continue
      if (!isTargeted(campaign, { body, imp, format, facts, exchange: world.exchange.id })) continue
      if (!buysCreative(campaign.targeting, creative) || !isOnOffer(campaign, imp)) continue
      if (brokenByImp(creative, imp, body, format).length > 0) continue
      if (brokenByBrand(creative, advertiser, body, world.exchange).length > 0) continue
      found.push({ ...one, score: scoreOf(campaign, facts) })
    }
  }
  return found
}

/** The open auction where it is open, or a deal that the campaign names. */
function isOnOffer({ targeting }: Campaign, imp: Json): boolean {
  const pmp = object(imp, 'pmp')
  if (targeting.openAuction && !isSet(pmp, 'private_auction')) return true
  const { deals } = targeting
  return objects(pmp, 'deals').some((one) => deals.includes('*') || deals.includes(text(one, 'id')))
}

function seatFits(seat: string, body: Json): boolean {
  const allowed = texts(body, 'wseat')
  return (allowed.length === 0 || allowed.includes(seat)) && !texts(body, 'bseat').includes(seat)
}

function scoreOf({ goal }: Campaign, { packs }: NaiveFacts): number {
  if (goal.kind === 'cpm' || goal.kind === 'cpc' || goal.byScore === null) return -1
  const { packId } = goal.byScore
  return packs !== null && packId in packs ? Math.max(0, packs[packId] ?? 0) : -1
}

function buysCreative(targeting: Targeting, creative: NaiveWorld['creatives'][number]): boolean {
  const { formats: wanted, sizes } = targeting
  if (wanted.length > 0 && !wanted.includes(creative.format)) return false
  const { banner } = creative
  if (sizes.length === 0 || banner === null) return true
  return sizes.some(({ w, h }) => w === banner.w && h === banner.h)
}

interface Question {
  readonly body: Json
  readonly imp: Json
  readonly format: FormatName
  readonly facts: NaiveFacts
  readonly exchange: string
}

function isTargeted(campaign: Campaign, question: Question): boolean {
  const { facts, body } = question
  const { startMs, endMs, targeting } = campaign
  if (facts.wallMs < (startMs ?? -Infinity) || facts.wallMs >= (endMs ?? Infinity)) return false
  return [
    empty(targeting.exchanges) || targeting.exchanges.includes(question.exchange),
    placeFits(targeting, object(object(body, 'device'), 'geo')),
    deviceFits(targeting, object(body, 'device')),
    inventoryFits(targeting, body),
    slotFits(targeting, question),
    scheduleFits(targeting, question),
    audienceFits(targeting, facts),
  ].every(Boolean)
}

function empty(list: readonly unknown[]): boolean {
  return list.length === 0
}

function placeFits({ places, excludedPlaces }: Targeting, geo: Json): boolean {
  const isIn = ({ country, region, city }: Place): boolean =>
    country === text(geo, 'country') &&
    (region === '' || region === text(geo, 'region')) &&
    (city === '' || city.toLowerCase() === text(geo, 'city').toLowerCase())
  return (empty(places) || places.some(isIn)) && !excludedPlaces.some(isIn)
}

function deviceFits(targeting: Targeting, device: Json): boolean {
  const low = (name: string) => text(device, name).toLowerCase()
  const type = number(device, 'devicetype')
  const types = type === 1 ? [1, 4, 5] : type === 4 || type === 5 ? [type, 1] : [type]
  const language = low('language')
  return [
    empty(targeting.os) ||
      targeting.os.some((range) => osFits(range, low('os'), text(device, 'osv'))),
    empty(targeting.deviceTypes) || targeting.deviceTypes.some((one) => types.includes(one)),
    empty(targeting.makes) || targeting.makes.includes(low('make')),
    empty(targeting.models) || targeting.models.includes(low('model')),
    empty(targeting.languages) ||
      targeting.languages.some((one) => language === one || language.startsWith(`${one}-`)),
    empty(targeting.carriers) ||
      targeting.carriers.some((one) => one === low('carrier') || one === text(device, 'mccmnc')),
    empty(targeting.connectionTypes) ||
      targeting.connectionTypes.includes(positive(device, 'connectiontype', 0)),
  ].every(Boolean)
}

function osFits(range: Targeting['os'][number], os: string, version: string): boolean {
  if (range.os !== os) return false
  if (range.minVersion === '' && range.maxVersion === '') return true
  if (version === '') return false
  const { minVersion: min, maxVersion: max } = range
  return compare(version, min) >= 0 && compare(version, max) <= 0
}

/** As far as the bound goes: 17.4 is in 17. */
function compare(version: string, bound: string): number {
  const own = version.split('.').map(Number)
  const parts = bound === '' ? [] : bound.split('.').map(Number)
  for (const [at, part] of parts.entries()) {
    if ((own[at] ?? 0) !== part) return (own[at] ?? 0) - part
  }
  return 0
}

function inventoryFits(targeting: Targeting, body: Json): boolean {
  const { channels, sites, apps, publishers, contentCategories } = targeting
  const isApp = body['app'] !== undefined
  const place = isApp ? object(body, 'app') : object(body, 'site')
  const bundle = text(place, 'bundle').toLowerCase()
  const isSite = (one: string) => !isApp && `.${text(place, 'domain')}`.endsWith(`.${one}`)
  const isBundle = (one: string) => isApp && one.toLowerCase() === bundle
  const publisher = object(place, 'publisher')
  const names = [text(publisher, 'id').toLowerCase(), text(publisher, 'domain')]
  const isNamed = (one: string) => names.includes(one.toLowerCase())
  const categories = texts(place, 'cat')
  const taxonomy = positive(place, 'cattax', 1)
  const isAbout = (one: string): boolean =>
    taxonomy === contentCategories.taxonomy &&
    categories.some((own) => own === one || (taxonomy === 1 && own.startsWith(`${one}-`)))
  return [
    empty(channels) || channels.includes(isApp ? 'app' : 'site'),
    empty([...sites.allow, ...apps.allow]) || sites.allow.some(isSite) || apps.allow.some(isBundle),
    !sites.deny.some(isSite) && !apps.deny.some(isBundle),
    empty(publishers.allow) || publishers.allow.some(isNamed),
    !publishers.deny.some(isNamed),
    empty(contentCategories.allow) || contentCategories.allow.some(isAbout),
    !contentCategories.deny.some(isAbout),
  ].every(Boolean)
}

function slotFits(targeting: Targeting, { imp, format }: Question): boolean {
  const slot = object(imp, format)
  const isMedia = format === 'video' || format === 'audio'
  const { positions, placements, startDelays, podSlots, podSequences } = targeting
  const wished = (wish: Targeting['rewarded'], name: string) =>
    wish === 'any' || (wish === 'only') === isSet(imp, name)
  return [
    wished(targeting.interstitial, 'instl'),
    wished(targeting.rewarded, 'rwdd'),
    empty(positions) ||
      format === 'audio' ||
      format === 'native' ||
      positions.includes(positive(slot, 'pos', 0)),
    empty(placements) || format !== 'video' || placements.includes(positive(slot, 'plcmt', 0)),
    empty(startDelays) || !isMedia || startDelays.some((one) => one === rollOf(slot)),
    empty(podSlots) || !isMedia || podSlots.some((one) => isEnd(one, slot)),
    empty(podSequences) ||
      !isMedia ||
      !isInPod(slot) ||
      podSequences.some((one) => number(slot, 'podseq') === (one === 'first' ? 1 : -1)),
  ].every(Boolean)
}

function rollOf(slot: Json): string {
  const second = number(slot, 'startdelay')
  if (Number.isNaN(second)) return ''
  return second === 0 ? 'pre' : second === -2 ? 'post' : 'mid'
}

function isInPod(slot: Json): boolean {
  return text(slot, 'podid') !== '' || positive(slot, 'poddur', 0) > 0
}

function isEnd(end: 'first' | 'last', slot: Json): boolean {
  const place = isInPod(slot) ? number(slot, 'slotinpod') : 0
  return end === 'first' ? place !== -1 : place !== 1
}

const dayMs = 86_400_000

function scheduleFits({ schedule }: Targeting, { body, facts }: Question): boolean {
  if (schedule === null) return true
  const offset = number(object(object(body, 'device'), 'geo'), 'utcoffset')
  const zones: Readonly<Record<string, number>> = { UTC: 0, 'Europe/Berlin': 60, 'Asia/Tokyo': 540 }
  const zone = schedule.zone === 'user' ? schedule.fallbackZone : schedule.zone
  const minutesEast =
    schedule.zone === 'user' && !Number.isNaN(offset) ? offset : (zones[zone] ?? Number.NaN)
  if (Number.isNaN(minutesEast)) return false
  const local = facts.wallMs + minutesEast * 60_000
  const weekday = new Date(local).getUTCDay() || 7
  const minute = Math.floor((local % dayMs) / 60_000)
  return schedule.windows.some(
    ({ days, fromMinute, toMinute }) =>
      days.includes(weekday) && fromMinute <= minute && minute < toMinute,
  )
}

function audienceFits({ audience }: Targeting, { packs }: NaiveFacts): boolean {
  const isIn = (pack: string) => packs !== null && pack in packs
  return (
    audience.all.every(isIn) &&
    (empty(audience.any) || audience.any.some(isIn)) &&
    !audience.none.some(isIn)
  )
}

/** The impressions of a request. */
export function impsOf(body: Json): Json[] {
  return objects(body, 'imp')
}
