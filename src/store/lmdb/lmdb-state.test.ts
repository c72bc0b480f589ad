/** What derived state in LMDB refuses. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../../lib/clock.ts'
import { logStart, type PartCommit, type StateKey, StateTable } from '../feedback-ports.ts'
import { LmdbState } from './lmdb-state.ts'

let folder: string
let state: LmdbState
let freeBytes: number
const clock = new ManualClock(0)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-state-'))
  freeBytes = Number.POSITIVE_INFINITY
  state = new LmdbState(folder, {
    meter: { read: () => undefined, error: () => undefined },
    freeBytes: () => Promise.resolve(freeBytes),
    monotonicMs: () => clock.monotonicMs(),
  })
})

afterEach(async () => {
  await state.close()
  rmSync(folder, { recursive: true, force: true })
})

const good: StateKey = { table: StateTable.Total, shard: 1, day: 2, name: 'good' }
const value = new Uint8Array([1])
const commit = (change: Partial<PartCommit>): PartCommit => ({
  part: 'w0',
  from: logStart,
  to: '2',
  writes: [{ key: good, value }],
  sends: [],
  ...change,
})

test.each<[string, Partial<PartCommit>]>([
  [
    'a name that is too long',
    {
      writes: [
        { key: good, value },
        { key: { ...good, name: 'x'.repeat(65) }, value },
      ],
    },
  ],
  [
    'a user whose name is no field',
    {
      writes: [
        { key: good, value },
        { key: { ...good, table: 'u' }, value },
      ],
    },
  ],
  ['a place that is none of this log', { to: '1700000000000-0' }],
  ['something to send', { sends: [{ shard: 1, record: value }] }],
])('a commit with %s is refused whole', async (_, change) => {
  const other = commit({ part: 'w1', writes: [{ key: { ...good, name: 'other' }, value }] })
  await expect(state.commit([other, commit(change)])).rejects.toThrow(RangeError)
  expect(await state.load([good, { ...good, name: 'other' }])).toEqual([null, null])
  expect(await state.positions(['w0', 'w1'], 'project')).toEqual([logStart, logStart])
})

test('with too little space nothing is begun, and it goes on when there is more', async () => {
  freeBytes = 8 * 1_024 * 1_024 - 1
  await expect(state.commit([commit({})])).rejects.toThrow('SLUICE_STORE_STATE_FULL')
  expect(await state.positions(['w0'], 'project')).toEqual([logStart])
  freeBytes++
  expect(await state.commit([commit({})])).toEqual([true])
})
