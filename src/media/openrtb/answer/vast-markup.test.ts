/** VAST read back by a reader of its own, and held against the order that each version demands. */
import { describe, expect, test } from 'vitest'
import {
  audioPart,
  bidOf,
  creativeOf,
  decisionOf,
  exchangeOf,
  impOf,
  links,
  mediaFile,
  mediaPart,
  mediaSlot,
  requestOf,
} from '../../../../test/support/slot-fixtures.ts'
import { elementsOf, readXml, type XmlElement } from '../../../../test/support/xml-reader.ts'
import type { MediaSlot } from '../../../domain/bid-request.ts'
import type { Creative, MediaPart } from '../../../domain/creative.ts'
import type { Exchange } from '../../../domain/exchange.ts'
import { bidResponse } from '../encode.ts'
import type { OrtbBid } from '../wire/openrtb.generated.ts'

interface Case {
  readonly slot?: Partial<MediaSlot>
  readonly creative?: Partial<Creative>
  readonly exchange?: Partial<Exchange>
  readonly isAudio?: boolean
}

function bid({ slot = {}, creative = {}, exchange = {}, isAudio = false }: Case): OrtbBid {
  const imp = impOf({ [isAudio ? 'audio' : 'video']: mediaSlot(slot) })
  const own = creativeOf(isAudio ? 'audio' : 'video', creative)
  const decision = decisionOf([bidOf(own, imp)], exchangeOf(exchange))
  const wire = bidResponse(requestOf([imp]), decision, { links }).seatbid[0]?.bid[0]
  if (wire === undefined) throw new Error('no bid')
  return wire
}

function vast(given: Case): XmlElement {
  return readXml(bid(given).adm ?? '')
}

function part(change: Partial<MediaPart>): Case {
  return { creative: { video: mediaPart(change) } }
}

const names = (element: XmlElement | undefined) => element?.children.map(({ name }) => name)
const texts = (root: XmlElement, name: string) => elementsOf(root, name).map(({ text }) => text)
const first = (root: XmlElement, name: string) => elementsOf(root, name)[0]

const impression = 'https://b.example/t/imp?t=00112233aabbccdd.1&p=${AUCTION_PRICE}'
const bill = 'https://b.example/n/bill?t=00112233aabbccdd.1&p=${AUCTION_PRICE}'
const click = 'https://b.example/t/click?t=00112233aabbccdd.1'

describe('an inline video', () => {
  test.each([
    [2, '2.0', ['AdSystem', 'AdTitle', 'Impression', 'Impression', 'Creatives']],
    [3, '3.0', ['AdSystem', 'AdTitle', 'Advertiser', 'Impression', 'Impression', 'Creatives']],
    [7, '4.0', ['AdSystem', 'Impression', 'Impression', 'AdTitle', 'Advertiser', 'Creatives']],
    ...[11, 13, 15].map((protocol, index): [number, string, string[]] => [
      protocol,
      `4.${index + 1}`,
      [
        ...['AdSystem', 'Impression', 'Impression', 'AdServingId', 'AdTitle'],
        ...['Advertiser', 'Creatives'],
      ],
    ]),
  ])('as protocol %i is VAST %s in the order of its schema', (protocol, version, order) => {
    const given = { slot: { protocols: [1, protocol] } }
    const root = vast(given)
    expect(root).toMatchObject({ name: 'VAST', attributes: { version } })
    expect(names(first(root, 'InLine'))).toEqual(order)
    expect(bid(given).protocol).toBe(protocol)
    const isFour = version >= '4'
    expect(names(first(root, 'Creative'))).toEqual(
      isFour ? ['Linear', 'UniversalAdId'] : ['Linear'],
    )
    expect(names(first(root, 'Linear'))).toEqual(
      isFour
        ? ['Duration', 'MediaFiles', 'VideoClicks']
        : ['Duration', 'VideoClicks', 'MediaFiles'],
    )
    expect(texts(root, 'Duration')).toEqual(['00:00:15'])
    expect(texts(root, 'ClickThrough')).toEqual([click])
    expect(first(root, 'UniversalAdId')?.attributes).toEqual(
      version === '4.0'
        ? { idRegistry: 'unknown', idValue: 'cr1' }
        : isFour
          ? { idRegistry: 'unknown' }
          : undefined,
    )
  })

  test('is 4.2 where the request does not say', () => {
    expect(vast({}).attributes['version']).toBe('4.2')
    expect(vast(part({ protocols: [2, 3] })).attributes['version']).toBe('3.0')
    expect(vast(part({ protocols: [15] })).attributes['version']).toBe('4.3')
  })

  test('is billed by its impression, not by burl', () => {
    expect(texts(vast({}), 'Impression')).toEqual([bill, impression])
    expect(bid({}).burl).toBeNull()
    const quiet = { exchange: { notices: { win: false, billing: false, loss: false } } }
    expect(texts(vast(quiet), 'Impression')).toEqual([impression])
  })

  test('carries the trackers of the creative', () => {
    const creative = {
      impressionTrackers: ['https://t.example/i?a=1&b=]]>{{CREATIVE_ID}}'],
      clickTrackers: ['https://t.example/c'],
    }
    const root = vast({ creative })
    expect(texts(root, 'Impression')[2]).toBe('https://t.example/i?a=1&b=]]>cr1')
    expect(names(first(root, 'VideoClicks'))).toEqual(['ClickTracking', 'ClickThrough'])
    const old = vast({ creative, slot: { protocols: [3] } })
    expect(names(first(old, 'VideoClicks'))).toEqual(['ClickThrough', 'ClickTracking'])
  })

  test('has only the files that the slot takes', () => {
    const files = [
      mediaFile({ url: 'https://cdn.example/1', bitrateKbps: 400, delivery: 1 }),
      mediaFile({ url: 'https://cdn.example/2?a=1&b=2', bitrateKbps: 900 }),
      mediaFile({ url: 'https://cdn.example/3', mime: 'video/webm' }),
    ]
    const given = { ...part({ files }), slot: { mimes: ['video/mp4'], maxBitrateKbps: 900 } }
    const found = elementsOf(vast(given), 'MediaFile')
    expect(found.map(({ text }) => text)).toEqual([
      'https://cdn.example/1',
      'https://cdn.example/2?a=1&b=2',
    ])
    expect(found[0]?.attributes).toEqual({
      delivery: 'streaming',
      type: 'video/mp4',
      width: '1280',
      height: '720',
      bitrate: '400',
      scalable: 'true',
      maintainAspectRatio: 'true',
    })
  })

  test('offers to skip where the player does not, and says so', () => {
    const skippable = part({ isSkippable: true, skipAfterSec: 5, durationSec: 75.5 })
    const root = vast(skippable)
    expect(first(root, 'Linear')?.attributes).toEqual({ skipoffset: '00:00:05' })
    expect(texts(root, 'Duration')).toEqual(['00:01:15.500'])
    expect(bid(skippable).attr).toEqual([16])
    const imposed = { ...skippable, slot: { skip: true } }
    expect(first(vast(imposed), 'Linear')?.attributes).toEqual({})
    expect(bid(imposed).attr).toEqual([])
    const old = { ...skippable, slot: { protocols: [2] } }
    expect(first(vast(old), 'Linear')?.attributes).toEqual({})
  })

  test('names its measurement where its version has a place for it', () => {
    const verifications = [
      {
        vendor: 'm.example-omid',
        scriptUrl: 'https://m.example/o.js',
        parameters: '{"a":"<&]]>"}',
      },
    ]
    const own = (protocol: number) =>
      vast({ ...part({ verifications }), slot: { protocols: [protocol] } })
    for (const protocol of [3, 7]) {
      const extension = first(own(protocol), 'Extension')
      expect(extension?.attributes).toEqual({ type: 'AdVerifications' })
      expect(names(extension)).toEqual(['AdVerifications'])
    }
    expect(names(first(own(7), 'InLine'))?.slice(0, 3)).toEqual([
      ...['AdSystem', 'Extensions', 'Impression'],
    ])
    expect(names(first(own(3), 'InLine'))?.at(-1)).toBe('Extensions')
    const root = own(11)
    expect(first(root, 'Extensions')).toBeUndefined()
    expect(names(first(root, 'InLine'))).toContain('AdVerifications')
    expect(first(root, 'Verification')?.attributes).toEqual({ vendor: 'm.example-omid' })
    expect(texts(root, 'JavaScriptResource')).toEqual(['https://m.example/o.js'])
    expect(texts(root, 'VerificationParameters')).toEqual(['{"a":"<&]]>"}'])
  })

  test('survives hostile names', () => {
    const name = '</AdTitle>]]><x a="&\u0000\ud800\u202e\'">'
    const root = vast({ creative: { name, id: '"><b>' } })
    expect(texts(root, 'AdTitle')).toEqual(['</AdTitle>]]><x a="&\u202e\'">'])
    expect(first(root, 'Ad')?.attributes).toEqual({ id: '"><b>' })
  })
})

describe('a wrapper', () => {
  const given = (protocol: number, change: Partial<MediaPart> = {}): Case => ({
    ...part({ tagUrl: 'https://ads.example/v?a=1&cb={{CACHEBUSTER}}', files: [], ...change }),
    slot: { protocols: [protocol] },
  })

  test('points to the tag, in the order of the version', () => {
    const old = vast(given(6))
    expect(old.attributes['version']).toBe('3.0')
    expect(names(first(old, 'Wrapper'))).toEqual([
      ...['AdSystem', 'VASTAdTagURI', 'Impression', 'Impression', 'Creatives'],
    ])
    const four = vast(given(14))
    expect(names(first(four, 'Wrapper'))).toEqual([
      ...['AdSystem', 'Impression', 'Impression', 'Creatives', 'VASTAdTagURI'],
    ])
    expect(texts(four, 'VASTAdTagURI')).toEqual(['https://ads.example/v?a=1&cb=00112233aabbccdd1'])
    expect(texts(four, 'ClickTracking')).toEqual([click])
    expect(first(four, 'ClickThrough')).toBeUndefined()
    expect(bid(given(14)).protocol).toBe(14)
  })

  test('around an overlay tracks its clicks', () => {
    expect(texts(vast(given(14, { linearity: 2 })), 'NonLinearClickTracking')).toEqual([click])
    expect(names(first(vast(given(5, { linearity: 2 })), 'Creative'))).toEqual(['NonLinearAds'])
  })
})

test('an overlay shows pictures, with the order of its version', () => {
  const files = [mediaFile({ mime: 'image/png', w: 480, h: 70, url: 'https://cdn.example/o.png' })]
  const given = {
    ...part({ linearity: 2, files }),
    creative: {
      video: mediaPart({ linearity: 2, files }),
      clickTrackers: ['https://t.example/c'],
    },
  }
  const root = vast(given)
  expect(first(root, 'NonLinear')?.attributes).toEqual({
    width: '480',
    height: '70',
    minSuggestedDuration: '00:00:15',
  })
  expect(names(first(root, 'NonLinear'))).toEqual([
    ...['StaticResource', 'NonLinearClickThrough', 'NonLinearClickTracking'],
  ])
  expect(first(root, 'StaticResource')?.attributes).toEqual({ creativeType: 'image/png' })
  const old = vast({ ...given, slot: { protocols: [3] } })
  expect(names(first(old, 'NonLinear'))).toEqual([
    ...['StaticResource', 'NonLinearClickTracking', 'NonLinearClickThrough'],
  ])
})

test('an audio ad is audio by its type and by its files', () => {
  const given = { isAudio: true, creative: { audio: audioPart() } }
  const root = vast(given)
  expect(first(root, 'Ad')?.attributes).toEqual({ id: 'cr1', adType: 'audio' })
  expect(first(root, 'MediaFile')?.attributes).toMatchObject({ type: 'audio/mpeg', width: '0' })
  const spelt = vast({ ...given, slot: { mimes: ['audio/ogg', 'audio/mp3'] } })
  expect(first(spelt, 'MediaFile')?.attributes).toMatchObject({ type: 'audio/mp3' })
  const old = vast({ ...given, slot: { protocols: [7] } })
  expect(first(old, 'Ad')?.attributes).toEqual({ id: 'cr1' })
  expect(bid(given)).toMatchObject({ mtype: 3, dur: 15, protocol: 13 })
})
