/** What tests of the archive share: events in a log, and the rows that came of them. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noSerial, serialOf } from '../../domain/serial.ts'
import {
  EventKind,
  EventSource,
  eventVersion,
  type FeedbackEvent,
  PriceState,
} from '../../feedback/event.ts'
import { homeShardOf } from '../../feedback/event-home.ts'
import { eventRecord } from '../../feedback/log-record.ts'
import { encodeNote, type NoteStatus, noteKey } from '../../feedback/project/note.ts'
import type { EventLog, FeedbackStore } from '../../store/feedback-ports.ts'
import { filesOf, hoursBetween } from './archive-folder.ts'
import { openDuck, sqlTexts } from './duck.ts'

/** 2026-11-22T10:00:00Z, the beginning of an hour. */
export const tenMs = Date.UTC(2026, 10, 22, 10)

/** An event in which every field says something; `number` tells it from others. */
export function eventNumber(number: number, over: Partial<FeedbackEvent> = {}): FeedbackEvent {
  return {
    version: eventVersion,
    id: `event-${number}-`.padEnd(22, '0'),
    kind: EventKind.Exposure,
    source: EventSource.MonitorLink,
    eventTimeMs: tenMs + number * 1_000 - 300,
    receivedAtMs: tenMs + number * 1_000,
    isTest: false,
    flags: [3],
    decisionId: number.toString(16).padStart(16, '0'),
    bidNumber: 1 + number,
    decidedAtMs: tenMs - 5_000,
    impIndex: 2,
    medium: 'tencent',
    exchange: serialOf('medium', 'tencent'),
    advertiser: serialOf('advertiser', 'shoes'),
    campaign: serialOf('campaign', 'shoes-autumn'),
    creative: serialOf('creative', `shoes-${number}`),
    strategy: noSerial,
    devices: [
      { type: 4, high: 0xffff_fff0 - number, low: 0xffff_ffff },
      { type: 9, high: 1, low: number },
    ],
    priceMicros: 1_250_000 + number,
    priceState: PriceState.Known,
    bidMicros: 9_007_199_254_740_991,
    minToWinMicros: 1,
    currency: 'CNY',
    multiplier: 1.5,
    lossReason: 102,
    auctionType: 3,
    hasDeal: true,
    ctr: 0.1 + 0.2,
    cvr: Number.NaN,
    ctrModel: serialOf('model', 'ctr@7'),
    cvrModel: noSerial,
    arms: [serialOf('arm', 'price/high')],
    action: '购买 "now"\n',
    orderId: "o'1\\\u0000",
    valueMicros: 12_000_000,
    valueCurrency: 'CNY',
    clickId: 'c\u2028\ud83d\ude00',
    network: '10.1.2.0',
    agent: 4_294_967_295,
    ...over,
  }
}

/** Appends events to the log, and projects them as a projector with these notes would. */
export async function project(
  store: FeedbackStore,
  events: readonly FeedbackEvent[],
  noteOf: (event: FeedbackEvent) => readonly [NoteStatus, readonly number[]] | null = () => null,
  log: Pick<EventLog, 'append'> = store.log,
): Promise<void> {
  for (const event of events) await log.append(homeShardOf(event), eventRecord(event))
  await projectAll(store, noteOf, events)
}

/** Moves the projector's place of every part to the end of its log. */
export async function projectAll(
  store: FeedbackStore,
  noteOf: (event: FeedbackEvent) => readonly [NoteStatus, readonly number[]] | null = () => null,
  events: readonly FeedbackEvent[] = [],
): Promise<void> {
  const byRecord = new Map(events.map((event) => [keyOf(eventRecord(event)), event]))
  for (const part of await store.log.parts()) {
    const [from = ''] = await store.state.positions([part], 'project')
    const [records = []] = await store.log.read([{ part, after: from }], 1_000_000)
    if (records.length === 0) continue
    const writes = records.flatMap(({ at, bytes }) => {
      const event = byRecord.get(keyOf(bytes))
      const note = event === undefined ? null : noteOf(event)
      return note === null ? [] : [{ key: noteKey(part, at), value: encodeNote(...note) }]
    })
    await store.state.commit([{ part, from, to: records.at(-1)?.at ?? from, writes, sends: [] }])
  }
}

function keyOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** A new folder of this machine. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'sluice-archive-'))
}

/** Answers of a query over all rows of an archive, `rows` in its FROM. */
export async function askArchive(
  folder: string,
  query: string,
): Promise<Record<string, unknown>[]> {
  const hours = await hoursBetween(folder, 0, Infinity)
  const files = (await Promise.all(hours.map((hour) => filesOf(hour)))).flat()
  const paths = files.map(({ path }) => path)
  if (paths.length === 0) return []
  const duck = await openDuck({ memoryMiB: 256, folder: join(folder, 'spill') })
  try {
    const rows = `read_parquet(${sqlTexts(paths)}, hive_partitioning = false)`
    const result = await duck.connection.run(query.replace('rows', rows))
    return await result.getRowObjectsJS()
  } finally {
    duck.close()
  }
}
