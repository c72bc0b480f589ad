/**
 * Answers to requests of other exchanges, which stay outside of the repository: how many a
 * permissive set of creatives fits, and that nothing is wrong with the answers. Skipped with a
 * printed reason where the requests are not beside the checkout.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { complaints } from '../../../test/support/answer-checker.ts'
import { decodeJson } from '../../../test/support/openrtb-decode.ts'
import {
  audioPart,
  bannerPart,
  bidOf,
  creativeOf,
  decisionOf,
  links,
  mediaFile,
  mediaPart,
  nativePart,
} from '../../../test/support/slot-fixtures.ts'
import type { BidRequest, Imp } from '../../domain/bid-request.ts'
import type { Creative } from '../../domain/creative.ts'
import { shapeOf } from '../../domain/creative-shape.ts'
import { Format } from '../../domain/format.ts'
import { fitSlot } from '../../domain/slot-fit/fit-slot.ts'
import { bidResponse } from './encode.ts'

const file = join(import.meta.dirname, '../../../../shared/openrtb/requests-dev.ndjson.gz')
const isThere = existsSync(file)
if (!isThere) console.log('skipped: ../shared/openrtb is not beside the checkout')

const formats = [Format.Banner, Format.Video, Format.Audio, Format.Native]

/** The usual sizes and the odd ones, durations, renditions and building blocks. */
function permissive(imps: readonly Imp[]): Creative[] {
  const asked = imps.flatMap(({ banner }) => banner?.sizes ?? [])
  const banners = [{ w: 300, h: 250 }, ...asked].flatMap((size) =>
    ['image/png', 'image/gif', 'text/html'].map((mime) =>
      creativeOf('banner', { banner: bannerPart({ ...size, mime }) }),
    ),
  )
  const files = ['video/mp4', 'video/webm', 'video/x-ms-wmv', 'video/x-flv'].map((mime) =>
    mediaFile({ mime }),
  )
  const sounds = ['audio/mpeg', 'audio/mp4', 'audio/ogg'].map((mime) => mediaFile({ mime }))
  const seconds = [5, 6, 10, 15, 20, 30, 60, 130]
  const videos = seconds.map((durationSec) =>
    creativeOf('video', { video: mediaPart({ durationSec, files }) }),
  )
  const audios = seconds.map((durationSec) =>
    creativeOf('audio', { audio: audioPart({ durationSec, files: sounds }) }),
  )
  return [...banners, ...videos, ...audios, everyNative(imps)]
}

/** Has an image of every size that is asked for exactly. */
function everyNative(imps: readonly Imp[]): Creative {
  const exact = imps
    .flatMap(({ native }) => native?.assets ?? [])
    .flatMap(({ image }) => (image === null ? [] : [image]))
    .map(({ type, w, h }) => ({ type: type === 3 ? 3 : 1, w: w || 1200, h: h || 627 }))
  const url = 'https://cdn.example/n'
  const images = exact.map((image) => ({ ...image, url, mime: 'image/jpeg' }))
  const usual = nativePart()
  const data = Array.from({ length: 12 }, (_, index) => ({ type: index + 1, value: '5' }))
  const native = { ...usual, images: [...usual.images, ...images], data, video: mediaPart() }
  return creativeOf('native', { native: { ...native, titles: ['Shoe', ...usual.titles] } })
}

/** How many of the creatives fit the request, and what is wrong with the answers they make. */
function answers(request: BidRequest): { readonly fits: number; readonly wrong: string[] } {
  const wrong: string[] = []
  let fits = 0
  for (const creative of permissive(request.imps)) {
    const shape = shapeOf(creative)
    for (const imp of request.imps) {
      if (!formats.some((format) => fitSlot(shape, imp, format) === 0)) continue
      fits += 1
      const answer = bidResponse(request, decisionOf([bidOf(creative, imp)]), { links })
      const bid = answer.seatbid[0]?.bid[0]
      wrong.push(...(bid === undefined ? ['no answer'] : complaints(bid, creative, imp)))
    }
  }
  return { fits, wrong }
}

test.skipIf(!isThere)('other exchanges’ requests are answered, and rightly', () => {
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n')
  const faulty: string[] = []
  let decoded = 0
  let answered = 0
  for (const line of lines) {
    const { body, source } = JSON.parse(line)
    const { refusal, request } = decodeJson(body)
    if (refusal !== 'none') continue
    decoded += 1
    const { fits, wrong } = answers(request)
    if (fits > 0) answered += 1
    if (wrong.length > 0) faulty.push(`${source}: ${wrong.join(', ')}`)
  }
  expect(faulty).toEqual([])
  expect(decoded).toBeGreaterThan(600)
  expect(answered / decoded).toBeGreaterThan(0.95)
})
