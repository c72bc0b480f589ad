import { describe, expect, test } from 'vitest'
import { ProtoWriter } from './proto-writer.ts'

const hex = (writer: ProtoWriter) => Buffer.from(writer.finish()).toString('hex')

describe('values on the wire', () => {
  test.each([
    [0, '0800'],
    [127, '087f'],
    [128, '088001'],
    [0xffff_ffff, '08ffffffff0f'],
  ])('uint32 %d', (value, wanted) => {
    expect(hex(new ProtoWriter().uint32(1, value))).toBe(wanted)
  })

  test('a negative int32 takes ten bytes', () => {
    expect(hex(new ProtoWriter().int32(1, -1))).toBe(`08${'ff'.repeat(9)}01`)
    expect(hex(new ProtoWriter().int32(1, 1))).toBe('0801')
  })

  test.each([
    ['0', '0800'],
    ['999999999999999', '08ffff99a6eaafe301'],
    ['9007199254740993', '088180808080808010'],
    ['18446744073709551615', `08${'ff'.repeat(9)}01`],
    ['00000000000000000007', '0807'],
    ['-1', `08${'ff'.repeat(9)}01`],
  ])('64-bit text %s', (text, wanted) => {
    expect(hex(new ProtoWriter().wide(1, text))).toBe(wanted)
  })

  test('text that is no integer is a fault of the caller', () => {
    expect(() => new ProtoWriter().wide(1, 'sku-1')).toThrow(SyntaxError)
    expect(() => new ProtoWriter().wide(1, '1.5')).toThrow(SyntaxError)
  })

  test('floats and doubles are little endian', () => {
    expect(hex(new ProtoWriter().float(1, 1.25))).toBe('0d0000a03f')
    expect(hex(new ProtoWriter().double(1, 1.25))).toBe('09000000000000f43f')
  })

  test('text is UTF-8, its length in bytes', () => {
    expect(hex(new ProtoWriter().text(1, ''))).toBe('0a00')
    expect(hex(new ProtoWriter().text(1, 'ab'))).toBe('0a026162')
    expect(hex(new ProtoWriter().text(1, 'a红'))).toBe('0a0461e7baa2')
    expect(hex(new ProtoWriter().text(1, 'x'.repeat(128)))).toBe(`0a8001${'78'.repeat(128)}`)
  })

  test('field numbers above 15 take more tag bytes', () => {
    expect(hex(new ProtoWriter().uint32(536_870_911, 1))).toBe('f8ffffff0f01')
  })
})

describe('nested messages', () => {
  test.each([
    [0, '0a00'],
    [127, '0a7f'],
    [128, '0a8001'],
    [0x3fff, '0aff7f'],
    [0x4000, '0a808001'],
    [100_000, '0aa08d06'],
  ])('of %d bytes have the shortest length before them', (size, head) => {
    const writer = new ProtoWriter(8)
    const start = writer.open(1)
    for (let i = 0; i < size; i++) writer.wideValue('1')
    expect(hex(writer.close(start).uint32(2, 3))).toBe(`${head}${'01'.repeat(size)}1003`)
  })

  test('nest in each other', () => {
    const writer = new ProtoWriter()
    const outer = writer.open(1)
    const inner = writer.open(2)
    writer.text(3, 'x'.repeat(130)).close(inner).close(outer)
    expect(hex(writer)).toBe(`0a88011285011a8201${'78'.repeat(130)}`)
  })
})

describe('the buffer', () => {
  test('grows, and the answer is a copy of its own', () => {
    const writer = new ProtoWriter(1)
    const first = writer.text(1, 'abc').finish()
    writer.reset().text(1, 'xyz')
    expect(Buffer.from(first).toString('hex')).toBe('0a03616263')
    expect(hex(writer)).toBe('0a0378797a')
  })

  test('refuses to pass its limit', () => {
    expect(() => new ProtoWriter(8, 64).bytes(1, new Uint8Array(100))).toThrow(RangeError)
  })
})
