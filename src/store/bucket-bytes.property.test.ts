import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  BucketBuilder,
  bucketCount,
  fieldHighAt,
  fieldLowAt,
  findValue,
  valueBytesMax,
  valueLengthAt,
} from './bucket-bytes.ts'

const device = fc.record({
  high: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 0xffffffff })),
  low: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 0xffff })),
  value: fc.uint8Array({ maxLength: valueBytesMax }),
})

const devices = fc
  .uniqueArray(device, { selector: ({ high, low }) => `${high}/${low}`, maxLength: 300 })
  .map((all) => all.sort((a, b) => a.high - b.high || a.low - b.low))

test('a bucket gives back what was put in, finds each field, and no other', () => {
  const builder = new BucketBuilder()
  fc.assert(
    fc.property(devices, device, (all, stranger) => {
      builder.reset()
      for (const { high, low, value } of all) builder.push(high, low, value, 0, value.length)
      const bytes = builder.finish()
      expect(bucketCount(bytes)).toBe(all.length)
      const found = { index: -1 }
      for (const [index, { high, low, value }] of all.entries()) {
        expect([fieldHighAt(bytes, index), fieldLowAt(bytes, index)]).toEqual([high, low])
        const start = findValue(bytes, high, low, found)
        expect(found.index).toBe(index)
        const end = start + valueLengthAt(bytes, all.length, index)
        expect(bytes.slice(start, end)).toEqual(value)
      }
      const isKnown = all.some(({ high, low }) => high === stranger.high && low === stranger.low)
      expect(findValue(bytes, stranger.high, stranger.low, found) >= 0).toBe(isKnown)
    }),
  )
})
