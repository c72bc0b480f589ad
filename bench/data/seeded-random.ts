/** A small seeded generator of random numbers, so that every run makes the same data. */

/** Numbers in [0, 1) with 32 random bits (a Weyl sequence through a multiply-xorshift mixer). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e37_79b9) >>> 0
    return mix32(state) / 4_294_967_296
  }
}

/** Mixes 32 bits so that neighbours in give strangers out (a bijection). */
export function mix32(value: number): number {
  let mixed = value >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
