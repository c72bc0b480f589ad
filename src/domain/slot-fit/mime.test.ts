import { expect, test } from 'vitest'
import { allowsMime, canonicalMime, mimeSpelling } from './mime.ts'

test('a type is allowed under each of its names', () => {
  expect(canonicalMime(' Image/JPG ')).toBe('image/jpeg')
  for (const name of ['image/jpeg', 'image/jpg', 'image/pjpeg']) {
    expect(allowsMime(['image/png', name], 'image/jpeg')).toBe(true)
    expect(mimeSpelling(['image/png', name], 'image/jpeg')).toBe(name)
  }
  expect(allowsMime(['image/png'], 'image/jpeg')).toBe(false)
  expect(allowsMime([], 'image/jpeg')).toBe(true)
})
