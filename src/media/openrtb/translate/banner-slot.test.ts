/** Sizes, ratios and bounds of a banner. */
import { describe, expect, test } from 'vitest'
import { impOf } from '../../../../test/support/openrtb-decode.ts'

const bannerOf = (banner: object, imp = {}, others = {}) =>
  impOf({ banner, ...imp }, undefined, others).banner!

describe('sizes', () => {
  test.each([
    [
      'of format',
      {
        format: [
          { w: 300, h: 250 },
          { w: 320, h: 50 },
        ],
      },
      ['300x250', '320x50'],
    ],
    ['of w and h where there is no format', { w: 728, h: 90 }, ['728x90']],
    [
      'of format alone where both are given',
      { w: 100, h: 400, format: [{ w: 300, h: 250 }] },
      ['300x250'],
    ],
    ['of w and h where no format is usable', { w: 728, h: 90, format: [{}, { w: 5 }] }, ['728x90']],
    ['as texts and floats', { format: [{ w: '300', h: 250.0 }] }, ['300x250']],
    ['not of zero or negative', { w: 0, h: 90, format: [{ w: -1, h: 5 }] }, []],
    ['not of one side', { w: 300 }, []],
    ['none at all: any size', {}, []],
  ])('%s', (_, banner, sizes) => {
    const slot = bannerOf(banner)
    expect(slot.sizes.map(({ w, h }) => `${w}x${h}`)).toEqual(sizes)
    expect(slot.flex).toEqual([])
  })

  test('of ratios, beside fixed ones and without', () => {
    const ratio = { wratio: 16, hratio: 9, wmin: 320 }
    const flex = [{ wRatio: 16, hRatio: 9, wMinPx: 320 }]
    expect(bannerOf({ format: [ratio, { w: 300, h: 250 }] })).toMatchObject({
      sizes: [{ w: 300, h: 250 }],
      flex,
    })
    // A ratio is a usable format, so w and h do not count beside it.
    expect(bannerOf({ format: [ratio], w: 300, h: 250 })).toMatchObject({ sizes: [], flex })
  })
})

describe('bounds', () => {
  test('of the old fields where no size is given', () => {
    expect(bannerOf({ wmin: 100, wmax: 320, hmax: 100 }).bounds).toEqual({
      ...{ wMin: 100, wMax: 320, hMin: 0, hMax: 100 },
    })
    expect(bannerOf({ wmin: 100, w: 300, h: 50 }).bounds).toBeNull()
    expect(bannerOf({}).bounds).toBeNull()
  })

  test('of the screen where an interstitial gives no size', () => {
    const device = { device: { w: 1080, h: 2340, pxratio: 3 } }
    const screen = { wMin: 0, wMax: 360, hMin: 0, hMax: 780 }
    expect(bannerOf({}, { instl: 1 }, device).bounds).toEqual(screen)
    expect(bannerOf({}, { instl: 0 }, device).bounds).toBeNull()
    expect(bannerOf({ w: 320, h: 480 }, { instl: 1 }, device).bounds).toBeNull()
    expect(bannerOf({}, { instl: 1 }, { device: { w: 360 } }).bounds).toBeNull()
    expect(bannerOf({}, { instl: 1 }, { device: { w: 360, h: 780 } }).bounds).toEqual(screen)
  })
})

test('everything else of a banner', () => {
  expect(
    bannerOf({
      ...{ w: 300, h: 250, pos: 3, btype: [1, 4], battr: [1, 999], expdir: [2], api: [5, 7] },
      ...{ mimes: ['Image/JPEG', 'text/html'], topframe: 1, id: 'b' },
    }),
  ).toEqual({
    sizes: [{ w: 300, h: 250 }],
    flex: [],
    bounds: null,
    blockedTypes: [1, 4],
    blockedAttributes: [1, 999],
    position: 3,
    mimes: ['image/jpeg', 'text/html'],
    expandDirections: [2],
    apis: [5, 7],
  })
  expect(bannerOf({ mimes: null, battr: null, pos: null })).toMatchObject({
    ...{ mimes: [], blockedAttributes: [], position: 0 },
  })
})
