import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DecisionRecord } from '../domain/decision-record.ts'
import { RotatingFile } from '../telemetry/rotating-file.ts'
import { readRecords } from './read-records.ts'
import { decodeRecord, encodeRecord } from './record-codec.ts'
import { type RecordFile, RecordLog } from './record-log.ts'
import { sampleRecord } from './test-records.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-records-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A file whose disk can be held up and can fail. */
class FakeFile implements RecordFile {
  texts: string[] = []
  works = true
  isClosed = false
  /** Appends wait for it. */
  gate: Promise<void> = Promise.resolve()

  async append(text: string): Promise<boolean> {
    await this.gate
    if (this.works) this.texts.push(text)
    return this.works
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  get ids(): string[] {
    const lines = this.texts.join('').split('\n').slice(0, -1)
    return lines.map((line) => decodeRecord(line)?.decisionId ?? 'unreadable')
  }
}

function newLog(waitingMax = 100) {
  const file = new FakeFile()
  let told = 0
  const onDropped = (count: number): void => {
    told += count
  }
  const log = new RecordLog({ file, random: () => 0.25, onDropped, waitingMax })
  return { file, log, told: () => told }
}

const record = (n: number): DecisionRecord => sampleRecord({ decisionId: `d${n}` })

async function collect(path: string): Promise<{ records: DecisionRecord[]; bad: string[] }> {
  const records: DecisionRecord[] = []
  const bad: string[] = []
  for await (const one of readRecords(path, (file) => bad.push(file))) records.push(one)
  return { records, bad }
}

describe('the record log', () => {
  test('touches neither file nor record while the caller is at work', async () => {
    const { file, log } = newLog()
    let reads = 0
    const watched = new Proxy(record(1), {
      get: (target, key) => {
        reads++
        return Reflect.get(target, key)
      },
    })
    log.write(watched)
    await Promise.resolve()
    expect([reads, file.texts.length, log.waiting]).toEqual([0, 0, 1])
    await log.flush()
    expect(reads).toBeGreaterThan(0)
    expect(file.ids).toEqual(['d1'])
  })

  test('keeps order over many batches, and counts what it wrote', async () => {
    const { file, log } = newLog()
    for (let n = 0; n < 100; n++) log.write(record(n))
    await log.flush()
    expect(file.ids).toEqual(Array.from({ length: 100 }, (_, n) => `d${n}`))
    expect([log.offered, log.written, log.dropped, log.waiting]).toEqual([100, 100, 0, 0])
  })

  test('drops the oldest while the disk is stuck, and counts them exactly', async () => {
    const { file, log, told } = newLog(10)
    for (let n = 0; n < 25; n++) log.write(record(n))
    expect([log.dropped, told(), log.waiting]).toEqual([15, 15, 10])
    await log.flush()
    expect(file.ids).toEqual(Array.from({ length: 10 }, (_, n) => `d${n + 15}`))
    expect([log.offered, log.written, log.dropped]).toEqual([25, 10, 15])
  })

  test('counts records on their way to the disk as waiting, and those a bad disk loses as dropped', async () => {
    const { file, log, told } = newLog(10)
    let open = (): void => undefined
    file.gate = new Promise((resolve) => {
      open = resolve
    })
    for (let n = 0; n < 5; n++) log.write(record(n))
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect([log.waiting, log.dropped]).toEqual([5, 0])
    file.works = false
    open()
    await log.flush()
    expect([log.written, log.dropped, told(), log.waiting]).toEqual([0, 5, 5, 0])
    // The disk came back: the next one is written.
    file.works = true
    log.write(record(9))
    await log.flush()
    expect(file.ids).toEqual(['d9'])
  })

  test('a record that cannot be encoded costs itself alone', async () => {
    const { file, log } = newLog()
    log.write(record(1))
    log.write({ ...record(2), atMs: 1n as unknown as number })
    log.write(record(3))
    await log.flush()
    expect(file.ids).toEqual(['d1', 'd3'])
    expect([log.offered, log.written, log.dropped]).toEqual([3, 2, 1])
  })

  test('writes what waits before it closes the file', async () => {
    const { file, log } = newLog()
    log.write(record(1))
    await log.close()
    expect([file.ids, file.isClosed]).toEqual([['d1'], true])
  })

  test('samples by rate, never at 0 and always at 1', () => {
    const { log } = newLog()
    expect([0, 0.2, 0.3, 1].map((rate) => log.samples(rate))).toEqual([false, false, true, true])
  })
})

describe('a record', () => {
  test('comes back as it was, features and missing times included', () => {
    const whole = sampleRecord()
    expect(decodeRecord(encodeRecord(whole))).toEqual(whole)
  })

  test('of a line from before a field was added does not know it', () => {
    const later = ['carrier', 'utcOffsetMin', 'contentCategories', 'packIds', 'packScores']
    const entries = Object.entries(sampleRecord()).filter(([name]) => !later.includes(name))
    expect(decodeRecord(encodeRecord(Object.fromEntries(entries) as never))).toMatchObject({
      carrier: '',
      utcOffsetMin: Number.NaN,
      contentCategories: [],
      packIds: [],
      packScores: [],
    })
  })

  test('never brings a whole address to the disk', () => {
    const line = encodeRecord(sampleRecord({ network: '203.0.113.77' }))
    expect(line).not.toContain('203.0.113')
    expect(decodeRecord(line)?.network).toBe('')
  })

  test.each([
    ['a torn line', encodeRecord(sampleRecord()).slice(0, 200)],
    ['an empty line', ''],
    ['another thing', '{"version":1}'],
    ['no object', 'null'],
    ['another version', encodeRecord(sampleRecord()).replace('"version":1', '"version":2')],
  ])('%s is none', (_about, line) => expect(decodeRecord(line)).toBeNull())
})

describe('reading records back', () => {
  test('gives rotated files of every worker, oldest first', async () => {
    const limits = { bytesMax: 3 * encodeRecord(record(1)).length, filesMax: 5 }
    for (const worker of [0, 1]) {
      const file = new RotatingFile(join(folder, `records-${worker}.ndjson`), limits)
      const log = new RecordLog({ file, random: () => 0, onDropped: () => undefined })
      // Flushed one by one, or they would be one batch, which is never split.
      for (let n = 0; n < 8; n++) {
        log.write(record(worker * 10 + n))
        await log.flush()
      }
      await log.close()
    }
    const { records, bad } = await collect(folder)
    const ids = [0, 1].flatMap((worker) =>
      Array.from({ length: 8 }, (_, n) => `d${worker * 10 + n}`),
    )
    expect(records.map((one) => one.decisionId)).toEqual(ids)
    expect(bad).toEqual([])
  })

  test('leaves a torn last line out and tells of it', async () => {
    const path = join(folder, 'records-0.ndjson')
    await writeFile(path, encodeRecord(record(1)) + encodeRecord(record(2)).slice(0, 100))
    const { records, bad } = await collect(path)
    expect(records.map((one) => one.decisionId)).toEqual(['d1'])
    expect(bad).toEqual([path])
  })

  test('rejects where nothing is', async () => {
    await expect(collect(join(folder, 'none'))).rejects.toThrow('ENOENT')
  })
})
