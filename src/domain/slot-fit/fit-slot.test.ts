/** Every rule of a slot as a pair: a creative that fits, and the slot's twin that it breaks. */
import { describe, expect, test } from 'vitest'
import {
  assetSlot,
  audioPart,
  bannerPart,
  bannerSlot,
  creativeOf,
  imageSlot,
  impOf,
  mediaFile,
  mediaPart,
  mediaSlot,
  nativePart,
  nativeSlot,
} from '../../../test/support/slot-fixtures.ts'
import type {
  BannerSlot,
  Imp,
  MediaSlot,
  NativeAssetSlot,
  NativeSlot,
  PodPlace,
} from '../bid-request.ts'
import type { BannerPart, Creative, MediaPart } from '../creative.ts'
import { shapeOf } from '../creative-shape.ts'
import { Drop, dropNames } from '../drop-reason.ts'
import { Format } from '../format.ts'
import { fitSlot } from './fit-slot.ts'

/** Name of the reason, so that a failure reads well. */
function reason(creative: Creative, imp: Imp, format: Format): string | undefined {
  return dropNames.get(fitSlot(shapeOf(creative), imp, format))
}

function name(drop: Drop): string | undefined {
  return dropNames.get(drop)
}

function banner(slot: Partial<BannerSlot>, part: Partial<BannerPart> = {}): string | undefined {
  const creative = creativeOf('banner', { banner: bannerPart(part) })
  return reason(creative, impOf({ banner: bannerSlot(slot) }), Format.Banner)
}

function video(slot: Partial<MediaSlot>, part: Partial<MediaPart> = {}): string | undefined {
  const creative = creativeOf('video', { video: mediaPart(part) })
  return reason(creative, impOf({ video: mediaSlot(slot) }), Format.Video)
}

function native(assets: NativeAssetSlot[], slot: Partial<NativeSlot> = {}): string | undefined {
  const imp = impOf({ native: nativeSlot({ assets, ...slot }) })
  return reason(creativeOf('native'), imp, Format.Native)
}

const pod: PodPlace = { id: '', sequence: 0, slot: 0, durationSec: 0, adsMax: 0, dedupe: [] }

describe('every format', () => {
  test('fits a slot of its own format only', () => {
    const imp = impOf({ banner: bannerSlot(), video: mediaSlot() })
    expect(reason(creativeOf('banner'), imp, Format.Banner)).toBe('none')
    expect(reason(creativeOf('banner'), imp, Format.Video)).toBe(name(Drop.Format))
    expect(reason(creativeOf('audio'), imp, Format.Audio)).toBe(name(Drop.Format))
    expect(reason(creativeOf('native'), imp, Format.Native)).toBe(name(Drop.Format))
  })

  test('fits nowhere without the part of its format', () => {
    const imp = impOf({ banner: bannerSlot(), video: mediaSlot(), native: nativeSlot() })
    const without = { banner: null, video: null, native: null }
    expect(reason(creativeOf('banner', without), imp, Format.Banner)).toBe(name(Drop.Unfit))
    expect(reason(creativeOf('video', without), imp, Format.Video)).toBe(name(Drop.Unfit))
    expect(reason(creativeOf('native', without), imp, Format.Native)).toBe(name(Drop.Unfit))
  })

  test.each<[string, Partial<Creative>]>([
    ['image', { banner: bannerPart({ imageUrl: 'http://cdn.example/a.png' }) }],
    [
      'script in HTML',
      { banner: bannerPart({ html: '<script src="HTTP://x.example"></script>' }) },
    ],
    ['escaped in a script', { banner: bannerPart({ html: '<script>u="http:\\/\\/x"</script>' }) }],
    ['impression tracker', { impressionTrackers: ['http://t.example'] }],
    ['click tracker', { clickTrackers: ['http://t.example'] }],
    [
      'landing page that the HTML names',
      { clickUrl: 'http://s.example', banner: bannerPart({ html: '{{LANDING_URL}}' }) },
    ],
  ])('keeps an http %s out of secure slots alone', (_, change) => {
    const creative = creativeOf('banner', change)
    const slot = { banner: bannerSlot() }
    expect(reason(creative, impOf({ ...slot, isSecure: false }), Format.Banner)).toBe('none')
    expect(reason(creative, impOf({ ...slot, isSecure: true }), Format.Banner)).toBe('secure')
  })

  test('lets an http landing page behind our redirect into secure slots', () => {
    const creative = creativeOf('banner', { clickUrl: 'http://shop.example' })
    expect(reason(creative, impOf({ banner: bannerSlot() }), Format.Banner)).toBe('none')
  })

  test('has none of the blocked attributes', () => {
    const creative = creativeOf('banner', { attributes: [8] })
    const slot = (blockedAttributes: number[]) =>
      impOf({ banner: bannerSlot({ blockedAttributes }) })
    expect(reason(creative, slot([1, 9]), Format.Banner)).toBe('none')
    expect(reason(creative, slot([1, 8]), Format.Banner)).toBe(name(Drop.Attribute))
  })

  test('has the attributes that its parts imply', () => {
    const skippable = { isSkippable: true, skipAfterSec: 5 }
    expect(video({ blockedAttributes: [15] }, skippable)).toBe('none')
    expect(video({ blockedAttributes: [16] }, skippable)).toBe(name(Drop.Attribute))
    const open = { expandDirections: [1] }
    expect(banner({ ...open, blockedAttributes: [6] }, { expands: [1] })).toBe('none')
    expect(banner({ ...open, blockedAttributes: [5] }, { expands: [1] })).toBe('attribute')
  })

  test('needs every API framework listed; not listed is not supported', () => {
    const creative = creativeOf('banner', { apis: [5, 7] })
    const slot = (apis: number[]) => impOf({ banner: bannerSlot({ apis }) })
    expect(reason(creative, slot([3, 5, 7]), Format.Banner)).toBe('none')
    expect(reason(creative, slot([3, 5]), Format.Banner)).toBe(name(Drop.Api))
    expect(reason(creative, slot([]), Format.Banner)).toBe(name(Drop.Api))
  })
})

describe('a banner', () => {
  test('has one of the sizes exactly', () => {
    expect(
      banner({
        sizes: [
          { w: 320, h: 50 },
          { w: 300, h: 250 },
        ],
      }),
    ).toBe('none')
    expect(
      banner({
        sizes: [
          { w: 320, h: 50 },
          { w: 300, h: 249 },
        ],
      }),
    ).toBe(name(Drop.Size))
    expect(banner({ sizes: [] })).toBe('none')
  })

  test('has a flexible ratio within half a percent, and its least width', () => {
    const flex = { wRatio: 6, hRatio: 5, wMinPx: 300 }
    expect(banner({ sizes: [], flex: [flex] })).toBe('none')
    expect(banner({ sizes: [], flex: [flex] }, { w: 301 })).toBe('none')
    expect(banner({ sizes: [], flex: [flex] }, { w: 302 })).toBe(name(Drop.Size))
    expect(banner({ sizes: [], flex: [{ ...flex, wMinPx: 301 }] })).toBe(name(Drop.Size))
    expect(banner({ sizes: [], flex: [{ ...flex, wRatio: 0 }] })).toBe(name(Drop.Size))
  })

  test('lies within bounds where these are all that is said', () => {
    const bounds = { wMin: 300, wMax: 320, hMin: 0, hMax: Infinity }
    expect(banner({ sizes: [], bounds })).toBe('none')
    expect(banner({ sizes: [], bounds: { ...bounds, wMin: 301 } })).toBe(name(Drop.Size))
    expect(banner({ sizes: [], bounds: { ...bounds, hMax: 249 } })).toBe(name(Drop.Size))
  })

  test('is exact in an interstitial too', () => {
    const slot = { banner: bannerSlot({ sizes: [{ w: 320, h: 480 }] }) }
    const imp = impOf({ ...slot, isInterstitial: true })
    expect(reason(creativeOf('banner'), imp, Format.Banner)).toBe(name(Drop.Size))
  })

  test('is of no blocked type', () => {
    expect(banner({ blockedTypes: [1, 4] })).toBe('none')
    expect(banner({ blockedTypes: [1, 2] })).toBe(name(Drop.BannerType))
  })

  test('is of a listed MIME type, under any of its names; an empty list says all', () => {
    expect(banner({ mimes: [] })).toBe('none')
    expect(banner({ mimes: ['text/html', 'image/png'] })).toBe('none')
    expect(banner({ mimes: ['image/jpg'] }, { mime: 'image/jpeg' })).toBe('none')
    expect(banner({ mimes: ['text/html', 'image/gif'] })).toBe(name(Drop.Mime))
  })

  test('expands only in listed directions', () => {
    expect(banner({ expandDirections: [2, 3] }, { expands: [3] })).toBe('none')
    expect(banner({ expandDirections: [2, 3] }, { expands: [3, 5] })).toBe(name(Drop.Expands))
    expect(banner({}, { expands: [3] })).toBe(name(Drop.Expands))
  })
})

describe('a video', () => {
  test('is of the linearity asked for', () => {
    expect(video({ linearity: 1 })).toBe('none')
    expect(video({ linearity: 2 })).toBe(name(Drop.Linearity))
    const overlay = { linearity: 2, durationSec: 0, files: [mediaFile({ mime: 'image/png' })] }
    expect(video({ linearity: 2, minSec: 5, maxSec: 30 }, overlay)).toBe('none')
    expect(video({ linearity: 1 }, overlay)).toBe(name(Drop.Linearity))
  })

  test('is within the durations, both ends included', () => {
    expect(video({ minSec: 15, maxSec: 15 })).toBe('none')
    expect(video({ minSec: 16 })).toBe(name(Drop.Duration))
    expect(video({ maxSec: 14 })).toBe(name(Drop.Duration))
  })

  test('has one of the required durations exactly', () => {
    expect(video({ requiredSec: [6, 15] })).toBe('none')
    expect(video({ requiredSec: [6, 30] })).toBe(name(Drop.Duration))
    expect(video({ requiredSec: [15] }, { durationSec: 15.2 })).toBe(name(Drop.Duration))
  })

  test('fits into a dynamic pod', () => {
    expect(video({ pod: { ...pod, durationSec: 15 } })).toBe('none')
    expect(video({ pod: { ...pod, durationSec: 14 } })).toBe(name(Drop.Duration))
    expect(video({ pod })).toBe('none')
  })

  test('offers to skip only where that is allowed, and is long enough for it', () => {
    const skippable = { isSkippable: true, skipAfterSec: 5 }
    expect(video({ skip: true }, skippable)).toBe('none')
    expect(video({ skip: null }, skippable)).toBe('none')
    expect(video({ skip: false })).toBe('none')
    expect(video({ skip: false }, skippable)).toBe(name(Drop.Skippable))
    expect(video({ skip: true, skipMinSec: 14 }, skippable)).toBe('none')
    expect(video({ skip: true, skipMinSec: 15 }, skippable)).toBe(name(Drop.Skippable))
  })

  test('can be made in a protocol of the slot', () => {
    expect(video({ protocols: [1, 3] })).toBe('none')
    expect(video({ protocols: [1, 9, 5] })).toBe(name(Drop.Protocol))
    expect(video({ protocols: [3] }, { protocols: [2, 7] })).toBe(name(Drop.Protocol))
    const wrapper = { tagUrl: 'https://ads.example/vast', files: [] }
    expect(video({ protocols: [6] }, wrapper)).toBe('none')
    expect(video({ protocols: [3] }, wrapper)).toBe(name(Drop.Protocol))
  })

  test('needs one file that passes every rule, and names the last rule reached', () => {
    const slot = {
      mimes: ['video/mp4'],
      deliveries: [2],
      maxBitrateKbps: 1500,
      minBitrateKbps: 500,
      boxingAllowed: false,
      widthPx: 640,
      heightPx: 360,
    }
    expect(video(slot)).toBe('none')
    expect(video({ ...slot, mimes: ['video/webm'] })).toBe(name(Drop.Mime))
    expect(video({ ...slot, deliveries: [1] })).toBe(name(Drop.Delivery))
    expect(video({ ...slot, maxBitrateKbps: 1199 })).toBe(name(Drop.Bitrate))
    expect(video({ ...slot, minBitrateKbps: 1201 })).toBe(name(Drop.Bitrate))
    expect(video({ ...slot, heightPx: 480 })).toBe(name(Drop.AspectRatio))
    const files = [mediaFile({ mime: 'video/webm' }), mediaFile({ w: 640, h: 480 })]
    expect(video(slot, { files })).toBe(name(Drop.AspectRatio))
    expect(video(slot, { files: [...files, mediaFile()] })).toBe('none')
    expect(video({}, { files: [] })).toBe(name(Drop.Unfit))
  })

  test('takes a progressive file as a download, and an odd-pixel size as its ratio', () => {
    expect(video({ deliveries: [3] })).toBe('none')
    const size = { boxingAllowed: false, widthPx: 1920, heightPx: 1080 }
    expect(video(size, { files: [mediaFile({ w: 854, h: 480 })] })).toBe('none')
  })

  test('cannot show that a file of unknown bitrate keeps a limit', () => {
    const files = [mediaFile({ bitrateKbps: 0 })]
    expect(video({}, { files })).toBe('none')
    expect(video({ maxBitrateKbps: 9000 }, { files })).toBe(name(Drop.Bitrate))
  })
})

describe('an audio ad', () => {
  test('follows the same rules in its own slot', () => {
    const imp = (slot: Partial<MediaSlot>) => impOf({ audio: mediaSlot(slot) })
    const creative = creativeOf('audio', { audio: audioPart() })
    expect(reason(creative, imp({ mimes: ['audio/mp3'] }), Format.Audio)).toBe('none')
    expect(reason(creative, imp({ mimes: ['audio/ogg'] }), Format.Audio)).toBe(name(Drop.Mime))
    expect(reason(creative, imp({ protocols: [9, 10] }), Format.Audio)).toBe(name(Drop.Protocol))
  })
})

describe('a native ad', () => {
  const bad = name(Drop.NativeAsset)

  test('fills every required title', () => {
    expect(native([assetSlot(1, { title: { charsMax: 5 } })])).toBe('none')
    expect(native([assetSlot(1, { title: { charsMax: 4 } })])).toBe(bad)
  })

  test('leaves out what is not required, but not everything', () => {
    const long = assetSlot(1, { isRequired: false, title: { charsMax: 4 } })
    const data = assetSlot(2, { data: { type: 1, charsMax: 0 } })
    expect(native([long, data])).toBe('none')
    expect(native([long])).toBe(bad)
    expect(native([])).toBe(bad)
  })

  test('has an image of the type, size and MIME type', () => {
    const image = (slot: Parameters<typeof imageSlot>[0]) => [
      assetSlot(1, { image: imageSlot(slot) }),
    ]
    expect(native(image({ wMin: 1200, hMin: 627 }))).toBe('none')
    expect(native(image({ wMin: 1201 }))).toBe(bad)
    expect(native(image({ w: 1200, h: 627 }))).toBe('none')
    expect(native(image({ w: 1000, h: 627 }))).toBe(bad)
    expect(native(image({ w: 1000, wMin: 600 }))).toBe('none')
    expect(native(image({ mimes: ['image/jpg'] }))).toBe('none')
    expect(native(image({ mimes: ['image/gif'] }))).toBe(bad)
    expect(native(image({ type: 1, hMin: 80 }))).toBe('none')
    expect(native(image({ type: 2, hMin: 80 }))).toBe('none')
    expect(native(image({ type: 1, hMin: 81 }))).toBe(bad)
  })

  test('has data of the type and length', () => {
    expect(native([assetSlot(1, { data: { type: 2, charsMax: 11 } })])).toBe('none')
    expect(native([assetSlot(1, { data: { type: 2, charsMax: 10 } })])).toBe(bad)
    expect(native([assetSlot(1, { data: { type: 12, charsMax: 0 } })])).toBe(bad)
  })

  test('has a video that keeps the rules of the asset', () => {
    const part = nativePart({ video: mediaPart() })
    const imp = (slot: Partial<MediaSlot>) =>
      impOf({ native: nativeSlot({ assets: [assetSlot(1, { video: mediaSlot(slot) })] }) })
    const creative = creativeOf('native', { native: part })
    expect(reason(creative, imp({ protocols: [3] }), Format.Native)).toBe('none')
    expect(reason(creative, imp({ protocols: [1] }), Format.Native)).toBe(bad)
    expect(native([assetSlot(1, { video: mediaSlot() })])).toBe(bad)
  })
})
