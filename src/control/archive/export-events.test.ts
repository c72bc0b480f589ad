import { readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryFeedback } from '../../../test/support/memory-feedback.ts'
import type { FeedbackEvent } from '../../feedback/event.ts'
import { eventRecord } from '../../feedback/log-record.ts'
import { NoteStatus } from '../../feedback/project/note.ts'
import { readEvents } from '../../feedback/read-events.ts'
import { machineDisk } from './archive-disk.ts'
import { ArchiveWriter } from './archive-writer.ts'
import { openDuck } from './duck.ts'
import { type ExportOrder, type ExportProgress, exportEvents } from './export-events.ts'
import type { RowsForm } from './rows-file.ts'
import { eventNumber, newFolder, project, tenMs } from './test-archive.ts'

let folder = ''
let out = ''

beforeEach(() => {
  folder = newFolder()
  out = newFolder()
})
afterEach(async () => {
  await rm(folder, { recursive: true })
  await rm(out, { recursive: true })
})

function orderOf(form: RowsForm, over: Partial<ExportOrder> = {}): ExportOrder {
  const path = join(out, `events.${form}`)
  return { fromMs: 0, toMs: tenMs * 2, path, form, withRepeats: false, ...over }
}

async function archive(store: MemoryFeedback, writer = 'test'): Promise<void> {
  const onDropped = (reason: string): never => expect.fail(reason)
  const one = new ArchiveWriter({ store, folder, writer, disk: machineDisk, onDropped })
  await one.step(await store.parts())
}

async function read(path: string): Promise<FeedbackEvent[]> {
  const events: FeedbackEvent[] = []
  for await (const event of readEvents(path, () => expect.fail('a bad line'))) events.push(event)
  return events
}

/** Half of them archived, three projected, and three that nobody looked at yet. */
async function threeKinds(): Promise<{ store: MemoryFeedback; events: FeedbackEvent[] }> {
  const store = new MemoryFeedback(true)
  const events = Array.from({ length: 12 }, (_, i) => eventNumber(i))
  await project(store, events.slice(0, 6))
  await archive(store)
  await project(store, events.slice(6, 9))
  for (const event of events.slice(9)) await store.append(0, eventRecord(event))
  return { store, events }
}

describe('an export', () => {
  test.each(['ndjson', 'ndjson.gz'] as const)(
    'as %s is read back by `readEvents` as the same events, archived or not',
    async (form) => {
      const { store, events } = await threeKinds()
      const order = orderOf(form)
      expect(await exportEvents({ log: store, state: store, folder }, order, () => undefined)).toBe(
        12,
      )
      expect(await read(order.path)).toEqual(events)
      const bytes = readFileSync(order.path)
      const text = form === 'ndjson' ? bytes.toString() : gunzipSync(bytes).toString()
      expect(JSON.parse(text.split('\n', 1)[0] ?? '')).toEqual({ ...events[0], cvr: null })
      // Nothing is left beside the file.
      expect(readdirSync(out)).toEqual([`events.${form}`])
    },
  )

  test('as Parquet and as CSV has the columns of the archive, and says what is known', async () => {
    const { store } = await threeKinds()
    const source = { log: store, state: store, folder }
    const duck = await openDuck({ memoryMiB: 128, folder: join(out, 'spill') })
    for (const form of ['parquet', 'csv', 'csv.gz'] as const) {
      await exportEvents(source, orderOf(form), () => undefined)
      const result = await duck.connection.run(
        `SELECT status, count(*)::INT AS n FROM '${join(out, `events.${form}`)}'
         WHERE bid_micros = 9007199254740991 GROUP BY ALL ORDER BY ALL`,
      )
      expect(await result.getRowsJS()).toEqual([
        ['counted', 9],
        ['unknown', 3],
      ])
    }
    duck.close()
  })

  test('is of the time asked for, by when the events reached us', async () => {
    const { store, events } = await threeKinds()
    const order = orderOf('ndjson', { fromMs: tenMs + 2_000, toMs: tenMs + 10_000 })
    await exportEvents({ log: store, state: store, folder }, order, () => undefined)
    expect(await read(order.path)).toEqual(events.slice(2, 10))
  })

  test('leaves repeats out unless they are asked for, and shows flags of both kinds', async () => {
    const store = new MemoryFeedback(false)
    const event = eventNumber(1, { flags: [3] })
    await project(store, [event], () => [NoteStatus.Invalid, [20, 3]])
    await archive(store)
    await project(store, [eventNumber(2)], () => [NoteStatus.Repeat, []])
    const source = { log: store, state: store, folder }
    await exportEvents(source, orderOf('ndjson'), () => undefined)
    expect(await read(join(out, 'events.ndjson'))).toEqual([{ ...event, flags: [3, 20] }])
    const whole = orderOf('ndjson', { withRepeats: true })
    expect(await exportEvents(source, whole, () => undefined)).toBe(2)
  })

  test('a rendering for a check is a test, by which nobody learns', async () => {
    const store = new MemoryFeedback(true)
    const event = eventNumber(1, { priceState: 2 })
    await project(store, [event], () => [NoteStatus.Test, []])
    await archive(store)
    const order = orderOf('ndjson')
    await exportEvents({ log: store, state: store, folder }, order, () => undefined)
    expect(await read(order.path)).toEqual([{ ...event, isTest: true }])
  })

  test('has an event once that was archived while the log was read', async () => {
    const { store, events } = await threeKinds()
    let isFirst = true
    const source = {
      state: store,
      folder,
      log: {
        parts: () => store.parts(),
        newest: (part: string, count: number) => store.newest(part, count),
        read: async (wanted: readonly { part: string; after: string }[], count: number) => {
          const records = await store.read(wanted, count)
          if (isFirst) await archive(store)
          isFirst = false
          return records
        },
      },
    }
    const order = orderOf('ndjson')
    await exportEvents(source, order, () => undefined)
    expect(await read(order.path)).toEqual(events)
  })

  test('has an event once that two processes archived', async () => {
    const { store, events } = await threeKinds()
    await store.advanceArchive('w0', '3')
    await archive(store, 'other')
    const order = orderOf('ndjson')
    await exportEvents({ log: store, state: store, folder }, order, () => undefined)
    expect(await read(order.path)).toEqual(events)
  })

  test('without an archive has the log, of which nothing more is known', async () => {
    const store = new MemoryFeedback(true)
    const events = [eventNumber(1), eventNumber(2)]
    await project(store, events)
    const source = { log: store, state: store, folder: null }
    const order = orderOf('ndjson')
    await exportEvents(source, order, () => undefined)
    expect(await read(order.path)).toEqual(events)
    await exportEvents(source, orderOf('csv'), () => undefined)
    expect(readFileSync(join(out, 'events.csv'), 'utf8').match(/,unknown,/g)).toHaveLength(2)
  })

  test('of nothing is a file without rows', async () => {
    const store = new MemoryFeedback(true)
    const order = orderOf('ndjson')
    expect(await exportEvents({ log: store, state: store, folder }, order, () => undefined)).toBe(0)
    expect(await read(order.path)).toEqual([])
  })

  test('tells how far it is', async () => {
    const { store } = await threeKinds()
    const told: ExportProgress[] = []
    await exportEvents({ log: store, state: store, folder }, orderOf('parquet'), (progress) =>
      told.push(progress),
    )
    expect(told.at(0)).toEqual({ records: 6, percent: null })
    expect(told.at(-1)).toEqual({ records: 6, percent: 100 })
  })
})
