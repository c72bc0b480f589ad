import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ResponseParser } from './response-parser.ts'

const encoder = new TextEncoder()

function answer(body: string, head = ''): Uint8Array {
  return encoder.encode(`HTTP/1.1 200 OK\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`)
}

function bodyOf(parser: ResponseParser): string {
  return new TextDecoder().decode(parser.body.subarray(parser.from, parser.to))
}

test('reads an answer that comes in one chunk', () => {
  const parser = new ResponseParser()
  const bytes = answer('hello', 'date: x\r\n')
  expect(parser.feed(bytes, 0, bytes.length)).toBe(bytes.length)
  expect([parser.done, parser.ok, parser.status, bodyOf(parser)]).toEqual([
    true,
    true,
    200,
    'hello',
  ])
})

test('reads the same answer whatever the chunks are', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sizes) => {
      const parser = new ResponseParser()
      const bytes = answer('some body of bytes', 'x-length: 7\r\nCONTENT-TYPE: a\r\n')
      let at = 0
      for (let i = 0; at < bytes.length; i++) {
        const chunk = bytes.slice(at, at + (sizes[i % sizes.length] ?? 1))
        expect(parser.done).toBe(false)
        parser.feed(chunk, 0, chunk.length)
        at += chunk.length
      }
      expect([parser.done, parser.status, bodyOf(parser)]).toEqual([
        true,
        200,
        'some body of bytes',
      ])
    }),
  )
})

test('leaves the bytes of a second answer alone and reads it after a reset', () => {
  const parser = new ResponseParser()
  const both = new Uint8Array([...answer('one'), ...answer('second')])
  const used = parser.feed(both, 0, both.length)
  expect(bodyOf(parser)).toBe('one')
  parser.reset()
  parser.feed(both, used, both.length)
  expect(bodyOf(parser)).toBe('second')
})

test('knows an empty body, a 204 without a length, and an announced close', () => {
  const parser = new ResponseParser()
  const empty = answer('', 'Connection: close\r\n')
  parser.feed(empty, 0, empty.length)
  expect([parser.done, parser.willClose]).toEqual([true, true])
  parser.reset()
  const noContent = encoder.encode('HTTP/1.1 204 No Content\r\n\r\n')
  parser.feed(noContent, 0, noContent.length)
  expect([parser.done, parser.ok, parser.status, parser.willClose]).toEqual([
    true,
    true,
    204,
    false,
  ])
})

test('calls an answer without a length no answer', () => {
  const parser = new ResponseParser()
  const bytes = encoder.encode('HTTP/1.1 200 OK\r\n\r\nrest')
  parser.feed(bytes, 0, bytes.length)
  expect([parser.ok, parser.done]).toEqual([false, false])
})
