/** An impression as an OpenRTB 2.6 bid request, written from the specification. */
import { known } from './market.ts'
import { type Opportunity, utcOffsetOf } from './opportunities.ts'
import type { World } from './world.ts'
import {
  birthYears,
  countries,
  type DeviceKind,
  deviceKinds,
  formatGroups,
  tagPositions,
  topics,
} from './world-words.ts'

/** Names of a site (even) or app (odd), as requests and records have them. */
export function inventoryNames(inventory: number): {
  readonly id: string
  readonly name: string
  readonly publisherId: string
} {
  const number = String(inventory).padStart(3, '0')
  const isApp = inventory % 2 === 1
  return {
    id: `${isApp ? 'app' : 'site'}-${number}`,
    name: isApp ? `com.world.app${number}` : `site-${number}.example`,
    publisherId: `pub-${inventory % publisherCount}`,
  }
}

/** Publishers own about ten places each. */
const publisherCount = 60

/** Request id of a row: what a record, a request and a row of truth share. */
export function requestIdOf(seed: number, row: number): string {
  return `world-${seed}-${row}`
}

/** The network of a user: TEST-NET addresses of RFC 2544, a /24 a country. */
export function networkOf(country: number): string {
  return `198.18.${country}.0/24`
}

/** The body of the request. */
export function requestOf({ settings, opportunities }: World, opportunity: Opportunity): object {
  const { row, user, context } = opportunity
  const { id, name, publisherId } = inventoryNames(context.inventory)
  const place = { id, cat: [known(topics[context.topic])], publisher: { id: publisherId } }
  return {
    id: requestIdOf(settings.seed, row),
    at: 2,
    tmax: 200,
    cur: ['USD'],
    imp: [impOf(opportunity)],
    ...(context.isApp ? { app: { ...place, bundle: name } } : { site: { ...place, domain: name } }),
    device: deviceOf(opportunity),
    // Who limits ad tracking is not matched by the exchange either.
    user: user.isLimited
      ? {}
      : {
          buyeruid: opportunities.users.idOf(user),
          yob: birthYears[user.age],
          gender: user.isWoman ? 'F' : 'M',
        },
  }
}

/** Name of the tag on its place. */
export function tagIdOf({ context }: Opportunity): string {
  return `${inventoryNames(context.inventory).id}/${context.tag}`
}

function impOf(opportunity: Opportunity): object {
  const { context } = opportunity
  const groups = formatGroups.filter((_, group) => ((context.groups >>> group) & 1) === 1)
  const pos = tagPositions[context.tag]
  const sizes = groups.filter(({ format }) => format === 'banner').map(({ w, h }) => ({ w, h }))
  const has = (format: string): boolean => groups.some((group) => group.format === format)
  return {
    id: '1',
    tagid: tagIdOf(opportunity),
    bidfloor: context.floorMicros / 1e6,
    bidfloorcur: 'USD',
    secure: 1,
    ...(sizes.length > 0 ? { banner: { format: sizes, pos } } : {}),
    ...(has('video') ? { video: { ...film, pos } } : {}),
    ...(has('audio') ? { audio: sound } : {}),
    ...(has('native') ? { native: card } : {}),
  }
}

const film = {
  mimes: ['video/mp4'],
  minduration: 5,
  maxduration: 30,
  protocols: [2, 3, 5, 6, 7, 8],
  w: 640,
  h: 360,
  linearity: 1,
}
const sound = {
  mimes: ['audio/mpeg', 'audio/mp3'],
  minduration: 5,
  maxduration: 30,
  protocols: [2, 3, 6, 7],
}
const card = {
  ver: '1.2',
  request: JSON.stringify({
    ver: '1.2',
    assets: [
      { id: 1, required: 1, title: { len: 90 } },
      { id: 2, required: 1, img: { type: 3, wmin: 600, hmin: 300 } },
      { id: 3, data: { type: 1, len: 40 } },
    ],
  }),
}

function deviceOf({ user, context }: Opportunity): object {
  const kind = known(deviceKinds[user.device])
  const { alpha3, language, cities, carriers } = known(countries[user.country])
  const [region, city] = cities[user.city] ?? ['', '']
  return {
    ua: userAgentOf(kind),
    ip: `198.18.${user.country}.${user.city + 1}`,
    os: systemNames[kind.system],
    osv: kind.osVersion,
    devicetype: kind.type,
    make: kind.make,
    model: kind.model,
    language,
    carrier: carriers[user.carrier],
    connectiontype: context.connection,
    lmt: user.isLimited ? 1 : 0,
    geo: { country: alpha3, region, city, utcoffset: utcOffsetOf(user), type: 2 },
  }
}

const systemNames = ['iOS', 'Android', 'Windows', 'macOS'] as const

function userAgentOf({ system, osVersion, model, type }: DeviceKind): string {
  const version = osVersion.replaceAll('.', '_')
  switch (system) {
    case 0:
      return type === 5
        ? `Mozilla/5.0 (iPad; CPU OS ${version} like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148`
        : `Mozilla/5.0 (iPhone; CPU iPhone OS ${version} like Mac OS X) AppleWebKit/605.1.15`
    case 1:
      return `Mozilla/5.0 (Linux; Android ${osVersion}; ${model}) AppleWebKit/537.36 Chrome/120.0`
    case 2:
      return 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0'
    default:
      return `Mozilla/5.0 (Macintosh; Intel Mac OS X ${version}) AppleWebKit/605.1.15`
  }
}
