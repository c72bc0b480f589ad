import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HmacSha512 } from './hmac-sha512.ts'

const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 300 })

test('is the HMAC of node:crypto, whatever was hashed before', () => {
  const keys = fc.uint8Array({ minLength: 0, maxLength: 128 })
  fc.assert(
    fc.property(keys, fc.array(ascii, { minLength: 1, maxLength: 5 }), (key, texts) => {
      const hmac = new HmacSha512(key, 300)
      for (const text of texts) {
        expect(hmac.digest(text)).toEqual(createHmac('sha512', key).update(text).digest())
      }
    }),
  )
})

test('is the HMAC of RFC 4231, test case 2', () => {
  const hmac = new HmacSha512(Buffer.from('Jefe'), 64)
  expect(hmac.digest('what do ya want for nothing?').toString('hex')).toBe(
    '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554' +
      '9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
  )
})

test('a digest is a copy that the next one leaves alone', () => {
  const hmac = new HmacSha512(Uint8Array.of(1), 10)
  const first = hmac.digest('a')
  const kept = Buffer.from(first)
  hmac.digest('b')
  expect(first).toEqual(kept)
})

test('a key or a text beyond the limit is refused', () => {
  expect(() => new HmacSha512(new Uint8Array(129), 10)).toThrow(RangeError)
  expect(() => new HmacSha512(new Uint8Array(1), 10).digest('12345678901')).toThrow(RangeError)
})
