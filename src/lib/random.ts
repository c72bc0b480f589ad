/** Randomness as an injected port: nothing else in the house may call Math.random. */

/** Uniform in [0, 1). */
export type Random = () => number

/** The engine's generator: good for sampling, not for secrets. */
export const systemRandom: Random = () => Math.random()
