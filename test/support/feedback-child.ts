/**
 * Processes of an LMDB store that tests kill, or take the disk from.
 * `pour <folder> <prefix>`: appends `<prefix><n>` for ever, a hundred at once, and writes the text
 * of each to stdout when it is acknowledged. `commit <folder>`: commits the next number under each
 * of `committedKeys` for ever, and writes it (or why not) when that has ended. `obey <folder>`:
 * does
 * what its parent sends.
 */
import { writeSync } from 'node:fs'
import { type StateKey, StateTable } from '../../src/store/feedback-ports.ts'
import { openLmdbFeedbackStore } from '../../src/store/lmdb/lmdb-feedback-store.ts'
import { StoreError } from '../../src/store/store-error.ts'

/** What an obedient child is asked; it answers each with an `Obeyed`. */
export interface Order {
  /** Records to append at once, each of `bytes` bytes that tell its number, from `first` on. */
  readonly first: number
  readonly count: number
  readonly bytes: number
}

/** Numbers that were acknowledged, codes of the others, and what the log says of itself. */
export interface Obeyed {
  readonly done: readonly number[]
  readonly codes: readonly string[]
  readonly problem: string | null
}

/** A record that shows by itself whether it is whole. */
export function numberedRecord(number: number, bytes: number): Uint8Array {
  const record = new Uint8Array(bytes).fill(number % 251)
  new DataView(record.buffer).setUint32(0, number)
  return record
}

/** What `commit` writes: user states of all shards, and journeys. */
export const committedKeys: readonly StateKey[] = Array.from({ length: 400 }, (_, n) =>
  n % 2 === 0
    ? { table: StateTable.User, shard: n, day: 0, name: n.toString(16).padStart(12, '0') }
    : { table: StateTable.Journey, shard: n, day: 20_700, name: `journey-${n}` },
)

const atOnce = 100

async function open(folder: string) {
  return await openLmdbFeedbackStore({
    folder,
    worker: 0,
    meter: { read: () => undefined, error: () => undefined },
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
  })
}

async function pour(folder: string, prefix: string): Promise<void> {
  const { log } = await open(folder)
  let next = 0
  const one = async (): Promise<void> => {
    while (true) {
      const text = `${prefix}${next++}`
      await log.append(0, Buffer.from(text))
      writeSync(1, `${text}\n`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
}

async function commit(folder: string): Promise<void> {
  const { state } = await open(folder)
  while (true) {
    const [from = ''] = await state.positions(['w0'], 'project')
    const to = String(Number(from) + 1)
    const writes = committedKeys.map((key) => ({ key, value: Buffer.from(to) }))
    try {
      await state.commit([{ part: 'w0', from, to, writes, sends: [] }])
      writeSync(1, `${to}\n`)
    } catch (error) {
      writeSync(1, `${error instanceof StoreError ? error.code : String(error)}\n`)
      // A projector pauses too; a full disk is not asked more often than once a second.
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

async function obey(folder: string): Promise<void> {
  const { log } = await open(folder)
  process.on('message', ({ first, count, bytes }: Order) => {
    const numbers = Array.from({ length: count }, (_, n) => first + n)
    const appends = numbers.map((number) => log.append(0, numberedRecord(number, bytes)))
    void Promise.allSettled(appends).then((results) => {
      const done = numbers.filter((_, n) => results[n]?.status === 'fulfilled')
      const refused = results.filter((result) => result.status === 'rejected')
      const codes = [...new Set(refused.map(({ reason }) => String(reason.code)))]
      const answer: Obeyed = { done, codes, problem: log.problem() }
      process.send?.(answer)
    })
  })
}

const [, , way = '', folder = '', prefix = ''] = process.argv
if (way === 'pour') await pour(folder, prefix)
if (way === 'commit') await commit(folder)
if (way === 'obey') await obey(folder)
