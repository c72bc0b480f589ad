import { describe, expect, test } from 'vitest'
import { calibrate, calibrationOf } from '../scoring/calibration.ts'
import { type DatasetInfo, LabelBit } from './dataset-format.ts'
import { fitCalibration } from './fit-calibration.ts'
import type { ScoredSlice } from './score-slice.ts'

const watermarkMs = 1_000
const endMs = 1_000_000

function infoOf(exchanges: readonly string[], rowsAre: DatasetInfo['rowsAre'] = 'impressions') {
  return { exchanges, rowsAre, endMs, conversionWatermarkMs: watermarkMs } as DatasetInfo
}

/** Rows in turn at the exchanges; of each `clickEvery`-th row a click; scores are all too high. */
function sliceOf(rows: number, exchanges: number, clickEvery: (exchange: number) => number) {
  const exchange = Uint16Array.from({ length: rows }, (_, i) => i % exchanges)
  const isClick = (i: number) => Math.floor(i / exchanges) % clickEvery(exchange[i]!) === 0
  const slice: ScoredSlice = {
    scores: { ctr: Float64Array.from({ length: rows }, (_, i) => 0.4 + (i % 7) / 100), cvr: null },
    prior: { ctr: null, cvr: null },
    label: Uint8Array.from({ length: rows }, (_, i) => (isClick(i) ? LabelBit.Click : 0) | 4),
    weight: new Float32Array(rows).fill(2),
    at: new Float64Array(rows),
    exchange,
    truth: new Float64Array(0),
  }
  return slice
}

describe('fitCalibration', () => {
  test('is Platt where scores are off by one factor, however many positives there are', () => {
    for (const rows of [9_990, 30_000]) {
      const slice = sliceOf(rows, 1, () => 10)
      const calibration = fitCalibration(slice, infoOf(['a']), 'rank')
      expect(calibration.fallback.ctr?.kind).toBe('platt')
      expect(calibrate(calibrationOf({ calibration }, 'a', 'ctr'), 0.43)).toBeCloseTo(0.1, 1)
      expect(calibration.exchanges).toEqual({})
    }
  })

  test('is a curve where two numbers are not enough and a thousand positives say so', () => {
    const kindOf = (rows: number): string | undefined => {
      const slice = sliceOf(rows, 1, () => 10)
      // The three lowest of seven scores hardly ever click, the four others alike.
      for (let i = 0; i < rows; i++) {
        const isClick = ((i * 7_919) % 100) / 100 < (i % 7 < 3 ? 0.02 : 0.2)
        slice.label[i] = isClick ? LabelBit.Click | 4 : 4
      }
      return fitCalibration(slice, infoOf(['a']), 'rank').fallback.ctr?.kind
    }
    expect([kindOf(6_000), kindOf(30_000)]).toEqual(['platt', 'isotonic'])
  })

  test('of split models is always Platt', () => {
    const { fallback } = fitCalibration(
      sliceOf(20_000, 1, () => 10),
      infoOf(['a']),
      'split',
    )
    expect(fallback.ctr?.kind).toBe('platt')
  })

  test('hardly any positives are no calibration', () => {
    const { fallback } = fitCalibration(
      sliceOf(190, 1, () => 10),
      infoOf(['a']),
      'rank',
    )
    expect(fallback).toEqual({})
  })

  test('an exchange with positives enough has its own, another that of all', () => {
    const slice = sliceOf(6_000, 2, (exchange) => (exchange === 0 ? 10 : 300))
    const calibration = fitCalibration(slice, infoOf(['busy', 'quiet']), 'rank')
    expect(Object.keys(calibration.exchanges)).toEqual(['busy'])
    const served = (exchange: string) =>
      calibrate(calibrationOf({ calibration }, exchange, 'ctr'), 0.43)
    expect(served('busy')).toBeCloseTo(0.1, 2)
    expect(served('quiet')).toBeCloseTo((300 + 10) / 6_000, 2)
    expect(served('new')).toBe(served('quiet'))
  })

  test('a set of clicks has no CTR to fit', () => {
    const info = infoOf(['a'], 'clicks')
    expect(
      fitCalibration(
        sliceOf(9_000, 1, () => 10),
        info,
        'rank',
      ).fallback,
    ).toEqual({})
  })
})
