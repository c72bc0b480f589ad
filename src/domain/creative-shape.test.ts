import { describe, expect, test } from 'vitest'
import {
  bannerPart,
  creativeOf,
  mediaFile,
  mediaPart,
  nativePart,
} from '../../test/support/slot-fixtures.ts'
import { shapeKey, shapeOf } from './creative-shape.ts'

const keyOf = (creative: Parameters<typeof shapeOf>[0]) => shapeKey(shapeOf(creative))

describe('the key of a shape', () => {
  test('is one for creatives that differ in texts, names, targets and order only', () => {
    const one = creativeOf('native', { attributes: [2, 1] })
    const other = creativeOf('native', {
      id: 'other',
      clickUrl: 'https://other.example',
      attributes: [1, 2, 2],
      native: nativePart({
        titles: ['Boots and other walks', 'Boots'].map((title) => title.slice(0, 20)),
        data: nativePart().data.toReversed(),
      }),
    })
    expect(keyOf(other)).toBe(keyOf(one))
  })

  test('tells creatives apart that fit differently', () => {
    const creatives = [
      creativeOf('banner'),
      creativeOf('banner', { apis: [5] }),
      creativeOf('banner', { impressionTrackers: ['http://t.example'] }),
      creativeOf('banner', { banner: bannerPart({ h: 251 }) }),
      creativeOf('video'),
      creativeOf('video', { video: mediaPart({ files: [mediaFile({ bitrateKbps: 1 })] }) }),
      creativeOf('video', { video: mediaPart({ tagUrl: 'https://t.example', files: [] }) }),
    ]
    expect(new Set(creatives.map(keyOf)).size).toBe(creatives.length)
  })

  test('survives JSON', () => {
    const shape = shapeOf(creativeOf('native', { native: nativePart({ video: mediaPart() }) }))
    expect(JSON.parse(JSON.stringify(shape))).toEqual(shape)
  })
})

test('protocols are the newest first, and wrapper numbers for wrappers', () => {
  const protocols = (change: Parameters<typeof mediaPart>[0]) =>
    shapeOf(creativeOf('video', { video: mediaPart(change) })).media?.protocols
  expect(protocols({})).toEqual([15, 13, 11, 7, 3, 2])
  expect(protocols({ protocols: [3, 7] })).toEqual([7, 3])
  expect(protocols({ protocols: [3, 7], tagUrl: 'https://t.example', files: [] })).toEqual([8, 6])
})
