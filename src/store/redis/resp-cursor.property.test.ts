import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RespCursor } from './resp-cursor.ts'
import { incomplete, parseReply, ReplyKind, RespReply } from './resp-parser.ts'

type Tree = Uint8Array | readonly Tree[]

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.uint8Array({ maxLength: 30 }),
    fc.array(tie('tree'), { maxLength: 5 }),
  ),
}))

/** An array that has an array in it: what the parser leaves to the cursor. */
const deep = fc
  .tuple(fc.array(tree, { maxLength: 3 }), fc.array(tree, { maxLength: 3 }))
  .map(([before, inner]): Tree => [...before, inner])

function encode(value: Tree): Buffer {
  if (value instanceof Uint8Array) {
    return Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n')])
  }
  return Buffer.concat([Buffer.from(`*${value.length}\r\n`), ...value.map(encode)])
}

/** Reads what has the shape of `like`. */
function read(cursor: RespCursor, like: Tree): Tree {
  if (like instanceof Uint8Array) return cursor.bulk()
  expect(cursor.array()).toBe(like.length)
  return like.map((child) => read(cursor, child))
}

test('a tree is found whole, not before all of it has come, and read as it was sent', () => {
  fc.assert(
    fc.property(deep, fc.nat({ max: 20 }), (sent, before) => {
      const bytes = Buffer.concat([Buffer.alloc(before), encode(sent), Buffer.from(':1\r\n')])
      const end = bytes.length - 4
      const reply = new RespReply()
      for (let limit = before; limit < end; limit++) {
        expect(parseReply(bytes, before, limit, reply)).toBe(incomplete)
      }
      expect(parseReply(bytes, before, bytes.length, reply)).toBe(end)
      expect(reply.kind).toBe(ReplyKind.Tree)
      expect(read(new RespCursor(reply), sent)).toEqual(sent)
    }),
    { numRuns: 200 },
  )
})

test('integers, errors, nulls and simple strings in an array end where they end', () => {
  const bytes = Buffer.from('*6\r\n:12\r\n-ERR no\r\n+OK\r\n$-1\r\n*-1\r\n$1\r\nx\r\n')
  const reply = new RespReply()
  expect(parseReply(bytes, 0, bytes.length, reply)).toBe(bytes.length)
  expect(reply.kind).toBe(ReplyKind.Tree)
})

test.each(['$1\r\nx\r\n', '$-1\r\n', ':3\r\n'])('%j is no array, and says so', (element) => {
  const bytes = Buffer.from(`*2\r\n*0\r\n${element}`)
  const reply = new RespReply()
  parseReply(bytes, 0, bytes.length, reply)
  const cursor = new RespCursor(reply)
  cursor.array()
  cursor.array()
  expect(() => cursor.array()).toThrow(RangeError)
})
