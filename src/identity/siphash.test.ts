/** SipHash against the vectors of its authors, and its two entrances against each other. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SipHash } from './siphash.ts'

/**
 * vectors_sip64 of the reference implementation: key 00 01 … 0f, message 00 01 … of n bytes for
 * n = 0 … 63. Made by an independent implementation in Python and compared with the published ones.
 */
const vectors = `
  726fdb47dd0e0e31 74f839c593dc67fd 0d6c8009d9a94f5a 85676696d7fb7e2d
  cf2794e0277187b7 18765564cd99a68d cbc9466e58fee3ce ab0200f58b01d137
  93f5f5799a932462 9e0082df0ba9e4b0 7a5dbbc594ddb9f3 f4b32f46226bada7
  751e8fbc860ee5fb 14ea5627c0843d90 f723ca908e7af2ee a129ca6149be45e5
  3f2acc7f57c29bdb 699ae9f52cbe4794 4bc1b3f0968dd39c bb6dc91da77961bd
  bed65cf21aa2ee98 d0f2cbb02e3b67c7 93536795e3a33e88 a80c038ccd5ccec8
  b8ad50c6f649af94 bce192de8a85b8ea 17d835b85bbb15f3 2f2e6163076bcfad
  de4daaaca71dc9a5 a6a2506687956571 ad87a3535c49ef28 32d892fad841c342
  7127512f72f27cce a7f32346f95978e3 12e0b01abb051238 15e034d40fa197ae
  314dffbe0815a3b4 027990f029623981 cadcd4e59ef40c4d 9abfd8766a33735c
  0e3ea96b5304a7d0 ad0c42d6fc585992 187306c89bc215a9 d4a60abcf3792b95
  f935451de4f21df2 a9538f0419755787 db9acddff56ca510 d06c98cd5c0975eb
  e612a3cb9ecba951 c766e62cfcadaf96 ee64435a9752fe72 a192d576b245165a
  0a8787bf8ecb74b2 81b3e73d20b49b6f 7fa8220ba3b2ecea 245731c13ca42499
  b78dbfaf3a8d83bd ea1ad565322a1a0b 60e61c23a3795013 6606d7e446282b93
  6ca4ecb15c5f91e1 9f626da15c9625f3 e51b38608ef25f57 958a324ceb064572
`
  .trim()
  .split(/\s+/)

const key = Uint8Array.from({ length: 16 }, (_, i) => i)

describe('siphash', () => {
  test.each(vectors.map((expected, length) => ({ length, expected })))(
    'gives the reference vector for $length bytes',
    ({ length, expected }) => {
      const sip = new SipHash(key)
      // Placed off the start, so that reading before or behind the range would show.
      const message = new Uint8Array(length + 9).fill(0xa5)
      for (let i = 0; i < length; i++) message[i + 5] = i
      sip.bytes(message, 5, 5 + length)
      expect(hexOf(sip)).toBe(expected)
    },
  )

  test('has 64 vectors', () => expect(vectors).toHaveLength(64))

  test('hashes four words and a tail as the same 18 bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 18, maxLength: 18 }),
        (salt, message) => {
          const sip = new SipHash(salt)
          sip.bytes(message, 0, 18)
          const expected = hexOf(sip)
          const view = new DataView(message.buffer)
          const words = Int32Array.from([0, 4, 8, 12], (at) => view.getInt32(at, true))
          sip.words(words, view.getUint16(16, true))
          expect(hexOf(sip)).toBe(expected)
        },
      ),
    )
  })

  test('agrees with arithmetic in BigInt on any key and message', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ maxLength: 100 }),
        (salt, message) => {
          const sip = new SipHash(salt)
          sip.bytes(message, 0, message.length)
          expect(hexOf(sip)).toBe(naive(salt, message).toString(16).padStart(16, '0'))
        },
      ),
    )
  })

  test('refuses a key that has not 16 bytes', () => {
    expect(() => new SipHash(new Uint8Array(15))).toThrow(RangeError)
  })
})

function hexOf(sip: SipHash): string {
  return ((BigInt(sip.high) << 32n) | BigInt(sip.low)).toString(16).padStart(16, '0')
}

/** The paper's definition, word for word. */
function naive(salt: Uint8Array, message: Uint8Array): bigint {
  const read = (bytes: Uint8Array, at: number): bigint =>
    new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true)
  const padded = new Uint8Array(Math.floor(message.length / 8) * 8 + 8)
  padded.set(message)
  padded[padded.length - 1] = message.length & 0xff
  const [k0, k1] = [read(salt, 0), read(salt, 8)]
  const v = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ]
  const add = (i: number, j: number, left: bigint): void => {
    v[i] = BigInt.asUintN(64, v[i]! + v[j]!)
    v[j] = turn(v[j]!, left) ^ v[i]!
  }
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      add(0, 1, 13n)
      v[0] = turn(v[0]!, 32n)
      add(2, 3, 16n)
      add(0, 3, 21n)
      add(2, 1, 17n)
      v[2] = turn(v[2]!, 32n)
    }
  }
  for (let at = 0; at < padded.length; at += 8) {
    const word = read(padded, at)
    v[3]! ^= word
    rounds(2)
    v[0]! ^= word
  }
  v[2]! ^= 0xffn
  rounds(4)
  return v[0]! ^ v[1]! ^ v[2]! ^ v[3]!
}

function turn(value: bigint, left: bigint): bigint {
  return BigInt.asUintN(64, (value << left) | (value >> (64n - left)))
}
