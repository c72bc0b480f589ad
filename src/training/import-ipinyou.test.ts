import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Os } from '../domain/ad-request.ts'
import { Format } from '../domain/format.ts'
import { EventKind } from '../feedback/event.ts'
import { importIpinyou } from './import-ipinyou.ts'
import { temporaryFolder } from './test-logs.ts'

let folder = ''
let remove: () => void
beforeEach(() => {
  ;({ folder, remove } = temporaryFolder())
})
afterEach(() => remove())

/** A line in the form of the log, made up. */
function line(changed: Readonly<Record<number, string>> = {}): string {
  const cells = [
    ...['a1', '20131021192300738', '1', 'USER', 'Mozilla/5.0 (Windows NT 6.1) x', '10.1.2.*'],
    ...['238', '246', '2', 'd0', 'u0', 'null', 'slot_1', '300', '250', 'FirstView', 'Na', '12'],
    ...['777', '294', '90', 'null', '9999', '10063,10006'],
  ]
  return cells.map((cell, at) => changed[at + 1] ?? cell).join('\t')
}

const plain = { caseControl: false }

function write(shown: readonly string[], clicked: readonly string[]): void {
  writeFileSync(join(folder, 'imp.1.txt'), `${shown.join('\n')}\n`)
  writeFileSync(join(folder, 'clk.1.txt'), `${clicked.join('\r\n')}\r\n`)
}

describe('an impression', () => {
  test('becomes a record, every column where it belongs', async () => {
    write([line()], [line({ 1: 'other' })])
    const { records, badLines } = await importIpinyou(folder, plain)
    expect(badLines).toBe(0)
    expect(records).toHaveLength(1)
    expect(records[0]).toMatchObject({
      // Its clock is that of China.
      ...{ atMs: Date.UTC(2013, 9, 21, 11, 23, 0, 738), utcOffsetMin: 480, requestId: 'a1' },
      ...{ exchange: 'ipinyou-2', domain: 'd0', country: 'CHN', region: '238', city: '246' },
      ...{ network: '10.1.2.0/24', os: Os.Windows, deviceType: 2 },
      ...{ packIds: ['10063', '10006'], packScores: [-1, -1] },
      imps: [{ tagId: 'slot_1', position: 1, floorMicros: 12_000_000, sizes: ['300x250'] }],
      bids: [
        {
          ...{ creativeId: '777', campaignId: '9999', advertiserId: '9999' },
          ...{ format: Format.Banner, size: '300x250', priceMicros: 294_000_000 },
        },
      ],
    })
  })

  test('keeps no user agent, and no id or address as it stood there', async () => {
    write([line()], [line()])
    const { records, events } = await importIpinyou(folder, plain)
    const text = JSON.stringify([records, events])
    for (const raw of ['USER', 'Mozilla', '10.1.2.*']) expect(text).not.toContain(raw)
    expect(records[0]?.deviceKeys[0]).toMatch(/^[0-9a-f]{16}$/)
  })

  test('of which nothing is known has nothing', async () => {
    const unknown = { 4: 'null', 5: '', 7: '0', 8: '0', 10: 'null', 16: 'Na', 24: 'null' }
    write([line(unknown)], [line()])
    const { records } = await importIpinyou(folder, plain)
    expect(records[0]).toMatchObject({
      ...{ deviceKeys: [], os: 0, region: '', city: '', domain: '', packIds: [] },
      imps: [{ position: 0 }],
    })
  })

  test('is one, the earliest, however many lines its auction has', async () => {
    const later = line({ 2: '20131021192300999' })
    write([later, line(), later], [line()])
    const { records, repeats } = await importIpinyou(folder, plain)
    expect(records.map(({ atMs }) => atMs % 1_000)).toEqual([738])
    expect(repeats).toBe(2)
  })
})

describe('clicks', () => {
  test('join by auction, once each', async () => {
    write([line()], [line(), line({ 2: '20131021192400000' }), line({ 1: 'elsewhere' })])
    const { records, events, repeats } = await importIpinyou(folder, plain)
    const clicks = events.filter(({ kind }) => kind === EventKind.Click)
    expect(clicks).toHaveLength(2)
    expect(clicks[0]?.decisionId).toBe(records[0]?.decisionId)
    expect(repeats).toBe(1)
  })

  test('of a case-control set are impressions too, and no row has tags', async () => {
    write([line()], [line(), line({ 1: 'elsewhere', 24: 'null' })])
    const { records, events } = await importIpinyou(folder, { caseControl: true })
    expect(records.map(({ packIds }) => packIds)).toEqual([[], []])
    const kinds = events.map(({ kind }) => kind)
    const { Exposure, Click } = EventKind
    expect(kinds.toSorted((a, b) => a - b)).toEqual([Exposure, Exposure, Click, Click])
  })
})

test('lines of another form are counted, a folder of another form is refused', async () => {
  write([line(), 'a\tb', line({ 2: 'today' }), ''], [line()])
  expect((await importIpinyou(folder, plain)).badLines).toBe(3)
  write(['a,b,c'], [line()])
  const other = importIpinyou(folder, plain)
  await expect(other).rejects.toThrow(/SLUICE_TRAINING_IMPORT: no line of imp.1.txt has its 24/)
  const empty = importIpinyou(join(import.meta.dirname), plain)
  await expect(empty).rejects.toThrow(/SLUICE_TRAINING_IMPORT: .* has no file imp\.\*/)
})

const sample = join(import.meta.dirname, '../../../shared/data/ipinyou_2821')
const isThere = existsSync(sample)
if (!isThere) console.log('skipped: ipinyou_2821 data not present')

describe.skipIf(!isThere)('the sample of advertiser 2821', () => {
  test('has 9 960 auctions, 433 clicked ones, 3 of them among its impressions', async () => {
    const { records, events, badLines } = await importIpinyou(sample, plain)
    const shown = new Set(records.map(({ decisionId }) => decisionId))
    const clicks = events.filter(({ kind }) => kind === EventKind.Click)
    const joined = clicks.filter(({ decisionId }) => shown.has(decisionId))
    const counts = [records.length, shown.size, clicks.length, joined.length, badLines]
    expect(counts).toEqual([9_960, 9_960, 433, 3, 0])
    expect(new Set(records.map(({ bids: [bid] }) => bid.creativeId)).size).toBe(9)
  })
})
