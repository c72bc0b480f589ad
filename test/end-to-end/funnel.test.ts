/**
 * The whole loop of a model, with the built program: a world's log → `sluice train` → a sealed
 * version → active in a running server → bids of the world's traffic, by what was trained.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SluiceServer, startSluice } from '../../bench/harness/sluice-server.ts'
import type { ExplainBidAnswer } from '../../src/control/schemas/explain-bid-schema.ts'
import { adFactsOf } from '../../src/domain/ad-facts-of.ts'
import { askOfRecord } from '../../src/domain/ask-of-record.ts'
import type { DecisionRecord } from '../../src/domain/decision-record.ts'
import { readBidResponseJson } from '../../src/media/openrtb/wire/json-reader.ts'
import { calibrate, calibrationOf } from '../../src/scoring/calibration.ts'
import { openModel } from '../../src/scoring/open-model.ts'
import { readCatalog } from '../../src/training/read-catalog.ts'
import { smallWorld } from '../../src/world/test-worlds.ts'
import { writeWorld } from '../../src/world/write-world.ts'
import { buildForTest } from '../support/build-for-test.ts'
import { priorSplit } from '../support/prior-split.ts'
import { writeModel } from '../support/small-models.ts'

/** Building, a world, two trainings and a server; only a guard against hanging. */
const startMs = 240_000
/** Answers are awaited, not timed. */
const longMs = 90_000
/**
 * What is awaited comes within a second or two; after this long the test says what came instead.
 */
const awaitedMs = 60_000

const run = promisify(execFile)
const room = mkdtempSync(path.join(tmpdir(), 'sluice-funnel-'))
const world = path.join(room, 'world')
const models = path.join(room, 'models')

interface WorldRequest {
  readonly id: string
}

let main: string
let server: SluiceServer
let traffic: WorldRequest[]

beforeAll(async () => {
  main = buildForTest()
  const made = await writeWorld({ ...smallWorld, rows: 40_000, negatives: 0.05 }, world)
  traffic = gunzipSync(readFileSync(path.join(world, 'traffic.ndjson.gz')))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => ({ ...(JSON.parse(line) as { body: WorldRequest }).body, tmax: 1_000 }))
  await train('lr/1', '--epochs-max', '1')
  await train('lr/2', '--epochs-max', '2', '--alpha', '0.1')
  await writeModel(models, priorSplit('history', '1'))
  server = await startSluice({
    redisUrl: null,
    workers: 1,
    core: null,
    main,
    env: { SLUICE_MODELS: models },
  })
  for (const { name } of made.files.filter((file) => file.name.startsWith('packs/'))) {
    const body = [gunzipSync(readFileSync(path.join(world, name)))]
    await server.admin.putPack({ id: path.basename(name, '.csv.gz'), query: made.packs, body })
  }
  const lines = readFileSync(path.join(world, 'catalog.ndjson'), 'utf8').trimEnd().split('\n')
  expect(await server.admin.lines('/api/v1/import', lines.map(withPlan))).toMatchObject({
    rejected: 0,
  })
  await activate('history', '1')
  await activate('lr', '1')
}, startMs)

afterAll(async () => {
  await server.stop()
  rmSync(room, { recursive: true, force: true })
})

/** `sluice <words>`; rejects on a code that is not 0. */
async function sluice(...words: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [main, ...words], { maxBuffer: 64 << 20 })
  return stdout
}

async function train(model: string, ...options: readonly string[]): Promise<void> {
  const file = (name: string) => path.join(world, name)
  const log = ['--log', file('log.ndjson.gz'), '--events', file('events.ndjson.gz')]
  const rest = ['--catalog', file('catalog.ndjson'), '--target', 'ctr', ...options]
  await sluice('train', ...log, ...rest, '--out', path.join(models, model))
}

/** The world's exchange is ranked by the models of the test. */
function withPlan(line: string): object {
  const { kind, value } = JSON.parse(line) as { kind: string; value: object }
  const plan = { coarseModel: 'history', fineModel: 'lr', fineMax: 64 }
  return { kind, value: kind === 'exchange' ? { ...value, plan } : value }
}

function activate(name: string, version: string): Promise<unknown> {
  return server.admin.json('POST', `/api/v1/models/${name}/activate`, { version })
}

interface Answer {
  readonly status: number
  /** Creative and price; '' = no bid. */
  readonly bid: string
}

async function ask(request: WorldRequest): Promise<Answer> {
  const answer = await fetch(`http://127.0.0.1:${server.port}/openrtb2/world`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(awaitedMs),
  })
  const body = new Uint8Array(await answer.arrayBuffer())
  const bid = readBidResponseJson(body)?.seatbid[0]?.bid[0]
  return { status: answer.status, bid: bid === undefined ? '' : `${bid.crid} ${bid.price}` }
}

/** What `sluice records tail --json` prints. */
async function recorded(lines = 1_000): Promise<DecisionRecord[]> {
  const folder = path.join(server.folder, 'local', 'records')
  const words = ['--json', '--lines', String(lines), '--file', folder]
  const text = await sluice('records', 'tail', ...words).catch(() => '')
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as DecisionRecord)
}

/** `seen` is what the last look saw, for whoever must find out why it never held. */
async function until(holds: () => Promise<boolean>, seen?: () => unknown): Promise<void> {
  const endMs = performance.now() + awaitedMs
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`never held: ${JSON.stringify(seen?.())}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function rankingOf(record: DecisionRecord | undefined): unknown {
  if (record === undefined) return 'no record'
  const { requestId, rankedBy, rankNote, ctrModel, coarseModel, atMs } = record
  return { requestId, rankedBy, rankNote, ctrModel, coarseModel, atMs }
}

/** Asks until the newest record is by this version of the regression. */
async function decidedBy(version: string): Promise<DecisionRecord> {
  let newest: DecisionRecord | undefined
  await until(
    async () => {
      await ask(traffic[0]!)
      newest = (await recorded(1))[0]
      return newest?.ctrModel === version && newest.rankedBy === 'fine'
    },
    () => rankingOf(newest),
  )
  return newest!
}

test(
  'bids of the traffic are ranked by what was trained on the log, and the record says so',
  async () => {
    await decidedBy('lr@1')
    const asked = traffic.slice(1, 61)
    const answers = []
    for (const request of asked) answers.push(await ask(request))
    expect(answers.map(({ status }) => status)).toEqual(asked.map(() => 200))
    const ids = new Set(asked.map(({ id }) => id))
    let records: DecisionRecord[] = []
    await until(async () => {
      records = (await recorded()).filter(({ requestId }) => ids.has(requestId))
      return records.length === asked.length
    })
    const bids = records.filter((record) => record.bids.length > 0)
    expect(bids.length).toBeGreaterThan(asked.length / 2)
    for (const record of bids) {
      expect(record).toMatchObject({
        rankedBy: 'fine',
        rankNote: 'as-planned',
        coarseModel: 'history@1',
        ctrModel: 'lr@1',
      })
      expect(record.bids[0]).toMatchObject({ rates: 'model' })
      expect(record.coarseCount).toBe(record.recalledCount)
      expect(record.fineCount).toBe(Math.min(64, record.recalledCount))
    }
  },
  longMs,
)

test(
  'a served CTR is that of the sealed model over the facts of the record, to 1e-6',
  async () => {
    const records = (await recorded()).filter(
      ({ bids, rankedBy, ctrModel }) =>
        bids.length > 0 && rankedBy === 'fine' && ctrModel === 'lr@1',
    )
    const catalog = await readCatalog(path.join(world, 'catalog.ndjson'))
    const model = await openModel(path.join(models, 'lr', '1'))
    const { encoder, runner, manifest } = model
    const { askWidth, adWidth, pairWidth, momentWidth } = encoder.layout
    expect(records.length).toBeGreaterThan(30)
    for (const record of records) {
      const bid = record.bids[0]!
      const creative = catalog.creatives.get(bid.creativeId)!
      const campaign = catalog.campaigns.get(bid.campaignId)!
      const facts = adFactsOf(creative, campaign, catalog.advertisers.get(campaign.advertiserId)!)
      const row = {
        ...{ asks: 1, rows: 1, askOf: new Int32Array(1), atMs: record.atMs },
        ...{ askIndex: new Int32Array(askWidth), askValue: new Float32Array(askWidth) },
        ...{ adIndex: new Int32Array(adWidth), adValue: new Float32Array(adWidth) },
        ...{ pairIndex: new Int32Array(pairWidth), pairValue: new Float32Array(pairWidth) },
        moments: new Float64Array(momentWidth),
        ...{ askFrom: 0, adFrom: 0, momentsFrom: 0 },
      }
      encoder.ask(askOfRecord(record, bid), record.atMs, row.askIndex, row.askValue, 0)
      encoder.ad(facts, row.adIndex, row.adValue, 0)
      encoder.moments(facts, row.moments, 0)
      encoder.pair(row, { index: row.pairIndex, value: row.pairValue, from: 0 })
      const raw = runner.runRank(row).ctr[0] ?? Number.NaN
      const trained = calibrate(calibrationOf(manifest, 'world', 'ctr'), raw)
      expect(Math.abs(bid.ctr - trained)).toBeLessThanOrEqual(1e-6)
    }
    model.release()
  },
  longMs,
)

test(
  'explain tells the stages, the models and what each said of a candidate',
  async () => {
    const question = { medium: 'openrtb', exchange: 'world', body: traffic[1] }
    let answer: ExplainBidAnswer | null = null
    await until(async () => {
      // Explain follows catalog and models from its first question on.
      answer = (await server.admin.json('POST', '/api/v1/explain', question)) as ExplainBidAnswer
      return answer.trace.ranking?.by === 'fine'
    })
    const { ranking, slots } = answer!.trace
    expect(ranking).toMatchObject({
      note: 'as-planned',
      coarseModel: 'history@1',
      fineModel: 'lr@1',
    })
    expect(slots[0]!.coarseRanked).toBe(slots[0]!.recalled)
    const [best] = slots[0]!.candidates
    // The split model says what history says, the regression something of its own.
    expect(best!.coarse!.ctr).toBeCloseTo(best!.prior.ctr, 5)
    expect(Math.abs(best!.fine!.ctr - best!.prior.ctr)).toBeGreaterThan(1e-6)
  },
  longMs,
)

test(
  'a version is swapped while requests come: each is answered, by one version or the other',
  async () => {
    const statuses = new Set<number>()
    let isOver = false
    const load = async (from: number): Promise<void> => {
      for (let at = from; !isOver; at = (at + 7) % traffic.length) {
        statuses.add((await ask(traffic[at]!)).status)
      }
    }
    const loads = [load(0), load(3), load(5)]
    await activate('lr', '2')
    await decidedBy('lr@2')
    isOver = true
    await Promise.all(loads)
    // 204 is a no-bid of a worker that sheds load: an answer, not an error.
    expect([...statuses].filter((status) => status !== 200 && status !== 204)).toEqual([])
    expect(statuses).toContain(200)
    const versions = (await recorded()).map(({ rankedBy, ctrModel, bids }) =>
      bids.length === 0 || rankedBy !== 'fine' ? '' : ctrModel,
    )
    expect([...new Set(versions)].filter((name) => name !== '').sort()).toEqual(['lr@1', 'lr@2'])
    // One after the other, not by turns. Requests in flight may end in another order.
    const first = versions.indexOf('lr@2')
    expect(versions.slice(first + loads.length + 1)).not.toContain('lr@1')
  },
  longMs,
)

test(
  'a truncated version is refused with a sentence, and the one before it keeps bidding',
  async () => {
    const [whole, cut] = ['2', '3'].map((version) => path.join(models, 'lr', version))
    cpSync(whole!, cut!, { recursive: true })
    const manifest = readFileSync(path.join(cut!, 'manifest.json'), 'utf8')
    writeFileSync(
      path.join(cut!, 'manifest.json'),
      JSON.stringify({ ...(JSON.parse(manifest) as object), version: '3' }),
    )
    truncateSync(path.join(cut!, 'model.onnx'), 1_000)
    await expect(activate('lr', '3')).rejects.toThrow(/409.*SLUICE_SCORING_MODEL/s)
    // Whoever writes the pointer by hand is refused where it counts.
    writeFileSync(path.join(models, 'lr', 'active'), '3\n')
    let refusals = new Map<string, number>()
    await until(
      async () => {
        refusals = await server.admin.counters('sluice_model_refused_total', 'model')
        return (refusals.get('lr') ?? 0) > 0
      },
      () => [...refusals],
    )
    const answers = []
    for (const request of traffic.slice(0, 20)) answers.push((await ask(request)).status)
    expect(new Set(answers)).toEqual(new Set([200]))
    expect((await decidedBy('lr@2')).rankNote).toBe('as-planned')
    expect(await server.ready()).toBe(true)
  },
  longMs,
)

test(
  'without any version the prior order is in charge, and the record says why',
  async () => {
    rmSync(path.join(models, 'lr', 'active'))
    rmSync(path.join(models, 'history', 'active'))
    let newest: DecisionRecord | undefined
    await until(async () => {
      await ask(traffic[0]!)
      newest = (await recorded(1))[0]
      return newest?.rankedBy === 'prior'
    })
    expect(newest).toMatchObject({ rankNote: 'model-missing', ctrModel: '', coarseModel: '' })
    expect(newest!.bids[0]).toMatchObject({ rates: 'prior' })
  },
  longMs,
)
