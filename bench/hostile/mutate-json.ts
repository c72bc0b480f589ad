/** Hostile JSON that is still JSON: values of wrong types and sizes, lists blown up, deep nesting. */
import { Draw } from '../data/draw.ts'

/** The bidder refuses longer bodies unread (http/bid-body.ts). */
export const hostileJsonBytesMax = 256 * 1024

/** Changes that one body gets at most. */
const changesMax = 6

/** One change of a body in so many may be huge: its number is drawn below this. */
const hugeEvery = 24

const oddValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.1,
  1e308,
  -1e-308,
  2 ** 53,
  4_294_967_296,
  '',
  '0',
  '1e999',
  'null',
  '\u0000',
  '\ud800',
  '<script>"\'&]]>',
  '${AUCTION_PRICE}',
  [],
  {},
  [null],
  [[]],
  { ext: {} },
]

/** An endless, repeatable supply of damaged requests made from JSON seeds. */
export function hostileJson(seeds: readonly Uint8Array[], seed: number): () => Uint8Array {
  const draw = new Draw(seed)
  return () => {
    const body: unknown = JSON.parse(Buffer.from(draw.pick(seeds)).toString('utf8'))
    const changes = 1 + draw.below(changesMax)
    // One huge thing a body: two inside each other would be too long to be sent.
    const hugeAt = draw.below(hugeEvery)
    for (let change = 0; change < changes; change++) damage(draw, body, change === hugeAt)
    const text = Buffer.from(JSON.stringify(body))
    return text.length > hostileJsonBytesMax ? text.subarray(0, hostileJsonBytesMax) : text
  }
}

/** Walks to a random member and changes it. */
function damage(draw: Draw, root: unknown, isHuge: boolean): void {
  let holder = root as Record<string, unknown>
  for (;;) {
    const keys = Object.keys(holder)
    if (keys.length === 0) return
    const key = draw.pick(keys)
    const value = holder[key]
    const isInner = typeof value === 'object' && value !== null
    if (!isInner || draw.chance(0.25)) {
      holder[key] = changed(draw, value, isHuge)
      return
    }
    holder = value as Record<string, unknown>
  }
}

function changed(draw: Draw, value: unknown, isHuge: boolean): unknown {
  const times = isHuge ? 1 + draw.below(5_000) : 1 + draw.below(8)
  switch (draw.below(6)) {
    case 0:
      return repeated(draw, value, times)
    case 1:
      return nested(value, isHuge ? draw.below(20_000) : draw.below(20))
    case 2:
      return typeof value === 'string' ? value.repeat(times).slice(0, 100_000) : String(value)
    case 3:
      return typeof value === 'number' ? value * 10 ** (draw.below(40) - 20) : draw.below(1_000)
    default:
      // A copy: later changes may write into it.
      return structuredClone(draw.pick(oddValues))
  }
}

/** A list of the value again and again; strings and ids get a number, so that they differ. */
function repeated(draw: Draw, value: unknown, times: number): unknown {
  const list: readonly unknown[] = Array.isArray(value) && value.length > 0 ? value : [value]
  return Array.from({ length: times }, (_, number) => {
    const item = draw.pick(list)
    if (typeof item === 'string') return `${number}${item}`
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    return 'id' in item ? { ...item, id: String(number) } : item
  })
}

/** Brackets around a value; JSON.stringify takes some thousand. */
function nested(value: unknown, depth: number): unknown {
  let outer = value
  for (let level = 0; level < Math.min(depth, 2_000); level++) {
    outer = level % 2 === 0 ? [outer] : { ext: outer }
  }
  return outer
}
