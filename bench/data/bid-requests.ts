/**
 * Made-up bid requests, written from the text of OpenRTB 2.6 (sections in the comments): sites and
 * apps, all formats, block lists as exchanges send them, some with deals, some with consent
 * strings. Half of the devices are known to the packs of the world.
 */
import { readBidRequestJson } from '../../src/media/openrtb/wire/json-reader.ts'
import { writeBidRequestProto } from '../../src/media/openrtb/wire/ortb-proto-writer.ts'
import type { OrtbLayout } from '../../src/media/openrtb/wire/ortb-schema.ts'
import { type DrawnDevice, drawDevice } from './bid-device.ts'
import { drawImps } from './bid-imps.ts'
import {
  benchExchange,
  benchVendor,
  bidSeed,
  drawAdvertiserDomain,
  drawBundle,
  drawCategory,
  drawSite,
  type RequestObject,
} from './bid-words.ts'
import { consentString } from './consent.ts'
import { Draw } from './draw.ts'
import { mix32 } from './seeded-random.ts'

/** What a set of requests is made of. */
export interface BidRequestSet {
  readonly count: number
  /** Devices in the packs; half of the requests come from them. */
  readonly knownDevices: number
}

/** Categories and domains that nearly every request blocks. */
const blockedCategories = 20
const blockedDomains = 50

/** The requests of a set as objects; the same set is always the same. */
export function* bidRequestObjects(set: BidRequestSet): Generator<RequestObject> {
  const draw = new Draw(bidSeed + 1)
  for (let number = 0; number < set.count; number++) yield drawRequest(draw, number, set)
}

/** The same as JSON bodies. */
export function bidRequestBodies(set: BidRequestSet): Uint8Array[] {
  return Array.from(bidRequestObjects(set), (object) => Buffer.from(JSON.stringify(object)))
}

/** A JSON body as protobuf. */
export function asProtobuf(body: Uint8Array, layout: OrtbLayout): Uint8Array {
  const request = readBidRequestJson(body)
  if (request === null) throw new Error('a request of the bench cannot be read')
  return writeBidRequestProto(request, layout)
}

/** `BidRequest` (3.2.1). */
function drawRequest(draw: Draw, number: number, { knownDevices }: BidRequestSet): RequestObject {
  const isApp = draw.chance(0.45)
  const isKnown = draw.chance(0.5)
  // Unknown devices are numbered above every known one, and keep the system of their number.
  const device = isKnown ? draw.below(knownDevices) : 0x4000_0000 + number
  const person = drawDevice(draw, device, isApp)
  const isEuro = draw.chance(0.1)
  const currency = isEuro ? 'EUR' : 'USD'
  return {
    id: `${hex(draw)}-${hex(draw)}`,
    imp: drawImps(draw, currency),
    ...(isApp ? { app: drawApp(draw, person) } : { site: drawSiteObject(draw) }),
    device: person.device,
    user: drawUser(draw, person),
    ...(draw.chance(0.002) ? { test: 1 } : {}),
    at: draw.chance(0.8) ? 1 : 2,
    tmax: draw.pick([150, 200, 250, 300]),
    ...(draw.chance(0.02) ? { wseat: ['sluice', `seat-${draw.below(100)}`] } : {}),
    cur: [currency],
    ...drawBlocks(draw),
    source: drawSource(draw),
    regs: drawRegs(draw, person),
  }
}

/** Nearly all requests block as much as their publisher's settings say; a few block nothing. */
function drawBlocks(draw: Draw): RequestObject {
  const domains = draw.chance(0.8) ? blockedDomains : draw.below(blockedDomains)
  return {
    bcat: draw.some(draw.chance(0.9) ? blockedCategories : 3, () => drawCategory(draw)),
    badv: draw.some(domains, () => drawAdvertiserDomain(draw)),
    ...(draw.chance(0.1) ? { bapp: [drawBundle(draw, false), drawBundle(draw, true)] } : {}),
  }
}

/** `Site` (3.2.13). */
function drawSiteObject(draw: Draw): RequestObject {
  const domain = drawSite(draw)
  return {
    id: String(10_000 + draw.below(5_000)),
    domain,
    cat: draw.some(1 + draw.below(2), () => drawCategory(draw)),
    page: `https://${domain}/article-${draw.below(100_000)}.html`,
    ...(draw.chance(0.3) ? { ref: 'https://www.search.example/' } : {}),
    publisher: { id: `pub-${draw.below(500)}` },
    ...(draw.chance(0.3) ? { content: { language: 'en', title: 'Article' } } : {}),
  }
}

/** `App` (3.2.14). */
function drawApp(draw: Draw, { isApple }: DrawnDevice): RequestObject {
  const bundle = drawBundle(draw, isApple)
  return {
    id: String(20_000 + draw.below(5_000)),
    name: 'Some game',
    bundle,
    ...(draw.chance(0.4) ? { storeurl: storeUrl(bundle, isApple) } : {}),
    cat: draw.some(1, () => drawCategory(draw)),
    ver: `${draw.below(9)}.${draw.below(20)}.0`,
    publisher: { id: `pub-${draw.below(500)}` },
  }
}

function storeUrl(bundle: string, isApple: boolean): string {
  return isApple
    ? `https://apps.apple.com/app/id${bundle}`
    : `https://play.google.com/store/apps/details?id=${bundle}`
}

/** `User` (3.2.20); extended ids in three of ten. */
function drawUser(draw: Draw, { seed, isEea }: DrawnDevice): RequestObject {
  const id = (kind: number): string => mix32(seed + kind * 77_777).toString(36)
  return {
    id: `u${id(1)}${id(2)}`,
    ...(draw.chance(0.4) ? { buyeruid: `b${id(3)}${id(4)}` } : {}),
    ...(isEea && draw.chance(0.9) ? { consent: draw.chance(0.8) ? agreed : refused } : {}),
    ...(draw.chance(0.3)
      ? { eids: [{ source: 'id.example', uids: [{ id: `e${id(5)}${id(6)}`, atype: 3 }] }] }
      : {}),
  }
}

const agreed = consentString(0)
const refused = consentString(benchVendor)

/** `Source` (3.2.2) with its supply chain. */
function drawSource(draw: Draw): RequestObject {
  const nodes = [{ asi: 'ssp.example', sid: String(draw.below(10_000)), hp: 1 }]
  if (draw.chance(0.3)) nodes.push({ asi: `${benchExchange}.example`, sid: 'x1', hp: 1 })
  const schain = { ver: '1.0', complete: 1, nodes }
  return { tid: hex(draw), ...(draw.chance(0.4) ? { schain } : {}) }
}

/** `Regs` (3.2.3): GDPR in Europe, a US privacy string elsewhere, in 2.6's place or in 2.5's. */
function drawRegs(draw: Draw, { isEea }: DrawnDevice): RequestObject {
  const coppa = draw.chance(0.01) ? 1 : 0
  if (isEea) return draw.chance(0.5) ? { coppa, gdpr: 1 } : { coppa, ext: { gdpr: 1 } }
  if (!draw.chance(0.3)) return { coppa }
  return { coppa, us_privacy: draw.chance(0.9) ? '1YNN' : '1YYN' }
}

function hex(draw: Draw): string {
  return draw.below(0xffff_ffff).toString(16).padStart(8, '0')
}
