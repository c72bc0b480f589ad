/** What the projector has made of events, read from the store of a running Sluice. */
import { decodeCounters, noCounters } from '../../src/feedback/project/totals.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { type FeedbackStore, StateTable } from '../../src/store/feedback-ports.ts'
import { openFeedbackStore } from '../../src/store/open-feedback-store.ts'

/** Counters by name. */
export type Sums = Record<string, number>

const meter = { read: () => undefined, error: () => undefined }

/** Opens the feedback side of a store to look at it; as worker `worker` it may append as well. */
export function openView(address: string, worker: number | null = null): Promise<FeedbackStore> {
  return openFeedbackStore({
    address,
    tlsCaFile: '',
    worker,
    meter,
    wallMs: () => systemClock.wallMs(),
    monotonicMs: () => systemClock.monotonicMs(),
  })
}

/** Sums of the totals over shards, hours, campaigns and places. */
export async function sumsOf({ state }: FeedbackStore): Promise<Sums> {
  const sums: Sums = { ...noCounters() }
  await state.scan(StateTable.Total, null, (_key, value) => addTo(sums, decodeCounters(value)))
  return sums
}

/** Adds counters to others. */
export function addTo(sums: Sums, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + count
}

/**
 * Everything that counts, by name: rows of totals as sums of their shards' parts, user states byte
 * for byte, and what is left over (dead letters, conversions that wait for a click).
 */
export async function outcomeOf({ state }: FeedbackStore): Promise<Map<string, string>> {
  const rows = new Map<string, Sums>()
  await state.scan(StateTable.Total, null, ({ day, name }, value) => {
    const row = rows.get(`total ${day} ${name}`) ?? {}
    addTo(row, decodeCounters(value))
    rows.set(`total ${day} ${name}`, row)
  })
  const outcome = new Map<string, string>()
  for (const [name, row] of rows) outcome.set(name, JSON.stringify(row))
  await state.scan(StateTable.User, null, ({ shard, name }, value) => {
    outcome.set(`user ${shard} ${name}`, Buffer.from(value).toString('base64'))
  })
  for (const table of [StateTable.Dead, StateTable.Parked]) {
    await state.scan(table, null, ({ shard, name }) => {
      outcome.set(`left over ${table} ${shard} ${name}`, '')
    })
  }
  return outcome
}

/** Names whose values differ, or that only one of two outcomes has; at most `countMax`. */
export function differences(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
  countMax: number,
): string[] {
  const found: string[] = []
  for (const [name, value] of one) {
    if (other.get(name) !== value && found.length < countMax) found.push(name)
  }
  for (const name of other.keys()) {
    if (!one.has(name) && found.length < countMax) found.push(name)
  }
  return found
}

/**
 * Waits until the projector stands at the end of every part; throws after `timeoutMs`. Looks again
 * once it does: a message may still be on its way from one shard to another.
 */
export async function untilProjected(
  store: FeedbackStore,
  timeoutMs: number,
  sleep: (ms: number) => Promise<unknown>,
): Promise<void> {
  const everyMs = 100
  const looksMin = 3
  let atEnd = 0
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += everyMs) {
    const isAtEnd = await isProjected(store).catch(() => false)
    atEnd = isAtEnd ? atEnd + 1 : 0
    if (atEnd === looksMin) return
    await sleep(everyMs)
  }
  throw new Error(`the projector did not come to the end of the log within ${timeoutMs} ms`)
}

async function isProjected({ log, state }: FeedbackStore): Promise<boolean> {
  const parts = await log.parts()
  const places = await state.positions(parts, 'project')
  const wanted = parts.map((part, i) => ({ part, after: places[i] ?? '' }))
  const rest = await log.read(wanted, 1)
  return rest.every((records) => records.length === 0)
}
