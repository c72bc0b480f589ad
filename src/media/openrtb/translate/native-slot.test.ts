/** The forms in which a native request comes, and which of its assets count. */
import { describe, expect, test } from 'vitest'
import { decodeJson, impOf, type Json } from '../../../../test/support/openrtb-decode.ts'
import { nativeAssetsMax } from './native-slot.ts'

const title = { id: 1, required: 1, title: { len: 90 } }
const plain = { ver: '1.2', assets: [title] }

const nativeOf = (request: unknown, beside: Json = {}) =>
  impOf({ native: { request, ...beside } }).native!
/** Null where the native cannot be filled; a banner keeps the impression usable. */
const nativeOrNull = (request: unknown) => impOf({ banner: {}, native: { request } }).native

describe('the form of the request', () => {
  const text = JSON.stringify(plain)
  test.each([
    ['a text', text, false, false],
    ['an object', plain, false, true],
    ['a wrapped text', JSON.stringify({ native: plain }), true, false],
    ['a wrapped text with spaces', ` {\n "native" : ${text} }`, true, false],
    ['a text encoded twice', JSON.stringify(text), false, false],
    [
      'a wrapped text encoded twice',
      JSON.stringify(JSON.stringify({ native: plain })),
      true,
      false,
    ],
  ])('%s', (_, request, isWrapped, isObject) => {
    const slot = nativeOf(request)
    expect(slot.assets).toHaveLength(1)
    expect([slot.isWrapped, slot.isObject]).toEqual([isWrapped, isObject])
  })

  test('an asset called native does not make a request wrapped', () => {
    const request = { ver: 'native', assets: [title] }
    expect(nativeOf(JSON.stringify(request)).isWrapped).toBe(false)
  })

  test.each([
    ['absent', undefined],
    ['null', null],
    ['empty', ''],
    ['a placeholder', '...Native Spec request as an encoded string...'],
    ['cut off', text.slice(0, -3)],
    ['a list', '[]'],
    ['a number', '7'],
    ['without assets', '{}'],
    ['with no assets', '{"assets":[]}'],
    [
      'text in text in text in text in text',
      [1, 2, 3, 4, 5].reduce((t) => JSON.stringify(t), text),
    ],
    ['deeply nested', '['.repeat(5_000)],
  ])('%s: not usable', (_, request) => expect(nativeOrNull(request)).toBeNull())

  test('a sole native that is not usable leaves no usable impression', () => {
    const imp = [{ id: '1', native: { request: '{}' } }]
    expect(decodeJson({ id: 'r', imp }).refusal).toBe('no-usable-imp')
  })
})

test('every asset and what stands around it', () => {
  const request = {
    ...{ ver: '1.1', context: 1, plcmttype: 4, plcmtcnt: 2 },
    eventtrackers: [
      { event: 1, methods: [1, 2] },
      { event: 555, methods: [500] },
    ],
    assets: [
      title,
      { id: 2, img: { type: 3, w: 600, h: 300, wmin: 300, hmin: 150, mimes: ['Image/PNG'] } },
      { id: 3, required: 0, video: { mimes: ['video/mp4'], maxduration: 15 } },
      { id: 4, required: 1, data: { type: 12, len: 15 } },
    ],
  }
  const none = { title: null, image: null, video: null, data: null }
  expect(nativeOf(JSON.stringify(request), { api: [3], battr: [1], ver: '1.0' })).toEqual({
    ...{ version: '1.1', apis: [3], blockedAttributes: [1], context: 1, placementType: 4 },
    ...{ isWrapped: false, isObject: false },
    eventTrackers: [
      { event: 1, methods: [1, 2] },
      { event: 555, methods: [500] },
    ],
    assets: [
      { ...none, id: 1, isRequired: true, title: { charsMax: 90 } },
      {
        ...{ ...none, id: 2, isRequired: false },
        image: { type: 3, w: 600, h: 300, wMin: 300, hMin: 150, mimes: ['image/png'] },
      },
      {
        ...{ ...none, id: 3, isRequired: false },
        video: expect.objectContaining({ mimes: ['video/mp4'], maxSec: 15 }),
      },
      { ...none, id: 4, isRequired: true, data: { type: 12, charsMax: 15 } },
    ],
  })
})

test.each([
  ['its own', { ver: '1.1' }, { ver: '1.0' }, '1.1'],
  ['the one beside', {}, { ver: '1.0' }, '1.0'],
  ['that of today', {}, {}, '1.2'],
])('the version is %s', (_, inside, beside, version) => {
  expect(nativeOf({ ...plain, ver: null, ...inside }, beside).version).toBe(version)
})

describe('assets that we cannot tell', () => {
  test('are ignored where they are optional', () => {
    expect(nativeOf({ assets: [title, { id: 2 }, { id: 3, carousel: {} }] }).assets).toHaveLength(1)
  })

  test('make the native unusable where one is required', () => {
    expect(nativeOrNull({ assets: [title, { id: 3, required: 1, carousel: {} }] })).toBeNull()
  })

  test('alone make it unusable', () => {
    expect(nativeOrNull({ assets: [{ id: 2 }] })).toBeNull()
  })

  test('of two parts count as the first of them', () => {
    const asset = nativeOf({ assets: [{ id: 1, data: { type: 1 }, title: { len: 5 } }] }).assets[0]
    expect(asset).toMatchObject({ title: { charsMax: 5 }, data: null })
  })

  test('beyond the limit make it unusable', () => {
    const assets = Array<object>(nativeAssetsMax).fill(title)
    expect(nativeOf({ assets }).assets).toHaveLength(nativeAssetsMax)
    expect(nativeOrNull({ assets: [...assets, title] })).toBeNull()
  })
})
