/**
 * The rule and the answer never disagree: a creative fits a slot exactly when an answer can be made
 * whose markup a naive reader of the request finds nothing wrong with.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { complaints } from '../../../test/support/answer-checker.ts'
import {
  assetSlot,
  bannerPart,
  bannerSlot,
  bidOf,
  creativeOf,
  decisionOf,
  exchangeOf,
  impOf,
  links,
  mediaFile,
  mediaPart,
  mediaSlot,
  nativePart,
  nativeSlot,
  requestOf,
} from '../../../test/support/slot-fixtures.ts'
import { elementsOf, readXml } from '../../../test/support/xml-reader.ts'
import type { Imp } from '../../domain/bid-request.ts'
import type { Creative } from '../../domain/creative.ts'
import { shapeOf } from '../../domain/creative-shape.ts'
import { Format } from '../../domain/format.ts'
import { fitSlot } from '../../domain/slot-fit/fit-slot.ts'
import { bidResponse } from './encode.ts'
import type { OrtbBid } from './wire/openrtb.generated.ts'

function answerOf(creative: Creative, imp: Imp): OrtbBid | null {
  const decision = decisionOf([bidOf(creative, imp)], exchangeOf())
  return bidResponse(requestOf([imp]), decision, { links }).seatbid[0]?.bid[0] ?? null
}

/** Small values, so that both answers are frequent. */
const pick = <T>(...values: T[]) => fc.constantFrom(...values)
const some = <T>(...values: T[]) => fc.subarray(values)
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: pick(...others) })

const common = {
  blockedAttributes: mostly<number[]>([], [3], [9], [16]),
  apis: mostly([5, 7], [], [5]),
}

const file = fc
  .record({
    mime: pick('video/mp4', 'video/webm'),
    w: pick(640, 1280),
    h: pick(360, 480),
    bitrateKbps: pick(0, 500, 1500),
    delivery: pick(1, 2),
  })
  .map(mediaFile)

const media = fc
  .record({
    durationSec: pick(6, 15, 30),
    isSkippable: fc.boolean(),
    skipAfterSec: fc.constant(5),
    linearity: fc.constant(1),
    files: fc.array(file, { maxLength: 3 }),
    tagUrl: mostly('', 'https://ads.example/v?a=<]]>&b'),
    protocols: mostly<number[]>([], [2, 3], [11]),
  })
  .map((part) => mediaPart(part.tagUrl === '' ? part : { ...part, files: [] }))

const slot = fc
  .record({
    ...common,
    mimes: mostly<string[]>([], ['video/mp4']),
    protocols: mostly<number[]>([], [2, 3, 5, 6], [13, 14], [1]),
    minSec: mostly(0, 10),
    maxSec: mostly(Infinity, 15),
    requiredSec: mostly<number[]>([], [15, 30]),
    linearity: mostly(0, 1, 2),
    skip: pick(null, true, false),
    skipMinSec: mostly(0, 15),
    widthPx: fc.constant(1280),
    heightPx: fc.constant(720),
    minBitrateKbps: mostly(0, 600),
    maxBitrateKbps: mostly(Infinity, 1000),
    boxingAllowed: mostly(true, false),
    deliveries: mostly<number[]>([], [1], [2]),
    pod: mostly(null, { id: '', sequence: 0, slot: 0, durationSec: 20, adsMax: 2, dedupe: [] }),
  })
  .map(mediaSlot)

const asset = fc
  .record({
    kind: pick('title', 'image', 'data', 'video'),
    isRequired: fc.boolean(),
    charsMax: pick(0, 5, 20),
    type: pick(0, 1, 2, 3),
    side: pick(0, 80, 1200),
    min: pick(0, 80, 1000),
    video: slot,
  })
  .map(({ kind, isRequired, charsMax, type, side, min, video }) => ({
    isRequired,
    title: kind === 'title' ? { charsMax } : null,
    data: kind === 'data' ? { type, charsMax } : null,
    image: kind === 'image' ? { type, w: side, h: 0, wMin: min, hMin: 0, mimes: [] } : null,
    video: kind === 'video' ? video : null,
  }))

const traits = {
  attributes: mostly<number[]>([], [9], [3]),
  apis: mostly<number[]>([], [5], [7]),
  name: fc.string({ unit: 'binary', maxLength: 8 }),
}
const trackers = mostly<string[]>(
  [],
  ['https://t.example/?a=1&b=\'"<{{CREATIVE_ID}}'],
  ['http://t.example/'],
)

const bannerCase = fc.record({
  creative: fc
    .record({ ...traits, impressionTrackers: trackers, w: pick(300, 301, 320), h: pick(250, 50) })
    .chain((given) =>
      fc
        .record({ expands: some(1, 3), type: pick(1, 3), mime: pick('image/png', 'image/gif') })
        .map((part) =>
          creativeOf('banner', {
            ...given,
            banner: bannerPart({ ...part, w: given.w, h: given.h }),
          }),
        ),
    ),
  imp: fc
    .record({
      ...common,
      sizes: mostly([{ w: 300, h: 250 }], [], [{ w: 320, h: 50 }]),
      flex: mostly<{ wRatio: number; hRatio: number; wMinPx: number }[]>(
        [],
        [{ wRatio: 6, hRatio: 5, wMinPx: 250 }],
      ),
      blockedTypes: mostly<number[]>([], [3]),
      mimes: mostly<string[]>([], ['image/png']),
      expandDirections: mostly([1, 3], [1], []),
    })
    .map((banner) => impOf({ banner: bannerSlot(banner) })),
})

const videoCase = fc.record({
  creative: fc
    .record({ ...traits, clickTrackers: trackers, video: media })
    .map((given) => creativeOf('video', given)),
  imp: slot.map((video) => impOf({ video })),
})

const nativeCase = fc.record({
  creative: fc
    .record({
      ...traits,
      impressionTrackers: trackers,
      native: fc
        .record({
          titles: some('Boot', 'Shoes for long walks', '"}]</script>\u2028'),
          data: some({ type: 1, value: 'Example' }, { type: 2, value: 'a'.repeat(30) }),
          video: fc.option(media),
        })
        .map(nativePart),
    })
    .map((given) => creativeOf('native', given)),
  imp: fc
    .array(asset, { maxLength: 4 })
    .map((assets) => assets.map((change, index) => assetSlot(index + 1, change)))
    .map((assets) => impOf({ native: nativeSlot({ assets, apis: [5, 7] }) })),
})

describe('a creative fits exactly when its answer is right', () => {
  test.each([
    ['banner', bannerCase, Format.Banner],
    ['video', videoCase, Format.Video],
    ['native', nativeCase, Format.Native],
  ] as const)('as a %s', (_, cases, format) => {
    const seen = { fits: 0, drops: 0 }
    fc.assert(
      fc.property(fc.record({ given: cases, isSecure: fc.boolean() }), ({ given, isSecure }) => {
        const { creative } = given
        const imp = { ...given.imp, isSecure }
        const fits = fitSlot(shapeOf(creative), imp, format) === 0
        const bid = answerOf(creative, imp)
        const wrong = bid === null ? ['no answer'] : complaints(bid, creative, imp)
        seen[fits ? 'fits' : 'drops'] += 1
        expect({ fits, isRight: wrong.length === 0, wrong }).toEqual({ fits, isRight: fits, wrong })
      }),
      { numRuns: 1_000 },
    )
    // Both sides of "exactly" have to have been seen often.
    expect(Math.min(seen.fits, seen.drops)).toBeGreaterThan(100)
  })
})

test('no text of a creative leaves its place, and everything of ours is resolved', () => {
  const hostile = fc
    .string({ unit: 'binary', maxLength: 40 })
    .filter((text) => !text.includes('{{'))
  fc.assert(
    fc.property(hostile, hostile, (name, id) => {
      const imp = impOf({ video: mediaSlot(), id })
      const { adm } = answerOf(creativeOf('video', { name, id }), imp) ?? {}
      const root = readXml(adm ?? '')
      expect(elementsOf(root, 'AdTitle')).toHaveLength(1)
      expect(elementsOf(root, 'AdTitle')[0]?.children).toEqual([])
      expect(adm).not.toContain('{{')
    }),
  )
})
