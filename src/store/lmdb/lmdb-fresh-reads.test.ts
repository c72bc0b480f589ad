/** Readers see what another process has committed, however short ago they last looked. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestFeedback } from '../../../test/support/feedback-stores.ts'
import { openTestStore } from '../../../test/support/stores.ts'
import { type StateKey, StateTable } from '../feedback-ports.ts'
import { userGeneration } from '../user-space.ts'
import { closeEnvironment, openLogPart, openState } from './lmdb-environments.ts'
import { firstRecord, numberAsBytes } from './log-layout.ts'
import { stateKeyBytesMax, userKeyBytes, writeStateKey, writeUserKey } from './state-key.ts'

let folder: string
const ends: (() => Promise<unknown>)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-fresh-'))
})

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  rmSync(folder, { recursive: true, force: true })
})

// Everything below happens in one turn of the loop: only then would an old view still be held.

test('of the log', async () => {
  const other = openLogPart(folder, 'w3')
  const { log, ...store } = await openTestFeedback(`lmdb:${folder}`, null)
  ends.push(
    () => store.close(),
    () => closeEnvironment(other),
  )
  const reads = []
  for (let n = 0; n < 3; n++) {
    reads.push(
      log.read([{ part: 'w3', after: '' }], 10),
      log.newest('w3', 10).then((all) => [all]),
    )
    other.putSync(numberAsBytes(firstRecord + n), new Uint8Array(7))
  }
  const counts = (await Promise.all(reads)).map(([records]) => records?.length)
  expect(counts).toEqual([0, 0, 1, 1, 2, 2])
})

test('of user states and of what else is derived', async () => {
  const other = openState(folder)
  const decide = await openTestStore(`lmdb:${folder}`)
  const { state, ...store } = await openTestFeedback(`lmdb:${folder}`, null)
  ends.push(
    () => decide.close(),
    () => store.close(),
    () => closeEnvironment(other.root),
  )
  const address = { shard: 5, generation: userGeneration, bucket: 0, fieldHigh: 6, fieldLow: 7 }
  const userKey = new Uint8Array(userKeyBytes)
  writeUserKey(userKey, address.shard, address.fieldHigh, address.fieldLow)
  const key: StateKey = { table: StateTable.Total, shard: 5, day: 9, name: 'n' }
  const stateKey = writeStateKey(new Uint8Array(stateKeyBytesMax), key)
  const lengths: number[] = []
  const sink = {
    value: (_: number, __: Uint8Array, start: number, end: number) => {
      lengths.push(end - start)
    },
  }
  const loads = []
  const places = []
  for (let n = 1; n <= 3; n++) {
    expect(decide.buckets.reader.read([address], 1, sink, 0)).toBe(true)
    loads.push(state.load([key]))
    places.push(state.positions(['w3'], 'project'))
    other.users.putSync(userKey, new Uint8Array(n))
    other.values.putSync(stateKey, new Uint8Array(n))
    other.places.putSync('project/w3', `${n}`, n)
  }
  expect(lengths).toEqual([0, 1, 2])
  expect((await Promise.all(loads)).map(([value]) => value?.length ?? 0)).toEqual([0, 1, 2])
  expect((await Promise.all(places)).flat()).toEqual(['', '1', '2'])
})
