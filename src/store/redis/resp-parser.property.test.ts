import fc from 'fast-check'
import { expect, test } from 'vitest'
import { incomplete, notResp, parseReply, ReplyKind, RespReply } from './resp-parser.ts'

type Reply =
  | { kind: 'bulk'; bytes: Uint8Array | null }
  | { kind: 'simple' | 'error'; text: string }
  | { kind: 'integer'; value: number }
  | { kind: 'array'; items: (Uint8Array | null)[] | null }

const bytes = fc.uint8Array({ maxLength: 70 })
const nullable = fc.option(bytes, { nil: null })
const line = fc.stringMatching(/^[ -~]{0,30}$/)

const anyReply: fc.Arbitrary<Reply> = fc.oneof(
  fc.record({ kind: fc.constant('bulk' as const), bytes: nullable }),
  fc.record({ kind: fc.constantFrom('simple' as const, 'error' as const), text: line }),
  fc.record({ kind: fc.constant('integer' as const), value: fc.integer() }),
  fc.record({
    kind: fc.constant('array' as const),
    items: fc.option(fc.array(nullable, { maxLength: 8 }), { nil: null }),
  }),
)

function bulkBytes(content: Uint8Array | null): Buffer {
  if (content === null) return Buffer.from('$-1\r\n')
  return Buffer.concat([Buffer.from(`$${content.length}\r\n`), content, Buffer.from('\r\n')])
}

function encode(reply: Reply): Buffer {
  switch (reply.kind) {
    case 'bulk':
      return bulkBytes(reply.bytes)
    case 'simple':
      return Buffer.from(`+${reply.text}\r\n`)
    case 'error':
      return Buffer.from(`-${reply.text}\r\n`)
    case 'integer':
      return Buffer.from(`:${reply.value}\r\n`)
    case 'array':
      if (reply.items === null) return Buffer.from('*-1\r\n')
      return Buffer.concat([
        Buffer.from(`*${reply.items.length}\r\n`),
        ...reply.items.map(bulkBytes),
      ])
  }
}

function read(reply: RespReply): Reply {
  switch (reply.kind) {
    case ReplyKind.Bulk:
      return { kind: 'bulk', bytes: copy(reply, reply.start, reply.end) }
    case ReplyKind.Simple:
      return { kind: 'simple', text: reply.text() }
    case ReplyKind.Error:
      return { kind: 'error', text: reply.text() }
    case ReplyKind.Integer:
      return { kind: 'integer', value: Number(reply.text()) }
    case ReplyKind.Array:
      return { kind: 'array', items: itemsOf(reply) }
    default:
      return { kind: 'bulk', bytes: null }
  }
}

function copy(reply: RespReply, start: number, end: number): Uint8Array {
  return Uint8Array.from(reply.bytes.subarray(start, end))
}

function itemsOf(reply: RespReply): (Uint8Array | null)[] {
  return Array.from({ length: reply.itemCount }, (_, i) => {
    const start = reply.items[i * 2] as number
    return start < 0 ? null : copy(reply, start, reply.items[i * 2 + 1] as number)
  })
}

/** Both kinds of null are one for us. */
const expected = (reply: Reply): Reply =>
  reply.kind === 'array' && reply.items === null ? { kind: 'bulk', bytes: null } : reply

test('a stream of replies reads the same however many bytes have come', () => {
  fc.assert(
    fc.property(fc.array(anyReply, { minLength: 1, maxLength: 4 }), (replies) => {
      const stream = Buffer.concat(replies.map(encode))
      const ends = replies.map((_, k) => Buffer.concat(replies.slice(0, k + 1).map(encode)).length)
      const reply = new RespReply()
      for (let limit = 0; limit <= stream.length; limit++) {
        let position = 0
        for (const [k, end] of ends.entries()) {
          const next = parseReply(stream, position, limit, reply)
          if (limit < end) {
            expect(next).toBe(incomplete)
            break
          }
          expect(next).toBe(end)
          expect(read(reply)).toEqual(expected(replies[k] as Reply))
          position = next
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('arbitrary bytes are refused, incomplete, or a reply inside the bytes', () => {
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom('$', '*', '+', '-', ':', '\r\n', '\n', '-1', '0', '3', '99999999999', 'x'),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(hostile, (parts) => {
      const stream = Buffer.from(parts.join(''))
      const reply = new RespReply()
      const next = parseReply(stream, 0, stream.length, reply)
      if (next === incomplete || next === notResp) return
      expect(next).toBeGreaterThan(0)
      expect(next).toBeLessThanOrEqual(stream.length)
      read(reply)
    }),
    { numRuns: 3_000 },
  )
})

test.each(['$x\r\n', '$\r\n', '$-5\r\n', '-\n', '*5000\r\n', '*1\r\n?3\r\n', 'HTTP/1.1 400\r\n'])(
  'what is no reply of ours is said to be none: %j',
  (text) => {
    const stream = Buffer.from(text)
    expect(parseReply(stream, 0, stream.length, new RespReply())).toBe(notResp)
  },
)
