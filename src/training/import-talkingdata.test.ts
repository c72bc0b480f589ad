import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EventKind } from '../feedback/event.ts'
import { readEvents } from '../feedback/read-events.ts'
import { readRecords } from '../feedback/read-records.ts'
import { importTalkingData } from './import-talkingdata.ts'
import { writeImportedLog } from './imported-log.ts'
import { temporaryFolder } from './test-logs.ts'

let folder = ''
let remove: () => void
beforeEach(() => {
  ;({ folder, remove } = temporaryFolder())
})
afterEach(() => remove())

const header = 'ip,app,device,os,channel,click_time,is_attributed'

function write(lines: readonly string[]): string {
  const path = join(folder, 'clicks.csv.gz')
  writeFileSync(path, gzipSync(`${lines.join('\r\n')}\r\n`))
  return path
}

describe('clicks of the sample', () => {
  const lines = [header, '7,70,1,13,497,11/9/2017 9:05,0', '8,71,2,17,259,11/6/2017 16:00,1']

  test('become records in time, every column where it belongs', async () => {
    const { records, badLines } = await importTalkingData(write(lines))
    expect(badLines).toBe(0)
    expect(records.map(({ atMs }) => atMs)).toEqual([
      Date.UTC(2017, 10, 6, 16),
      Date.UTC(2017, 10, 9, 9, 5),
    ])
    expect(records[0]).toMatchObject({
      ...{ network: '8', publisherId: '259', model: '2', osVersion: '17', channel: 2 },
      bids: [{ creativeId: 'app-71', campaignId: 'app-71', advertiserId: 'app-71', format: 0 }],
    })
  })

  test('are clicks, and conversions at the same moment where they were attributed', async () => {
    const { records, events } = await importTalkingData(write(lines))
    const told = events.map(({ kind, decisionId, eventTimeMs }) => [kind, decisionId, eventTimeMs])
    const [first, second] = records.map(({ decisionId, atMs }) => [decisionId, atMs])
    expect(told).toEqual([
      [EventKind.Click, ...(first ?? [])],
      [EventKind.Conversion, ...(first ?? [])],
      [EventKind.Click, ...(second ?? [])],
    ])
  })

  test('have a catalog with the app as what is advertised', async () => {
    const { catalog } = await importTalkingData(write([...lines, lines[1] ?? '']))
    expect(catalog).toHaveLength(6)
    expect(catalog).toContainEqual({
      kind: 'creative',
      value: { id: 'app-70', campaignId: 'app-70', bundle: '70' },
    })
  })

  test('read back as records and events of ours', async () => {
    const log = await importTalkingData(write(lines))
    await writeImportedLog(log, folder)
    const bad: string[] = []
    const [records, events]: [unknown[], unknown[]] = [[], []]
    for await (const record of readRecords(join(folder, 'log.ndjson.gz'), (at) => bad.push(at))) {
      records.push(record)
    }
    for await (const event of readEvents(join(folder, 'events.ndjson.gz'), () => bad.push('e'))) {
      events.push(event)
    }
    expect(records).toEqual(log.records)
    expect(events).toEqual(log.events)
    expect(bad).toEqual([])
  })
})

test('a file that tells the moment of the conversion is believed', async () => {
  const columns = 'ip,app,device,os,channel,click_time,attributed_time,is_attributed'
  const row = '7,70,1,13,497,2017-11-06 14:32:21,2017-11-07 08:00:09,1'
  const { events } = await importTalkingData(write([columns, row]))
  expect(events.map(({ eventTimeMs }) => eventTimeMs)).toEqual([
    Date.UTC(2017, 10, 6, 14, 32, 21),
    Date.UTC(2017, 10, 7, 8, 0, 9),
  ])
})

test('lines of another form are counted, a file of another form is refused', async () => {
  const bad = ['', '7,70', '7,70,1,13,497,yesterday,0', '7,70,1,13,497,11/9/2017 9:05,2']
  const { records, badLines } = await importTalkingData(write([header, ...bad]))
  expect({ records, badLines }).toEqual({ records: [], badLines: 4 })
  const other = importTalkingData(write(['ip,app,os', '1,2,3']))
  await expect(other).rejects.toThrow(/SLUICE_TRAINING_IMPORT: .* device, channel, click_time/)
})

const sample = join(import.meta.dirname, '../../../shared/data/talkingdata/train_sample.csv.gz')
const isThere = existsSync(sample)
if (!isThere) console.log('skipped: talkingdata data not present')

// A few seconds of work, longer where the machine does something else.
const sampleTimeoutMs = 120_000

describe.skipIf(!isThere)('the sample', { timeout: sampleTimeoutMs }, () => {
  test('has 100 000 clicks, 227 of them attributed', async () => {
    const { records, events, badLines } = await importTalkingData(sample)
    expect({ records: records.length, badLines }).toEqual({ records: 100_000, badLines: 0 })
    expect(events.filter(({ kind }) => kind === EventKind.Conversion)).toHaveLength(227)
    expect(records[0]?.atMs).toBe(Date.UTC(2017, 10, 6, 16))
    expect(records.at(-1)?.atMs).toBe(Date.UTC(2017, 10, 9, 15, 59))
  })
})
