/**
 * Reads RESP2 replies in place (redis.io, "Redis serialization protocol specification"): simple
 * strings, errors, integers, bulk strings and flat arrays of bulk strings: what our hot commands
 * answer. Of any other array only the extent is found; `RespCursor` walks it.
 */

/** Kinds of a reply. */
export const ReplyKind = {
  Bulk: 0,
  Null: 1,
  Error: 2,
  Simple: 3,
  Integer: 4,
  /** Bulk strings and nulls alone: in `items`. */
  Array: 5,
  /** An array with something else in it: its bytes are `start … end`, header included. */
  Tree: 6,
} as const
export type ReplyKind = (typeof ReplyKind)[keyof typeof ReplyKind]

/** Elements an array reply may have: HGETALL of the largest listpack bucket is 256. */
export const replyItemsMax = 4_096
/** Elements or bytes of what is only walked: HSCAN answers a whole listpack, however long. */
const treeCountMax = 16_777_216

const carriageReturn = 13
const lineFeed = 10
const newlineBytes = 2

/**
 * One reply; reused. `start`/`end` delimit text or bulk contents; `items` holds start/end pairs.
 */
export class RespReply {
  bytes: Uint8Array = new Uint8Array(0)
  kind: ReplyKind = ReplyKind.Null
  start = 0
  end = 0
  /** Pairs of start and end; start -1 for a null element. */
  readonly items = new Int32Array(replyItemsMax * 2)
  itemCount = 0

  /** Text of a simple string, error or bulk. */
  text(): string {
    return Buffer.from(
      this.bytes.buffer,
      this.bytes.byteOffset + this.start,
      this.end - this.start,
    ).toString()
  }
}

/** What `parseReply` answers when the bytes end before the reply does. */
export const incomplete = -1
/** What it answers when the bytes are no RESP2 that we know: the connection is useless then. */
export const notResp = -2

/**
 * Parses one reply of `bytes` from `position`; answers the position after it, or a negative code.
 */
export function parseReply(
  bytes: Uint8Array,
  position: number,
  limit: number,
  reply: RespReply,
): number {
  const lineEnd = endOfLine(bytes, position, limit)
  if (lineEnd < 0) return incomplete
  if (bytes[lineEnd - newlineBytes] !== carriageReturn) return notResp
  reply.bytes = bytes
  reply.start = position + 1
  reply.end = lineEnd - newlineBytes
  switch (bytes[position]) {
    case 0x24: // '$'
      return bulk(bytes, lineEnd, limit, reply)
    case 0x2b: // '+'
      reply.kind = ReplyKind.Simple
      return lineEnd
    case 0x2d: // '-'
      reply.kind = ReplyKind.Error
      return lineEnd
    case 0x3a: // ':'
      reply.kind = ReplyKind.Integer
      return lineEnd
    case 0x2a: // '*'
      return array(bytes, position, limit, reply)
    default:
      return notResp
  }
}

function bulk(bytes: Uint8Array, at: number, limit: number, reply: RespReply): number {
  const length = integer(bytes, reply.start, reply.end)
  if (!(length >= -1)) return notResp
  if (length < 0) {
    reply.kind = ReplyKind.Null
    return at
  }
  const end = at + length
  if (end + newlineBytes > limit) return incomplete
  reply.kind = ReplyKind.Bulk
  reply.start = at
  reply.end = end
  return end + newlineBytes
}

function array(bytes: Uint8Array, from: number, limit: number, reply: RespReply): number {
  const count = integer(bytes, reply.start, reply.end)
  if (!(count >= -1 && count <= replyItemsMax)) return notResp
  reply.kind = count < 0 ? ReplyKind.Null : ReplyKind.Array
  reply.itemCount = Math.max(0, count)
  let position = reply.end + newlineBytes
  for (let i = 0; i < count; i++) {
    const lineEnd = endOfLine(bytes, position, limit)
    if (lineEnd < 0) return incomplete
    if (bytes[position] !== 0x24) return tree(bytes, from, limit, reply)
    const length = integer(bytes, position + 1, lineEnd - newlineBytes)
    if (!(length >= -1)) return notResp
    const end = lineEnd + Math.max(0, length)
    reply.items[i * 2] = length < 0 ? -1 : lineEnd
    reply.items[i * 2 + 1] = end
    position = length < 0 ? lineEnd : end + newlineBytes
    if (position > limit) return incomplete
  }
  return position
}

/** Finds the end of an array of anything, without looking at what is in it. */
function tree(bytes: Uint8Array, from: number, limit: number, reply: RespReply): number {
  let position = from
  for (let open = 1; open > 0; open--) {
    const lineEnd = endOfLine(bytes, position, limit)
    if (lineEnd < 0) return incomplete
    const type = bytes[position]
    const count = integer(bytes, position + 1, lineEnd - newlineBytes)
    position = lineEnd
    const isArray = type === 0x2a
    const isBulk = type === 0x24
    const isCounted = isArray || isBulk
    if (isCounted ? !(count >= -1 && count <= treeCountMax) : !isLine(type)) return notResp
    if (isArray) open += Math.max(0, count)
    else if (isBulk && count >= 0) position += count + newlineBytes
    if (position > limit) return incomplete
  }
  reply.kind = ReplyKind.Tree
  reply.start = from
  reply.end = position
  return position
}

/** Whether an element of this type is its line: integer, simple string, error. */
function isLine(type: number | undefined): boolean {
  return type === 0x3a || type === 0x2b || type === 0x2d
}

function endOfLine(bytes: Uint8Array, from: number, limit: number): number {
  for (let i = from + 1; i < limit; i++) if (bytes[i] === lineFeed) return i + 1
  return -1
}

/** A decimal number, or NaN, which fails every comparison. */
function integer(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  const negative = bytes[from] === 0x2d
  const first = negative ? from + 1 : from
  for (let i = first; i < to; i++) {
    const digit = (bytes[i] as number) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  if (first >= to) return Number.NaN
  return negative ? -value : value
}
