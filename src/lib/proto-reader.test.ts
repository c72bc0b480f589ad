import { describe, expect, test } from 'vitest'
import { ProtoReader, protoDepthMax, textOf, WireType, wideText } from './proto-reader.ts'

const reader = (...bytes: number[]) => new ProtoReader().reset(Uint8Array.from(bytes))

/** Reads the tag of a lone field 1 and then its value. */
function fieldOne<T>(wireType: number, value: readonly number[], read: (r: ProtoReader) => T) {
  const it = reader((1 << 3) | wireType, ...value)
  expect(it.next()).toBe(true)
  const result = read(it)
  return { result, ok: it.ok, position: it.position }
}

/** Skips everything; true when the bytes were a message. */
function isMessage(...bytes: number[]): boolean {
  const it = reader(...bytes)
  while (it.next()) it.skip()
  return it.ok
}

describe('walking a message', () => {
  test('gives field, wire type and tag of each field, and ends without a fault', () => {
    const it = reader(0x08, 0x05, 0x12, 0x01, 0x61)
    expect(it.next()).toBe(true)
    expect([it.field, it.wireType, it.tag]).toEqual([1, WireType.Varint, 0x08])
    expect(it.varint()).toBe(5)
    expect(it.next()).toBe(true)
    expect([it.field, it.wireType, it.tag, it.is(WireType.Bytes)]).toEqual([2, 2, 0x12, true])
    expect(it.text()).toBe('a')
    expect(it.next()).toBe(false)
    expect(it.ok).toBe(true)
  })

  test('finds nothing in an empty message', () => {
    const it = reader()
    expect([it.next(), it.ok]).toEqual([false, true])
  })

  test('stays inside the range it was given', () => {
    const it = new ProtoReader().reset(Uint8Array.from([0xff, 0x08, 0x05, 0xff]), 1, 3)
    expect([it.next(), it.varint(), it.next(), it.ok]).toEqual([true, 5, false, true])
  })

  test('stays broken once it is broken', () => {
    const it = reader(0x00, 0x08, 0x05)
    expect([it.next(), it.ok, it.next()]).toEqual([false, false, false])
  })
})

describe('what is no message', () => {
  test.each([
    ['field number 0', [0x00, 0x00]],
    ['wire type 6', [0x0e]],
    ['wire type 7', [0x0f]],
    ['a tag of six bytes', [0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 0x00]],
    ['a tag beyond 32 bits', [0x88, 0x80, 0x80, 0x80, 0x10, 0x00]],
    ['a length of six bytes', [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ['a length beyond 32 bits', [0x0a, 0x80, 0x80, 0x80, 0x80, 0x10]],
    ['a length over the end', [0x0a, 0x02, 0x61]],
    ['a varint that does not end', [0x08, 0x80]],
    ['a varint of eleven bytes', [0x08, ...Array<number>(10).fill(0x80), 0x00]],
    ['half a fixed32', [0x0d, 0x01, 0x02]],
    ['half a fixed64', [0x09, 0x01, 0x02, 0x03, 0x04]],
    ['a group that stays open', [0x0b, 0x10, 0x01]],
    ['a group closed by another number', [0x0b, 0x14]],
    ['a group end alone', [0x0c]],
    ['field number 0 in a group', [0x0b, 0x00, 0x00, 0x0c]],
  ])('%s', (_, bytes) => {
    expect(isMessage(...bytes)).toBe(false)
  })

  test('groups nested deeper than the limit', () => {
    const nested = (depth: number) => [
      ...Array<number>(depth).fill(0x0b),
      0x10,
      0x01,
      ...Array<number>(depth).fill(0x0c),
    ]
    expect(isMessage(...nested(protoDepthMax))).toBe(true)
    expect(isMessage(...nested(protoDepthMax + 1))).toBe(false)
  })

  test('groups whose depth with the messages around them passes the limit', () => {
    const groups = [...Array<number>(protoDepthMax).fill(0x0b), 0x10, 0x01]
    const bytes = [...groups, ...Array<number>(protoDepthMax).fill(0x0c)]
    const outer = reader(0x0a, (bytes.length & 0x7f) | 0x80, bytes.length >>> 7, ...bytes)
    const inner = new ProtoReader()
    expect(outer.next() && outer.message(inner)).toBe(true)
    expect(inner.depth).toBe(1)
    while (inner.next()) inner.skip()
    expect(inner.ok).toBe(false)
  })
})

describe('skipping', () => {
  test('passes over every wire type to the field behind it', () => {
    const group = [0x0b, 0x10, 0x01, 0x1b, 0x22, 0x01, 0x61, 0x1c, 0x0c]
    const values = [
      [0x08, 0xff, 0x01],
      [0x09, ...Array<number>(8).fill(7)],
      [0x0a, 0x01, 0x61],
      group,
      [0x0d, 1, 2, 3, 4],
    ]
    for (const value of values) {
      const it = reader(...value, 0x10, 0x09)
      expect(it.next()).toBe(true)
      it.skip()
      expect([it.next(), it.field, it.varint(), it.ok]).toEqual([true, 2, 9, true])
    }
  })
})

describe('values', () => {
  test('a varint gives its lower 32 bits and keeps the upper ones', () => {
    const bytes = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    const it = reader(...bytes)
    expect([it.varint(), it.high, it.ok]).toEqual([0xffff_ffff, 0xffff_ffff, true])
  })

  test('an overlong varint is the number it spells', () => {
    expect(fieldOne(0, [0x85, 0x80, 0x80, 0x00], (it) => it.varint())).toMatchObject({
      result: 5,
      ok: true,
    })
  })

  test('int32 is signed, also in ten bytes', () => {
    const minusOne = [...Array<number>(9).fill(0xff), 0x01]
    expect(fieldOne(0, minusOne, (it) => it.int32()).result).toBe(-1)
  })

  test.each([
    [[0x00], false],
    [[0x01], true],
    [[0x80, 0x00], false],
    [[0x80, 0x80, 0x80, 0x80, 0x80, 0x01], true],
    [[...Array<number>(9).fill(0x80), 0x02], true],
  ])('bool of %j is %s', (bytes, wanted) => {
    expect(fieldOne(0, bytes, (it) => it.bool())).toMatchObject({ result: wanted, ok: true })
  })

  test('a bool that does not end is false and breaks the message', () => {
    expect(fieldOne(0, [0x80], (it) => it.bool())).toMatchObject({ result: false, ok: false })
  })

  test('64-bit numbers survive as text, signed and unsigned', () => {
    const all = [...Array<number>(9).fill(0xff), 0x01]
    expect(fieldOne(0, all, (it) => it.uint64Text()).result).toBe('18446744073709551615')
    expect(fieldOne(0, all, (it) => it.int64Text()).result).toBe('-1')
    const beyondDouble = [0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]
    expect(fieldOne(0, beyondDouble, (it) => it.int64Text()).result).toBe('9007199254740993')
  })

  test('floats and doubles', () => {
    expect(fieldOne(5, [0x00, 0x00, 0xa0, 0x3f], (it) => it.float()).result).toBe(1.25)
    const double = [0, 0, 0, 0, 0, 0, 0xf4, 0x3f]
    expect(fieldOne(1, double, (it) => it.double()).result).toBe(1.25)
    expect(fieldOne(5, [0], (it) => it.float())).toMatchObject({ result: 0, ok: false })
    expect(fieldOne(1, [0], (it) => it.double())).toMatchObject({ result: 0, ok: false })
  })

  test('a span marks its contents and moves on', () => {
    const it = reader(0x0a, 0x02, 0x61, 0x62, 0x08)
    it.next()
    expect([it.span(), it.from, it.to, it.position]).toEqual([true, 2, 4, 4])
  })
})

describe('text', () => {
  const decode = (...bytes: number[]) => textOf(Uint8Array.from(bytes), 0, bytes.length)

  test('malformed UTF-8 becomes U+FFFD and a byte order mark stays', () => {
    expect(decode(0x61, 0xff)).toBe('a\ufffd')
    expect(decode(0xef, 0xbb, 0xbf, 0x61)).toBe('\ufeffa')
    expect(decode(0xe7, 0xba, 0xa2)).toBe('红')
  })

  test('short and long ASCII read alike', () => {
    for (const length of [0, 1, 48, 49, 500]) {
      const text = 'x'.repeat(length)
      expect(decode(...Buffer.from(text))).toBe(text)
    }
  })
})

test('wide numbers print at every seam of their arithmetic', () => {
  const seams = [
    0n,
    1n,
    2n ** 32n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    10n ** 18n,
    10n ** 19n,
    2n ** 63n,
    2n ** 64n - 1n,
  ]
  for (const value of seams) {
    expect(wideText(Number(value >> 32n), Number(value & 0xffff_ffffn))).toBe(value.toString())
  }
})
