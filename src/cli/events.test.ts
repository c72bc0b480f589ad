import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { MemoryFeedback } from '../../test/support/memory-feedback.ts'
import { eventNumber, project } from '../control/archive/test-archive.ts'
import { DeadLetters } from '../control/dead-letters.ts'
import { EventKind } from '../feedback/event.ts'
import { eventRecord } from '../feedback/log-record.ts'
import { DeadReason, deadKey, encodeDead } from '../feedback/project/note.ts'
import { readEvents } from '../feedback/read-events.ts'
import {
  eventLine,
  runEventsDead,
  runEventsExport,
  runEventsReplay,
  runEventsTail,
} from './events.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-events-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What must not be called. */
const never = (text?: string): never => expect.fail(`wrote ${text}`)

/** Texts that were written, and a function that writes one. */
function written(): { texts: string[]; write: (text: string) => void } {
  const texts: string[] = []
  return { texts, write: (text) => void texts.push(text) }
}

test('a line says when, what, of which bid, for how much, how late, and what is wrong', () => {
  const event = eventNumber(3, { flags: [3, 20], eventTimeMs: eventNumber(3).receivedAtMs - 4_000 })
  const campaign = `campaign ${event.campaign}`
  expect(eventLine(event)).toBe(
    `2026-11-22T10:00:03.000Z exposure tencent 0000000000000003/4 ${campaign} price 1.250003 CNY value 12 CNY 4 s late [network-rate] [unexposed]`,
  )
  const alone = { decisionId: '', priceState: 3, valueMicros: 0, flags: [], isTest: true } as const
  expect(eventLine(eventNumber(0, { ...alone, kind: EventKind.Conversion }))).toBe(
    `2026-11-22T10:00:00.000Z conversion tencent no bid of ours ${campaign} [test]`,
  )
})

describe('tail', () => {
  test('shows the newest of all parts by time, and passes messages over', async () => {
    const store = new MemoryFeedback(false)
    for (let i = 0; i < 9; i++) {
      store.nowMs = 1_000 + i
      await store.append(i % 3, eventRecord(eventNumber(i)))
      await store.append(i % 3, new Uint8Array([2, 1]))
    }
    const { texts, write } = written()
    const pause = () => expect.fail('does not follow')
    expect(await runEventsTail(store, { lines: 4, json: true }, { write, pause })).toBe(0)
    const ids = texts.map((text) => (JSON.parse(text) as { id: string }).id)
    expect(ids).toEqual([5, 6, 7, 8].map((number) => eventNumber(number).id))
    expect(await runEventsTail(store, { lines: 0 }, { write: never, pause })).toBe(0)
  })

  test('follows what comes, each event once', async () => {
    const store = new MemoryFeedback(false)
    await store.append(1, eventRecord(eventNumber(0)))
    const { texts, write } = written()
    let looks = 0
    const pause = async (): Promise<boolean> => {
      looks++
      if (looks <= 3) await store.append(looks, eventRecord(eventNumber(looks)))
      return looks < 6
    }
    await runEventsTail(store, { lines: 5, follow: true }, { write, pause })
    expect(texts).toEqual([0, 1, 2, 3].map((number) => `${eventLine(eventNumber(number))}\n`))
  })
})

describe('export', () => {
  test('writes the form that the name says, and progress beside the output', async () => {
    const store = new MemoryFeedback(true)
    const events = [1, 2, 3].map((number) => eventNumber(number))
    await project(store, events)
    const source = { log: store, state: store, folder: join(folder, 'archive') }
    const out = join(folder, 'x.ndjson.gz')
    const { texts, write } = written()
    const progress = written()
    const period = { from: '2026-11-22T10:00:02', to: '2026-11-23' }
    expect(await runEventsExport(source, { out, ...period }, write, progress.write)).toBe(0)
    expect(texts).toEqual([`2 events in ${out}\n`])
    expect(progress.texts.join('')).toMatch(/3 records of the log.*writing: 100 %\n$/s)
    const read: unknown[] = []
    for await (const event of readEvents(out)) read.push(event)
    expect(read).toEqual(events.slice(1))
    const csv = join(folder, 'x.csv')
    await runEventsExport(source, { out: csv }, write, () => undefined)
    expect(readFileSync(csv, 'utf8')).toMatch(/^version,id,kind,/)
  })

  test.each([
    [{ out: 'x.xlsx' }, /--out ends in .*"x.xlsx"/],
    [{ out: 'x.csv', from: 'yesterday' }, /--from is a date.*"yesterday"/],
    [{ out: 'x.csv', to: '2026-13-01' }, /--to is a date/],
    [{ out: 'x.csv', from: '2026-11-23', to: '2026-11-22' }, /--from is not before --to/],
  ])('%j is refused', async (options, message) => {
    const store = new MemoryFeedback(true)
    const source = { log: store, state: store, folder: null }
    await expect(runEventsExport(source, options, never, never)).rejects.toThrow(
      expect.objectContaining({
        code: 'SLUICE_CLI_OPTION',
        message: expect.stringMatching(message),
      }),
    )
  })
})

describe('dead letters', () => {
  async function withDead(count: number) {
    const store = new MemoryFeedback(true)
    const writes = Array.from({ length: count }, (_, i) => ({
      key: deadKey('w0', `${i}`, 20_779),
      value: encodeDead(
        i === 0 ? DeadReason.Unreadable : DeadReason.Failed,
        i === 0 ? new Uint8Array([7]) : eventRecord(eventNumber(i)),
      ),
    }))
    await store.commit([{ part: 'w0', from: '', to: 'x', writes, sends: [] }])
    return { store, dead: new DeadLetters(store) }
  }

  test('are printed with name, day, reason, and what can be read', async () => {
    const { dead } = await withDead(3)
    const { texts, write } = written()
    await runEventsDead(dead, { lines: 9 }, write)
    expect(texts).toEqual([
      `w0.2 2026-11-22 failed: ${eventLine(eventNumber(2))}\n`,
      `w0.1 2026-11-22 failed: ${eventLine(eventNumber(1))}\n`,
      'w0.0 2026-11-22 unreadable: 1 bytes\n',
    ])
    texts.length = 0
    await runEventsDead(dead, { lines: 1 }, write)
    expect(texts.at(-1)).toBe('and 2 older ones\n')
    texts.length = 0
    await runEventsDead(dead, { lines: 1, json: true }, write)
    expect(texts.map((text) => JSON.parse(text) as unknown)).toMatchObject([{ name: 'w0.2' }])
    const none = written()
    await runEventsDead((await withDead(0)).dead, { lines: 9 }, none.write)
    expect(none.texts).toEqual(['no dead letters\n'])
  })

  test('go through the log again, one or all, and are gone', async () => {
    const { store, dead } = await withDead(3)
    const { texts, write } = written()
    expect(await runEventsReplay(dead, { name: 'w0.1' }, write, never)).toBe(0)
    expect(await runEventsReplay(dead, { name: 'w0.1' }, write, never)).toBe(1)
    expect(await runEventsReplay(dead, { all: true }, write, () => undefined)).toBe(0)
    expect(texts).toEqual([
      'w0.1 is in the log again\n',
      'there is no dead letter w0.1\n',
      'dead letters in the log again: 2\n',
    ])
    expect(store.values.size).toBe(0)
    const [records = []] = await store.read([{ part: 'w0', after: '' }], 9)
    const records3 = [eventRecord(eventNumber(1)), new Uint8Array([7]), eventRecord(eventNumber(2))]
    expect(records.map(({ bytes }) => bytes)).toEqual(records3)
  })

  test.each([{}, { name: 'w0.1', all: true }])('%j is refused', async (which) => {
    const { dead } = await withDead(2)
    await expect(runEventsReplay(dead, which, never, never)).rejects.toThrow('--all')
  })
})
