import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { feedbackHome } from '../../../test/support/feedback-stores.ts'
import { MemoryFeedback } from '../../../test/support/memory-feedback.ts'
import type { FeedbackEvent } from '../../feedback/event.ts'
import { NoteStatus } from '../../feedback/project/note.ts'
import { ManualClock } from '../../lib/clock.ts'
import type { FeedbackStore } from '../../store/feedback-ports.ts'
import { type ArchiveDisk, machineDisk } from './archive-disk.ts'
import { filesOf, hourFolder, hourMs } from './archive-folder.ts'
import { EventArchive } from './event-archive.ts'
import { askArchive, eventNumber, newFolder, project, tenMs } from './test-archive.ts'

let folder = ''

beforeEach(() => {
  folder = newFolder()
})
afterEach(() => rm(folder, { recursive: true }))

interface Over {
  readonly folder?: string | null
  readonly keepMs?: number
  readonly disk?: ArchiveDisk
  readonly writer?: string
}

async function archiveOf(store: FeedbackStore, clock: ManualClock, over: Over = {}) {
  const counts = { rows: 0, files: 0, merged: 0, trimmed: 0, failed: 0, done: 0 }
  const warnings: string[] = []
  const parts = await store.log.parts()
  const archive = new EventArchive({
    store,
    folder,
    writer: 'test',
    parts: () => parts,
    keepMs: 48 * hourMs,
    clock,
    meter: {
      wrote: (rows, files) => {
        counts.rows += rows
        counts.files += files
      },
      merged: (files) => void (counts.merged += files),
      trimmed: (records) => void (counts.trimmed += records),
      failed: () => void counts.failed++,
      done: () => void counts.done++,
    },
    log: { warn: (_, message) => void warnings.push(message) },
    ...over,
  })
  return { archive, counts, warnings }
}

const hour = { startMs: tenMs, folder: '' }

async function filesOfTen() {
  return (await filesOf({ ...hour, folder: hourFolder(folder, tenMs) })).map(({ path }) => path)
}

async function counted(): Promise<unknown> {
  return (await askArchive(folder, 'SELECT count(*) n, count(DISTINCT id) ids FROM rows'))[0]
}

describe('hours', () => {
  test('get a file a round, and one file when they are over', async () => {
    const store = new MemoryFeedback(true)
    const clock = new ManualClock(tenMs)
    const round = async () => {
      const { archive, counts } = await archiveOf(store, clock)
      await archive.round()
      return counts
    }
    for (let i = 0; i < 3; i++) {
      await project(store, [eventNumber(i * 2), eventNumber(i * 2 + 1)])
      clock.advance(60_000)
      expect(await round()).toMatchObject({ rows: 2, files: 1, merged: 0, done: 1 })
    }
    expect(await filesOfTen()).toHaveLength(3)
    clock.jumpWall(tenMs + hourMs + 5 * 60_000 - 1)
    expect(await round()).toMatchObject({ merged: 0 })
    clock.advance(1)
    await project(store, [eventNumber(9_999, { receivedAtMs: clock.wallMs() })])
    expect(await round()).toMatchObject({ rows: 1, merged: 3, failed: 0 })
    expect(await filesOfTen()).toHaveLength(1)
    expect(await counted()).toEqual({ n: 7n, ids: 7n })
    // What comes late to an hour that was merged is merged into it.
    await project(store, [eventNumber(50)])
    expect(await round()).toMatchObject({ rows: 1, merged: 2 })
    expect(await counted()).toEqual({ n: 8n, ids: 8n })
  })

  test('killed at any step of a merge, readers have every row once', async () => {
    for (let nth = 1; ; nth++) {
      folder = newFolder()
      const store = new MemoryFeedback(true)
      const clock = new ManualClock(tenMs)
      for (let round = 0; round < 3; round++) {
        await project(store, [eventNumber(round)])
        await (await archiveOf(store, clock)).archive.round()
      }
      clock.advance(2 * hourMs)
      let calls = 0
      const killed = async (work: () => Promise<void>): Promise<void> => {
        if (++calls === nth) throw new Error('killed before')
        await work()
        if (++calls === nth) throw new Error('killed after')
      }
      const disk: ArchiveDisk = {
        keep: (path, text) => killed(() => machineDisk.keep(path, text)),
        place: (from, to) => killed(() => machineDisk.place(from, to)),
        remove: (path) => killed(() => machineDisk.remove(path)),
      }
      const first = await archiveOf(store, clock, { disk })
      const wasKilled = await first.archive.round().then(
        () => false,
        () => true,
      )
      expect({ nth, rows: await counted() }).toEqual({ nth, rows: { n: 3n, ids: 3n } })
      await (await archiveOf(store, clock)).archive.round()
      expect({ nth, rows: await counted() }).toEqual({ nth, rows: { n: 3n, ids: 3n } })
      expect(await readdir(hourFolder(folder, tenMs))).toHaveLength(1)
      await rm(folder, { recursive: true })
      if (!wasKilled) {
        expect(nth).toBeGreaterThan(8)
        break
      }
    }
    folder = newFolder()
  })

  test("of another writer's files are left alone", async () => {
    const store = new MemoryFeedback(true)
    const clock = new ManualClock(tenMs)
    for (const writer of ['a', 'b', 'a', 'b']) {
      await project(store, [eventNumber(store.nowMs++)])
      await (await archiveOf(store, clock, { writer })).archive.round()
    }
    clock.advance(2 * hourMs)
    await (await archiveOf(store, clock, { writer: 'a' })).archive.round()
    const names = (await filesOfTen()).map((path) => path.replace(/.*\//, '').split('.', 1)[0])
    expect(names).toEqual(['a', 'b', 'b'])
    expect(await counted()).toEqual({ n: 4n, ids: 4n })
  })
})

describe('the log', () => {
  const keepMs = 48 * hourMs

  test('loses what is archived and older than it is kept, and nothing else', async () => {
    const store = new MemoryFeedback(true)
    const clock = new ManualClock(tenMs)
    for (const [i, ageHours] of [60, 50, 49, 48, 1].entries()) {
      store.nowMs = tenMs - ageHours * hourMs
      await project(store, [eventNumber(i)])
    }
    store.nowMs = tenMs - 70 * hourMs
    // Old, and not projected: a projector that was away for days loses nothing.
    await store.append(0, new Uint8Array([1]))
    const { archive, counts } = await archiveOf(store, clock)
    await archive.round()
    expect(counts).toMatchObject({ rows: 5, trimmed: 3 })
    const [left = []] = await store.read([{ part: 'w0', after: '' }], 100)
    expect(left.map(({ at }) => at)).toEqual(['4', '5', '6'])
    clock.advance(keepMs)
    await archive.round()
    const [last = []] = await store.read([{ part: 'w0', after: '' }], 100)
    expect(last.map(({ at }) => at)).toEqual(['6'])
  })

  test('keeps what the archive could not write, and the next round writes it', async () => {
    const store = new MemoryFeedback(true)
    const clock = new ManualClock(tenMs)
    store.nowMs = tenMs - 2 * keepMs
    await project(store, [eventNumber(1)])
    const disk = { ...machineDisk, place: () => Promise.reject(new Error('no space left')) }
    const { archive, counts } = await archiveOf(store, clock, { disk })
    await expect(archive.round()).rejects.toThrow('no space left')
    expect(counts.trimmed).toBe(0)
    await (await archiveOf(store, clock)).archive.round()
    expect(await counted()).toEqual({ n: 1n, ids: 1n })
    expect((await store.read([{ part: 'w0', after: '' }], 9))[0]).toEqual([])
  })

  test('without an archive is trimmed by projection and age, and notes go', async () => {
    const store = new MemoryFeedback(false)
    const clock = new ManualClock(tenMs)
    store.nowMs = tenMs - 2 * keepMs
    await project(store, [eventNumber(1), eventNumber(2)], () => [NoteStatus.Repeat, []])
    await store.append(5, new Uint8Array([1]))
    expect(store.values.size).toBe(2)
    const { archive, counts } = await archiveOf(store, clock, { folder: null })
    await archive.round()
    expect(counts).toMatchObject({ rows: 0, trimmed: 2 })
    expect(store.values.size).toBe(0)
    expect((await store.read([{ part: '5', after: '' }], 9))[0]).toHaveLength(1)
    expect(await readdir(folder)).toEqual([])
  })
})

describe.each(['lmdb', 'redis'])('on %s', (kind) => {
  test('each event is archived once, its note forgotten, and the log trimmed', async () => {
    const home = await feedbackHome(kind)
    try {
      const worker = await home.open(0)
      const store = await home.open(null)
      await store.state.claim('test')
      const events = Array.from({ length: 40 }, (_, i) => eventNumber(i))
      const noteOf = ({ bidNumber }: FeedbackEvent) =>
        bidNumber % 2 === 0 ? ([NoteStatus.Repeat, []] as const) : null
      await project(store, events, noteOf, worker.log)
      const clock = new ManualClock(Date.now() + 1_000)
      const { archive, counts } = await archiveOf(store, clock, { keepMs: 0 })
      await archive.round()
      await archive.round()
      expect(counts).toMatchObject({ rows: 40, trimmed: 40 })
      const rows = await askArchive(
        folder,
        `SELECT count(*) n, count(DISTINCT (log_part, log_at)) places,
          count(*) FILTER (status = 'repeat') AS repeats FROM rows`,
      )
      expect(rows[0]).toEqual({ n: 40n, places: 40n, repeats: 20n })
      let notes = 0
      await store.state.scan('n', 0, () => void notes++)
      expect(notes).toBe(0)
    } finally {
      await home.end()
    }
  })
})

test('nothing is left beside plans and events when all is written', async () => {
  const store = new MemoryFeedback(true)
  await project(store, [eventNumber(1)])
  await (await archiveOf(store, new ManualClock(tenMs))).archive.round()
  expect(await readdir(join(folder, 'plans'))).toEqual([])
  expect(await readdir(join(folder, 'work', 'test'))).toEqual([])
})
