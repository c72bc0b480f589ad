import { describe, expect, test } from 'vitest'
import type { Judgement, Report, ScoreReport } from './report.ts'
import { reportLine, reportText } from './report-text.ts'

const some = { value: 0.7, low: 0.6, high: 0.8 }
const none = { value: Number.NaN, low: Number.NaN, high: Number.NaN }

function score(name: ScoreReport['name'], distance: ScoreReport['distance']): ScoreReport {
  const figures = { logLoss: some, normalisedEntropy: some, calibration: none }
  return { name, auc: some, ...figures, deciles: [some, none], distance }
}

const empty: Judgement = {
  ...{ rows: 0, weight: 0, positives: 0, baseRate: Number.NaN, resamples: 200 },
  scores: [score('calibrated', null)],
}
const full: Judgement = {
  ...{ rows: 10, weight: 40, positives: 3, baseRate: 0.075, resamples: 200 },
  scores: [score('calibrated', { value: 0.02, low: 0.01, high: 0.03 }), score('truth', null)],
}
const cvr = { target: 'cvr', observed: empty, truth: full } as const

describe('the text of a report', () => {
  test('says that nothing is old enough, instead of figures of nothing', () => {
    const text = reportText({
      model: { name: 'fine', version: '3', kind: 'rank', trainedBy: 'x', trainedOn: 'y' },
      parity: { rows: 1, largestDifference: 1e-7 },
      calibration: { fallback: { ctr: { kind: 'platt', slope: 1, shift: 0 } }, exchanges: {} },
      data: {
        ...{ log: 'log', rows: 10, rowsAre: 'impressions', startMs: 0, endMs: 0 },
        ...{ conversionWatermarkMs: 0, testFromMs: 0, testToMs: 0 },
        slices: { train: [0, 8], calibrate: [8, 9], test: [9, 10] },
      },
      targets: [cvr],
    } satisfies Report)
    expect(text).toContain('None: no row of the test slice is old enough')
    expect(text).toContain('10 rows (weight 40), 3 positives, base rate 7.500 %')
    expect(text).toContain('0.0200 [0.0100, 0.0300]')
    expect(text).toContain('ctr platt, cvr none')
    expect(text).not.toContain('NaN')
    expect(reportLine(cvr)).toMatch(/^cvr: no row .* label, AUC of the truth less this 0\.0200 \[/)
  })

  test('a line of figures names rows, AUC and distance', () => {
    const line = reportLine({ target: 'ctr', observed: full, truth: null })
    expect(line).toBe('ctr: 10 rows, 3 positives, AUC 0.7000 [0.6000, 0.8000], calibration –')
  })
})
