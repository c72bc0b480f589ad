import { expect, test } from 'vitest'
import { type DatasetInfo, LabelBit } from './dataset-format.ts'
import { labelsOf } from './examples.ts'

const info = { endMs: 10_000, conversionWatermarkMs: 3_000 } as DatasetInfo
const { Click, Conversion, Final } = LabelBit
const old = 7_000
const young = 7_001

test.each([
  ['no click', Final, old, 0, -1],
  ['a click that did not convert', Click | Final, old, 1, 0],
  ['a click that converted', Click | Conversion | Final, old, 1, 1],
  ['a click whose conversion may still come', Click, old, 1, -1],
  ['a young click that converted at once', Click | Conversion | Final, young, 1, -1],
])('%s: CTR and CVR labels', (_, bits, atMs, ctr, cvr) => {
  expect(labelsOf(info, 'ctr').of(bits, atMs)).toBe(ctr)
  expect(labelsOf(info, 'cvr').of(bits, atMs)).toBe(cvr)
})
