import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { MemoryFeedback } from '../../../test/support/memory-feedback.ts'
import { NoteStatus } from '../../feedback/project/note.ts'
import { StateTable } from '../../store/feedback-ports.ts'
import { type ArchiveDisk, machineDisk } from './archive-disk.ts'
import { filesOf, hoursBetween, planFile, workFolder } from './archive-folder.ts'
import { ArchiveWriter } from './archive-writer.ts'
import { askArchive, eventNumber, newFolder, project, projectAll, tenMs } from './test-archive.ts'

const writerName = 'test'

function writerOf(store: MemoryFeedback, folder: string, disk: ArchiveDisk = machineDisk) {
  const dropped: string[] = []
  const onDropped = (reason: string): void => void dropped.push(reason)
  const deps = { store, folder, writer: writerName, disk, recordsMax: 6, onDropped }
  return { writer: new ArchiveWriter(deps), dropped }
}

async function archiveAll(writer: ArchiveWriter, store: MemoryFeedback): Promise<number> {
  let rows = 0
  for (;;) {
    const step = await writer.step(await store.parts())
    if (step === null) return rows
    rows += step.rows
  }
}

const events = Array.from({ length: 12 }, (_, i) => eventNumber(i))

describe('an archive', () => {
  test('has every field of an event under its name, and what the projector found', async () => {
    const store = new MemoryFeedback(true)
    const folder = newFolder()
    const event = eventNumber(7)
    await project(store, [event], () => [NoteStatus.Invalid, [20, 22]])
    expect(await archiveAll(writerOf(store, folder).writer, store)).toBe(1)
    const [row] = await askArchive(folder, 'FROM rows')
    expect(row).toMatchObject({
      id: event.id,
      kind: 1,
      event_time_ms: BigInt(event.eventTimeMs),
      flags: [3],
      projected_flags: [20, 22],
      status: 'invalid',
      campaign: BigInt(event.campaign),
      devices: [(BigInt(0xffff_fff0 - 7) << 32n) + 0xffff_ffffn, (1n << 32n) + 7n],
      device_types: [4, 9],
      bid_micros: 9_007_199_254_740_991n,
      multiplier: 1.5,
      ctr: 0.1 + 0.2,
      cvr: null,
      has_deal: true,
      order_id: "o'1\\\u0000",
      click_id: 'c\u2028\ud83d\ude00',
      log_part: 'w0',
    })
    const names = await askArchive(folder, 'SELECT * FROM (DESCRIBE FROM rows)')
    const columns = names.map(({ column_name: name }) => name)
    const wanted = Object.keys(event).map((key) =>
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    )
    expect(columns).toEqual(expect.arrayContaining(wanted))
    expect(columns).toHaveLength(wanted.length + 5)
    await rm(folder, { recursive: true })
  })

  test('has an event once, in the folder of the hour that it came in', async () => {
    const store = new MemoryFeedback(false)
    const folder = newFolder()
    const late = eventNumber(500, { receivedAtMs: tenMs + 3_600_000 })
    await project(store, [...events, late])
    expect(await archiveAll(writerOf(store, folder).writer, store)).toBe(13)
    const hours = await hoursBetween(folder, 0, Infinity)
    expect(hours.map(({ startMs }) => startMs)).toEqual([tenMs, tenMs + 3_600_000])
    expect(hours[0]?.folder).toMatch(/events\/date=2026-11-22\/hour=10$/)
    const [count] = await askArchive(folder, 'SELECT count(*) n, count(DISTINCT id) ids FROM rows')
    expect(count).toEqual({ n: 13n, ids: 13n })
    await rm(folder, { recursive: true })
  })

  test('never has what the projector has not done', async () => {
    const store = new MemoryFeedback(true)
    const folder = newFolder()
    await project(store, events.slice(0, 10))
    for (let i = 10; i < 20; i++) await store.append(0, new Uint8Array([1]))
    const { writer } = writerOf(store, folder)
    expect(await archiveAll(writer, store)).toBe(10)
    expect(await store.positions(['w0'], 'archive')).toEqual(['10'])
    await projectAll(store)
    // What is no event has no row, and is passed over.
    expect(await archiveAll(writer, store)).toBe(0)
    expect(await store.positions(['w0'], 'archive')).toEqual(['20'])
    await rm(folder, { recursive: true })
  })

  test('forgets the notes of what it wrote, and nothing stays in its work folder', async () => {
    const store = new MemoryFeedback(true)
    const folder = newFolder()
    await project(store, events, () => [NoteStatus.Repeat, []])
    expect([...store.values.values()].some(({ key }) => key.table === StateTable.Note)).toBe(true)
    await archiveAll(writerOf(store, folder).writer, store)
    expect(store.values.size).toBe(0)
    expect(existsSync(planFile(folder, writerName))).toBe(false)
    await rm(folder, { recursive: true })
  })
})

/** Kills at the `nth` thing that is done to store or disk: before it, or after it was done. */
class Fuse {
  calls = 0
  readonly #nth: number

  constructor(nth: number) {
    this.#nth = nth
  }

  /** True when this is the moment. */
  burns(): boolean {
    return ++this.calls === this.#nth
  }

  disk(): ArchiveDisk {
    const killed = async <T>(work: () => Promise<T>): Promise<T> => {
      if (this.burns()) throw new Error('killed before')
      const answer = await work()
      if (this.burns()) throw new Error('killed after')
      return answer
    }
    return {
      keep: (path, text) => killed(() => machineDisk.keep(path, text)),
      place: (from, to) => killed(() => machineDisk.place(from, to)),
      remove: (path) => killed(() => machineDisk.remove(path)),
    }
  }
}

/** Runs an archive that is killed at the nth moment, and then one that is not. */
async function killedAt(nth: number, seesAllShards: boolean) {
  const store = new MemoryFeedback(seesAllShards)
  const folder = newFolder()
  const twoHours = events.map((event, i) =>
    i % 3 === 0 ? { ...event, receivedAtMs: event.receivedAtMs + 3_600_000 } : event,
  )
  await project(store, twoHours, ({ bidNumber }) =>
    bidNumber % 4 === 0 ? [NoteStatus.Invalid, [20]] : null,
  )
  const fuse = new Fuse(nth)
  store.fails = () => fuse.burns()
  let wasKilled = false
  try {
    await archiveAll(writerOf(store, folder, fuse.disk()).writer, store)
  } catch {
    wasKilled = true
  }
  store.fails = () => false
  const { writer, dropped } = writerOf(store, folder)
  await archiveAll(writer, store)
  const found = await askArchive(
    folder,
    `SELECT count(*) AS n, count(DISTINCT id) AS ids,
      count(*) FILTER (status = 'invalid' AND projected_flags = [20]) AS invalid FROM rows`,
  )
  const notes = store.values.size
  const isClean = !existsSync(planFile(folder, writerName))
  await rm(folder, { recursive: true })
  return { wasKilled, dropped, rows: found[0], notes, isClean }
}

describe('killed between any two steps', () => {
  test.each([true, false])(
    'it has every event once, with its note (all shards in one part: %s)',
    async (seesAllShards) => {
      let nth = 1
      for (; ; nth++) {
        const { wasKilled, ...after } = await killedAt(nth, seesAllShards)
        const rows = { n: 12n, ids: 12n, invalid: 3n }
        expect({ nth, ...after }).toEqual({ nth, dropped: [], rows, notes: 0, isClean: true })
        if (!wasKilled) break
      }
      // Two steps of two files each: a run that is killed nowhere would prove nothing.
      expect(nth).toBeGreaterThan(30)
    },
    120_000,
  )

  test('what another process archived meanwhile is not archived again', async () => {
    const store = new MemoryFeedback(false)
    const folder = newFolder()
    await project(store, events)
    // Killed when the plan is written, and no file.
    const disk = { ...machineDisk, place: () => Promise.reject(new Error('killed')) }
    await expect(archiveAll(writerOf(store, folder, disk).writer, store)).rejects.toThrow('killed')
    expect(existsSync(planFile(folder, writerName))).toBe(true)
    const parts = await store.parts()
    const [first = ''] = parts
    const [to = ''] = await store.positions([first], 'project')
    await store.advanceArchive(first, to)
    const moved = (await store.read([{ part: first, after: '' }], 1_000))[0]?.length ?? 0
    const { writer, dropped } = writerOf(store, folder)
    expect(await archiveAll(writer, store)).toBeLessThan(12)
    expect(dropped).toEqual([])
    expect(moved).toBeGreaterThan(0)
    const [count] = await askArchive(folder, 'SELECT count(*) n, count(DISTINCT id) ids FROM rows')
    expect(count).toEqual({ n: BigInt(12 - moved), ids: BigInt(12 - moved) })
    await rm(folder, { recursive: true })
  })

  test('a plan whose records are gone is dropped, and said so', async () => {
    const store = new MemoryFeedback(true)
    const folder = newFolder()
    await project(store, events)
    const plan = { version: 1, name: 'x', ranges: [{ part: 'w0', from: '', to: '999' }] }
    await machineDisk.keep(planFile(folder, writerName), JSON.stringify(plan))
    const { writer, dropped } = writerOf(store, folder)
    expect(await archiveAll(writer, store)).toBe(12)
    expect(dropped).toHaveLength(1)
    expect(existsSync(workFolder(folder, writerName))).toBe(true)
    for (const hour of await hoursBetween(folder, 0, Infinity)) {
      expect((await filesOf(hour)).length).toBe(2)
    }
    await rm(folder, { recursive: true })
  })
})
