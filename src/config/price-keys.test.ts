import { describe, expect, test } from 'vitest'
import { parsePriceKeys } from './price-keys.ts'

const encryption = 'sIxwz7yw62yrfoLGt12lIHKuYrK/S5kLuApI2BQe7Ac='
const integrity = 'arO23ykdNqUQ5LEoQ0FVmPkBd7xB5CO89PDZlSjpFxo='
const adx = `adx:${encryption}:${integrity}`

describe('parsePriceKeys', () => {
  test('reads keys of both alphabets, padded or not', () => {
    const webSafe = `two:${encryption.replace('/', '_').replace('=', '')}:${integrity}`
    const [one, two] = parsePriceKeys(`${adx}, ${webSafe}`) ?? []
    expect(one).toEqual({
      exchange: 'adx',
      encryption: Uint8Array.from(Buffer.from(encryption, 'base64')),
      integrity: Uint8Array.from(Buffer.from(integrity, 'base64')),
    })
    expect(two).toEqual({ ...one, exchange: 'two' })
    expect(one?.encryption).toHaveLength(32)
  })

  test('takes nothing for no keys', () => expect(parsePriceKeys('')).toEqual([]))

  test.each([
    'adx',
    `adx:${encryption}`,
    `${adx}:${integrity}`,
    `adx:${encryption.slice(4)}:${integrity}`,
    `a b:${encryption}:${integrity}`,
    `${adx},${adx}`,
    `${adx},`,
  ])('refuses %s', (text) => expect(parsePriceKeys(text)).toBeNull())
})
