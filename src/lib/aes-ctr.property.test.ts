import { createCipheriv } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AesCtr } from './aes-ctr.ts'

const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
const nonce = fc.uint8Array({ maxLength: 15 })
const message = fc.uint8Array({ maxLength: 200 })

test('is aes-256-ctr of node:crypto, whatever was encrypted before', () => {
  const messages = fc.array(fc.tuple(nonce, message), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(key, messages, (secret, todo) => {
      const ctr = new AesCtr(secret, 200)
      for (const [iv, text] of todo) {
        const block = Buffer.alloc(16)
        block.set(iv)
        const expected = createCipheriv('aes-256-ctr', secret, block).update(text)
        const sealed = Uint8Array.from(text)
        ctr.apply(sealed, iv)
        expect(Buffer.from(sealed)).toEqual(expected)
        ctr.apply(sealed, iv)
        expect(sealed).toEqual(text)
      }
    }),
  )
})

test('what does not fit is refused', () => {
  const ctr = new AesCtr(new Uint8Array(32), 20)
  expect(() => ctr.apply(new Uint8Array(33), new Uint8Array(13))).toThrow(RangeError)
  expect(() => ctr.apply(new Uint8Array(1), new Uint8Array(16))).toThrow(RangeError)
  expect(() => new AesCtr(new Uint8Array(32), 4_097)).toThrow(RangeError)
  expect(() => new AesCtr(new Uint8Array(16), 20)).toThrow(RangeError)
})
