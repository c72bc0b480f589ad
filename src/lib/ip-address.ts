/** IP addresses from text to numbers, without garbage; and which of them are no public place. */

/** Longest text of an address: eight groups of IPv6, the last two as IPv4. */
const charsMax = 45

const zero = 48
const dot = 46
const colon = 58

/** One parsed address; a parser owns it and fills it anew with each `parse`. */
export class IpAddress {
  /** 4, 6, or 0 when the last text was no address. */
  version: 0 | 4 | 6 = 0
  /** IPv4: the address in `words[0]`, the others 0. IPv6: four words, highest first. */
  readonly words = new Uint32Array(4)
  readonly #groups = new Uint16Array(8)
  #count = 0

  /**
   * Reads an address; false (and `version` 0) for any other text. IPv4 is four decimal numbers
   * without leading zeros, which some read as octal. IPv6 that carries an IPv4 address
   * (`::ffff:1.2.3.4`, and `64:ff9b::` behind a NAT64) becomes that one.
   */
  parse(text: string): boolean {
    this.version = 0
    this.#setWords(0, 0, 0, 0)
    if (text.length < 2 || text.length > charsMax) return false
    if (text.indexOf(':') === -1) {
      const address = ipv4At(text, 0)
      if (address === -1) return false
      this.words[0] = address
      this.version = 4
      return true
    }
    if (!this.#readGroups(text)) return false
    this.#settle()
    return true
  }

  /**
   * True for what is no place on the public internet: private, loopback, link-local, shared
   * (carrier NAT), documentation, benchmark, multicast and reserved ranges (RFC 6890).
   */
  isReserved(): boolean {
    return this.version === 4
      ? isReservedV4(this.words[0] ?? 0)
      : isReservedV6(this.words[0] ?? 0, this.words[1] ?? 0)
  }

  /** The usual text of the address: dotted for IPv4, eight full groups for IPv6; '' for none. */
  toString(): string {
    return this.version === 0 ? '' : IpAddress.textOf(this.version, this.words)
  }

  /** The same of an address in words. */
  static textOf(version: 4 | 6, words: Uint32Array): string {
    const a = words[0] ?? 0
    if (version === 4) return `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`
    let text = ''
    for (const word of words) {
      text += `:${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`
    }
    return text.slice(1)
  }

  /** Fills `#groups` from the text, spreading `::`. */
  #readGroups(text: string): boolean {
    this.#count = 0
    let gap = text.startsWith('::') ? 0 : -1
    let at = gap === 0 ? 2 : 0
    while (at < text.length) {
      const end = endOfGroup(text, at)
      if (!this.#readGroup(text, at, end)) return false
      // An IPv4 address can only be the rest.
      if (end === text.length || text.charCodeAt(end) === dot) break
      at = end + 1
      const isGap = text.charCodeAt(at) === colon
      if (text.charCodeAt(end) !== colon || at === text.length || (isGap && gap !== -1))
        return false
      if (!isGap) continue
      gap = this.#count
      at++
    }
    return spread(this.#groups, this.#count, gap)
  }

  /** One group of hexadecimal digits, or the two that an IPv4 address makes. */
  #readGroup(text: string, from: number, to: number): boolean {
    if (text.charCodeAt(to) === dot) {
      const address = this.#count <= 6 ? ipv4At(text, from) : -1
      if (address === -1) return false
      this.#groups[this.#count++] = address >>> 16
      this.#groups[this.#count++] = address & 0xffff
      return true
    }
    if (this.#count === 8 || to === from || to - from > 4) return false
    this.#groups[this.#count++] = hexAt(text, from, to)
    return true
  }

  /** From groups to words, and to IPv4 where the address only carries one. */
  #settle(): void {
    const a = this.#wordOf(0)
    const b = this.#wordOf(1)
    const c = this.#wordOf(2)
    const d = this.#wordOf(3)
    this.version = 6
    this.#setWords(a, b, c, d)
    const isMapped = a === 0 && b === 0 && c === 0xffff
    const isNat64 = a === 0x64ff9b && b === 0 && c === 0
    if (!isMapped && !isNat64) return
    this.version = 4
    this.#setWords(d, 0, 0, 0)
  }

  #wordOf(index: number): number {
    return (this.#groups[2 * index] ?? 0) * 0x10000 + (this.#groups[2 * index + 1] ?? 0)
  }

  /** The built-in fill and destructuring cost several times as much on so few. */
  #setWords(a: number, b: number, c: number, d: number): void {
    const { words } = this
    words[0] = a
    words[1] = b
    words[2] = c
    words[3] = d
  }
}

/** The IPv4 address that is the rest of the text from `at`, or -1. */
function ipv4At(text: string, at: number): number {
  let address = 0
  let octet = -1
  let octets = 0
  for (let i = at; i <= text.length; i++) {
    const code = i === text.length ? dot : text.charCodeAt(i)
    if (code === dot) {
      if (octet === -1 || octets === 4) return -1
      address = address * 256 + octet
      octets++
      octet = -1
      continue
    }
    const digit = code - zero
    if (digit < 0 || digit > 9 || octet === 0) return -1
    octet = octet === -1 ? digit : octet * 10 + digit
    if (octet > 255) return -1
  }
  return octets === 4 ? address : -1
}

/** Where the hexadecimal digits from `at` end. */
function endOfGroup(text: string, at: number): number {
  let end = at
  while (end < text.length && hexDigit(text.charCodeAt(end)) !== -1) end++
  return end
}

function hexAt(text: string, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) value = value * 16 + hexDigit(text.charCodeAt(i))
  return value
}

function hexDigit(code: number): number {
  if (code >= zero && code <= 57) return code - zero
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

/** Moves the groups after a `::` to the end; false when the count does not make an address. */
function spread(groups: Uint16Array, count: number, gap: number): boolean {
  if (gap === -1) return count === 8
  if (count > 7) return false
  const tail = 8 - (count - gap)
  groups.copyWithin(tail, gap, count)
  groups.fill(0, gap, tail)
  return true
}

/** Reserved IPv4 networks as address and prefix length. */
const reservedV4: readonly (readonly [network: number, bits: number])[] = [
  [0x00_00_00_00, 8],
  [0x0a_00_00_00, 8],
  [0x64_40_00_00, 10],
  [0x7f_00_00_00, 8],
  [0xa9_fe_00_00, 16],
  [0xac_10_00_00, 12],
  [0xc0_00_00_00, 24],
  [0xc0_00_02_00, 24],
  [0xc0_a8_00_00, 16],
  [0xc6_12_00_00, 15],
  [0xc6_33_64_00, 24],
  [0xcb_00_71_00, 24],
  [0xe0_00_00_00, 3],
]

/** By first octet: 1 where a network above begins, so that others cost one read. */
const reservedFirst = new Uint8Array(256)
for (const [network, bits] of reservedV4) {
  const first = network >>> 24
  reservedFirst.fill(1, first, first + (bits < 8 ? 1 << (8 - bits) : 1))
}

function isReservedV4(address: number): boolean {
  if (reservedFirst[address >>> 24] === 0) return false
  return reservedV4.some(([network, bits]) => (address ^ network) >>> (32 - bits) === 0)
}

/** `high` and `next` are the first 64 bits. */
function isReservedV6(high: number, next: number): boolean {
  // ::/64 holds the unspecified address, loopback and the long withdrawn IPv4-compatible ones.
  if (high === 0) return next === 0
  const top = high >>> 24
  if (top === 0xff || (top & 0xfe) === 0xfc) return true
  // fe80::/10 link-local and fec0::/10, which was site-local.
  if (top === 0xfe && ((high >>> 16) & 0x80) !== 0) return true
  if (high === 0x2001_0db8) return true
  return (high === 0x0100_0000 && next === 0) || (high === 0x0064_ff9b && next >>> 16 === 1)
}
