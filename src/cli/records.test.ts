import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openRoad } from '../../test/openrtb/road.ts'
import { anExchange } from '../../test/support/bid-world.ts'
import { encodeRecord } from '../feedback/record-codec.ts'
import { sampleRecord } from '../feedback/test-records.ts'
import { recordLine, runRecordsTail } from './records.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-records-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function recordsOf(live: boolean, floor: number) {
  const road = await openRoad({ exchanges: [anExchange({ live, noBidRecordRate: 1 })] })
  const { records } = await road.ask({
    id: 'r1',
    imp: [{ id: '1', bidfloor: floor, banner: { w: 300, h: 250 } }],
    regs: { coppa: 1 },
  })
  return records
}

test('a line says when, whose, what, why, and whether personal data was used', async () => {
  const [bid] = await recordsOf(true, 1)
  const [held] = await recordsOf(false, 1)
  const [none] = await recordsOf(true, 9)
  const lines = [bid, held, none].map((record) => (record === undefined ? '' : recordLine(record)))
  expect(lines).toEqual([
    '2026-11-22T12:00:00.000Z x r1 bid: spring/banner banner 5 USD (1 eligible, 1 recalled; by prior) [without personal data]',
    '2026-11-22T12:00:00.000Z x r1 dry run: spring/banner banner 5 USD (1 eligible, 1 recalled; by prior) [without personal data]',
    '2026-11-22T12:00:00.000Z x r1 no bid: nothing-affordable, mostly below-floor (1) (1 eligible, 1 recalled; by prior) [without personal data]',
  ])
})

test('as JSON the features of a candidate are told by model and size, not by their bytes', async () => {
  const path = join(mkdtempSync(join(folder, 'ranked-')), 'records-0.ndjson')
  const { bids, losers } = sampleRecord()
  const features = new Uint8Array(212)
  const record = sampleRecord({
    ...{ rankedBy: 'fine', ctrModel: 'fine@1' },
    bids: bids.map((one) => ({ ...one, features })),
    losers: losers.map((one) => ({ ...one, features })),
  })
  writeFileSync(path, encodeRecord(record))
  let text = ''
  await runRecordsTail(path, { json: true }, (part) => {
    text += part
  })
  const told = { features: 'fine@1, 212 B' }
  expect(JSON.parse(text)).toMatchObject({ bids: [told], losers: [told] })
})

test('the last records of a folder are shown, oldest first; torn lines are passed over', async () => {
  const [record] = await recordsOf(true, 1)
  if (record === undefined) throw new Error('nothing was recorded')
  const at = (atMs: number) => encodeRecord({ ...record, requestId: `at ${atMs}`, atMs })
  writeFileSync(join(folder, 'records-0.ndjson'), `${at(1)}${at(4)}`)
  writeFileSync(join(folder, 'records-1.ndjson'), `${at(2)}${at(3)}{"torn`)
  let text = ''
  const write = (part: string): void => {
    text += part
  }
  expect(await runRecordsTail(folder, { lines: 3 }, write)).toBe(0)
  expect([...text.matchAll(/at \d/g)].map(([id]) => id)).toEqual(['at 2', 'at 3', 'at 4'])
  text = ''
  await runRecordsTail(folder, { lines: 1, json: true }, write)
  expect(JSON.parse(text)).toMatchObject({ requestId: 'at 4', bids: [{ features: null }] })
  await expect(runRecordsTail(join(folder, 'nowhere'), {}, write)).rejects.toThrow(/no records/)
})
