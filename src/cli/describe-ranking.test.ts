import { expect, test } from 'vitest'
import type { DecisionRecord } from '../domain/decision-record.ts'
import { candidateLines, rankedByOf, rankedByOfRecord, stagesOfRecord } from './describe-ranking.ts'

const rates = { ctr: 0.0123, cvr: 0.0456 }
const candidate = {
  ...{ creativeId: 'c1', campaignId: 'k1', prior: rates, coarse: rates, fine: null },
  ...{ priorMicros: 1_500_000, boundMicros: 2_500_000 },
}

test('a table has one width, whether the truth is known or not', () => {
  const truth = () => ({ ctr: 0.5, cvr: 0.25, valueMicros: 9_000_000 })
  for (const lines of [
    candidateLines({ candidates: [candidate] }),
    candidateLines({ candidates: [candidate] }, truth),
  ]) {
    expect(new Set(lines.map((line) => line.length)).size).toBe(1)
  }
  const [, head, row] = candidateLines({ candidates: [candidate] }, truth)
  expect(head?.split(/ +/).filter((word) => word === 'true')).toHaveLength(3)
  expect(row?.split(/ +/)).toEqual([
    'c1',
    '1.23',
    '1.23',
    '–',
    '50.00',
    '4.56',
    '4.56',
    '–',
    '25.00',
    '1.50',
    '2.50',
    '9.00',
  ])
})

test('no more candidates are shown than are wanted', () => {
  const candidates = Array.from({ length: 9 }, () => candidate)
  expect(candidateLines({ candidates })).toHaveLength(2 + 5)
  expect(candidateLines({ candidates }, null, 2)).toHaveLength(2 + 2)
})

test.each([
  ['fine', 'as-planned', 'c@1', 'f@2', 'by fine: c@1, f@2'],
  ['coarse', 'model-missing', 'c@1', '', 'by coarse: c@1 (model-missing)'],
  ['prior', 'as-planned', '', '', 'by prior'],
] as const)('ranked %s, %s', (by, note, coarseModel, fineModel, words) => {
  expect(rankedByOf({ by, note, coarseModel, fineModel })).toBe(words)
  const models = { coarseModel, ctrModel: fineModel, cvrModel: fineModel }
  const record = { rankedBy: by, rankNote: note, ...models } as DecisionRecord
  expect(rankedByOfRecord(record)).toBe(words)
})

test('a record of a house without models says nothing of them', () => {
  const record = {
    eligibleCount: 3,
    recalledCount: 9,
    rankedBy: 'prior',
    ctrModel: '',
    cvrModel: '',
  }
  expect(rankedByOfRecord(record as DecisionRecord)).toBe('by prior')
  expect(stagesOfRecord(record as DecisionRecord)).toBe('3 eligible, 9 recalled')
  const ranked = { ...record, coarseCount: 9, fineCount: 4 } as DecisionRecord
  expect(stagesOfRecord(ranked)).toBe('3 eligible, 9 recalled, 9 coarse-ranked, 4 fine-ranked')
})
