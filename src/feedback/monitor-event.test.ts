import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { InvalidReason } from '../domain/invalid-reason.ts'
import { monitorKinds } from '../domain/monitor.ts'
import { noSerial, serialOf } from '../domain/serial.ts'
import { DeviceHasher } from '../identity/device-hasher.ts'
import { ManualClock } from '../lib/clock.ts'
import { createMonitorReader } from '../media/monitor-reader.ts'
import { builtInMonitors } from '../media/registry.ts'
import { EventKind, EventSource, type FeedbackEvent, outsideEventId } from './event.ts'
import { decodeEvent, encodeEvent } from './event-codec.ts'
import { LinkSignatures } from './link-signature.ts'
import { type MonitorDeps, MonitorEvents, monitorQueryCharsMax } from './monitor-event.ts'
import { MonitorLinks } from './monitor-links.ts'
import { MonitorRefusal, type MonitorRequest } from './monitor-port.ts'
import { NetworkRate } from './network-rate.ts'
import { firstKey, issuedAtMs, salt } from './test-tokens.ts'
import { TrafficCheck } from './traffic-check.ts'

const signatures = new LinkSignatures([firstKey], salt)
const media = new Map(builtInMonitors.map((one) => [one.name, one]))
const links = new MonitorLinks('https://ads.example.com', signatures, media)
const hasher = new DeviceHasher(salt)
const limits = { clicksPerMinuteMax: 0, exposuresPerMinuteMax: 0 }
const chrome = 'Mozilla/5.0 (Linux; Android 14; V2309A) Chrome/123.0 Mobile Safari/537.36'

let events: MonitorEvents
beforeEach(() => {
  events = newEvents()
})

function newEvents(over: Partial<MonitorDeps> = {}): MonitorEvents {
  return new MonitorEvents({
    readers: new Map([...media].map(([name, one]) => [name, createMonitorReader(one, hasher)])),
    signatures,
    traffic: new TrafficCheck(new NetworkRate(limits, new ManualClock())),
    mustBeSigned: () => true,
    hasCampaign: (id) => id !== 'gone',
    strategyOf: (medium, id) => (medium === 'tencent' && id === 'target-1' ? 'win-back' : null),
    ...over,
  })
}

const owner = { advertiserId: 'acme', campaignId: 'spring', creativeId: 'b1', strategyId: 'rta-1' }

/** A built link called with these values in place of its macros; others stay as they are. */
function call(
  medium: string,
  kind: MonitorRequest['kind'],
  values: Readonly<Record<string, string>> = {},
  over: Partial<MonitorRequest & typeof owner> = {},
): MonitorRequest {
  const { advertiserId, campaignId, creativeId, strategyId } = { ...owner, ...over }
  const whose = { advertiserId, campaignId, creativeId, strategyId }
  const link = links.of(media.get(medium)!, whose).links[kind] ?? ''
  const query = link
    .slice(link.indexOf('?') + 1)
    .split('&')
    .map((part) => {
      const [name = ''] = part.split('=', 1)
      const value = values[name]
      return value === undefined ? part : `${name}=${encodeURIComponent(value)}`
    })
    .join('&')
  return {
    ...{ medium, kind, query, receivedAtMs: issuedAtMs, network: '198.51.100.0/24' },
    ...{ agent: 'Go-http-client/1.1', ...over },
  }
}

function eventOf(request: MonitorRequest): FeedbackEvent {
  const reading = events.read(request)
  if (!reading.ok) throw new Error(`refused: ${reading.refusal}`)
  return reading.event
}

function refusalOf(request: MonitorRequest): number {
  const reading = events.read(request)
  return reading.ok ? 0 : reading.refusal
}

const click = {
  ck: '24oi6xq2aaakvagnqu7a',
  ts: String(issuedAtMs / 1_000 - 5),
  os: 'android',
  om: 'c817336cdec0ddb31c2ad1116c98a567',
  ip: '114.84.12.34',
  ua: chrome,
}

test('a click of Tencent becomes an event with everything it tells', () => {
  const event = eventOf(call('tencent', 'click', { ...click, tg: 'target-1' }))
  expect(event).toMatchObject({
    id: outsideEventId(EventKind.Click, 'tencent/acme', `spring/b1/own/${click.ck}`),
    kind: EventKind.Click,
    source: EventSource.MonitorLink,
    eventTimeMs: issuedAtMs - 5_000,
    receivedAtMs: issuedAtMs,
    isTest: false,
    flags: [],
    medium: 'tencent',
    exchange: serialOf('medium', 'tencent'),
    advertiser: serialOf('advertiser', 'acme'),
    campaign: serialOf('campaign', 'spring'),
    creative: serialOf('creative', 'b1'),
    strategy: serialOf('strategy', 'win-back'),
    clickId: click.ck,
    network: '114.84.12.0/24',
    decisionId: '',
    multiplier: 1,
  })
  expect(event.devices).toHaveLength(1)
  expect(event.agent).not.toBe(0)
})

test('an event of a link goes through the log and back unchanged', () => {
  const event = eventOf(call('tencent', 'click', click))
  expect(decodeEvent(encodeEvent(event))).toEqual(event)
})

test('a strategy that is none of ours leaves the one that the link was built for', () => {
  const told = eventOf(call('tencent', 'click', { ...click, tg: 'somebody' }))
  expect(told.strategy).toBe(serialOf('strategy', 'rta-1'))
  const none = eventOf(call('tencent', 'click', click, { strategyId: '' }))
  expect(none.strategy).toBe(noSerial)
})

describe('links', () => {
  test('of a medium or kind that is not there are refused', () => {
    const request = call('tencent', 'click', click)
    expect(refusalOf({ ...request, medium: 'nobody' })).toBe(MonitorRefusal.UnknownMedium)
    expect(refusalOf({ ...request, medium: '__proto__' })).toBe(MonitorRefusal.UnknownMedium)
    const silent = { ...media.get('oppo')!, links: { imp: null, click: null, conv: null } }
    events = newEvents({ readers: new Map([['oppo', createMonitorReader(silent, hasher)]]) })
    expect(refusalOf({ ...request, medium: 'oppo' })).toBe(MonitorRefusal.UnknownKind)
  })

  test.each([
    ['another medium', { medium: 'baidu' }],
    ['another kind', { kind: 'imp' as const }],
  ])('do not count under %s', (_what, over) => {
    expect(refusalOf({ ...call('tencent', 'click', click), ...over })).toBe(
      MonitorRefusal.BadSignature,
    )
  })

  test.each(['aid', 'cid', 'crid', 'sid'])('with a changed %s are refused', (name) => {
    const request = call('tencent', 'click', click)
    const query = request.query.replace(new RegExp(`\\b${name}=[^&]*`), `${name}=other`)
    expect(refusalOf({ ...request, query })).toBe(MonitorRefusal.BadSignature)
    // The first of several counts: a second one cannot be slipped in.
    const doubled = { ...request, query: `${request.query}&${name}=other` }
    expect(eventOf(doubled)).toEqual(eventOf(request))
  })

  test('without a signature are refused, unless the house allows them', () => {
    const request = call('tencent', 'click', click)
    const query = request.query.replace(/&s=[^&]*/, '')
    expect(refusalOf({ ...request, query })).toBe(MonitorRefusal.UnsignedLink)
    events = newEvents({ mustBeSigned: (id) => id !== 'acme' })
    expect(eventOf({ ...request, query })).toEqual(eventOf(request))
    const wrong = request.query.replace(/\bs=../, 's=zz')
    expect(refusalOf({ ...request, query: wrong })).toBe(MonitorRefusal.BadSignature)
  })

  test.each([
    ['no campaign', 'aid=acme&ck=1', MonitorRefusal.NoCampaign],
    ['nothing', '', MonitorRefusal.NoCampaign],
    ['no advertiser', 'cid=spring', MonitorRefusal.Malformed],
    ['a campaign that is no id', 'aid=acme&cid=a/b', MonitorRefusal.Malformed],
    ['a creative that is no id', 'aid=acme&cid=a&crid=%00', MonitorRefusal.Malformed],
  ])('with %s are refused, signed or not', (_what, query, refusal) => {
    events = newEvents({ mustBeSigned: () => false })
    expect(refusalOf({ ...call('tencent', 'click'), query })).toBe(refusal)
  })

  test('of a campaign that is gone are refused', () => {
    const request = call('tencent', 'click', click, { campaignId: 'gone' })
    expect(refusalOf(request)).toBe(MonitorRefusal.NoCampaign)
  })

  test('of more than 16 Ki characters are refused unread', () => {
    const request = call('tencent', 'click', click)
    const query = `${request.query}&x=${'%41'.repeat(monitorQueryCharsMax / 3)}`
    expect(refusalOf({ ...request, query })).toBe(MonitorRefusal.Malformed)
  })
})

describe('the id of an event', () => {
  test('is the same for a repeat, however late, and another for another click', () => {
    const first = eventOf(call('tencent', 'click', click))
    const late = eventOf(call('tencent', 'click', click, { receivedAtMs: issuedAtMs + 9_999 }))
    expect(late.id).toBe(first.id)
    expect(eventOf(call('tencent', 'click', { ...click, ck: 'other' })).id).not.toBe(first.id)
    expect(eventOf(call('tencent', 'imp', click)).id).not.toBe(first.id)
    expect(eventOf(call('tencent', 'click', click, { campaignId: 'x' })).id).not.toBe(first.id)
  })

  test('of a request that brought two ads is two', () => {
    const values = { rq: 'request-1', cr: '1', cb: 'callback' }
    const first = eventOf(call('oceanengine', 'imp', values))
    expect(eventOf(call('oceanengine', 'imp', { ...values, cr: '2' })).id).not.toBe(first.id)
    expect(eventOf(call('oceanengine', 'imp', { ...values, ip: '1.2.3.4' })).id).toBe(first.id)
  })

  test('without any id of the medium is the device at its moment', () => {
    const values = { oa: '6d7fa7de-bfff-4c3e-9d2b-ff7ee7cdc1a2', ts: String(issuedAtMs - 10) }
    const first = eventOf(call('oppo', 'click', values))
    const late = call('oppo', 'click', values, { receivedAtMs: issuedAtMs + 2_000 })
    expect(eventOf(late).id).toBe(first.id)
    const next = { ...values, ts: String(issuedAtMs - 9) }
    expect(eventOf(call('oppo', 'click', next)).id).not.toBe(first.id)
  })

  test('without id and moment is that of its arrival', () => {
    const values = { oa: '6d7fa7de-bfff-4c3e-9d2b-ff7ee7cdc1a2' }
    const first = eventOf(call('oppo', 'click', values))
    expect(eventOf(call('oppo', 'click', values)).id).toBe(first.id)
    const late = call('oppo', 'click', values, { receivedAtMs: issuedAtMs + 1 })
    expect(eventOf(late).id).not.toBe(first.id)
  })

  test('of words for nothing is not one for all', () => {
    for (const nothing of ['null', '0', 'undefined', '__CLICK_ID__']) {
      const event = eventOf(call('tencent', 'click', { ...click, ck: nothing }))
      expect(event.clickId).toBe('')
      expect(event.id).not.toBe(eventOf(call('tencent', 'click', click)).id)
    }
  })

  test("of an order is the advertiser's, whichever medium tells of it", () => {
    const values = { ck: 'c1', oid: 'order-7', act: 'purchase', val: '1999' }
    const event = eventOf(call('oceanengine', 'conv', values))
    expect(event.id).toBe(outsideEventId(EventKind.Conversion, 'acme', 'order-7'))
    expect(eventOf(call('kuaishou', 'conv', values)).id).toBe(event.id)
  })
})

test.each<[string, number]>([
  ['oceanengine', 19_990_000],
  ['baidu', 19_990_000],
  ['kuaishou', 1_999_000_000],
  ['weibo', 1_999_000_000],
  // Its unit is not known: no amount is read.
  ['zhihu', 0],
])('1999 of a conversion of %s are %i micros', (medium, valueMicros) => {
  const event = eventOf(call(medium, 'conv', { oid: 'o', val: '1999', act: 'pay' }))
  const valueCurrency = valueMicros === 0 ? '' : 'CNY'
  expect(event).toMatchObject({ valueMicros, valueCurrency, orderId: 'o', action: 'pay' })
})

test('what post-backs need is kept: a callback where the medium has nothing else', () => {
  const kept = (medium: string, values: Record<string, string>) =>
    eventOf(call(medium, 'click', values)).clickId
  expect(kept('kuaishou', { cb: 'DHAJ+/==' })).toBe('DHAJ+/==')
  expect(kept('baidu', { ck: 'c', cb: 'https://als.baidu.com/cb?a=%2B' })).toBe(
    'https://als.baidu.com/cb?a=%2B',
  )
  expect(kept('bilibili', { ck: 'track', cb: 'https://x.example/' })).toBe('track')
  expect(kept('tencent', { ck: '', cb: 'https://x.example/' })).toBe('https://x.example/')
  // Cut, it would be worth nothing.
  expect(kept('kuaishou', { cb: 'x'.repeat(3_000), ts: '' })).toBe('')
})

describe('invalid traffic', () => {
  test("is told by the user's agent, not by that of the medium's servers", () => {
    expect(eventOf(call('tencent', 'click', click)).flags).toEqual([])
    const crawled = { ...click, ua: 'Mozilla/5.0 (compatible; Googlebot/2.1)' }
    expect(eventOf(call('tencent', 'click', crawled)).flags).toEqual([InvalidReason.Crawler])
    const untold = eventOf(call('tencent', 'click', { ck: 'x' }))
    expect(untold).toMatchObject({ flags: [], network: '', agent: 0 })
  })

  test('of links that devices call is told by the call itself', () => {
    const event = eventOf(call('xiaohongshu', 'click', { ck: 'x' }))
    expect(event.network).toBe('198.51.100.0/24')
    expect(event.flags).toEqual([InvalidReason.DataCentreAgent])
  })

  test('of a moment that is not over yet is flagged', () => {
    const ts = String(issuedAtMs / 1_000 + 3_600)
    const event = eventOf(call('tencent', 'click', { ...click, ts }))
    expect(event.flags).toEqual([InvalidReason.FutureTime])
  })
})

test.each(builtInMonitors)('an unreplaced link of $name is a trial: a test event', ({ name }) => {
  const event = eventOf(call(name, 'click'))
  expect(event).toMatchObject({ isTest: true, clickId: '', devices: [] })
})

const medium = fc.constantFrom(...media.keys())
const kind = fc.constantFrom(...monitorKinds)

test('never throws, whatever comes, and what it makes can be logged', () => {
  events = newEvents({ mustBeSigned: () => false })
  const part = fc.oneof(fc.string({ unit: 'binary' }), fc.webQueryParameters(), fc.base64String())
  const params = fc.array(fc.tuple(fc.constantFrom(...paramNames), part), { maxLength: 30 })
  fc.assert(
    fc.property(medium, kind, params, fc.string({ unit: 'binary' }), (name, of, given, tail) => {
      const encoded = given.map(
        ([key, value]) => `${key}=${encodeURIComponent(toWellFormed(value))}`,
      )
      for (const middle of [encoded, given.map((pair) => pair.join('='))]) {
        const query = ['aid=acme&cid=spring', ...middle, tail].join('&')
        const request = { ...call(name, of), query }
        const reading = events.read(request)
        if (!reading.ok) continue
        expect(decodeEvent(encodeEvent(reading.event))).toEqual(reading.event)
        expect(events.read(request)).toEqual(reading)
      }
    }),
    { numRuns: 200 },
  )
})

const paramNames = [
  ...new Set(
    builtInMonitors.flatMap(({ links: of }) =>
      monitorKinds.flatMap((one) => (of[one] ?? []).map(({ name }) => name)),
    ),
  ),
]

/** Halves of surrogate pairs have no UTF-8. */
function toWellFormed(text: string): string {
  return Buffer.from(text).toString()
}

test('64 KiB of anything cost no more than a look at their length', () => {
  events = newEvents({ mustBeSigned: () => false })
  for (const text of ['%', '&', '&a', '=', '%E4', '{"a":', '__', '[']) {
    const query = `aid=acme&cid=spring&ca=${text.repeat(65_536 / text.length)}`
    expect(refusalOf({ ...call('tencent', 'click'), query })).toBe(MonitorRefusal.Malformed)
    const most = query.slice(0, monitorQueryCharsMax)
    expect(events.read({ ...call('tencent', 'click'), query: most }).ok).toBe(true)
  }
})
