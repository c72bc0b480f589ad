import { expect, test } from 'vitest'
import { type Serial, serialClashes, serialOf } from './serial.ts'

test('a serial is what sha256sum says, so that any tool can compute it', () => {
  // printf 'campaign/shoes-autumn' | sha256sum | cut -c1-12
  expect(serialOf('campaign', 'shoes-autumn').toString(16).padStart(12, '0')).toBe('b79f032a5770')
})

test('the same id is another serial in another kind', () => {
  expect(serialOf('campaign', 'a')).not.toBe(serialOf('creative', 'a'))
})

test('serials are positive and exact in a double', () => {
  for (let i = 0; i < 1_000; i++) {
    const serial = serialOf('creative', `c${i}`)
    expect(Number.isSafeInteger(serial) && serial > 0 && serial < 2 ** 48).toBe(true)
  }
})

test('the same id twice is no clash, and 100 000 creatives have none', () => {
  const ids = Array.from({ length: 100_000 }, (_, i) => `creative-${i}`)
  expect(serialClashes('creative', [...ids, 'creative-0'])).toEqual([])
})

test('a clash is told by the id that came later', () => {
  const byLength = (_kind: string, id: string): Serial => id.length as Serial
  expect(serialClashes('creative', ['aa', 'b', 'cc', 'aa', 'ddd'], byLength)).toEqual(['cc'])
})
