/** The search tree of a MaxMind DB (format description 2.0): from address bits to a record. */
import type { IpAddress } from '../lib/ip-address.ts'

/** What the tree is made of, from the file's metadata. */
export interface TreeShape {
  readonly nodeCount: number
  readonly recordSize: 24 | 28 | 32
  readonly addressBits: 32 | 128
}

/** Bits in front of an IPv4 address in a tree of IPv6. */
const prefixBits = 96

/**
 * Walks over the bytes of a file. We walk ourselves, and leave records to the library, because the
 * walk tells which record it is: so one decoded city serves all of its networks.
 */
export class SearchTree {
  readonly shape: TreeShape
  readonly #bytes: Uint8Array
  readonly #nodeBytes: number
  /** Where IPv4 addresses begin: a node, or what stands in the place of one. */
  readonly #ipv4Root: number

  /** `bytes` begin with the tree and must hold all of it. */
  constructor(bytes: Uint8Array, shape: TreeShape) {
    this.shape = shape
    this.#bytes = bytes
    this.#nodeBytes = shape.recordSize / 4
    let node = 0
    const depth = shape.addressBits === 128 ? prefixBits : 0
    for (let i = 0; i < depth && node < shape.nodeCount; i++) node = this.side(node, 0)
    this.#ipv4Root = node
  }

  /** One side of a node: a node, the node count (nothing known), or more: a record. */
  side(node: number, bit: number): number {
    const bytes = this.#bytes
    const at = node * this.#nodeBytes
    switch (this.shape.recordSize) {
      case 24:
        return threeBytes(bytes, at + 3 * bit)
      case 28: {
        const middle = bytes[at + 3] ?? 0
        const high = bit === 0 ? middle >>> 4 : middle & 15
        return (high << 24) | threeBytes(bytes, at + 4 * bit)
      }
      case 32:
        return (bytes[at + 4 * bit] ?? 0) * 0x1000000 + threeBytes(bytes, at + 4 * bit + 1)
    }
  }

  /** The record of an address as the tree names it, or 0 when there is none. */
  find(address: IpAddress): number {
    const { nodeCount, addressBits } = this.shape
    const isV4 = address.version === 4
    if (!isV4 && addressBits === 32) return 0
    const bits = isV4 ? 32 : 128
    let node = isV4 ? this.#ipv4Root : 0
    for (let depth = 0; depth < bits && node < nodeCount; depth++) {
      const word = address.words[depth >>> 5] ?? 0
      node = this.side(node, (word >>> (31 - (depth & 31))) & 1)
    }
    return node > nodeCount ? node : 0
  }
}

function threeBytes(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
}
