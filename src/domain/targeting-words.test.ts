import { expect, test } from 'vitest'
import { domainCharsMax, domainWords } from './targeting-words.ts'

test('a domain is known by itself and by every domain above it but the last label', () => {
  expect(domainWords('a.b.shop.example')).toEqual([
    'a.b.shop.example',
    'b.shop.example',
    'shop.example',
  ])
  expect(domainWords('localhost')).toEqual(['localhost'])
  expect(domainWords('')).toEqual([])
})

test('what is longer than any domain has no words, however many dots it has', () => {
  const label = 'a.'
  const longest = `${label.repeat((domainCharsMax - 3) / 2)}com`
  expect(longest).toHaveLength(domainCharsMax)
  expect(domainWords(longest)).toHaveLength(125)
  expect(domainWords(`${label}${longest}`)).toEqual([])
  expect(domainWords(`${label.repeat(100_000)}com`)).toEqual([])
})
