/** The words that the made-up catalog targets and the made-up requests come with. */
import type { Place } from '../../src/domain/campaign.ts'
import { deviceIdText, IdKind } from './device-ids.ts'
import type { Draw } from './draw.ts'
import { mix32 } from './seeded-random.ts'

/** Seed of everything in the world of bids. */
export const bidSeed = 20_261_122

/** A request, or a part of one, in the order that its fields are sent in. */
export type RequestObject = Readonly<Record<string, unknown>>

/** The exchange of the world; a second one differs by Google's protobuf layout alone. */
export const benchExchange = 'bench'
export const benchGoogleExchange = 'bench-google'

/** Our vendor id in the made-up consent strings. */
export const benchVendor = 755

/** Packs of the world. */
export const bidPackCount = 50

/** Packs of a device: its first pack number plus each of these, modulo `bidPackCount`. */
export const bidPackOffsets = [0, 1, 3, 11, 27] as const

/** Advertisers that a request may block: as many as there are in the largest world. */
const advertisersMax = 1_000

/** Sites and apps that requests come from. */
const inventoryCount = 2_000

/** Sizes of banners by popularity. */
export const bannerSizes: readonly (readonly [size: readonly [number, number], weight: number])[] =
  [
    [[300, 250], 22],
    [[320, 50], 18],
    [[728, 90], 11],
    [[320, 100], 7],
    [[160, 600], 6],
    [[300, 600], 6],
    [[970, 250], 4],
    [[320, 480], 4],
    [[336, 280], 3],
    [[468, 60], 3],
    [[300, 50], 3],
    [[250, 250], 2],
    [[970, 90], 2],
    [[480, 320], 2],
    [[120, 600], 1],
    [[200, 200], 1],
    [[300, 100], 1],
    [[300, 300], 1],
    [[240, 400], 1],
    [[768, 1024], 1],
  ]

const countries: readonly (readonly [country: string, weight: number])[] = [
  ['USA', 35],
  ['GBR', 11],
  ['DEU', 10],
  ['FRA', 8],
  ['JPN', 7],
  ['BRA', 7],
  ['IND', 7],
  ['CAN', 6],
  ['AUS', 5],
  ['ESP', 4],
]
const regions = ['CA', 'NY', 'TX', 'BY', 'HE', 'SP'] as const
const cities = ['springfield', 'riverside', 'newtown', 'georgetown', 'fairview'] as const

/** Makes with their share of devices, and the system they run. */
export const makes: readonly (readonly [make: string, weight: number])[] = [
  ['Apple', 40],
  ['Samsung', 30],
  ['Xiaomi', 12],
  ['Google', 6],
  ['Huawei', 5],
  ['Motorola', 4],
  ['LG', 3],
]
export const languages: readonly (readonly [language: string, weight: number])[] = [
  ['en', 55],
  ['de', 12],
  ['fr', 9],
  ['ja', 8],
  ['pt', 8],
  ['es', 8],
]
export const carriers = ['Verizon', 'AT&T', 'Vodafone', 'Telekom', 'Orange', 'Docomo'] as const

/** Where somebody is; cities are of a region. */
export function drawPlace(draw: Draw): Place {
  const place = { country: draw.weighted(countries), region: draw.pick(regions) }
  return { ...place, city: draw.pick(cities) }
}

/** A category of IAB Content 1.0, every third one with its second tier. */
export function drawCategory(draw: Draw): string {
  const tier1 = `IAB${1 + draw.below(25)}`
  return draw.chance(0.34) ? `${tier1}-${1 + draw.below(12)}` : tier1
}

/** Domain of site `number`, and of one that is drawn: few have most of the traffic. */
export function siteDomain(number: number): string {
  return `news${number}.example`
}
export function drawSite(draw: Draw): string {
  return siteDomain(draw.popular(inventoryCount))
}

/** Bundle of an app that is drawn: iOS apps are numbers. */
export function drawBundle(draw: Draw, isApple: boolean): string {
  const number = draw.popular(inventoryCount)
  return isApple ? String(900_000_000 + number * 7_919) : `com.example.app${number}`
}

/** Landing domain of advertiser `number`; a request blocks some of them. */
export function advertiserDomain(number: number): string {
  return `b${number}.test`
}
export function drawAdvertiserDomain(draw: Draw): string {
  return advertiserDomain(draw.below(advertisersMax))
}

/** Deals of the world. */
export function dealId(number: number): string {
  return `deal-${number}`
}
export const dealCount = 200

/** Pack id by number. */
export function bidPackName(number: number): string {
  return `segment-${String(number % bidPackCount).padStart(2, '0')}`
}

/** True when `device` is in pack `number`; every known device is in five. */
export function isInBidPack(device: number, number: number): boolean {
  const first = mix32(device ^ bidSeed) % bidPackCount
  return bidPackOffsets.some((offset) => (first + offset) % bidPackCount === number)
}

/** Devices with even numbers run Android, the others iOS. */
export function isAppleDevice(device: number): boolean {
  return device % 2 === 1
}

/** The advertising id of a device as its system spells it: lower or upper case UUID. */
export function advertisingId(device: number): string {
  const hex = deviceIdText(device, IdKind.Oaid)
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  const uuid = [...parts, hex.slice(20)].join('-')
  return isAppleDevice(device) ? uuid.toUpperCase() : uuid
}
