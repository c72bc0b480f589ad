import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, type SluiceServer, startSluice } from '../../bench/harness/sluice-server.ts'
import type { ModelState } from '../../src/telemetry/model-meter.ts'
import { buildForTest } from '../support/build-for-test.ts'
import { smallRank, smallSplit, someWeights, writeModel } from '../support/small-models.ts'

/** Starting a built Sluice of three processes and a thread; only a guard against hanging. */
const startMs = 120_000

/** Requests in flight at once while versions are swapped, and swaps. */
const askers = 8
const swaps = 6

/** Before the exchange was imported; bids; and what a machine that is busy otherwise may refuse. */
const reasonsOfABusyMachine = ['unknown-exchange', 'none', 'deadline', 'overload']

let folder: string
let server: SluiceServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-models-'))
  await writeModel(folder, smallSplit('1'))
  await writeModel(folder, smallRank('1'))
  // Another model of the same name: an answer of its network to the other's rows would differ.
  await writeModel(
    folder,
    smallRank('2', (slot, target) => -someWeights(slot, target)),
  )
  await writeFile(join(folder, 'coarse', 'active'), '1\n')
  await writeFile(join(folder, 'fine', 'active'), '1\n')
  server = await startSluice({
    redisUrl: null,
    workers: 1,
    core: null,
    main: buildForTest(),
    env: { SLUICE_MODELS: folder },
  })
  const catalog = await readFile(
    new URL('../../docs/examples/permissive-catalog.ndjson', import.meta.url),
  )
  const imported = await fetch(`http://127.0.0.1:${server.admin.port}/api/v1/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/x-ndjson' },
    body: catalog,
  })
  expect(imported.status).toBe(200)
  const exchange = (await server.admin.json('GET', '/api/v1/exchanges/any')) as object
  const plan = { coarseModel: 'coarse', fineModel: 'fine' }
  await server.admin.json('PUT', '/api/v1/exchanges/any', { ...exchange, plan })
  await until(async () => (await ask()) === 200 && (await models()).length === 2)
}, startMs)

afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

const request = {
  id: 'auction-1',
  tmax: 1_000,
  imp: [{ id: 'slot', banner: { format: [{ w: 300, h: 250 }] }, secure: 1 }],
  site: { domain: 'news.example' },
  device: { ua: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)', ip: '203.0.113.7' },
}

/** Status of one answer. */
async function ask(): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${server.port}/openrtb2/any`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  })
  await answer.arrayBuffer()
  return answer.status
}

async function models(): Promise<readonly ModelState[]> {
  const answer = await fetch(`http://127.0.0.1:${server.port}/readyz`)
  return ((await answer.json()) as { models: ModelState[] }).models
}

async function fine(): Promise<ModelState | undefined> {
  return (await models()).find(({ name }) => name === 'fine')
}

async function counter(name: string, label: string): Promise<Map<string, number>> {
  return server.admin.counters(name, label)
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}

async function fineRuns(): Promise<number> {
  return (await counter('sluice_rank_runs_total', 'stage')).get('fine') ?? 0
}

test('requests are ranked by the active versions', async () => {
  expect(await models()).toEqual([
    { name: 'coarse', version: '1', problem: null },
    { name: 'fine', version: '1', problem: null },
  ])
  // The plan may not be in force yet.
  await until(async () => (await ask()) === 200 && (await fineRuns()) > 0)
  const body = { medium: 'openrtb', exchange: 'any', body: request }
  expect(await server.admin.json('POST', '/api/v1/explain', body)).toMatchObject({
    trace: { ranking: { by: 'fine', coarseModel: 'coarse@1', fineModel: 'fine@1' } },
  })
  expect((await counter('sluice_model_active', 'model')).get('fine')).toBe(1)
})

test(
  'versions are swapped under load without an error, and no request finds half a model',
  async () => {
    const statuses = new Map<number, number>()
    let isOver = false
    const asker = async (): Promise<void> => {
      while (!isOver) {
        const status = await ask()
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    const all = Promise.all(Array.from({ length: askers }, asker))
    for (let swap = 0; swap < swaps; swap++) {
      const version = swap % 2 === 0 ? '2' : '1'
      const path = '/api/v1/models/fine/activate'
      expect(await server.admin.json('POST', path, { version })).toMatchObject({ version })
      await until(async () => (await fine())?.version === version)
    }
    isOver = true
    await all
    const asked = [...statuses.values()].reduce((sum, count) => sum + count, 0)
    expect(asked).toBeGreaterThan(0)
    // Processes report twice a second.
    await until(async () => sumOf(await counter('sluice_bid_requests_total', 'reason')) >= asked)
    for (const reason of (await counter('sluice_bid_requests_total', 'reason')).keys()) {
      expect(reasonsOfABusyMachine).toContain(reason)
    }
    const notes = await counter('sluice_bid_rankings_total', 'note')
    expect(notes.get('as-planned')).toBeGreaterThan(0)
    for (const note of ['model-missing', 'failed'])
      expect([note, notes.has(note)]).toEqual([note, false])
  },
  startMs,
)

test(
  'a bad version is refused with a sentence, and the one before serves on',
  async () => {
    const { version: before } = (await fine()) ?? {}
    const bad = await writeModel(folder, smallRank('3'))
    await truncate(join(bad, 'model.onnx'), 100)
    const path = '/api/v1/models/fine/activate'
    await expect(server.admin.json('POST', path, { version: '3' })).rejects.toThrow('409')
    // Past the API, as a deployment that copies files would.
    await writeFile(join(folder, 'fine', 'active'), '3\n')
    await until(async () => (await fine())?.problem !== null)
    expect(await fine()).toMatchObject({ version: before })
    expect((await fine())?.problem).toContain('model.onnx')
    expect(await ask()).toBe(200)
  },
  startMs,
)

test(
  'a model that is taken away leaves the prior order, and says so',
  async () => {
    await rm(join(folder, 'fine', 'active'))
    await until(async () => (await fine())?.version === '')
    expect(await fine()).toEqual({ name: 'fine', version: '', problem: 'no version is active' })
    expect(await ask()).toBe(200)
  },
  startMs,
)
