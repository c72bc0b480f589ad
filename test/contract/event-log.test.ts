/** The contract of `EventLog` on every store. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  appendsWaitingMax,
  type FeedbackStore,
  logRecordBytesMax,
  logStart,
} from '../../src/store/feedback-ports.ts'
import {
  type FeedbackHome,
  feedbackHome,
  feedbackKinds,
  readAll,
  textRecord,
  textsOf,
} from '../support/feedback-stores.ts'
import { until } from '../support/values.ts'

describe.each(feedbackKinds)('event log on %s', (kind) => {
  let home: FeedbackHome
  /** Worker 0 of `decide`. */
  let store: FeedbackStore
  /** A projector: another opening of the same store. */
  let projector: FeedbackStore

  beforeAll(async () => {
    home = await feedbackHome(kind)
    store = await home.open(0)
    projector = await home.open(null)
  })

  afterAll(() => home.end())

  const part = (shard: number): string => home.partOf(0, shard)

  /** The place of the last record of a part. */
  const endOf = async (name: string): Promise<string> =>
    (await readAll(projector, name)).at(-1)?.at ?? logStart

  async function append(shard: number, texts: readonly string[]): Promise<void> {
    for (const text of texts) await store.log.append(shard, textRecord(text))
  }

  test('a record can be read by everybody when its append has resolved', async () => {
    const place = await endOf(part(1))
    for (const text of ['a', 'b', 'c']) {
      await store.log.append(1, textRecord(text))
      expect(textsOf(await readAll(projector, part(1), place)).at(-1)).toBe(text)
      expect(textsOf(await readAll(store, part(1), place)).at(-1)).toBe(text)
    }
    expect(store.log.problem()).toBeNull()
  })

  test('records of a part are read in the order of their appends, each at a place of its own', async () => {
    const place = await endOf(part(2))
    const texts = Array.from({ length: 40 }, (_, n) => `record ${n}`)
    const beforeMs = Date.now()
    await append(2, texts)
    const records = await readAll(projector, part(2), place)
    expect(textsOf(records)).toEqual(texts)
    expect(new Set(records.map(({ at }) => at)).size).toBe(40)
    const times = records.map(({ storedAtMs }) => storedAtMs)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(times[0]).toBeGreaterThanOrEqual(beforeMs - 1_000)
    expect(times.at(-1)).toBeLessThanOrEqual(Date.now() + 1_000)
  })

  test('a read begins after its place and ends at its count', async () => {
    const place = await endOf(part(3))
    await append(3, ['0', '1', '2', '3', '4', '5', '6'])
    const pages: string[][] = []
    for (let after = place; ; ) {
      const [records = []] = await projector.log.read([{ part: part(3), after }], 3)
      if (records.length === 0) break
      pages.push(textsOf(records))
      after = records.at(-1)?.at ?? ''
    }
    expect(pages).toEqual([['0', '1', '2'], ['3', '4', '5'], ['6']])
  })

  test('parts are read together, in the order asked, also one that nothing was written to', async () => {
    const other = await home.open(1)
    const parts = [part(4), home.partOf(1, 5), home.partOf(2, 6)] as const
    const [here, there] = [await endOf(parts[0]), await endOf(parts[1])]
    await append(4, ['four'])
    await other.log.append(5, textRecord('five'))
    expect(parts[0]).not.toBe(parts[1])
    const wanted = [
      { part: parts[1], after: there },
      { part: parts[2], after: logStart },
      { part: parts[0], after: here },
    ]
    const answers = await projector.log.read(wanted, 10)
    expect(answers.map(textsOf)).toEqual([['five'], [], ['four']])
    expect(await projector.log.read([], 10)).toEqual([])
    const all = await projector.log.parts()
    expect(all).toContain(parts[0])
    expect(all).toContain(parts[1])
    await other.close()
    // Its worker is gone, its records are not.
    expect(await projector.log.parts()).toContain(parts[1])
    expect(textsOf(await readAll(projector, parts[1], there))).toEqual(['five'])
  })

  test('the newest records of a part are given in order, as many as asked', async () => {
    await append(15, ['1', '2', '3', '4'])
    expect(textsOf(await projector.log.newest(part(15), 3))).toEqual(['2', '3', '4'])
    const all = await readAll(projector, part(15))
    expect(await projector.log.newest(part(15), 3)).toEqual(all.slice(-3))
    expect(await projector.log.newest(home.partOf(99, 999), 3)).toEqual([])
  })

  test('any bytes are kept, up to the longest record; a longer one is refused', async () => {
    const place = await endOf(part(7))
    const bytes = new Uint8Array(logRecordBytesMax).map((_, n) => (n * 7) % 256)
    const all = [new Uint8Array([0]), new Uint8Array([255, 0, 13, 10]), bytes]
    for (const record of all) await store.log.append(7, record)
    const records = await readAll(projector, part(7), place)
    expect(records.map((record) => Buffer.from(record.bytes))).toEqual(
      all.map((record) => Buffer.from(record)),
    )
    await expect(store.log.append(7, new Uint8Array(logRecordBytesMax + 1))).rejects.toThrow(
      RangeError,
    )
  })

  test('of thousands of appends at once each is there once, in order', async () => {
    const place = await endOf(part(8))
    const texts = Array.from({ length: 5_000 }, (_, n) => `at once ${n}`)
    await Promise.all(texts.map((text) => store.log.append(8, textRecord(text))))
    expect(textsOf(await readAll(projector, part(8), place))).toEqual(texts)
  })

  test('what would have to wait too long is refused as busy, and what was taken is there', async () => {
    const place = await endOf(part(9))
    const appends = Array.from({ length: appendsWaitingMax + 200 }, (_, n) =>
      store.log.append(9, textRecord(`busy ${n}`)),
    )
    const results = await Promise.allSettled(appends)
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused.length).toBe(200)
    for (const { reason } of refused)
      expect(reason).toMatchObject({ code: 'SLUICE_STORE_LOG_BUSY' })
    expect((await readAll(projector, part(9), place)).length).toBe(appendsWaitingMax)
    await append(9, ['and it goes on'])
  })

  test('a part with something new is fresh within a second, and asking is cheap', async () => {
    await append(10, ['new'])
    const seen = new Set<string>()
    const startMs = performance.now()
    await until(() => {
      for (const name of projector.log.fresh()) seen.add(name)
      return seen.has(part(10))
    })
    // A second, and what a loaded machine adds.
    expect(performance.now() - startMs).toBeLessThan(2_000)
  })

  test('places survive the store being closed and opened again', async () => {
    const first = await home.open(11)
    const name = home.partOf(11, 11)
    await first.log.append(11, textRecord('before'))
    const [before] = await readAll(projector, name)
    await first.close()
    const second = await home.open(11)
    await second.log.append(11, textRecord('after'))
    expect(textsOf(await readAll(second, name))).toEqual(['before', 'after'])
    expect(textsOf(await readAll(projector, name, before?.at))).toEqual(['after'])
    await second.close()
  })

  /** Appends until some are younger than others; answers all, oldest first. */
  async function recordsOfTwoTimes(shard: number) {
    const place = await endOf(part(shard))
    for (let n = 0; n < 1_000; n++) {
      await append(shard, [`${n}`])
      const records = await readAll(projector, part(shard), place)
      if (records.at(-1)?.storedAtMs !== records[0]?.storedAtMs) return { place, records }
    }
    throw new Error('a thousand appends took no time')
  }

  test('trimming takes what is old enough and read, and leaves what is newer', async () => {
    const { place, records } = await recordsOfTwoTimes(12)
    const youngest = records.at(-1)?.storedAtMs ?? 0
    const old = records.filter(({ storedAtMs }) => storedAtMs < youngest)
    const name = part(12)
    // Only up to a place, however old the others are.
    expect(await projector.log.trim(name, records[0]?.at ?? '', youngest)).toBeGreaterThan(0)
    expect(await readAll(projector, name, place)).toEqual(records.slice(1))
    // Only what is old, wherever the place is.
    const gone = await projector.log.trim(name, records.at(-1)?.at ?? '', youngest)
    expect(gone).toBe(old.length - 1)
    expect(await readAll(projector, name, place)).toEqual(records.slice(old.length))
    expect(await projector.log.trim(name, records.at(-1)?.at ?? '', youngest)).toBe(0)
  })

  test('after everything was trimmed a reader at the end misses nothing, restarts included', async () => {
    const writer = await home.open(13)
    const name = home.partOf(13, 13)
    for (const text of ['x', 'y', 'z']) await writer.log.append(13, textRecord(text))
    const place = await endOf(name)
    const manyYears = Date.now() + 1e11
    expect(await projector.log.trim(name, place, manyYears)).toBe(3)
    expect(await readAll(projector, name)).toEqual([])
    await writer.close()
    const again = await home.open(13)
    await again.log.append(13, textRecord('next'))
    expect(textsOf(await readAll(projector, name, place))).toEqual(['next'])
    expect(textsOf(await readAll(projector, name))).toEqual(['next'])
    await again.close()
  })

  test('closing waits for appends under way', async () => {
    const writer = await home.open(14)
    const texts = Array.from({ length: 300 }, (_, n) => `last ${n}`)
    const appends = texts.map((text) => writer.log.append(14, textRecord(text)))
    const results = Promise.allSettled(appends)
    await writer.close()
    const done = (await results).filter(({ status }) => status === 'fulfilled')
    expect(textsOf(await readAll(projector, home.partOf(14, 14))).length).toBe(done.length)
    expect(done.length).toBe(300)
  })

  // The last one: it writes to the parts of all others.
  test('appends of all shards at once are all there once', async () => {
    const shards = Array.from({ length: 1_024 }, (_, shard) => shard)
    await Promise.all(shards.map((shard) => store.log.append(shard, textRecord(`all ${shard}`))))
    const parts = new Set(shards.map(part))
    const texts: string[] = []
    for (const name of parts) texts.push(...textsOf(await readAll(projector, name)))
    const found = texts.filter((text) => text.startsWith('all '))
    expect(found.sort()).toEqual(shards.map((shard) => `all ${shard}`).sort())
  })
})
