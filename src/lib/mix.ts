/** A cheap, well-spread hash of a 64-bit key under a seed: for splitting, never for secrets. */

/** A 32-bit seed from a name; equal names give equal seeds on every machine and for ever. */
export function seedOf(name: string): number {
  let seed = name.length
  for (let i = 0; i < name.length; i++) seed = stir(seed, name.charCodeAt(i))
  return finish(seed)
}

/**
 * Mixes the key `high:low` with a seed into an unsigned 32-bit number: Murmur3 (x86, 32 bit) of
 * the two words, so that one changed input bit changes each output bit half the time.
 */
export function mix64(high: number, low: number, seed: number): number {
  return finish(stir(stir(seed, high), low) ^ 8)
}

/**
 * The bucket of a key among `count`: the same for ever for one seed and key. The bias of taking a
 * remainder is below `count / 2^32`, 0.0003 % at 10 000 buckets.
 */
export function bucketOf(high: number, low: number, seed: number, count: number): number {
  return mix64(high, low, seed) % count
}

function stir(state: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e2d51)
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
  const next = state ^ mixed
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0
}

function finish(state: number): number {
  let mixed = state ^ (state >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
