/** What exchanges write in JSON and what we make of it. */
import { describe, expect, test } from 'vitest'
import {
  readBidRequestJson,
  readBidResponseJson,
  readNativeRequestJson,
  readNativeResponseJson,
} from './json-reader.ts'
import { writeBidRequestJson } from './json-writer.ts'
import { type OrtbBidRequest, ortbNone } from './openrtb.generated.ts'
import { ortbMessage } from './ortb-schema.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function requestOf(body: unknown): OrtbBidRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const request = readBidRequestJson(bytesOf(text))
  if (request === null) throw new Error(`not read: ${text}`)
  return request
}

describe('what is no request', () => {
  test.each(['', '[]', '"x"', '1', 'null', '{', '{"id":}', '{"id":"1"} x', '\u00ff'])(
    '%j is null',
    (text) => {
      expect(readBidRequestJson(bytesOf(text))).toBeNull()
    },
  )

  test('an empty object is a request with everything absent', () => {
    const request = requestOf({})
    expect(Object.keys(request)).toEqual(
      ortbMessage('BidRequest').fields.map((field) => field.name),
    )
    expect(request.imp).toBe(ortbNone)
    expect(request.id).toBeNull()
  })
})

describe('numbers', () => {
  test.each([
    ['320', 320],
    ['"320"', 320],
    ['320.0', 320],
    ['"320.0"', 320],
    ['3.2e2', 320],
    ['" 320 "', 320],
    ['320.9', 320],
    ['-320.9', -320],
    ['-0', 0],
    ['2147483647', 2_147_483_647],
    ['-2147483648', -2_147_483_648],
    ['2147483648', null],
    ['1e999', null],
    ['"0x10"', null],
    ['""', null],
    ['"wide"', null],
    ['true', null],
    ['{}', null],
    ['[320]', null],
    ['null', null],
  ])('an integer given as %s is %s', (text, expected) => {
    expect(requestOf(`{"tmax":${text}}`).tmax).toBe(expected)
  })

  test.each([
    ['0.85', 0.85],
    ['"0.85"', 0.85],
    ['1', 1],
    ['1E-2', 0.01],
    ['-0', 0],
    ['1e999', null],
    ['"1e999"', null],
    ['"-0"', 0],
    ['"NaN"', null],
    ['"Infinity"', null],
    ['false', null],
  ])('a price given as %s is %s', (text, expected) => {
    expect(requestOf(`{"imp":[{"bidfloor":${text}}]}`).imp[0]?.bidfloor).toBe(expected)
  })

  test('a number of 64 bits keeps its digits, as a number and as a text', () => {
    const text = '{"imp":[{"ext":{"billing_id":[9007199254740993,"9007199254740995","x",7.0]}}]}'
    expect(requestOf(text).imp[0]?.ext?.billing_id).toEqual([
      '9007199254740993',
      '9007199254740995',
      '7',
    ])
  })
})

describe('flags', () => {
  test.each([
    ['1', true],
    ['0', false],
    ['true', true],
    ['false', false],
    ['"1"', true],
    ['"0"', false],
    ['"true"', true],
    ['"False"', false],
    ['3', true],
    ['0.0', false],
    ['-1', true],
    ['"maybe"', null],
    ['""', null],
    ['null', null],
    ['{}', null],
  ])('a flag given as %s is %s', (text, expected) => {
    expect(requestOf(`{"test":${text}}`).test).toBe(expected)
  })

  test('an absent flag is not false', () => {
    expect(requestOf({ regs: {} }).regs?.gdpr).toBeNull()
  })
})

describe('texts', () => {
  test.each([
    ['12345678901234567890', '12345678901234567890'],
    ['1.50', '1.50'],
    ['true', 'true'],
    ['"a\\u00e9\\n"', 'aé\n'],
    ['"\\ud83d\\ude00"', '😀'],
    ['"\\ud83d"', '\ufffd'],
    ['""', ''],
    ['null', null],
    ['["x"]', null],
    ['{}', null],
  ])('a text given as %s is %j', (text, expected) => {
    expect(requestOf(`{"id":${text}}`).id).toBe(expected)
  })

  test('a body with other letters than ASCII keeps all texts', () => {
    const request = requestOf(
      '{"id":"plain","site":{"name":"Näme 名","page":"https://x.example/"}}',
    )
    expect(request.id).toBe('plain')
    expect(request.site?.name).toBe('Näme 名')
    expect(request.site?.page).toBe('https://x.example/')
  })
})

describe('lists', () => {
  test.each([
    ['"USD"', ['USD']],
    ['["USD",null,"EUR"]', ['USD', 'EUR']],
    ['["USD",{},[],"EUR"]', ['USD', 'EUR']],
    ['[]', []],
    ['null', []],
    ['""', []],
    ['7', ['7']],
    ['{}', []],
  ])('a list of texts given as %s', (text, expected) => {
    expect(requestOf(`{"cur":${text}}`).cur).toEqual(expected)
  })

  test('a list of numbers keeps what is one', () => {
    const text = '{"imp":[{"banner":{"battr":[1,"2",3.0,"x",null,true],"api":5}}]}'
    const banner = requestOf(text).imp[0]?.banner
    expect(banner?.battr).toEqual([1, 2, 3])
    expect(banner?.api).toEqual([5])
  })

  test('one object where a list of them belongs is a list of it', () => {
    const request = requestOf({ imp: { id: '1', banner: { format: { w: 300, h: 250 } } } })
    expect(request.imp[0]?.banner?.format).toHaveLength(1)
  })

  test('an absent list is one frozen empty list', () => {
    const request = requestOf({ imp: [{}] })
    expect(request.bcat).toBe(ortbNone)
    expect(request.imp[0]?.iframebuster).toBe(ortbNone)
    expect(Object.isFrozen(ortbNone)).toBe(true)
  })
})

describe('objects', () => {
  test('a message of another type is absent', () => {
    expect(requestOf({ site: 'x', app: [{}], device: 1 })).toEqual(requestOf({}))
  })

  test('unknown members are skipped, whatever they hold', () => {
    const text = '{"x":{"id":"no"},"id":"1","y":[[{"id":2}]],"imp":[{"z":{"id":3},"id":"i"}]}'
    expect(requestOf(text)).toEqual(requestOf({ id: '1', imp: [{ id: 'i' }] }))
  })

  test('names of the prototype are unknown members', () => {
    const text = '{"__proto__":{"id":"p"},"constructor":1,"toString":2,"imp":[{"__proto__":[]}]}'
    const request = requestOf(text)
    expect(request).toEqual(requestOf({ imp: [{}] }))
    expect(Object.getPrototypeOf(request)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['id']).toBeUndefined()
  })

  test('of members with the same name the last one counts, null too', () => {
    const text = '{"id":"a","id":"b","site":{"id":"1"},"site":{"name":"n"},"at":1,"at":null}'
    const request = requestOf(text)
    expect(request.id).toBe('b')
    expect(request.site).toMatchObject({ id: null, name: 'n' })
    expect(request.at).toBeNull()
  })

  test('a name written with escapes is the same name', () => {
    expect(requestOf('{"\\u0069d":"1","t\\u006dax":5,"i\\nd":"2"}')).toEqual(
      requestOf({ id: '1', tmax: 5 }),
    )
  })

  test('site and app may both stand in JSON', () => {
    const request = requestOf({ site: { id: 's' }, app: { id: 'a' } })
    expect(request.site?.id).toBe('s')
    expect(request.app?.id).toBe('a')
  })

  test('the order of members does not change the order of fields', () => {
    const turned = requestOf('{"ext":{},"imp":[{"ext":{},"id":"1"}],"id":"1"}')
    expect(Object.keys(turned)).toEqual(Object.keys(requestOf({})))
    expect(writeBidRequestJson(turned)).toEqual(
      bytesOf('{"id":"1","imp":[{"id":"1","ext":{}}],"ext":{}}'),
    )
  })
})

describe('native', () => {
  const native = { ver: '1.2', assets: [{ id: 1, required: 1, title: { len: 25 } }] }
  const parsed = readNativeRequestJson(JSON.stringify(native))

  test('a request as a text stays a text', () => {
    const request = requestOf({ imp: [{ native: { request: '{"ver":"1.2"}' } }] })
    expect(request.imp[0]?.native).toMatchObject({
      request: '{"ver":"1.2"}',
      request_native: null,
    })
  })

  test.each([
    ['as an object', native],
    ['as an object inside of an object', { native }],
  ])('a request %s is parsed', (_, form) => {
    const request = requestOf({ imp: [{ native: { request: form } }] })
    expect(request.imp[0]?.native?.request).toBeNull()
    expect(request.imp[0]?.native?.request_native).toEqual(parsed)
    expect(parsed?.assets[0]).toMatchObject({ id: 1, required: true, title: { len: 25 } })
  })

  test.each([
    ['inside of an object', JSON.stringify({ native })],
    ['encoded twice', JSON.stringify(JSON.stringify(native))],
    ['encoded twice inside of an object', JSON.stringify(JSON.stringify({ native }))],
  ])('a text with the request %s is read', (_, text) => {
    expect(readNativeRequestJson(text)).toEqual(parsed)
  })

  test.each(['', 'placeholder', '{"ver":', '[]', '""'])('%j is no native request', (text) => {
    expect(readNativeRequestJson(text)).toBeNull()
  })

  test('markup as a text, as an object and inside of an object', () => {
    const answer = { assets: [{ id: 1, title: { text: 't' } }], link: { url: 'https://x.example' } }
    const expected = readNativeResponseJson(JSON.stringify(answer))
    const bid = (adm: unknown): unknown => ({ seatbid: [{ bid: [{ adm }] }] })
    const read = (adm: unknown) =>
      readBidResponseJson(bytesOf(JSON.stringify(bid(adm))))?.seatbid[0]?.bid[0]
    expect(read('<vast/>')).toMatchObject({ adm: '<vast/>', adm_native: null })
    expect(read({ native: answer })).toMatchObject({ adm: null, adm_native: expected })
    expect(expected?.link?.url).toBe('https://x.example')
  })
})

describe('places of 2.5, of Google, of Prebid, and misspelled ones', () => {
  test.each([
    ['gdpr', { regs: { ext: { gdpr: 1 } } }, { regs: { gdpr: 1, ext: {} } }],
    [
      'us_privacy',
      { regs: { ext: { us_privacy: '1Y' } } },
      { regs: { us_privacy: '1Y', ext: {} } },
    ],
    [
      'gpp',
      { regs: { ext: { gpp: 'DB', gpp_sid: [7] } } },
      { regs: { gpp: 'DB', gpp_sid: [7], ext: {} } },
    ],
    ['consent', { user: { ext: { consent: 'C' } } }, { user: { consent: 'C', ext: {} } }],
    [
      'eids',
      { user: { ext: { eids: [{ source: 's' }] } } },
      { user: { eids: [{ source: 's' }], ext: {} } },
    ],
    ['kwarray', { user: { ext: { kwarray: ['k'] } } }, { user: { kwarray: ['k'], ext: {} } }],
    [
      'schain',
      { source: { ext: { schain: { ver: '1.0' } } } },
      { source: { schain: { ver: '1.0' }, ext: {} } },
    ],
    [
      'schain of the request',
      { ext: { schain: { ver: '1.0' } } },
      { source: { schain: { ver: '1.0' } }, ext: {} },
    ],
    ['rwdd', { imp: [{ ext: { rwdd: 1 } }] }, { imp: [{ rwdd: 1, ext: {} }] }],
    ['rewarded', { imp: [{ ext: { is_rewarded_inventory: 1 } }] }, { imp: [{ rwdd: 1, ext: {} }] }],
    [
      'rewarded by Prebid',
      { imp: [{ ext: { prebid: { is_rewarded_inventory: 1 } } }] },
      { imp: [{ rwdd: 1, ext: {} }] },
    ],
    [
      'rewarded of a video',
      { imp: [{ video: { ext: { rewarded: 1 } } }] },
      { imp: [{ rwdd: 1, video: { ext: {} } }] },
    ],
    ['ssai', { imp: [{ ext: { ssai: 2 } }] }, { imp: [{ ssai: 2, ext: {} }] }],
    [
      'sua',
      { device: { ext: { sua: { model: 'm' } } } },
      { device: { sua: { model: 'm' }, ext: {} } },
    ],
    [
      'client hints of Google',
      { device: { ext: { user_agent_data: { browser: { brand: 'B' }, mobile: 1 } } } },
      { device: { sua: { browsers: [{ brand: 'B' }], mobile: 1 }, ext: {} } },
    ],
    [
      'protocol',
      { imp: [{ video: { protocol: 3 } }] },
      { imp: [{ video: { protocol: 3, protocols: [3] } }] },
    ],
    [
      'venue',
      { dooh: { venuetypeid: '42', venuetax: 1 } },
      { dooh: { venuetype: ['42'], venuetypetax: 1 } },
    ],
    ['cids', { user: { data: [{ cids: ['c'] }] } }, { user: { data: [{ ext: { cids: ['c'] } }] } }],
    [
      'ids of the device',
      { device: { eids: [{ source: 's' }], ifa_type: 'aaid' } },
      { device: { ext: { ifa_type: 'aaid' } }, user: { eids: [{ source: 's' }] } },
    ],
    [
      'seats of a deal',
      { imp: [{ pmp: { deals: [{ wseats: ['s'] }] } }] },
      { imp: [{ pmp: { deals: [{ wseat: ['s'] }] } }] },
    ],
    ['longitude', { device: { geo: { long: 1.5 } } }, { device: { geo: { lon: 1.5 } } }],
  ])('%s is read at its place of 2.6', (_, older, newer) => {
    expect(requestOf(older)).toEqual(requestOf(newer))
  })

  test('the place of 2.6 is preferred, in whatever order they come', () => {
    const texts = [
      '{"regs":{"gpp":"new","ext":{"gpp":"old","gdpr":1},"gdpr":0}}',
      '{"regs":{"ext":{"gdpr":1,"gpp":"old"},"gdpr":0,"gpp":"new"}}',
    ]
    for (const text of texts) {
      expect(requestOf(text).regs).toMatchObject({ gdpr: false, gpp: 'new', ext: { gdpr: true } })
    }
  })

  test('an empty value at the place of 2.6 does not hide the older place', () => {
    const request = requestOf({ user: { eids: [], consent: null, ext: { consent: 'C' } } })
    expect(request.user?.consent).toBe('C')
  })
})
