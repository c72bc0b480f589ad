/** The contract of `StateStore` on every store. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  claimEveryMs,
  type FeedbackStore,
  logStart,
  type PartCommit,
  type StateKey,
  StateTable,
  type StateWrite,
} from '../../src/store/feedback-ports.ts'
import { userBucketOf, userGeneration } from '../../src/store/user-space.ts'
import {
  type FeedbackHome,
  feedbackHome,
  feedbackKinds,
  readAll,
  textRecord,
  textsOf,
} from '../support/feedback-stores.ts'
import { addressIn, putDevice, readValues, until } from '../support/values.ts'

const nothing = { writes: [], sends: [] } as const

/** A key of a table under a day; user states and notes have day 0. */
function keyOf(table: StateTable, shard: number, day: number, name: string): StateKey {
  return { table, shard, day, name }
}

const put = (key: StateKey, text: string): StateWrite => ({ key, value: textRecord(text) })

const textOf = (value: Uint8Array | null | undefined): string | null =>
  value === null || value === undefined ? null : Buffer.from(value).toString('latin1')

describe.each(feedbackKinds)('state store on %s', (kind) => {
  let home: FeedbackHome
  let store: FeedbackStore

  beforeAll(async () => {
    home = await feedbackHome(kind)
    store = await home.open(0)
  })

  afterAll(() => home.end())

  const loaded = async (keys: readonly StateKey[]): Promise<(string | null)[]> =>
    (await store.state.load(keys)).map(textOf)

  /** A part of a test's own with `count` records in it, and their places. */
  async function partWith(shard: number, count: number) {
    const writer = kind === 'lmdb' ? await home.open(shard) : store
    const part = home.partOf(shard, shard)
    for (let n = 0; n < count; n++) await writer.log.append(shard, textRecord(`${n}`))
    const places = (await readAll(store, part)).map(({ at }) => at)
    if (writer !== store) await writer.close()
    return { part, places, at: (n: number) => places[n] ?? '' }
  }

  const positionOf = async (part: string) => (await store.state.positions([part], 'project'))[0]

  async function scanned(table: StateTable, day: number | null): Promise<Record<string, string>> {
    const found: [string, string][] = []
    await store.state.scan(table, day, (key, value) => {
      found.push([`${key.shard}/${key.day}/${key.name}`, Buffer.from(value).toString('latin1')])
      expect(key.table).toBe(table)
    })
    expect(new Set(found.map(([name]) => name)).size).toBe(found.length)
    return Object.fromEntries(found)
  }

  describe('commits', () => {
    test('values and place are there when it has resolved, also for who opens it then', async () => {
      const { part, at } = await partWith(21, 2)
      expect(await positionOf(part)).toBe(logStart)
      const key = keyOf(StateTable.Journey, 21, 20_700, 'a.b_c-D')
      const writes = [put(key, 'one')]
      const commit = { ...nothing, part, from: logStart, to: at(0), writes }
      expect(await store.state.commit([commit])).toEqual([true])
      expect(await positionOf(part)).toBe(at(0))
      expect(await loaded([key])).toEqual(['one'])
      const other = await home.open(null)
      expect(await other.state.positions([part], 'project')).toEqual([at(0)])
      expect(textOf((await other.state.load([key]))[0])).toBe('one')
      await other.close()
    })

    test('from a place that was left it is refused, and writes nothing', async () => {
      const { part, at } = await partWith(22, 3)
      const [one, two] = ['one', 'two'].map((name) => keyOf(StateTable.Journey, 22, 1, name))
      const keys = [one as StateKey, two as StateKey] as const
      const first = { ...nothing, part, from: logStart, to: at(1), writes: [put(keys[0], 'kept')] }
      const second = { ...first, to: at(2), writes: [put(keys[0], 'lost'), put(keys[1], 'lost')] }
      expect(await store.state.commit([first])).toEqual([true])
      expect(await store.state.commit([second])).toEqual([false])
      expect(await store.state.commit([{ ...second, from: at(0) }])).toEqual([false])
      expect(await loaded(keys)).toEqual(['kept', null])
      expect(await positionOf(part)).toBe(at(1))
      expect(await store.state.commit([{ ...second, from: at(1) }])).toEqual([true])
      expect(await loaded(keys)).toEqual(['lost', 'lost'])
    })

    test('of two at the same moment from one place one is done, whole', async () => {
      const { part, at } = await partWith(23, 2)
      const other = await home.open(null)
      const keys = Array.from({ length: 200 }, (_, n) => keyOf(StateTable.Total, 23, 9, `k${n}`))
      const commitOf = (text: string): PartCommit => ({
        ...nothing,
        part,
        from: logStart,
        to: at(0),
        writes: keys.map((key) => put(key, text)),
      })
      const [[mine], [theirs]] = await Promise.all([
        store.state.commit([commitOf('mine')]),
        other.state.commit([commitOf('theirs')]),
      ])
      expect([mine, theirs].filter((done) => done)).toEqual([true])
      expect(new Set(await loaded(keys))).toEqual(new Set([mine ? 'mine' : 'theirs']))
      await other.close()
    })

    test('of several parts each is done or refused by itself', async () => {
      const [a, b, c] = [await partWith(24, 1), await partWith(25, 1), await partWith(26, 1)]
      const key = (shard: number) => keyOf(StateTable.Click, shard, 5, 'click')
      const commitOf = (shard: number, part: string, from: string, to: string): PartCommit => ({
        ...nothing,
        part,
        from,
        to,
        writes: [put(key(shard), `of ${part}`)],
      })
      const commits = [
        commitOf(24, a.part, logStart, a.at(0)),
        commitOf(25, b.part, b.at(0), b.at(0)),
        commitOf(26, c.part, logStart, c.at(0)),
      ]
      expect(await store.state.commit(commits)).toEqual([true, false, true])
      const values = await loaded([key(24), key(25), key(26)])
      expect(values).toEqual([`of ${a.part}`, null, `of ${c.part}`])
      const places = await store.state.positions([c.part, b.part, a.part], 'project')
      expect(places).toEqual([c.at(0), logStart, a.at(0)])
      expect(await store.state.commit([])).toEqual([])
    })

    test('thousands of writes are one commit; null takes a value away', async () => {
      const { part, at } = await partWith(27, 2)
      const keys = Array.from({ length: 4_000 }, (_, n) =>
        keyOf(StateTable.Journey, 27, 20_000 + (n % 7), `many-${n}`),
      )
      const writes = keys.map((key, n) => put(key, `v${n}`))
      const first = { ...nothing, part, from: logStart, to: at(0), writes }
      expect(await store.state.commit([first])).toEqual([true])
      expect(await loaded(keys)).toEqual(keys.map((_, n) => `v${n}`))
      const taken = keys.map((key, n) => (n % 2 === 0 ? { key, value: null } : put(key, 'new')))
      const second = { ...nothing, part, from: at(0), to: at(1), writes: taken }
      expect(await store.state.commit([second])).toEqual([true])
      expect(await loaded(keys)).toEqual(keys.map((_, n) => (n % 2 === 0 ? null : 'new')))
    })

    test('of two writes of one key in a commit the later one holds', async () => {
      const { part, at } = await partWith(28, 1)
      const key = keyOf(StateTable.Total, 28, 3, 'twice')
      const writes = [put(key, 'first'), { key, value: null }, put(key, 'last')]
      await store.state.commit([{ ...nothing, part, from: logStart, to: at(0), writes }])
      expect(await loaded([key])).toEqual(['last'])
    })

    test('a commit may stay where it is, also at the start, and the next goes on from there', async () => {
      const { part, at } = await partWith(30, 2)
      const key = keyOf(StateTable.Total, 30, 4, 'stay')
      const stay = (place: string, text: string): PartCommit => ({
        ...nothing,
        part,
        from: place,
        to: place,
        writes: [put(key, text)],
      })
      for (const [n, place] of [logStart, at(0), at(1)].entries()) {
        expect(await store.state.commit([stay(place, `${n}`)])).toEqual([true])
        expect(await loaded([key])).toEqual([`${n}`])
        expect(await positionOf(part)).toBe(place)
        const next = { ...nothing, part, from: place, to: at(n) }
        if (n < 2) expect(await store.state.commit([next])).toEqual([true])
      }
      expect(await store.state.commit([stay(logStart, 'lost')])).toEqual([false])
    })

    test('the archive stands at a place of its own', async () => {
      const { part, at } = await partWith(29, 3)
      await store.state.commit([{ ...nothing, part, from: logStart, to: at(2) }])
      expect(await store.state.positions([part], 'archive')).toEqual([logStart])
      await store.state.advanceArchive(part, at(1))
      expect(await store.state.positions([part], 'archive')).toEqual([at(1)])
      expect(await positionOf(part)).toBe(at(2))
    })
  })

  describe('values', () => {
    /** Writes values of a shard through a part of its own, in one commit. */
    async function write(shard: number, writes: readonly StateWrite[]): Promise<void> {
      const { part, at } = await partWith(shard, 1)
      const commit = { ...nothing, part, from: logStart, to: at(0), writes }
      expect(await store.state.commit([commit])).toEqual([true])
    }

    test('tables, shards, days and names are apart, and are loaded in the order asked', async () => {
      const keys = [
        keyOf(StateTable.Journey, 31, 20_700, 'n'),
        keyOf(StateTable.Total, 31, 20_700, 'n'),
        keyOf(StateTable.Journey, 31, 20_701, 'n'),
        keyOf(StateTable.Journey, 31, 0, 'n'),
        keyOf(StateTable.Journey, 31, 65_535, 'n'),
        keyOf(StateTable.Journey, 31, 20_700, 'n2'),
        keyOf(StateTable.Journey, 31, 20_700, 'N'),
        keyOf(StateTable.Dead, 31, 20_700, `x${'9'.repeat(63)}`),
      ]
      await write(
        31,
        keys.map((key, n) => put(key, `value ${n}`)),
      )
      expect(await loaded(keys)).toEqual(keys.map((_, n) => `value ${n}`))
      const missing = keyOf(StateTable.Journey, 32, 20_700, 'n')
      const asked = [...keys].reverse()
      expect(await loaded([missing, ...asked, missing])).toEqual([
        null,
        ...asked.map((_, n) => `value ${keys.length - 1 - n}`),
        null,
      ])
      expect(await loaded([])).toEqual([])
    })

    test('a value of any bytes and of 100 KB is kept as it was', async () => {
      const bytes = new Uint8Array(100_000).map((_, n) => (n * 13) % 256)
      const key = keyOf(StateTable.Dead, 33, 20_700, 'big')
      await write(33, [{ key, value: bytes }])
      const [value] = await store.state.load([key])
      expect(Buffer.from(value ?? []).equals(Buffer.from(bytes))).toBe(true)
    })

    test('a loaded value stays what it was when others are loaded', async () => {
      const keys = ['p', 'q'].map((name) => keyOf(StateTable.Total, 34, 8, name))
      await write(
        34,
        keys.map((key) => put(key, key.name)),
      )
      const [first] = await store.state.load(keys.slice(0, 1))
      await store.state.load(keys.slice(1))
      expect(textOf(first)).toBe('p')
    })

    test('a scan gives every value of a table once, of one day or of all', async () => {
      const day = (n: number) => 30_000 + n
      const keys = Array.from({ length: 2_500 }, (_, n) =>
        keyOf(StateTable.Parked, 35 + (n % 2), day(n % 3), `s${n}`),
      )
      for (const shard of [35, 36]) {
        const mine = keys.filter((key) => key.shard === shard)
        await write(
          shard,
          mine.map((key) => put(key, key.name)),
        )
      }
      const expected = (list: readonly StateKey[]) =>
        Object.fromEntries(list.map((key) => [`${key.shard}/${key.day}/${key.name}`, key.name]))
      expect(await scanned(StateTable.Parked, null)).toEqual(expected(keys))
      const ofDay = keys.filter((key) => key.day === day(1))
      expect(await scanned(StateTable.Parked, day(1))).toEqual(expected(ofDay))
      expect(await scanned(StateTable.Parked, day(7))).toEqual({})
    })

    test('single values are removed, and nothing else', async () => {
      const keys = Array.from({ length: 6 }, (_, n) => keyOf(StateTable.Note, 37, 0, `note${n}`))
      await write(
        37,
        keys.map((key) => put(key, 'note')),
      )
      await store.state.remove([keys[1] as StateKey, keys[4] as StateKey])
      await store.state.remove([keyOf(StateTable.Note, 37, 0, 'never'), ...keys.slice(4, 5)])
      await store.state.remove([])
      expect(await loaded(keys)).toEqual(['note', null, 'note', 'note', null, 'note'])
    })

    test('days before one go as a whole, of their table alone; that day and day 0 stay', async () => {
      const table = StateTable.Dead
      const keys = [0, 100, 101, 300, 301, 400].map((day) => keyOf(table, 38, day, `d${day}`))
      const many = Array.from({ length: 3_000 }, (_, n) => keyOf(table, 38, 100, `m${n}`))
      const other = keyOf(StateTable.Total, 38, 100, 'other')
      await write(
        38,
        [...keys, ...many, other].map((key) => put(key, 'x')),
      )
      await store.state.dropBefore(table, 301)
      expect(await loaded([...keys, other])).toEqual(['x', null, null, null, 'x', 'x', 'x'])
      expect((await loaded(many)).every((value) => value === null)).toBe(true)
      expect(await scanned(table, 100)).toEqual({})
      await store.state.dropBefore(table, 301)
      expect(await loaded(keys.slice(4))).toEqual(['x', 'x'])
    })
  })

  describe('user states', () => {
    const high = 0xfe_dc_ba_98
    const low = 0x76_54
    const name = 'fedcba987654'

    test('a commit is what decisions read next, in one trip with the packs', async () => {
      const reader = await home.openReader()
      const shard = 41
      const { part, at } = await partWith(shard, 3)
      const user = {
        ...addressIn(shard, high),
        generation: userGeneration,
        bucket: userBucketOf(high),
        fieldLow: low,
      }
      const stranger = { ...user, fieldHigh: high - 1, bucket: userBucketOf(high - 1) }
      const neighbour = { ...user, shard: shard + 1 }
      await putDevice(reader, shard, 'packs')
      const asked = [addressIn(shard), user, stranger, addressIn(shard, 77), neighbour]
      expect(await readValues(reader, asked)).toEqual(['packs', '', '', '', ''])
      const key = keyOf(StateTable.User, shard, 0, name)
      let from = logStart
      // Longer than a listpack's 64 bytes in the end: users with many entries exist.
      for (const [n, text] of ['first', 'second', 'third'.repeat(100)].entries()) {
        const writes = [put(key, text)]
        const commit = { ...nothing, part, from, to: at(n), writes }
        expect(await store.state.commit([commit])).toEqual([true])
        from = at(n)
        expect(await readValues(reader, asked)).toEqual(['packs', text, '', '', ''])
        expect(await loaded([key])).toEqual([text])
      }
      expect(await scanned(StateTable.User, 0)).toEqual({
        [`${shard}/0/${name}`]: 'third'.repeat(100),
      })
      await store.state.remove([key])
      expect(await readValues(reader, [user])).toEqual([''])
    })

    test('those of all shards and of neighbouring fields are apart', async () => {
      const reader = await home.openReader()
      const fields = [
        '000000000000',
        '000000000001',
        '00000000ffff',
        '000000010000',
        'ffffffffffff',
      ]
      const { part, at } = await partWith(42, 1)
      const keys = fields.map((field) => keyOf(StateTable.User, 42, 0, field))
      const writes = keys.map((key) => put(key, key.name))
      await store.state.commit([{ ...nothing, part, from: logStart, to: at(0), writes }])
      const addresses = fields.map((field) => {
        const fieldHigh = Number.parseInt(field.slice(0, 8), 16)
        const fieldLow = Number.parseInt(field.slice(8), 16)
        const bucket = userBucketOf(fieldHigh)
        return { shard: 42, generation: userGeneration, bucket, fieldHigh, fieldLow }
      })
      expect(await readValues(reader, addresses)).toEqual(fields)
    })
  })

  describe('projectors', () => {
    test('one that is alone has every part that has records', async () => {
      const { part } = await partWith(51, 1)
      await until(async () => (await store.state.claim('alone')).includes(part))
      expect(new Set(await store.state.claim('alone')).size).toBe(
        (await store.state.claim('alone')).length,
      )
    })

    test('what is sent arrives in order, at least once, also after a stop before the delivery', async () => {
      const { part, at } = await partWith(52, 3)
      const sendsOf = (...texts: string[]) =>
        texts.map((text) => ({ shard: 53, record: textRecord(text) }))
      const commit = { part, writes: [], from: logStart, to: at(0), sends: sendsOf('a', 'b') }
      if (store.state.seesAllShards) {
        await expect(store.state.commit([commit])).rejects.toThrow(RangeError)
        expect(await positionOf(part)).toBe(logStart)
        await store.state.deliver([part])
        return
      }
      const target = home.partOf(0, 53)
      const stopped = await home.open(null)
      expect(await stopped.state.commit([commit])).toEqual([true])
      await stopped.close()
      const successor = await home.open(null)
      const next = { part, writes: [], from: at(0), to: at(1), sends: sendsOf('c') }
      // Nothing goes on before it is delivered, or 'c' could overtake 'a'.
      expect(await successor.state.commit([next])).toEqual([false])
      await successor.state.deliver([part])
      expect(textsOf(await readAll(store, target))).toEqual(['a', 'b'])
      expect(await successor.state.commit([next])).toEqual([true])
      await successor.state.deliver([part])
      await successor.state.deliver([part])
      expect(textsOf(await readAll(store, target))).toEqual(['a', 'b', 'c'])
      expect(
        await successor.state.commit([{ ...next, from: at(1), to: at(2), sends: [] }]),
      ).toEqual([true])
      await successor.close()
    })

    test('several share the parts, and those of a silent one go to the others', async () => {
      const first = await home.open(null)
      if (first.state.seesAllShards) {
        expect(await first.state.claim('one')).toEqual(await store.state.claim('two'))
        return
      }
      const parts = new Set<string>()
      for (const shard of [60, 61, 62, 63, 64, 65]) parts.add((await partWith(shard, 1)).part)
      const second = await home.open(null)
      const held = async (state: FeedbackStore['state'], name: string) =>
        (await state.claim(name)).filter((part) => parts.has(part)).sort()
      const all = [...parts].sort()
      await until(async () => {
        const [mine, theirs] = [await held(first.state, 'one'), await held(second.state, 'two')]
        const isShared = mine.length > 0 && theirs.length > 0
        return isShared && [...mine, ...theirs].sort().join() === all.join()
      })
      // From here 'one' is silent, for at least `claimLostMs`.
      const lastMs = performance.now()
      expect(await held(second.state, 'two')).not.toEqual(all)
      await until(async () => (await held(second.state, 'two')).join() === all.join())
      expect(performance.now() - lastMs).toBeGreaterThan(claimEveryMs)
    })
  })
})
