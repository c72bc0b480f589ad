/**
 * What the writer writes the reader reads, and so does protobufjs; no bytes make the reader throw.
 */
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { ProtoReader, wideText } from './proto-reader.ts'
import { ProtoWriter } from './proto-writer.ts'

const uint64 = fc.bigInt(0n, 2n ** 64n - 1n)
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const unicode = fc.string({ unit: 'binary', maxLength: 300 })

const everyType = protobuf
  .parse(
    `syntax = "proto2"; message Every {
    optional uint32 a = 1; optional uint64 b = 2; optional int32 c = 3; optional float d = 4;
    optional double e = 5; optional string f = 6; optional bytes g = 7; optional Every h = 500;
    repeated uint64 i = 9 [packed = true]; }`,
    { keepCase: true },
  )
  .root.lookupType('Every')

describe('64-bit numbers', () => {
  test('their text is the one of BigInt', () => {
    fc.assert(
      fc.property(uint64, (value) => {
        expect(wideText(Number(value >> 32n), Number(value & 0xffff_ffffn))).toBe(String(value))
      }),
    )
  })

  test('come back as they were written, as text and as bigint', () => {
    fc.assert(
      fc.property(uint64, (value) => {
        for (const given of [value, String(value)]) {
          const reader = new ProtoReader().reset(new ProtoWriter().wide(1, given).finish())
          expect(reader.next()).toBe(true)
          expect(reader.uint64Text()).toBe(String(value))
          expect([reader.next(), reader.ok]).toEqual([false, true])
        }
      }),
    )
  })

  test('negative ones come back signed', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), -1n), (value) => {
        const reader = new ProtoReader().reset(new ProtoWriter().wide(1, String(value)).finish())
        expect(reader.next()).toBe(true)
        expect(reader.int64Text()).toBe(String(value))
      }),
    )
  })
})

describe('a written message', () => {
  const values = fc.record({
    a: fc.integer({ min: 0, max: 0xffff_ffff }),
    b: uint64.map(String),
    c: int32,
    d: fc.float({ noNaN: true }),
    e: fc.double({ noNaN: true }),
    f: unicode,
    g: fc.uint8Array({ maxLength: 300 }),
    i: fc.array(uint64.map(String), { maxLength: 40 }),
  })

  type Values = typeof values extends fc.Arbitrary<infer T> ? T : never

  /** Writes the values, then itself once more as the nested message. */
  function write(writer: ProtoWriter, value: Values, depth: number) {
    writer.uint32(1, value.a).wide(2, value.b).int32(3, value.c).float(4, value.d)
    writer.double(5, value.e).text(6, value.f).bytes(7, value.g)
    if (value.i.length > 0) {
      const packed = writer.open(9)
      for (const wide of value.i) writer.wideValue(wide)
      writer.close(packed)
    }
    if (depth === 0) return
    const nested = writer.open(500)
    write(writer, value, depth - 1)
    writer.close(nested)
  }

  test('is read by protobufjs as it was meant', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 3 }), (value, depth) => {
        const writer = new ProtoWriter(16)
        write(writer, value, depth)
        let message = everyType.toObject(everyType.decode(writer.finish()), { longs: String })
        for (let level = depth; level >= 0; level--) {
          const { g, h, i = [], ...rest } = message
          const { g: bytes, i: wides, ...wanted } = value
          // UTF-8 has no form for half a surrogate pair.
          expect(rest).toEqual({ ...wanted, f: Buffer.from(value.f).toString() })
          expect([...(g as Uint8Array)]).toEqual([...bytes])
          expect(i).toEqual(wides)
          message = h as typeof message
        }
      }),
    )
  })
})

test('no bytes make the reader throw or stand still', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const reader = new ProtoReader().reset(bytes)
      let fields = 0
      while (reader.next()) {
        reader.skip()
        fields++
      }
      expect(fields).toBeLessThanOrEqual(bytes.length)
      expect(reader.position).toBeLessThanOrEqual(bytes.length)
      if (reader.ok) expect(reader.position).toBe(bytes.length)
    }),
    { numRuns: 2_000 },
  )
})
