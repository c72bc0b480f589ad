import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DecisionRecord } from '../domain/decision-record.ts'
import { EventKind } from '../feedback/event.ts'
import { Encoder } from '../scoring/encoder.ts'
import type { FeatureSpec } from '../scoring/feature-spec.ts'
import { type Dataset, openDataset } from './dataset.ts'
import { LabelBit } from './dataset-format.ts'
import { DatasetWriter } from './dataset-writer.ts'
import { type DatasetInputs, makeDataset } from './make-dataset.ts'
import {
  eventOfRecord,
  hourMs,
  logStartMs,
  recordAt,
  shown,
  temporaryFolder,
  writeLog,
} from './test-logs.ts'

const features: readonly FeatureSpec[] = [
  { name: 'city', source: 'city', kind: 'vocab', width: 1, minCount: 1, words: [] },
  { name: 'floor', source: 'floor', kind: 'number', transform: 'log1p', mean: 13, scale: 2 },
  { name: 'creative', source: 'creative', kind: 'vocab', width: 1, minCount: 1, words: [] },
  { name: 'priorCtr', source: 'priorCtr', kind: 'number', transform: 'logit', mean: -5, scale: 1 },
  { name: 'age', source: 'flightStart', kind: 'recency', scale: 10 },
  { name: 'both', kind: 'cross', of: ['city', 'creative'], buckets: 64, salt: 'both' },
]

let folder = ''
let remove: () => void
const open: Dataset[] = []
beforeEach(() => {
  ;({ folder, remove } = temporaryFolder())
})
afterEach(() => {
  for (const dataset of open.splice(0)) dataset.close()
  remove()
})

type Logged = DecisionRecord & { sampleRate?: number }

async function make(
  records: readonly Logged[],
  events: readonly object[],
  changed: Partial<DatasetInputs> = {},
) {
  const out = join(folder, 'set')
  const report = await makeDataset({
    ...writeLog(folder, records, events),
    ...{ catalog: null, truth: null, features, rowsAre: 'impressions', out },
    ...{ trainShare: 0.5, calibrateShare: 0.25, watermarkMs: null },
    ...changed,
  })
  const dataset = openDataset(out)
  open.push(dataset)
  return { report, dataset, info: dataset.info, all: [0, dataset.info.rows] as const }
}

/** Four hours of a log, each with a city of its own. */
const cities = ['rome', 'oslo', 'bonn', 'kyiv']
const four: readonly Logged[] = cities.map((city, n) => recordAt(n, { city }))

/** The record's bid, under another creative or bid id. */
function bidOf(record: DecisionRecord, changed: Partial<DecisionRecord['bids'][0]>) {
  return record.bids.map((bid) => ({ ...bid, ...changed }))
}

describe('rows', () => {
  test('are bids that were shown, in time, without tests, dry runs and repeats', async () => {
    const [first, second, third, fourth] = four as [Logged, Logged, Logged, Logged]
    const isTest = recordAt(5, { isTest: true })
    const dry = recordAt(6, { isLive: false })
    const lost = recordAt(7)
    const log = [fourth, isTest, first, dry, second, third, first, lost]
    const events = [...log.filter((one) => one !== lost), lost].map((record) =>
      record === lost ? eventOfRecord(EventKind.Win, record) : shown(record),
    )
    const { report, dataset, all } = await make(log, events)
    expect([...dataset.column('at', all)]).toEqual(four.map(({ atMs }) => atMs))
    expect(report).toMatchObject({ notShown: 1, log: { lines: 8, leftOut: 2, repeats: 1 } })
    expect(report.join).toMatchObject({ strangers: 2 })
  })

  test('are one for each bid of a decision, joined by its number', async () => {
    const record = recordAt(0)
    const second = bidOf(record, { bidId: '2', creativeId: 'other' })
    const two = { ...record, bids: [...record.bids, ...second] }
    const events = [shown(two), { ...eventOfRecord(EventKind.Click, two), bidNumber: 2 }]
    const { dataset, all } = await make([two, ...four.slice(1)], [...events, ...four.map(shown)])
    const labels = [...dataset.column('label', all)].slice(0, 2)
    expect(labels.map((label) => label & LabelBit.Click)).toEqual([0, LabelBit.Click])
  })

  test('weigh as many as the sampling of the log left for them', async () => {
    const sampled = four.map((record, n) => (n === 1 ? { ...record, sampleRate: 0.05 } : record))
    const { dataset, all } = await make(sampled, sampled.map(shown))
    expect([...dataset.column('weight', all)]).toEqual([1, 20, 1, 1])
  })

  test('are not made of lines that lack what rows need; they are counted, events too', async () => {
    const { city: _, ...cityless } = recordAt(4)
    const { atMs: __, ...timeless } = recordAt(5)
    const { imps: ___, ...impless } = recordAt(6)
    const listless = { ...recordAt(7), contentCategories: 'IAB1' }
    const nameless = {
      ...recordAt(7),
      bids: bidOf(recordAt(7), { creativeId: undefined as never }),
    }
    const endless = { ...recordAt(7), sampleRate: 1e-60 }
    const bad = [cityless, timeless, impless, listless, nameless, endless] as unknown as Logged[]
    const events = [...four.map(shown), { version: 1, id: 'x', kind: 2 }]
    const { report, info } = await make([...bad, ...four], events)
    expect(info.rows).toBe(4)
    expect(info.endMs).toBe(recordAt(7).atMs)
    expect(report.log).toMatchObject({ lines: 10, badLines: 6 })
    expect(report.join).toMatchObject({ badLines: 1, leftOut: 0 })
  })

  test('of a set for conversions are clicks', async () => {
    const events = [...four.map(shown), ...four.slice(0, 3).map((r) => eventOfRecord(2, r))]
    const { info, dataset, all } = await make(four, events, { rowsAre: 'clicks' })
    expect(info).toMatchObject({ rows: 3, rowsAre: 'clicks' })
    expect([...dataset.column('at', all)]).toEqual(four.slice(0, 3).map(({ atMs }) => atMs))
  })
})

describe('labels', () => {
  const [first, second, third, fourth] = four as [Logged, Logged, Logged, Logged]
  const events = [
    eventOfRecord(EventKind.Conversion, first, 1),
    eventOfRecord(EventKind.Click, first),
    eventOfRecord(EventKind.Click, second),
    eventOfRecord(EventKind.Click, third),
    { ...eventOfRecord(EventKind.Click, fourth), flags: [3] },
    ...four.map(shown),
  ]
  const { Click, Conversion, Final } = LabelBit

  test('come from events in any order; those with flags count for nothing', async () => {
    const { dataset, info, all } = await make(four, events.toReversed())
    expect(info).toMatchObject({ conversionWatermarkMs: hourMs, endMs: fourth.atMs })
    expect([...dataset.column('label', all)]).toEqual([
      Click | Conversion | Final,
      Click | Final,
      Click | Final,
      Final,
    ])
  })

  test('of clicks younger than a given watermark stay open', async () => {
    const { dataset, info, all } = await make(four, events, { watermarkMs: 1.5 * hourMs })
    expect(dataset.column('label', all)[2]).toBe(Click)
    expect(info.counts).toEqual({ clicks: 3, conversions: 1, openClicks: 1 })
  })
})

describe('words', () => {
  test('are of the training slice: what came later is unknown', async () => {
    const { info, dataset } = await make(four, four.map(shown))
    expect(info.slices).toEqual({ train: [0, 2], calibrate: [2, 3], test: [3, 4] })
    expect(info.features[0]).toMatchObject({ words: ['oslo', 'rome'] })
    const { column, offset } = info.layout[0] ?? { column: -1, offset: -1 }
    const slots = [...dataset.chunks([0, 4])].flatMap((chunk) =>
      Array.from({ length: 4 }, (_, row) => chunk.askIndex[row * info.askWidth + column]),
    )
    expect(slots).toEqual([offset + 2, offset + 1, offset, offset])
  })
})

describe('columns', () => {
  test('are what the encoder makes of the facts beside them', async () => {
    const { info, dataset } = await make(four, four.map(shown))
    const encoder = new Encoder(info.features)
    expect(info.featuresHash).toBe(encoder.layout.hash)
    const [parity] = dataset.parityRows()
    if (parity === undefined) throw new Error('no row to compare')
    const [chunk] = dataset.chunks([parity.row, parity.row + 1])
    const { askWidth, adWidth, pairWidth, momentWidth } = encoder.layout
    const [askIndex, askValue] = [new Int32Array(askWidth), new Float32Array(askWidth)]
    const [adIndex, adValue] = [new Int32Array(adWidth), new Float32Array(adWidth)]
    const [pairIndex, pairValue] = [new Int32Array(pairWidth), new Float32Array(pairWidth)]
    const moments = new Float64Array(momentWidth)
    encoder.ask(parity.ask, parity.atMs, askIndex, askValue, 0)
    encoder.ad(parity.ad, adIndex, adValue, 0)
    encoder.moments(parity.ad, moments, 0)
    const from = { askFrom: 0, adFrom: 0, momentsFrom: 0, atMs: parity.atMs }
    const rows = { askIndex, askValue, adIndex, adValue, moments, ...from }
    encoder.pair(rows, { index: pairIndex, value: pairValue, from: 0 })
    const expected = { askIndex, askValue, adIndex, adValue, pairIndex, pairValue }
    expect(chunk).toMatchObject({ from: 3, rows: 1, ...expected })
    expect(askValue.some((value) => value !== 0)).toBe(true)
    expect(pairValue.some((value) => value !== 0)).toBe(true)
  })

  test('take ads from the catalog, and from the bid what the catalog lacks', async () => {
    const catalog = join(folder, 'catalog.ndjson')
    const creative = { id: 'shoes-300x250', campaignId: 'k', history: { impressions: 9_000 } }
    const lines = [
      { kind: 'advertiser', value: { id: 'a' } },
      { kind: 'campaign', value: { id: 'k', advertiserId: 'a' } },
      { kind: 'creative', value: creative },
    ]
    writeFileSync(catalog, lines.map((line) => JSON.stringify(line)).join('\n'))
    const stranger = recordAt(4)
    const log = [...four, { ...stranger, bids: bidOf(stranger, { creativeId: 'hats' }) }]
    const changed = { catalog, trainShare: 0.2, calibrateShare: 0 }
    const { report, dataset } = await make(log, log.map(shown), changed)
    expect(report.strangers).toBe(1)
    const ads = dataset.parityRows().map(({ ad }) => ad)
    expect(ads[0]).toMatchObject({ campaignId: 'k', impressions: 9_000, priorCtr: 0.0001 })
    expect(ads.at(-1)).toMatchObject({
      ...{ creativeId: 'hats', campaignId: 'shoes-autumn', size: '300x250' },
      ...{ priorCtr: 0.01, priorCvr: 0.01 },
    })
  })

  test('have the truth of their own line of the log, whatever the order', async () => {
    const truth = join(folder, 'truth.bin')
    const bytes = Buffer.alloc(4 * 24)
    for (let line = 0; line < 4; line++) {
      bytes.writeDoubleLE(line / 10, line * 24)
      bytes.writeDoubleLE(line / 100, line * 24 + 8)
    }
    writeFileSync(truth, bytes)
    const log = four.toReversed()
    const { dataset, all } = await make(log, log.map(shown), { truth })
    expect([...dataset.column('truth', all)]).toEqual([0.3, 0.03, 0.2, 0.02, 0.1, 0.01, 0, 0])
    const other = make(log.slice(1), log.map(shown), { truth })
    await expect(other).rejects.toThrow(/SLUICE_TRAINING_LOG: .* has 4 rows, the log 3 lines/)
  })
})

describe('inputs that make no set', () => {
  test('events of another log are refused with a sentence, and leave nothing behind', async () => {
    const made = make(four, [shown(recordAt(9))])
    await expect(made).rejects.toThrow(/SLUICE_TRAINING_LOG: of 4 bids none .* are the events of/)
    expect(existsSync(join(folder, 'set', 'facts.spool'))).toBe(false)
    expect(existsSync(join(folder, 'set', 'dataset.json'))).toBe(false)
  })

  test('a feature of no source is refused before the log is read', async () => {
    const wrong = { ...features[0], source: 'horoscope' } as FeatureSpec
    const made = make(four, [], { features: [wrong], log: join(folder, 'nowhere') })
    await expect(made).rejects.toThrow(/SLUICE_SCORING_FEATURE/)
  })

  test('an attempt that fails before it writes leaves an older set as it was', async () => {
    const { info } = await make(four, four.map(shown))
    expect(info.startMs).toBe(logStartMs)
    const truth = join(folder, 'truth.bin')
    writeFileSync(truth, '')
    await expect(make(four, four.map(shown), { truth })).rejects.toThrow(/SLUICE_TRAINING_LOG/)
    const again = openDataset(join(folder, 'set'))
    open.push(again)
    expect(again.info).toEqual(info)
  })

  test('from the first write on an older set is none any more', async () => {
    const { info } = await make(four, four.map(shown))
    new DatasetWriter(join(folder, 'set'), info, false).close()
    expect(() => openDataset(join(folder, 'set'))).toThrow(/SLUICE_TRAINING_DATASET/)
  })
})
