/**
 * Models are swapped back and forth under load, once for a version whose file is cut off: every
 * answer must be by models that were in force together, with the rates that they give.
 */
import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AdminError } from '../../src/cli/admin-client.ts'
import { shippedModels } from '../../src/cli/shipped-models.ts'
import { readRecords } from '../../src/feedback/read-records.ts'
import { recordsFolder } from '../../src/feedback/record-log.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { activate } from '../../src/scoring/model-folder.ts'
import { openModel } from '../../src/scoring/open-model.ts'
import { type WorldSettings, worldStartMs } from '../../src/world/settings.ts'
import { smallWorld } from '../../src/world/test-worlds.ts'
import { World } from '../../src/world/world.ts'
import { packLines } from '../../src/world/world-catalog.ts'
import { packIds, worldExchange } from '../../src/world/world-words.ts'
import { fineName, type LearnedFrom, writeBenchModel } from '../funnel/bench-models.ts'
import { planOf } from '../funnel/bidding-world.ts'
import { settingsOf } from '../funnel/funnel-world.ts'
import {
  adFactsById,
  type ImportLine,
  marketLines,
  storedEntities,
} from '../funnel/market-entities.ts'
import { findModels, type ModelVersions, modelVersions } from '../funnel/open-models.ts'
import { type Period, RecordJudge, type RecordVerdict } from '../funnel/record-judge.ts'
import { type WorldRequest, worldRequests } from '../funnel/world-requests.ts'
import { askBid, bidEnv, importWorld } from '../harness/bid-setup.ts'
import { type Inside, watchInside } from '../harness/inside-watch.ts'
import { samplesOf } from '../harness/metrics.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { type SluiceServer, startSluice } from '../harness/sluice-server.ts'
import type { LoadReport, PhaseReport } from '../load/load-record.ts'
import { Expect, writeRequestFile } from '../load/request-file.ts'
import { jobDefaults, type RunningLoad, startLoad } from '../load/run-load.ts'
import { worldChoice } from './funnel.ts'
import { badOf } from './rta.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

interface SwapSize {
  readonly requests: number
  readonly swaps: number
  /** Of each of the two loads, a second. */
  readonly perSecond: number
  /** Before and after the swaps. */
  readonly quietMs: number
  /** Of the loads: longer than all of it. */
  readonly seconds: number
}

const swapSizes: Readonly<Record<Size, SwapSize>> = {
  tiny: { requests: 200, swaps: 2, perSecond: 50, quietMs: 1_500, seconds: 30 },
  small: { requests: 1_000, swaps: 4, perSecond: 100, quietMs: 3_000, seconds: 45 },
  full: { requests: 2_000, swaps: 20, perSecond: 300, quietMs: 10_000, seconds: 150 },
}

/** An exchange whose values are those of coarse rank, so that its rates are on record too. */
const coarseExchange = 'world-coarse'

const roles = ['coarse', 'fine'] as const

const phaseNames = ['before', 'while models are swapped', 'after'] as const

/** Versions made for the run: other weights and another vocabulary, and one that is cut off. */
const otherVersion = 'other-2'
const brokenVersion = 'broken-3'

/** Milliseconds that a version has to be in force: a look a second, and the catalog's rows anew. */
const inForceMs = 30_000

/** A decision that began before a swap may be recorded after it: as long as it may take. */
const overlapMs = 1_000

/** Milliseconds that the cut-off version stays named. */
const brokenMs = 2_000

interface SwapRun {
  readonly loads: readonly LoadReport[]
  readonly inside: readonly Inside[]
  readonly verdict: RecordVerdict
  readonly swaps: readonly number[]
  /** What was said of the version that is cut off. */
  readonly refused: number
  readonly answerToBroken: number
  readonly dropped: number
}

/** Runs the scenario. */
export async function modelSwap(context: ScenarioContext): Promise<ScenarioResult> {
  const size = swapSizes[context.size]
  const world = new World(worldOf(context))
  const lines = [...linesOf(world)]
  const ads = adFactsById(storedEntities(lines, worldStartMs))
  const folder = path.join(context.workFolder, 'swapped-models')
  context.say('making versions of the models')
  const first = await writeVersions(context, folder, { world, ads })
  const requests = worldRequests(world, size.requests, 0.8)
  const run = await withCleanup(async (later) => {
    const env = { ...bidEnv, SLUICE_MODELS: folder }
    const server = await startSluice({ redisUrl: null, workers: 1, core: null, env })
    later(() => server.stop())
    context.say(`loading ${ads.size} creatives`)
    await loadMarket(server, world, { lines, requests })
    await untilSaid('both models decide', () => decides(server, first, requests))
    return swapUnderLoad({ context, server, folder, ads, first, requests })
  })
  return summarize(context.size, run, first)
}

function worldOf({ size, options }: ScenarioContext): WorldSettings {
  return size === 'tiny' ? smallWorld : settingsOf(worldChoice(options))
}

/** The market; its exchange has both models, a second one the coarse model alone. */
function* linesOf(world: World): Generator<ImportLine> {
  const own = { noBid: 'empty', plan: planOf(2_000, 64) } as const
  for (const line of marketLines(world.market, own)) {
    yield line
    if (line.kind !== 'exchange') continue
    const plan = planOf(2_000, 64, 'coarse')
    yield { kind: line.kind, value: { ...line.value, id: coarseExchange, plan } as { id: string } }
  }
}

/** Copies the models given, and adds versions to swap with; answers the versions in force. */
async function writeVersions(
  { options, workFolder }: ScenarioContext,
  folder: string,
  from: LearnedFrom,
): Promise<ModelVersions> {
  const found = await findModels(options.models, workFolder, from)
  const versions = await modelVersions(found.folder)
  for (const role of roles) {
    const name = shippedModels[role]
    const version = versions[role]
    cpSync(path.join(found.folder, name, version), path.join(folder, name, version), {
      recursive: true,
    })
    writeBenchModel(folder, from, { name, version: otherVersion, seed: 2 })
    await activate(folder, name, version)
  }
  writeBenchModel(folder, from, { name: fineName, version: brokenVersion, seed: 3 })
  const graph = path.join(folder, fineName, brokenVersion, 'model.onnx')
  truncateSync(graph, Math.floor(readFileSync(graph).length / 2))
  return versions
}

/** Packs of the users who ask, then the catalog. */
async function loadMarket(
  server: SluiceServer,
  { opportunities }: World,
  { lines, requests }: { lines: readonly ImportLine[]; requests: readonly WorldRequest[] },
): Promise<void> {
  const packs = packIds.map(() => new Set<string>())
  for (const { opportunity } of requests) {
    const { user } = opportunity
    for (const { pack, line } of packLines(user, opportunities.users.idOf(user)))
      packs[pack]?.add(line)
  }
  for (const [pack, members] of packs.entries()) {
    const query = { idType: 'buyer_uid', scope: 'world' }
    const body = [Buffer.from([...members].join(''))]
    await server.admin.putPack({ id: packIds[pack] ?? '', body, query })
  }
  const { rejected } = await importWorld(server, lines)
  if (rejected > 0) throw new Error(`${rejected} lines of the market were refused`)
}

/** True when a request gets a bid and the worker says that these versions decide. */
async function decides(
  server: SluiceServer,
  versions: ModelVersions,
  requests: readonly WorldRequest[],
): Promise<boolean> {
  if (!(await areInForce(server, versions))) return false
  for (const { body } of requests.slice(0, 10)) {
    const headers = { 'content-type': 'application/json' }
    if ((await askBid(server.port, body, headers, worldExchange)).status === 200) return true
  }
  return false
}

async function areInForce(server: SluiceServer, versions: ModelVersions): Promise<boolean> {
  const active = await samplesOf(server, 'sluice_model_active')
  return roles.every((role) =>
    active.some(
      ({ labels, value }) =>
        value === 1 &&
        labels.includes(`model="${shippedModels[role]}"`) &&
        labels.includes(`version="${versions[role]}"`),
    ),
  )
}

/** Asks a few times a second: workers say what decides once a second. */
async function untilSaid(what: string, isSaid: () => Promise<boolean>): Promise<void> {
  const endMs = systemClock.monotonicMs() + inForceMs
  while (!(await isSaid())) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`not within ${inForceMs} ms: ${what}`)
    await sleep(200)
  }
}

/** What a run under load works with. */
interface SwapTask {
  readonly context: ScenarioContext
  readonly server: SluiceServer
  readonly folder: string
  readonly ads: LearnedFrom['ads']
  readonly first: ModelVersions
  readonly requests: readonly WorldRequest[]
}

async function swapUnderLoad(task: SwapTask): Promise<SwapRun> {
  const { context, server, folder, first } = task
  const { quietMs } = swapSizes[context.size]
  const loads = [worldExchange, coarseExchange].map((exchange) => startOne(task, exchange))
  const watch = watchInside(server, phaseNames.length)
  const turnTo = (phase: number): void => {
    watch.phase(phase)
    if (phase > 0) for (const load of loads) load.phase(phase)
  }
  await sleep(jobDefaults.warmupSeconds * 1_000)
  turnTo(0)
  await sleep(quietMs)
  turnTo(1)
  const swapper = new Swapper(server, folder, first)
  await swapBackAndForth(task, swapper)
  const refusal = await nameBroken(task, swapper)
  turnTo(2)
  await sleep(quietMs)
  const inside = watch.end()
  context.say('waiting for the loads to end')
  const reports = await Promise.all(loads.map(({ report }) => report))
  // Records are written a moment after their answers, counters announced once a second.
  await sleep(2_500)
  const verdict = await judged(server, task, swapper.periods())
  const dropped = await samplesOf(server, 'sluice_bid_records_dropped_total')
  return {
    ...{ loads: reports, inside, verdict, swaps: swapper.tookMs, ...refusal },
    dropped: dropped.reduce((sum, { value }) => sum + value, 0),
  }
}

function startOne({ context, server, requests }: SwapTask, exchange: string): RunningLoad {
  const { perSecond, seconds } = swapSizes[context.size]
  const requestFile = path.join(context.workFolder, 'swap.requests')
  writeRequestFile(
    requestFile,
    requests.map(({ body }) => ({ body, expect: Expect.Anything })),
  )
  return startLoad({
    ...jobDefaults,
    port: server.port,
    path: `/openrtb2/${exchange}`,
    contentType: 'application/json',
    requestFile,
    connections: 32,
    seconds,
    perSecond,
    answers: 'openrtb JSON',
  })
}

/** Puts versions in force one after the other, and remembers when. */
class Swapper {
  readonly tookMs: number[] = []
  readonly #server: SluiceServer
  readonly #folder: string
  readonly #periods: { -readonly [member in keyof Period]: Period[member] }[] = []
  #versions: ModelVersions

  constructor(server: SluiceServer, folder: string, first: ModelVersions) {
    this.#server = server
    this.#folder = folder
    this.#versions = first
    const always = { fromMs: 0, toMs: Number.POSITIVE_INFINITY }
    this.#periods.push({ coarse: first.coarse, fine: first.fine, ...always })
  }

  get versions(): ModelVersions {
    return this.#versions
  }

  periods(): readonly Period[] {
    return this.#periods
  }

  /** By the admin API or by the pointer file; resolves when the worker decides by it. */
  async to(role: keyof ModelVersions, version: string, isByApi: boolean): Promise<void> {
    const server = this.#server
    const name = shippedModels[role]
    const startMs = systemClock.monotonicMs()
    const fromMs = systemClock.wallMs()
    const last = this.#periods.at(-1)
    this.#versions = { ...this.#versions, [role]: version }
    const { coarse, fine } = this.#versions
    if (isByApi) await server.admin.json('POST', `/api/v1/models/${name}/activate`, { version })
    else await activate(this.#folder, name, version)
    await untilSaid(`${name}@${version} decides`, () => areInForce(server, this.#versions))
    this.tookMs.push(systemClock.monotonicMs() - startMs)
    if (last !== undefined) last.toMs = systemClock.wallMs() + overlapMs
    this.#periods.push({ coarse, fine, fromMs, toMs: Number.POSITIVE_INFINITY })
  }
}

async function swapBackAndForth({ context, first }: SwapTask, swapper: Swapper): Promise<void> {
  for (let number = 0; number < swapSizes[context.size].swaps; number++) {
    const role = number % 2 === 0 ? 'fine' : 'coarse'
    const next = swapper.versions[role] === otherVersion ? first[role] : otherVersion
    context.say(`swap ${number + 1}: ${shippedModels[role]}@${next}`)
    await swapper.to(role, next, number % 4 < 2)
  }
}

/** Names the version that is cut off, by API and by pointer; the old one must stay in charge. */
async function nameBroken(
  { context, server, folder }: SwapTask,
  swapper: Swapper,
): Promise<Pick<SwapRun, 'refused' | 'answerToBroken'>> {
  context.say(`${fineName}@${brokenVersion}, whose file is cut off`)
  const refusals = async (): Promise<number> =>
    (await samplesOf(server, 'sluice_model_refused_total')).reduce((sum, one) => sum + one.value, 0)
  const before = await refusals()
  const url = `/api/v1/models/${fineName}/activate`
  const answerToBroken = await server.admin.json('POST', url, { version: brokenVersion }).then(
    () => 200,
    (error: unknown) => (error instanceof AdminError ? error.status : 0),
  )
  const pointer = path.join(folder, fineName, 'active')
  const kept = readFileSync(pointer)
  writeFileSync(pointer, `${brokenVersion}\n`)
  await sleep(brokenMs)
  await untilSaid('the cut-off version is refused', async () => (await refusals()) > before)
  const refused = (await refusals()) - before
  writeFileSync(pointer, kept)
  await untilSaid('the old version decides', () => areInForce(server, swapper.versions))
  return { refused, answerToBroken }
}

/** Judges all records of the worker by the versions that were in force. */
async function judged(
  server: SluiceServer,
  { folder, ads, first }: SwapTask,
  periods: readonly Period[],
): Promise<RecordVerdict> {
  const models = await Promise.all(
    roles.flatMap((role) =>
      [first[role], otherVersion].map((version) =>
        openModel(path.join(folder, shippedModels[role], version)),
      ),
    ),
  )
  const judge = new RecordJudge(models, ads, periods)
  const records = path.join(server.folder, 'local', recordsFolder)
  for await (const record of readRecords(records)) judge.take(record)
  for (const model of models) model.release()
  return judge.verdict
}

function summarize(size: Size, run: SwapRun, first: ModelVersions): ScenarioResult {
  const { loads, inside, verdict, swaps, refused, answerToBroken } = run
  return {
    scenario: 'model-swap',
    size,
    findings: [
      ...errorFindings(run),
      ...verdictFindings(run),
      {
        line: `a version whose file is cut off: answer of the API, refusals of the worker`,
        measured: `${answerToBroken}, ${refused}`,
        bar: '409, at least 1; the old version decides on',
        met: answerToBroken === 409 && refused > 0,
      },
      {
        line: `a version is in force, ${swaps.length} swaps, as far as the worker has announced it`,
        measured: `${swaps.map((ms) => (ms / 1_000).toFixed(1)).join(' ')} s`,
        bar: '',
        met: null,
      },
      ...phaseNames.map((name, phase) => ({
        line: `latency ${name}, both exchanges; loop`,
        measured: `${loads.map(({ phases }) => latencyOf(phases[phase])).join(' / ')}; ${loopOf(inside[phase])}`,
        bar: '',
        met: null,
      })),
    ],
    notes: [
      `One worker on LMDB. Versions ${first.fine} and ${first.coarse} are swapped with ${otherVersion}, which has other weights and another vocabulary: rows of one are nonsense to the other. By turns by the admin API and by the pointer file.`,
      'Two open loops of bid requests of the world, one on an exchange with both models, one on an exchange with the coarse model alone.',
      'In force together: every recorded decision names models that were active together at its moment. Rates: CTR and CVR of every bid are made again from its record by the version that it names; half of one version and half of another would give others.',
      'Latency from the intended send time.',
    ],
    data: { loads, inside, swaps, verdict: { ...verdict, notes: [...verdict.notes] } },
  }
}

function errorFindings({ loads, dropped }: SwapRun): Finding[] {
  const bad = loads.reduce((sum, report) => sum + badOf(report), 0)
  const answers = loads.map(({ phases }) => phases.map((phase) => phase.answers).join('+'))
  // Each phase must have seen answers, or nothing was proved about it.
  const isComplete = loads.every(({ phases }) => phases.every((phase) => phase.answers > 0))
  return [
    {
      line: `errors of answers before + during + after, both exchanges`,
      measured: `${bad} of ${answers.join(' and ')}`,
      bar: '0',
      met: bad === 0 && isComplete,
    },
    {
      line: 'records that the server dropped',
      measured: String(dropped),
      bar: '0',
      met: dropped === 0,
    },
  ]
}

function verdictFindings({ verdict, swaps }: SwapRun): Finding[] {
  const { records, fine, coarse, prior, notes, notInForce, otherRates, bidsChecked } = verdict
  const shown = [...notes].map(([note, count]) => `${count} ${note}`).join(', ')
  const missing = notes.get('model-missing') ?? 0
  return [
    {
      line: 'recorded decisions by fine / coarse / prior; not as planned',
      measured: `${fine} / ${coarse} / ${prior} of ${records}; ${shown || 'none'}`,
      bar: '0 model-missing, 0 failed',
      met: missing + (notes.get('failed') ?? 0) === 0,
    },
    {
      line: 'decisions by versions that were not in force together',
      measured: `${notInForce} (versions changed ${verdict.changes} times)`,
      bar: '0',
      met: notInForce === 0 && verdict.changes >= swaps.length,
    },
    {
      line: 'bids with other rates than their version gives: half a model',
      measured: `${otherRates} of ${bidsChecked}; largest difference ${verdict.largestDifference.toExponential(1)}`,
      bar: '0',
      met: otherRates === 0 && bidsChecked > 0,
    },
  ]
}

function latencyOf(phase: PhaseReport | undefined): string {
  if (phase === undefined) return ''
  const { p50Ms, p99Ms, maxMs } = phase.latency
  return `p50 ${p50Ms} p99 ${p99Ms} max ${maxMs} ms`
}

function loopOf(inside: Inside | undefined): string {
  if (inside === undefined) return ''
  return `loop delay max ${inside.loopMaxMs.toFixed(1)} ms, run queue ${inside.runQueueMs.toFixed(0)} ms`
}
