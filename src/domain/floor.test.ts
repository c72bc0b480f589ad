import { expect, test } from 'vitest'
import { impOf } from '../../test/support/openrtb-decode.ts'
import { floorFor } from './floor.ts'
import { Format } from './format.ts'

const video = (own: object) => impOf({ bidfloor: 5, video: { mimes: ['video/mp4'], ...own } })
const floorAt = (imp: ReturnType<typeof impOf>, seconds: number) =>
  floorFor(imp, Format.Video, null, seconds).cpmMicros

test('a price by the second counts no less than the whole seconds that the bid says', () => {
  const imp = video({ mincpmpersec: 1 })
  expect([15, 15.4, 15.6].map((seconds) => floorAt(imp, seconds))).toEqual([
    15_000_000, 15_400_000, 16_000_000,
  ])
})

test('an ad without a duration has the floor of the impression, not that of no seconds', () => {
  expect(floorAt(video({ mincpmpersec: 1 }), 0)).toBe(5_000_000)
})

test('the range of a duration is that of the whole seconds that the bid says', () => {
  const durfloors = [
    { mindur: 1, maxdur: 15, bidfloor: 10 },
    { mindur: 16, maxdur: 30, bidfloor: 20 },
  ]
  const imp = video({ durfloors })
  expect([15, 15.4, 15.6, 30, 31].map((seconds) => floorAt(imp, seconds))).toEqual(
    [10, 10, 20, 20, 5].map((cpm) => cpm * 1_000_000),
  )
})
