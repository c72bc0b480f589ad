/** Native answers held against the request they answer. */
import { describe, expect, test } from 'vitest'
import {
  assetSlot,
  bidOf,
  creativeOf,
  decisionOf,
  exchangeOf,
  imageSlot,
  impOf,
  links,
  mediaPart,
  mediaSlot,
  nativePart,
  nativeSlot,
  requestOf,
} from '../../../../test/support/slot-fixtures.ts'
import { readXml } from '../../../../test/support/xml-reader.ts'
import type { NativeSlot } from '../../../domain/bid-request.ts'
import type { Creative } from '../../../domain/creative.ts'
import type { Exchange } from '../../../domain/exchange.ts'
import { encodeBidResponse } from '../encode.ts'

interface Case {
  readonly slot?: Partial<NativeSlot>
  readonly creative?: Partial<Creative>
  readonly exchange?: Partial<Exchange>
}

function admOf({ slot = {}, creative = {}, exchange = {} }: Case): unknown {
  const imp = impOf({ native: nativeSlot(slot) })
  const decision = decisionOf([bidOf(creativeOf('native', creative), imp)], exchangeOf(exchange))
  const bytes = encodeBidResponse(requestOf([imp]), decision, { links })
  return JSON.parse(Buffer.from(bytes).toString()).seatbid[0].bid[0].adm
}

function answer(given: Case) {
  return JSON.parse(admOf(given) as string)
}

const impression = 'https://b.example/t/imp?t=00112233aabbccdd.1&p=${AUCTION_PRICE}'
const click = 'https://b.example/t/click?t=00112233aabbccdd.1'
const asked = [{ event: 1, methods: [1, 2] }]

test('fills what is asked with the longest and largest that fits, by the ids of the request', () => {
  const assets = [
    assetSlot(7, { title: { charsMax: 10 } }),
    assetSlot(2, { image: imageSlot({ type: 3, wMin: 600 }) }),
    assetSlot(3, { image: imageSlot({ type: 2 }) }),
    assetSlot(4, { data: { type: 2, charsMax: 30 } }),
    assetSlot(5, { isRequired: false, data: { type: 12, charsMax: 0 } }),
  ]
  expect(answer({ slot: { assets } })).toEqual({
    ver: '1.2',
    assets: [
      { id: 7, title: { text: 'Shoes' } },
      { id: 2, img: { type: 3, url: 'https://cdn.example/m.jpg', w: 1200, h: 627 } },
      { id: 3, img: { type: 2, url: 'https://cdn.example/i.png', w: 80, h: 80 } },
      { id: 4, data: { type: 2, value: 'Light shoes' } },
    ],
    link: { url: click },
    imptrackers: [impression],
  })
})

describe('the trackers', () => {
  const creative = {
    impressionTrackers: ['https://t.example/i?c={{CREATIVE_ID}}'],
    clickTrackers: ['https://t.example/c'],
    native: nativePart({ fallbackUrl: 'https://shop.example/web' }),
  }

  test('are imptrackers unless events are asked for', () => {
    const found = answer({ creative })
    expect(found.imptrackers).toEqual([impression, 'https://t.example/i?c=cr1'])
    expect(found.eventtrackers).toBeUndefined()
    expect(found.link).toEqual({
      url: click,
      clicktrackers: ['https://t.example/c'],
      fallback: 'https://shop.example/web',
    })
  })

  test('are events by image where the request asks for those', () => {
    const found = answer({ creative, slot: { eventTrackers: asked } })
    expect(found.imptrackers).toBeUndefined()
    expect(found.eventtrackers).toEqual([
      { event: 1, method: 1, url: impression },
      { event: 1, method: 1, url: 'https://t.example/i?c=cr1' },
    ])
    const script = answer({ slot: { eventTrackers: [{ event: 1, methods: [2] }] } })
    expect(script.imptrackers).toEqual([impression])
  })

  test('are numbered as the exchange numbers events', () => {
    const exchange = { nativeEvents: 'adcom' } as const
    expect(answer({ exchange, slot: { eventTrackers: asked } }).imptrackers).toBeDefined()
    const eventTrackers = [{ event: 2, methods: [1] }]
    expect(answer({ exchange, slot: { eventTrackers } }).eventtrackers[0].event).toBe(2)
  })
})

describe('the form', () => {
  test('is wrapped for a request that was', () => {
    expect(Object.keys(answer({ slot: { isWrapped: true } }))).toEqual(['native'])
  })

  test('is an object for an exchange that wants it', () => {
    expect(admOf({ exchange: { nativeMarkup: 'object' } })).toMatchObject({ ver: '1.2' })
    expect(admOf({ slot: { version: '1.1' } })).toMatch(/^\{"ver":"1\.1"/)
  })
})

test('a video asset is VAST whose impression is told by the native ad alone', () => {
  const assets = [assetSlot(1, { video: mediaSlot({ protocols: [3] }) })]
  const creative = { native: nativePart({ video: mediaPart() }) }
  const { vasttag } = answer({ slot: { assets }, creative }).assets[0].video
  expect(readXml(vasttag).attributes['version']).toBe('3.0')
  expect(vasttag).toContain('<Impression><![CDATA[about:blank]]></Impression>')
  expect(vasttag).not.toContain('/t/imp')
})

test('hostile texts stay texts', () => {
  const title = '"}],\u2028</script>\\ \ud83d'
  const creative = { native: nativePart({ titles: [title] }) }
  expect(answer({ creative }).assets[0].title.text).toBe(title)
})
