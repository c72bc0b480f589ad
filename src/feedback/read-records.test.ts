import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DecisionRecord } from '../domain/decision-record.ts'
import { readRecords } from './read-records.ts'
import { encodeRecord } from './record-codec.ts'
import { sampleRecord } from './test-records.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-read-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const named = (decisionId: string): DecisionRecord => sampleRecord({ decisionId })

async function idsAt(path: string): Promise<string[]> {
  const ids: string[] = []
  for await (const { decisionId } of readRecords(path)) ids.push(decisionId)
  return ids
}

test('a packed file reads as a plain one', async () => {
  const path = join(folder, 'log.ndjson.gz')
  await writeFile(path, gzipSync(encodeRecord(named('a')) + encodeRecord(named('b'))))
  expect(await idsAt(path)).toEqual(['a', 'b'])
})

test('a folder gives its packed and plain files, each worker oldest first', async () => {
  await writeFile(join(folder, 'r-0.ndjson'), encodeRecord(named('0 new')))
  await writeFile(join(folder, 'r-0.ndjson.1'), encodeRecord(named('0 old')))
  await writeFile(join(folder, 'r-0.ndjson.2.gz'), gzipSync(encodeRecord(named('0 oldest'))))
  await writeFile(join(folder, 'r-1.ndjson.gz'), gzipSync(encodeRecord(named('1'))))
  await writeFile(join(folder, 'other.txt'), 'x')
  expect(await idsAt(folder)).toEqual(['0 oldest', '0 old', '0 new', '1'])
})

test('what JSON cannot say comes back: rates, offsets, times and bytes', async () => {
  const record = sampleRecord({ utcOffsetMin: Number.NaN, audienceUs: Number.NaN })
  const path = join(folder, 'log.ndjson')
  await writeFile(path, encodeRecord(record))
  for await (const read of readRecords(path)) expect(read).toEqual(record)
  expect.assertions(1)
})

test('a line of before packs were recorded has none', async () => {
  const { packIds: _a, packScores: _b, contentCategories: _c, ...old } = sampleRecord()
  const { carrier: _d, utcOffsetMin: _e, ...older } = old
  const path = join(folder, 'log.ndjson')
  await writeFile(path, `${JSON.stringify({ ...older, bids: [], losers: [] })}\n`)
  for await (const { packIds, packScores, contentCategories, carrier, utcOffsetMin } of readRecords(
    path,
  )) {
    expect({ packIds, packScores, contentCategories, carrier, utcOffsetMin }).toEqual({
      ...{ packIds: [], packScores: [], contentCategories: [], carrier: '' },
      utcOffsetMin: Number.NaN,
    })
  }
  expect.assertions(1)
})
