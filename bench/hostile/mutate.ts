/**
 * Hostile bodies: arbitrary bytes, and real requests that were damaged in the ways bytes get
 * damaged.
 */
import { seededRandom } from '../data/seeded-random.ts'

/** The data plane refuses longer bodies before any decoder sees them. */
export const hostileBytesMax = 64 * 1024

/** Arbitrary bodies are this long at most; the rest of the length range is reached by mutation. */
const arbitraryBytesMax = 512

/** One in so many mutations grows a body to many times its size. */
const growEvery = 64

/** Changes that one mutated body gets at most. */
const changesMax = 6

/** Bytes that mean something to protobuf or JSON readers more often than others do. */
const interesting = [
  0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x2a, 0x6a, 0x0b, 0x0c, 0x22, 0x5b, 0x5c, 0x5d, 0x7b,
  0x7d,
]

/** An endless, repeatable supply of hostile bodies made from `seeds`. */
export function hostileBodies(seeds: readonly Uint8Array[], seed: number): () => Uint8Array {
  const random = seededRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const inPlace = [flip, replace]
  const changes = [flip, replace, insert, remove, cut, repeat, splice, nest]

  function arbitrary(): Uint8Array {
    const bytes = new Uint8Array(below(arbitraryBytesMax))
    for (let i = 0; i < bytes.length; i++) bytes[i] = below(256)
    return bytes
  }

  function flip(bytes: Uint8Array): Uint8Array {
    const at = below(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
    return bytes
  }

  function replace(bytes: Uint8Array): Uint8Array {
    bytes[below(bytes.length)] = interesting[below(interesting.length)] ?? 0
    return bytes
  }

  function insert(bytes: Uint8Array): Uint8Array {
    const at = below(bytes.length + 1)
    const added = arbitrary().subarray(0, 1 + below(12))
    return joined(bytes.subarray(0, at), added, bytes.subarray(at))
  }

  function remove(bytes: Uint8Array): Uint8Array {
    const at = below(bytes.length)
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + below(8)))
  }

  function cut(bytes: Uint8Array): Uint8Array {
    return bytes.slice(0, below(bytes.length + 1))
  }

  function repeat(bytes: Uint8Array): Uint8Array {
    const times = below(growEvery) === 0 ? 1 + below(400) : 2
    const from = below(bytes.length)
    const part = bytes.subarray(from, from + 1 + below(64))
    const all = [bytes]
    for (let i = 0; i < times; i++) all.push(part)
    return joined(...all)
  }

  function splice(bytes: Uint8Array): Uint8Array {
    const other = seeds[below(seeds.length)] ?? bytes
    return joined(bytes.subarray(0, below(bytes.length)), other.subarray(below(other.length)))
  }

  /** Many openings without their ends: groups and length-delimited fields, or brackets. */
  function nest(bytes: Uint8Array): Uint8Array {
    const depth = below(growEvery) === 0 ? below(20_000) : below(200)
    const opening = new Uint8Array(depth).fill(interesting[5 + below(10)] ?? 0x0b)
    return joined(bytes.subarray(0, below(bytes.length)), opening)
  }

  return () => {
    // One body in eight is arbitrary from its first byte.
    if (below(8) === 0) return arbitrary()
    // A copy even of a Buffer, whose own `slice` would be a view into the seed.
    let bytes: Uint8Array = new Uint8Array(seeds[below(seeds.length)] ?? [0])
    const count = 1 + below(changesMax)
    // Half of the bodies keep their length, so that damage reaches what lies behind the framing.
    const usable = below(2) === 0 ? inPlace : changes
    for (let i = 0; i < count && bytes.length > 0; i++) {
      bytes = (usable[below(usable.length)] ?? flip)(bytes)
    }
    return bytes.length > hostileBytesMax ? bytes.slice(0, hostileBytesMax) : bytes
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
