import { describe, expect, test } from 'vitest'
import { bootstrapIntervals, resamplesMax, resamplesOf } from './bootstrap.ts'

const rows = 4_000
const ones = Uint8Array.from({ length: rows }, (_, i) => (i % 4 === 0 ? 1 : 0))

function share(times: Uint8Array): number {
  let drawn = 0
  let positive = 0
  times.forEach((count, i) => {
    drawn += count
    positive += count * (ones[i] as number)
  })
  return positive / drawn
}

describe('bootstrap intervals', () => {
  test('the interval of a share is the one that theory gives', () => {
    const [interval] = bootstrapIntervals(rows, 'share', (times) => [share(times)])
    const error = 1.96 * Math.sqrt((0.25 * 0.75) / rows)
    expect(interval![0]).toBeGreaterThan(0.25 - 1.25 * error)
    expect(interval![0]).toBeLessThan(0.25 - 0.75 * error)
    expect(interval![1]).toBeGreaterThan(0.25 + 0.75 * error)
    expect(interval![1]).toBeLessThan(0.25 + 1.25 * error)
  })

  test('rows count as often as Poisson(1) says', () => {
    const seen = new Float64Array(8)
    bootstrapIntervals(rows, 'poisson', (times) => {
      for (const count of times) seen[Math.min(7, count)]! += 1 / (rows * resamplesMax)
      return []
    })
    const expected = [0.3679, 0.3679, 0.1839, 0.0613, 0.0153]
    expected.forEach((chance, count) => expect(seen[count]).toBeCloseTo(chance, 2))
  })

  test('many rows get fewer draws, but never hardly any', () => {
    expect(resamplesOf(10)).toBe(200)
    expect(resamplesOf(10_000_000)).toBe(100)
    expect(resamplesOf(1_000_000_000)).toBe(40)
  })

  test('equal seeds give equal intervals, others do not', () => {
    const of = (seed: string) => bootstrapIntervals(rows, seed, (times) => [share(times)])
    expect(of('a')).toEqual(of('a'))
    expect(of('a')).not.toEqual(of('b'))
  })

  test('draws in which a figure is no number are left out of its interval', () => {
    let draw = 0
    const [half, none] = bootstrapIntervals(10, 'nan', () => [
      draw++ % 2 === 0 ? 3 : Number.NaN,
      Number.NaN,
    ])
    expect(half).toEqual([3, 3])
    expect(none).toEqual([Number.NaN, Number.NaN])
  })
})
