/** What a video or audio opportunity says, and what it does not. */
import { describe, expect, test } from 'vitest'
import { exchangeWith, impOf } from '../../../../test/support/openrtb-decode.ts'

const videoOf = (video: object) => impOf({ video }).video!
const audioOf = (audio: object) => impOf({ audio }).audio!

const unsaid = {
  mimes: [],
  protocols: [],
  apis: [],
  blockedAttributes: [],
  minSec: 0,
  maxSec: Number.POSITIVE_INFINITY,
  requiredSec: [],
  startDelaySec: null,
  linearity: 0,
  skip: null,
  skipMinSec: 0,
  plcmt: 0,
  placement: 0,
  position: 0,
  widthPx: 0,
  heightPx: 0,
  minBitrateKbps: 0,
  maxBitrateKbps: Number.POSITIVE_INFINITY,
  boxingAllowed: true,
  deliveries: [],
  playbackMethods: [],
  pod: null,
  floorPerSecMicros: 0,
  durationFloors: [],
}

test('an empty video and an empty audio limit nothing', () => {
  expect(videoOf({})).toEqual(unsaid)
  expect(audioOf({})).toEqual(unsaid)
})

test('every field of a video', () => {
  const video = {
    ...{ mimes: ['Video/MP4'], protocols: [2, 99], api: [7], battr: [16], minduration: 5 },
    ...{ maxduration: 30, startdelay: -1, linearity: 1, skip: 0, skipmin: 10, plcmt: 1 },
    ...{ placement: 5, pos: 7, w: 640, h: 360, minbitrate: 300, maxbitrate: 1500 },
    ...{ boxingallowed: 0, delivery: [2], playbackmethod: [1, 6], mincpmpersec: 0.125 },
    ...{ sequence: 2, durfloors: [{ mindur: 6, maxdur: 15, bidfloor: 5 }, { mindur: 16 }] },
  }
  expect(videoOf(video)).toEqual({
    ...{ mimes: ['video/mp4'], protocols: [2, 99], apis: [7], blockedAttributes: [16] },
    ...{ minSec: 5, maxSec: 30, requiredSec: [], startDelaySec: -1, linearity: 1, skip: false },
    ...{ skipMinSec: 10, plcmt: 1, placement: 5, position: 7, widthPx: 640, heightPx: 360 },
    ...{ minBitrateKbps: 300, maxBitrateKbps: 1500, boxingAllowed: false, deliveries: [2] },
    ...{ playbackMethods: [1, 6], pod: null, floorPerSecMicros: 125_000 },
    durationFloors: [
      { minSec: 6, maxSec: 15, cpmMicros: 5_000_000 },
      { minSec: 16, maxSec: Number.POSITIVE_INFINITY, cpmMicros: 0 },
    ],
  })
})

test('every field of an audio', () => {
  const audio = {
    ...{ mimes: ['audio/MP4'], protocols: [9], api: [7], battr: [1], minduration: 5 },
    ...{ maxduration: 30, startdelay: 0, minbitrate: 96, maxbitrate: 320, delivery: [1] },
    ...{ podid: 'p', slotinpod: 1, mincpmpersec: 0.1, durfloors: [{ maxdur: 30, bidfloor: 1 }] },
  }
  expect(audioOf(audio)).toEqual({
    ...unsaid,
    ...{ mimes: ['audio/mp4'], protocols: [9], apis: [7], blockedAttributes: [1], minSec: 5 },
    ...{ maxSec: 30, startDelaySec: 0, minBitrateKbps: 96, maxBitrateKbps: 320, deliveries: [1] },
    pod: { id: 'p', sequence: 0, slot: 1, durationSec: 0, adsMax: 0, dedupe: [] },
    floorPerSecMicros: 100_000,
    durationFloors: [{ minSec: 0, maxSec: 30, cpmMicros: 1_000_000 }],
  })
})

test.each([
  ['the list', { protocols: [3, 6], protocol: 2 }, [3, 6]],
  ['the one number of old', { protocol: 2 }, [2]],
  ['one number where the list belongs', { protocols: 3 }, [3]],
])('protocols: %s', (_, video, protocols) => {
  expect(videoOf(video).protocols).toEqual(protocols)
})

describe('durations', () => {
  test.each([
    ['zero as longest means none', { maxduration: 0 }, 0, Number.POSITIVE_INFINITY, []],
    [
      'negative ones mean none',
      { minduration: -1, maxduration: -5 },
      0,
      Number.POSITIVE_INFINITY,
      [],
    ],
    [
      'required ones exclude the range',
      { rqddurs: [15, 30], minduration: 5, maxduration: 20 },
      0,
      Number.POSITIVE_INFINITY,
      [15, 30],
    ],
    [
      'required ones that are none do not',
      { rqddurs: [0, -1], minduration: 5 },
      5,
      Number.POSITIVE_INFINITY,
      [],
    ],
  ])('%s', (_, video, minSec, maxSec, requiredSec) => {
    expect(videoOf(video)).toMatchObject({ minSec, maxSec, requiredSec })
  })
})

describe('pods', () => {
  const pod = { id: '', sequence: 0, slot: 0, durationSec: 0, adsMax: 0, dedupe: [] }
  test.each([
    ['a name', { podid: 'pod_1' }, { ...pod, id: 'pod_1' }],
    ['a number as name', { podid: 7 }, { ...pod, id: '7' }],
    ['a length', { poddur: 60 }, { ...pod, durationSec: 60 }],
    [
      'everything',
      { podid: 'p', podseq: -1, slotinpod: -1, poddur: 120, maxseq: 4, poddedupe: [1, 3] },
      { id: 'p', sequence: -1, slot: -1, durationSec: 120, adsMax: 4, dedupe: [1, 3] },
    ],
    ['neither name nor length is none', { podseq: 1, slotinpod: 1, maxseq: 3 }, null],
    ['an empty name and no length is none', { podid: '', poddur: 0 }, null],
  ])('by %s', (_, video, expected) => expect(videoOf(video).pod).toEqual(expected))
})

test('floors a second and by duration are in the unit of the exchange', () => {
  const video = { mincpmpersec: 0.0001, durfloors: [{ mindur: 1, maxdur: 15, bidfloor: 0.002 }] }
  const exchange = exchangeWith({ priceUnit: 'perImpression' })
  expect(impOf({ video }, exchange).video).toMatchObject({
    floorPerSecMicros: 100_000,
    durationFloors: [{ cpmMicros: 2_000_000 }],
  })
})

test('a duration floor that is upside down is left out', () => {
  const durfloors = [
    { mindur: 30, maxdur: 15, bidfloor: 1 },
    { mindur: 1, maxdur: 15, bidfloor: 2 },
  ]
  expect(videoOf({ durfloors }).durationFloors).toEqual([
    { minSec: 1, maxSec: 15, cpmMicros: 2_000_000 },
  ])
})
