/** Our md5 against node:crypto's. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { md5, md5BytesMax } from './md5.ts'

describe('md5', () => {
  test('equals node:crypto for every length', () => {
    for (let length = 0; length <= md5BytesMax; length++) {
      expectSame(Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff))
    }
  })

  test('equals node:crypto on arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: md5BytesMax }), expectSame))
  })

  test('leaves nothing of a longer message in a shorter one', () => {
    const digest = new Int32Array(4)
    md5(new Uint8Array(md5BytesMax).fill(0xff), 0, md5BytesMax, digest)
    expectSame(new Uint8Array(0))
  })

  test('refuses a message that two blocks do not hold', () => {
    const message = new Uint8Array(md5BytesMax + 1)
    expect(() => md5(message, 0, message.length, new Int32Array(4))).toThrow(RangeError)
  })
})

function expectSame(message: Uint8Array): void {
  const digest = new Int32Array(4)
  const shifted = new Uint8Array(message.length + 4).fill(0x5a)
  shifted.set(message, 3)
  md5(shifted, 3, 3 + message.length, digest)
  const expected = createHash('md5').update(message).digest('hex')
  expect(Buffer.from(digest.buffer).toString('hex')).toBe(expected)
}
