/** How far figures would stray on another draw of the same rows: seeded bootstrap intervals. */
import { mix64, seedOf } from '../lib/mix.ts'

/** What a draw is measured by: the same list of figures for every multiplicity of the rows. */
export type Statistic = (times: Uint8Array) => readonly number[]

/** 95 % of the draws lie between these. */
export type Interval = readonly [low: number, high: number]

/** Draws of one bootstrap: the ends of 95 % are then the sixth from either side. */
export const resamplesMax = 200

/** Fewer would tell little of the ends; so many are made however many rows there are. */
const resamplesMin = 40

/** Rows drawn in one bootstrap: about ten seconds a list of scores. */
const drawnRowsMax = 1_000_000_000

/** How many draws so many rows get. */
export function resamplesOf(rows: number): number {
  const affordable = Math.floor(drawnRowsMax / Math.max(1, rows))
  return Math.min(resamplesMax, Math.max(resamplesMin, affordable))
}

/** Share of the draws outside of the interval, on each side. */
const tail = 0.025

/** Multiplicities are looked up by 16 random bits. */
const tableSize = 1 << 16

/**
 * Intervals of the figures, in their order. Each row counts Poisson(1) times in each draw: as good
 * as drawing rows with replacement for more than a few dozen rows, and a byte a row. All figures of
 * a draw see the same rows, so the interval of a difference is one of pairs. A figure that is not a
 * number in some draws has the interval of the others; NaN when there are none.
 */
export function bootstrapIntervals(rows: number, seed: string, statistic: Statistic): Interval[] {
  const times = new Uint8Array(rows)
  const draws: (readonly number[])[] = []
  const count = resamplesOf(rows)
  for (let draw = 0; draw < count; draw++) {
    drawTimes(times, mix64(draw, 0, seedOf(seed)))
    draws.push(statistic(times))
  }
  const width = draws[0]?.length ?? 0
  return Array.from({ length: width }, (_, figure) => intervalOf(draws, figure))
}

function intervalOf(draws: readonly (readonly number[])[], figure: number): Interval {
  const values = draws
    .map((draw) => draw[figure] ?? Number.NaN)
    .filter((value) => Number.isFinite(value))
    .sort((a, b) => a - b)
  const from = Math.floor(values.length * tail)
  return [values[from] ?? Number.NaN, values[values.length - 1 - from] ?? Number.NaN]
}

/** Two rows a random word: xorshift, whose state is never 0. */
function drawTimes(times: Uint8Array, seed: number): void {
  let state = seed | 1
  for (let i = 0; i < times.length; i += 2) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    times[i] = poisson[state & 0xffff] as number
    if (i + 1 < times.length) times[i + 1] = poisson[state >>> 16] as number
  }
}

/** Inverse of the distribution of Poisson(1) in steps of 2^-16. */
const poisson = poissonTable()

function poissonTable(): Uint8Array {
  const table = new Uint8Array(tableSize)
  let value = 0
  let chance = Math.exp(-1)
  let reached = chance
  for (let i = 0; i < tableSize; i++) {
    while ((i + 0.5) / tableSize > reached) {
      value++
      chance /= value
      reached += chance
    }
    table[i] = value
  }
  return table
}
