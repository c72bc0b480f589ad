import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

test('passes the rate and a tenth of a second of burst, no more', () => {
  const bucket = new TokenBucket(100)
  let passed = 0
  for (let ms = 0; ms < 2_000; ms++) {
    for (let i = 0; i < 5; i++) if (bucket.take(ms)) passed++
  }
  expect(passed).toBeGreaterThanOrEqual(200)
  expect(passed).toBeLessThanOrEqual(210)
})

test('a cap of one a second lets one pass a second', () => {
  const bucket = new TokenBucket(1)
  expect([0, 500, 1_000, 1_500, 2_000].map((ms) => bucket.take(ms))).toEqual([
    true,
    false,
    true,
    false,
    true,
  ])
})

test('no cap lets everything pass', () => {
  const bucket = new TokenBucket(0)
  for (let i = 0; i < 1_000; i++) expect(bucket.take(0)).toBe(true)
})
