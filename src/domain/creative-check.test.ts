import { describe, expect, test } from 'vitest'
import {
  audioPart,
  bannerPart,
  creativeOf,
  mediaFile,
  mediaPart,
  nativePart,
} from '../../test/support/slot-fixtures.ts'
import type { BannerPart, Creative, MediaPart, NativePart } from './creative.ts'
import { checkCreative } from './creative-check.ts'

/** `error path` and `warning path` of everything found. */
function found(creative: Creative): string[] {
  return checkCreative(creative).map(({ level, path }) => `${level} ${path}`)
}

const banner = (change: Partial<BannerPart>) =>
  found(creativeOf('banner', { banner: bannerPart(change) }))
const video = (change: Partial<MediaPart>) =>
  found(creativeOf('video', { video: mediaPart(change) }))
const native = (change: Partial<NativePart>) =>
  found(creativeOf('native', { native: nativePart(change) }))

test.each(['banner', 'video', 'audio', 'native'] as const)('a sound %s passes', (format) => {
  expect(found(creativeOf(format))).toEqual([])
})

describe('every creative', () => {
  test('has the part of its format and no other', () => {
    expect(found(creativeOf('banner', { banner: null }))).toEqual(['error banner'])
    expect(found(creativeOf('banner', { audio: audioPart() }))).toEqual(['error audio'])
  })

  test.each(['', 'shop.example', 'javascript:alert(1)', 'ftp://x.example', 'https://x.example/ y'])(
    'has an http landing page, not %j',
    (clickUrl) => expect(found(creativeOf('banner', { clickUrl }))).toEqual(['error clickUrl']),
  )

  test('has trackers that are URLs with known placeholders', () => {
    const trackers = (impressionTrackers: string[]) =>
      found(creativeOf('banner', { impressionTrackers }))
    expect(trackers(['https://t.example/?c={{CACHEBUSTER}}'])).toEqual([])
    expect(trackers(['https://t.example/', 'https://t.example/?c={{CLICK_URL}}'])).toEqual([
      'error impressionTrackers.1',
    ])
    expect(trackers([''])).toEqual(['error impressionTrackers.0'])
  })

  test('is warned of what keeps it out of secure slots', () => {
    expect(found(creativeOf('banner', { clickTrackers: ['http://t.example'] }))).toEqual([
      'warning ',
    ])
  })

  test('says attributes that agree with its parts', () => {
    expect(found(creativeOf('video', { attributes: [16] }))).toEqual(['error attributes'])
    expect(found(creativeOf('banner', { attributes: [17] }))).toEqual(['error attributes'])
    expect(found(creativeOf('banner', { attributes: [3] }))).toEqual(['error banner.expands'])
    expect(banner({ expands: [3] })).toEqual(['warning attributes'])
    expect(found(creativeOf('video', { apis: [7] }))).toEqual(['warning apis'])
  })
})

describe('a banner', () => {
  test('has a size, and either an image or HTML', () => {
    expect(banner({ w: 0, h: Number.NaN })).toEqual(['error banner.w', 'error banner.h'])
    expect(banner({ imageUrl: '' })).toEqual(['error banner'])
    expect(banner({ mime: 'text/html' })).toEqual(['error banner.mime'])
    expect(banner({ imageUrl: 'https://x.example/{{WIDTH}}' })).toEqual(['error banner.imageUrl'])
  })

  test('of HTML has a click placeholder, and only known ones', () => {
    const html = (text: string) => banner({ html: text, imageUrl: '', mime: 'text/html' })
    expect(html('<a href="{{click_url}}">')).toEqual([])
    expect(html('<p>')).toEqual(['warning banner.html'])
    expect(html('{{CLICK_URL}}{{CLCK_URL}}')).toEqual(['error banner.html'])
    expect(html('{{CLICK_URL}}'.padEnd(100_001))).toEqual(['error banner.html'])
  })
})

describe('a video', () => {
  test('has files or a tag, not both', () => {
    const tagUrl = 'https://ads.example/v?cb={{CACHEBUSTER}}'
    expect(video({ files: [] })).toEqual(['error video'])
    expect(video({ tagUrl })).toEqual(['error video.files'])
    expect(video({ tagUrl, files: [] })).toEqual([])
  })

  test('has usable files', () => {
    const file = (change: Parameters<typeof mediaFile>[0]) => video({ files: [mediaFile(change)] })
    expect(file({ url: '' })).toEqual(['error video.files.0.url'])
    expect(file({ mime: 'mp4' })).toEqual(['error video.files.0.mime'])
    expect(file({ mime: 'image/png' })).toEqual(['error video.files.0.mime'])
    expect(file({ w: 0 })).toEqual(['error video.files.0.w'])
    expect(file({ delivery: 3 })).toEqual(['error video.files.0.delivery'])
    expect(file({ bitrateKbps: 0 })).toEqual(['warning video.files.0.bitrateKbps'])
    expect(video({ linearity: 2 })).toEqual(['error video.files.0.mime'])
  })

  test('has a time and a protocol that exist', () => {
    expect(video({ durationSec: 0 })).toEqual(['error video.durationSec'])
    expect(video({ durationSec: 15.5 })).toEqual(['warning video.durationSec'])
    expect(video({ linearity: 3 })).toEqual(['error video.linearity'])
    expect(video({ isSkippable: true, skipAfterSec: 15 })).toEqual(['error video.skipAfterSec'])
    expect(video({ protocols: [3, 9] })).toEqual(['error video.protocols.1'])
    const verifications = [{ vendor: '', scriptUrl: 'x', parameters: '' }]
    expect(video({ verifications })).toEqual([
      'error video.verifications.0.scriptUrl',
      'error video.verifications.0.vendor',
    ])
  })
})

describe('a native ad', () => {
  test('is warned when the usual parts are missing', () => {
    expect(native({ titles: [], images: [] })).toEqual([
      'warning native.titles',
      'warning native.images',
    ])
    expect(native({ titles: [], images: [], data: [] })).toContain('error native')
  })

  test('has parts that are not empty', () => {
    expect(native({ titles: [' '] })).toEqual(['error native.titles.0'])
    expect(native({ data: [{ type: 1, value: '' }] })).toEqual(['error native.data.0.value'])
    const image = { type: 3, url: 'x', w: 0, h: 1, mime: 'png' }
    expect(native({ images: [image] })).toEqual([
      'error native.images.0.url',
      'error native.images.0.mime',
      'error native.images.0.w',
    ])
    expect(native({ fallbackUrl: 'app://x' })).toEqual(['error native.fallbackUrl'])
    expect(native({ video: mediaPart({ files: [] }) })).toEqual(['error native.video'])
  })
})
