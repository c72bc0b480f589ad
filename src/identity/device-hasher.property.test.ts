/** What holds of device keys for any id, any bytes and any salt. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DeviceKeys } from '../domain/device-keys.ts'
import { type IdTypeInfo, idTypes } from '../domain/id-type.ts'
import { DeviceHasher, type KeyHalves } from './device-hasher.ts'
import { IdDoubt } from './id-doubt.ts'
import { SipHash } from './siphash.ts'

const salt = Buffer.from('0123456789abcdef')
const hasher = new DeviceHasher(salt)

function keyOf(type: IdTypeInfo, bytes: Uint8Array, scope: string): bigint | null {
  const out: KeyHalves = { high: 0, low: 0 }
  const doubt = hasher.keyOf(type, bytes, 0, bytes.length, scope, out)
  return doubt === IdDoubt.None ? (BigInt(out.high) << 32n) | BigInt(out.low) : null
}

const anyType = fc.constantFrom(...idTypes)
const md5Type = fc.constantFrom(...idTypes.filter((type) => type.form === 'md5'))
const digest = fc.uint8Array({ minLength: 16, maxLength: 16 })
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('device keys', () => {
  test('arbitrary bytes never throw and never read outside their range', () => {
    fc.assert(
      fc.property(anyType, fc.uint8Array({ maxLength: 700 }), fc.string(), (type, bytes, scope) => {
        const framed = new Uint8Array(bytes.length + 8).fill(0x61)
        framed.set(bytes, 4)
        const out: KeyHalves = { high: 0, low: 0 }
        const doubt = hasher.keyOf(type, framed, 4, 4 + bytes.length, scope, out)
        const key = (BigInt(out.high) << 32n) | BigInt(out.low)
        expect(doubt === IdDoubt.None ? key : null).toBe(keyOf(type, bytes, scope))
      }),
      { numRuns: 2_000 },
    )
  })

  test('arbitrary text is added or counted as doubtful, one of the two', () => {
    fc.assert(
      fc.property(anyType, fc.string({ unit: 'binary' }), fc.string(), (type, text, scope) => {
        const devices = new DeviceKeys()
        const index = hasher.addText(devices, type.code, text, scope)
        expect(devices.count + devices.doubtful).toBe(1)
        expect(index).toBe(devices.count - 1)
      }),
    )
  })

  test('a md5 key is SipHash of digest, scope, length of the scope and family', () => {
    const scope = fc.string({ unit: 'grapheme-ascii', maxLength: 64 })
    fc.assert(
      fc.property(md5Type, digest, scope, (type, bytes, given) => {
        const words = type.scoped ? given : ''
        const message = Buffer.concat([
          bytes,
          Buffer.from(words),
          Buffer.of(words.length, type.family),
        ])
        const sip = new SipHash(salt)
        sip.bytes(message, 0, message.length)
        const expected = (BigInt(sip.high) << 32n) | BigInt(sip.low)
        expect(keyOf(type, Buffer.from(hex(bytes)), given)).toBe(expected)
      }),
    )
  })

  test('different digests, families and scopes have different keys', () => {
    const input = fc.tuple(md5Type, digest, fc.constantFrom('', '1', '20230330'))
    fc.assert(
      fc.property(input, input, ([typeA, bytesA, scopeA], [typeB, bytesB, scopeB]) => {
        const isSame =
          typeA.family === typeB.family &&
          hex(bytesA) === hex(bytesB) &&
          (!typeA.scoped || scopeA === scopeB)
        const keyA = keyOf(typeA, Buffer.from(hex(bytesA)), scopeA)
        const keyB = keyOf(typeB, Buffer.from(hex(bytesB)), scopeB)
        expect(keyA === keyB).toBe(isSame)
      }),
    )
  })

  test('any UUID meets the md5 that its family rule gives', () => {
    const families = idTypes.filter((type) => ['idfa', 'gaid', 'oaid'].includes(type.name))
    fc.assert(
      fc.property(fc.constantFrom(...families), fc.uuid(), (raw, uuid) => {
        const text = raw.rawCase === 'upper' ? uuid.toUpperCase() : uuid
        const md5 = createHash('md5').update(text).digest('hex')
        const form = idTypes.find((type) => type.name === `${raw.name}_md5`)
        expect(keyOf(raw, Buffer.from(uuid), '')).toBe(keyOf(form!, Buffer.from(md5), ''))
      }),
    )
  })
})
