import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EventKind, type FeedbackEvent, noticeEventId, outsideEventId } from '../feedback/event.ts'
import { decodeEvent, encodeEvent } from '../feedback/event-codec.ts'
import { readRecords } from '../feedback/read-records.ts'
import type { BidToken } from '../feedback/token-body.ts'
import { smallWorld } from './test-worlds.ts'
import { World } from './world.ts'
import type { WorldRecord } from './world-record.ts'
import { truthRowBytes, type WorldManifest, writeWorld } from './write-world.ts'

/**
 * Hashes of the small world, before gzip. They change with `worldVersion` and with nothing else: a
 * machine or an engine that gives others makes other worlds.
 */
const golden = {
  'catalog.ndjson': '3dfc04773321812b',
  'packs/segment-00.csv.gz': '95c477c469c48c67',
  'log.ndjson.gz': '77a7e920d69492ae',
  'events.ndjson.gz': 'e0484ca9fd14289b',
  'truth.bin': '52f9cde75e90a3cd',
  'traffic.ndjson.gz': '8c98aa09820be76b',
}

let folder: string
let manifest: WorldManifest
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-world-'))
  manifest = await writeWorld(smallWorld, folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

function bytesOf(name: string): Buffer {
  const bytes = readFileSync(join(folder, name))
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes
}

function linesOf<T>(name: string): T[] {
  const lines = bytesOf(name).toString().trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as T)
}

describe('the files of a world', () => {
  test('have the bytes that they had when the world was frozen', () => {
    const hashes = new Map(manifest.files.map(({ name, sha256 }) => [name, sha256.slice(0, 16)]))
    for (const [name, hash] of Object.entries(golden))
      expect([name, hashes.get(name)]).toEqual([name, hash])
  })

  test('are what the manifest says, and it says nothing of the machine', () => {
    for (const { name, sha256, bytes, entries } of manifest.files) {
      const found = bytesOf(name)
      expect(createHash('sha256').update(found).digest('hex')).toBe(sha256)
      expect(found.length).toBe(bytes)
      if (name !== 'truth.bin') expect(found.toString().split('\n').length - 1).toBe(entries)
    }
    expect(JSON.parse(readFileSync(join(folder, 'world.json'), 'utf8'))).toEqual(manifest)
  })
})

describe('the log', () => {
  test('is read by the reader of records, every line of it', async () => {
    const path = join(folder, 'log.ndjson')
    writeFileSync(path, bytesOf('log.ndjson.gz'))
    const bad: string[] = []
    let count = 0
    for await (const record of readRecords(path, (file) => bad.push(file))) {
      count++
      expect(record.bids).toHaveLength(1)
      expect(record.queueUs).toBeNaN()
    }
    expect(bad).toEqual([])
    expect(count).toBe(manifest.counts.rows)
  })

  test('has a row of truth for each record, in its order', () => {
    const records = linesOf<WorldRecord>('log.ndjson.gz')
    const truth = bytesOf('truth.bin')
    const world = new World(smallWorld)
    expect(truth.length).toBe(records.length * truthRowBytes)
    let clicks = 0
    for (const [index, { worldRow, bids }] of records.entries()) {
      const at = index * truthRowBytes
      const { winner, outcome } = world.row(worldRow)
      expect(truth.readDoubleLE(at)).toBe(outcome?.ctr)
      expect(truth.readDoubleLE(at + 8)).toBe(outcome?.cvr)
      expect(bids[0]?.creativeId).toBe(world.market.creatives[winner]?.id)
      clicks += truth.readUInt32LE(at + 16) & 1
    }
    expect(clicks).toBe(manifest.counts.clicks)
    expect(clicks).toBeGreaterThan(0)
  })
})

describe('the events', () => {
  test('are those of the log, exposure by exposure, none after its end', () => {
    const events = linesOf<FeedbackEvent>('events.ndjson.gz')
    const records = linesOf<WorldRecord>('log.ndjson.gz')
    const exposures = events.filter(({ kind }) => kind === EventKind.Exposure)
    expect(exposures.map(({ decisionId }) => decisionId)).toEqual(
      records.map(({ decisionId }) => decisionId),
    )
    const clicks = events.filter(({ kind }) => kind === EventKind.Click)
    expect(Math.abs(clicks.length - manifest.counts.clicks)).toBeLessThan(2)
    for (const { eventTimeMs } of events) expect(eventTimeMs).toBeLessThan(manifest.endMs)
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
  })

  test('survive the event log’s own form, and have the ids that feedback gives', () => {
    for (const event of linesOf<FeedbackEvent>('events.ndjson.gz').slice(0, 500)) {
      expect(decodeEvent(encodeEvent(event))).toEqual(event)
      const { kind, decisionId, bidNumber, decidedAtMs: issuedAtMs, orderId } = event
      const token = { decisionId, bidNumber, issuedAtMs } as BidToken
      if (kind !== EventKind.Conversion) expect(event.id).toBe(noticeEventId(kind, token))
      else expect(orderId).not.toBe('')
    }
  })

  test('of a conversion are named by the advertiser and its order', () => {
    const world = new World(smallWorld)
    const rows = linesOf<FeedbackEvent>('events.ndjson.gz')
    const found = rows.find(({ kind }) => kind === EventKind.Conversion)
    if (found === undefined) throw new Error('the small world has no conversion')
    const advertiser = world.market.advertisers.find(
      ({ id }) => outsideEventId(EventKind.Conversion, id, found.orderId) === found.id,
    )
    expect(advertiser).toBeDefined()
  })
})
