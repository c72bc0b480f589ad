/** Probabilities of split models. */
import { dot } from '../lib/dot.ts'

/** An encoded ask and ad: row `…From` of each. */
export interface VectorPair {
  readonly ask: Float32Array
  readonly askFrom: number
  readonly ad: Float32Array
  readonly adFrom: number
}

/** Probability of the target whose part of both vectors is [from, to), before calibration. */
export function splitProbability(pair: VectorPair, [from, to]: readonly [number, number]): number {
  const { ask, askFrom, ad, adFrom } = pair
  return 1 / (1 + Math.exp(-dot(ask, askFrom + from, ad, adFrom + from, to - from)))
}
