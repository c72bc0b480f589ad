/** Pairs of targeting: what a campaign wants of place, device, inventory, time and people. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Targeting } from '../../../src/domain/campaign.ts'
import { openMmdbSource } from '../../../src/geo/mmdb-source.ts'
import { aBanner, aCampaign, anAdvertiser } from '../../support/bid-world.ts'
import { cityRecord, writeMmdb } from '../../support/mmdb-writer.ts'
import type { Json } from '../../support/openrtb-decode.ts'
import { app, type Pair, pair, phone, targeted, videoImp } from '../pair.ts'
import type { Member, RoadWorld } from '../road.ts'

/** A map of two networks, of an address type that the world's registries give to documentation. */
async function mapOfTwo(): Promise<NonNullable<RoadWorld['geo']>> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-map-'))
  const path = join(folder, 'city.mmdb')
  const place = { country: 'CN', region: 'SH', city: 'Shanghai', timeZone: 'Asia/Shanghai' }
  const far = { country: 'US', region: 'NY', city: 'New York', timeZone: 'America/New_York' }
  writeFileSync(
    path,
    writeMmdb([
      { cidr: '101.80.0.0/16', record: cityRecord(place) },
      { cidr: '66.108.0.0/16', record: cityRecord(far) },
    ]),
  )
  const quiet = { every: () => () => undefined, onLoaded: () => undefined }
  const source = await openMmdbSource({ path, ...quiet, onProblem: () => undefined })
  rmSync(folder, { recursive: true })
  return source
}

const geo = await mapOfTwo()
const shanghai: Json = { device: { ip: '101.80.1.2' } }
const newYork: Json = { device: { ip: '66.108.1.2' } }

const berlin = { country: 'DEU', region: 'BE', city: 'berlin' }

/** A campaign that wants this of a phone in Berlin, and the change by which it gets another. */
function wants(title: string, targeting: Partial<Targeting>, request: Json, drop: string): Pair {
  return pair(title, {
    source: 'issue, catalog targeting',
    world: targeted(targeting),
    request: { device: phone },
    twin: { request },
    gone: { drop },
  })
}

const device = (parts: Json): Json => ({ device: parts })
const at = (parts: Json): Json => ({ device: { geo: parts } })

const places: readonly Pair[] = [
  wants(
    'geo: country',
    { places: [{ country: 'DEU', region: '', city: '' }] },
    at({ country: 'FRA' }),
    'place',
  ),
  wants(
    'geo: country in two letters',
    { places: [{ country: 'DEU', region: '', city: '' }] },
    at({ country: 'FR' }),
    'place',
  ),
  wants(
    'geo: region',
    { places: [{ country: 'DEU', region: 'BE', city: '' }] },
    at({ region: 'BY' }),
    'place',
  ),
  wants('geo: city', { places: [berlin] }, at({ city: 'Hamburg' }), 'place'),
  wants(
    'geo: an excluded city of a wanted country',
    {
      places: [{ country: 'DEU', region: '', city: '' }],
      excludedPlaces: [{ country: 'DEU', region: '', city: 'hamburg' }],
    },
    at({ city: 'Hamburg' }),
    'place',
  ),
  wants(
    'geo: nothing known of the place',
    { places: [berlin] },
    { device: { geo: null } },
    'place',
  ),
  pair('geo: the place of the address, where the request says none', {
    source: 'issue, catalog: country and city from an MMDB file',
    world: { ...targeted({ places: [{ country: 'CHN', region: 'SH', city: 'shanghai' }] }), geo },
    request: shanghai,
    twin: { request: newYork },
    gone: { drop: 'place' },
  }),
]

const devices: readonly Pair[] = [
  wants(
    'os',
    { os: [{ os: 'android', minVersion: '', maxVersion: '' }] },
    device({ os: 'iOS' }),
    'os',
  ),
  wants(
    'os version: too old',
    { os: [{ os: 'android', minVersion: '14', maxVersion: '' }] },
    device({ osv: '13.9' }),
    'os',
  ),
  wants(
    'os version: too new',
    { os: [{ os: 'android', minVersion: '', maxVersion: '14' }] },
    device({ osv: '15' }),
    'os',
  ),
  wants('device type', { deviceTypes: [4] }, device({ devicetype: 3 }), 'device-type'),
  wants(
    'device type: phone or tablet',
    { deviceTypes: [1] },
    device({ devicetype: 2 }),
    'device-type',
  ),
  wants('make', { makes: ['samsung'] }, device({ make: 'Apple' }), 'make'),
  wants('model', { models: ['sm-s921b'] }, device({ model: 'SM-A556B' }), 'model'),
  wants('language', { languages: ['de'] }, device({ language: 'fr' }), 'language'),
  wants(
    'language: of one country',
    { languages: ['de-de'] },
    device({ language: 'de-AT' }),
    'language',
  ),
  wants('carrier: by name', { carriers: ['vodafone'] }, device({ carrier: 'Telekom' }), 'carrier'),
  wants('carrier: by code', { carriers: ['262-02'] }, device({ mccmnc: '262-01' }), 'carrier'),
  wants('connection', { connectionTypes: [6, 7] }, device({ connectiontype: 2 }), 'connection'),
]

const site = (parts: Json): Json => ({ site: parts })
const none = { allow: [], deny: [] }
const inApp = (title: string, targeting: Partial<Targeting>, change: Json): Pair =>
  pair(title, {
    source: 'issue, catalog targeting',
    world: targeted(targeting),
    request: { site: null, app },
    twin: { request: change },
    gone: { drop: 'inventory' },
  })

const inventories: readonly Pair[] = [
  wants(
    'site domain: allowed',
    { sites: { allow: ['news.example'], deny: [] } },
    site({ domain: 'games.example' }),
    'inventory',
  ),
  wants(
    'site domain: denied, subdomains too',
    { sites: { allow: [], deny: ['games.example'] } },
    site({ domain: 'm.games.example' }),
    'inventory',
  ),
  wants(
    'site domain: deny wins',
    { sites: { allow: ['news.example'], deny: ['bad.news.example'] } },
    site({ domain: 'bad.news.example' }),
    'inventory',
  ),
  wants(
    'site domain: of the page, where the site names none',
    { sites: { allow: ['news.example'], deny: [] } },
    site({ domain: null, page: 'https://games.example/' }),
    'inventory',
  ),
  inApp(
    'app bundle: allowed',
    { apps: { allow: ['com.example.weather'], deny: [] } },
    { app: { bundle: 'com.example.game' } },
  ),
  inApp(
    'app bundle: denied',
    { apps: { allow: [], deny: ['com.example.game'] } },
    { app: { bundle: 'com.Example.Game' } },
  ),
  inApp(
    'app bundle: a site where apps are listed',
    { apps: { allow: ['com.example.weather'], deny: [] }, sites: none },
    { app: null, site: { id: 's', domain: 'news.example' } },
  ),
  wants(
    'publisher: allowed by id',
    { publishers: { allow: ['pub-1'], deny: [] } },
    site({ publisher: { id: 'pub-3' } }),
    'publisher',
  ),
  wants(
    'publisher: denied by domain',
    { publishers: { allow: [], deny: ['tabloid.example'] } },
    site({ publisher: { domain: 'tabloid.example' } }),
    'publisher',
  ),
  wants(
    'content category: allowed, those below too',
    { contentCategories: { taxonomy: 1, allow: ['IAB12'], deny: [] } },
    site({ cat: ['IAB9-30'] }),
    'content-category',
  ),
  wants(
    'content category: denied',
    { contentCategories: { taxonomy: 1, allow: [], deny: ['IAB25'] } },
    site({ cat: ['IAB12-1', 'IAB25-3'] }),
    'content-category',
  ),
  wants(
    'content category: denied in what is shown',
    { contentCategories: { taxonomy: 1, allow: [], deny: ['IAB25'] } },
    site({ content: { cat: ['IAB25-3'] } }),
    'content-category',
  ),
  wants(
    'content category: of another taxonomy',
    { contentCategories: { taxonomy: 1, allow: ['IAB12'], deny: [] } },
    site({ cattax: 6 }),
    'content-category',
  ),
  wants('channel', { channels: ['site'] }, { site: null, app }, 'channel'),
]

const noon = (zone: string, fallbackZone: string, hour: number): Partial<Targeting> => ({
  schedule: {
    zone,
    fallbackZone,
    windows: [{ days: [7], fromMinute: hour * 60, toMinute: hour * 60 + 60 }],
  },
})
const hours = 'issue, catalog targeting: hour of week in the user’s zone'
const off = { drop: 'schedule' }

/** It is Sunday 12:00 UTC. */
const times: readonly Pair[] = [
  pair('hour of week: in the user’s zone', {
    source: hours,
    world: targeted(noon('user', '', 13)),
    request: { device: phone },
    twin: { request: at({ utcoffset: 120 }) },
    gone: off,
  }),
  pair('hour of week: the zone of the address', {
    source: hours,
    world: { ...targeted(noon('user', '', 20)), geo },
    request: shanghai,
    twin: { request: newYork },
    gone: off,
  }),
  pair('hour of week: the fallback where the zone is not known', {
    source: hours,
    world: targeted(noon('user', 'Asia/Tokyo', 21)),
    twin: { world: targeted(noon('user', '', 21)) },
    gone: off,
  }),
  pair('hour of week: in a named zone', {
    source: hours,
    world: targeted(noon('Europe/Berlin', '', 13)),
    twin: { world: targeted(noon('America/New_York', '', 13)) },
    gone: off,
  }),
  pair('hour of week: another hour', {
    source: hours,
    world: targeted(noon('UTC', '', 12)),
    twin: { world: { wallMs: Date.UTC(2026, 10, 22, 13) } },
    gone: off,
  }),
  pair('flight dates: before the start', {
    source: 'campaign startMs',
    world: { campaigns: [aCampaign({ startMs: Date.UTC(2026, 10, 22, 12) })] },
    twin: { world: { wallMs: Date.UTC(2026, 10, 22, 12) - 1 } },
    gone: { drop: 'not-live' },
  }),
  pair('flight dates: from the end on', {
    source: 'campaign endMs',
    world: { campaigns: [aCampaign({ endMs: Date.UTC(2026, 10, 22, 12) + 1 })] },
    twin: { world: { wallMs: Date.UTC(2026, 10, 22, 12) + 1 } },
    gone: { drop: 'not-live' },
  }),
]

const member = (packs: Readonly<Record<string, number>>): Member[] => [
  { type: 'gaid', id: String(phone['ifa']), packs },
]
const people = (audience: Targeting['audience'], packs: Record<string, number>): RoadWorld => ({
  ...targeted({ audience }),
  members: member(packs),
})
const noMember = { drop: 'audience' }

function audience(title: string, rule: Partial<Targeting['audience']>, ...packs: string[][]): Pair {
  const whole = { all: [], any: [], none: [], ...rule }
  // A pack that nobody is in has to be there all the same.
  const inPacks = (ids: string[]) => Object.fromEntries(ids.map((id) => [id, -1]))
  const [before = [], after = []] = packs
  return pair(title, {
    source: 'issue, catalog targeting: audience all/any/none',
    world: people(whole, inPacks(before)),
    request: { device: phone },
    twin: { world: people(whole, inPacks(after)) },
    gone: noMember,
  })
}

const audiences: readonly Pair[] = [
  audience('audience: all', { all: ['a', 'b'] }, ['a', 'b'], ['a']),
  audience('audience: any', { any: ['a', 'b'] }, ['b'], ['c']),
  audience('audience: none', { none: ['a'] }, ['b'], ['a', 'b']),
  pair('audience: a device that is not known', {
    source: 'issue, catalog targeting: audience all/any/none',
    world: people({ all: ['a'], any: [], none: [] }, { a: -1 }),
    request: { device: phone },
    twin: { request: { device: { ifa: '00000000-1111-4222-8333-444444444444' } } },
    gone: noMember,
  }),
]

const supply: readonly Pair[] = [
  pair('exchanges: another', {
    source: 'targeting.exchanges',
    world: targeted({ exchanges: ['x', 'y'] }),
    twin: { world: targeted({ exchanges: ['y'] }) },
    gone: { drop: 'exchange' },
  }),
  pair('format: one that the campaign does not buy', {
    source: 'targeting.formats',
    world: targeted({ formats: ['banner', 'native'] }),
    twin: { world: targeted({ formats: ['video'] }) },
    gone: {},
  }),
  pair('format: a slot of another', {
    source: 'targeting.formats',
    world: targeted({ formats: ['video'] }),
    imp: videoImp,
    twin: { imp: { video: null, banner: { w: 300, h: 250 } } },
    gone: {},
  }),
  pair('campaign: one that is off', {
    source: 'campaign enabled',
    twin: { world: { campaigns: [aCampaign({ enabled: false })] } },
    gone: {},
  }),
  pair('advertiser: one that is off', {
    source: 'advertiser enabled',
    twin: { world: { advertisers: [anAdvertiser({ enabled: false })] } },
    gone: {},
  }),
  pair('creative: one that is off', {
    source: 'creative enabled',
    twin: { world: { creatives: [aBanner({ enabled: false })] } },
    gone: {},
  }),
]

/** Pairs of targeting. */
export const targetingPairs: readonly Pair[] = [
  ...places,
  ...devices,
  ...inventories,
  ...times,
  ...audiences,
  ...supply,
]
