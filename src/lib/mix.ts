/** A cheap, well-spread hash of a 64-bit key under a seed: for splitting, never for secrets. */
import { finishWords, stirWord } from './murmur3.ts'

/** A 32-bit seed from a name; equal names give equal seeds on every machine and for ever. */
export function seedOf(name: string): number {
  let seed = name.length
  for (let i = 0; i < name.length; i++) seed = stirWord(seed, name.charCodeAt(i))
  return finishWords(seed, 0)
}

/**
 * Mixes the key `high:low` with a seed into an unsigned 32-bit number: Murmur3 (x86, 32 bit) of
 * the two words, so that one changed input bit changes each output bit half the time.
 */
export function mix64(high: number, low: number, seed: number): number {
  return finishWords(stirWord(stirWord(seed, high), low), 8)
}

/**
 * The bucket of a key among `count`: the same for ever for one seed and key. The bias of taking a
 * remainder is below `count / 2^32`, 0.0003 % at 10 000 buckets.
 */
export function bucketOf(high: number, low: number, seed: number, count: number): number {
  return mix64(high, low, seed) % count
}
