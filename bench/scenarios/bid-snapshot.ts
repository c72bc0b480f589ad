/**
 * A catalog of 100 000 creatives comes in through the import, is compiled off the bidding loop and
 * changed campaign by campaign, while requests at a low rate watch whether the loop stands still.
 */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/lib/clock.ts'
import { bidRequestBodies } from '../data/bid-requests.ts'
import { benchExchange } from '../data/bid-words.ts'
import { bidWorld } from '../data/bid-world.ts'
import {
  askBid,
  bidEnv,
  type ImportResult,
  importWorld,
  loadBidWorld,
  untilBids,
} from '../harness/bid-setup.ts'
import { type Inside, watchInside } from '../harness/inside-watch.ts'
import { ageMs } from '../harness/process-cpu.ts'
import { startRedis } from '../harness/redis-server.ts'
import { type Finding, median, type ScenarioResult } from '../harness/report.ts'
import { type SluiceServer, startSluice } from '../harness/sluice-server.ts'
import type { LoadReport, PhaseReport } from '../load/load-record.ts'
import { Expect, writeRequestFile } from '../load/request-file.ts'
import { jobDefaults, startLoad } from '../load/run-load.ts'
import {
  type CompileTimes,
  compileTimes,
  type SwapTurns,
  swapTurns,
} from '../stage/compile-watch.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

interface SnapshotSize {
  readonly creatives: number
  readonly changes: number
  /** Of the watching load: longer than everything that is watched. */
  readonly seconds: number
}

const snapshotSizes: Readonly<Record<Size, SnapshotSize>> = {
  tiny: { creatives: 1_000, changes: 3, seconds: 12 },
  small: { creatives: 10_000, changes: 10, seconds: 30 },
  full: { creatives: 100_000, changes: 25, seconds: 90 },
}

/** Creatives that are there before the import, so that requests have something to bid with. */
const firstCreatives = 500

/** Requests a second that watch. */
const watchPerSecond = 250

/** The loop is watched this long without a change, to know the machine. */
const quietMs = 4_000

/** Snapshots that the quiet process takes in after the first. */
const quietChanges = 10

const phaseNames = ['import', 'quiet', 'changes'] as const

/** Milliseconds until one changed price was bid: from sending the change, and from its answer. */
interface LiveTimes {
  readonly fromSendMs: readonly number[]
  readonly fromAnswerMs: readonly number[]
}

interface StoreResult {
  readonly imported: ImportResult
  readonly report: LoadReport
  readonly inside: readonly Inside[]
  readonly live: LiveTimes
  readonly compile: CompileTimes
  readonly turns: SwapTurns
  /** From the start of a fresh worker process to its readiness. */
  readonly readyMs: number
}

/** Runs the scenario on both stores. */
export async function bidSnapshot(context: ScenarioContext): Promise<ScenarioResult> {
  const findings: Finding[] = []
  const data: Record<string, StoreResult> = {}
  for (const store of ['lmdb', 'redis'] as const) {
    const result = await withCleanup(async (later) => {
      const redis = store === 'redis' ? await startRedis({ core: null }) : null
      if (redis !== null) later(() => redis.stop())
      const url = redis?.url ?? null
      const server = await startSluice({ redisUrl: url, workers: 1, core: null, env: bidEnv })
      later(() => server.stop())
      return watchStore(context, server, url ?? `lmdb:${path.join(server.folder, 'data')}`)
    })
    data[store] = result
    findings.push(...findingsOf(store, snapshotSizes[context.size].creatives, result))
  }
  return { scenario: 'bid-snapshot', size: context.size, findings, notes, data }
}

const notes = [
  `The loop from outside: ${watchPerSecond} requests a second on 16 connections, latency from the real send time; from inside: the largest sluice_loop_delay_max_seconds that the worker reported in the phase. Run queue: time that the worker's main thread was ready and waited for a core, which is no stall of ours; worker, its compiling thread, control, the store and the load share two cores here.`,
  'The longest turn in a quiet process: the real compiling thread feeds a loop that does nothing else, on the machine of the run once the load is over.',
  'A change: PUT of one campaign with another price, then a request every 2 ms until the answer has the price.',
]

async function watchStore(
  context: ScenarioContext,
  server: SluiceServer,
  address: string,
): Promise<StoreResult> {
  const { creatives, changes, seconds } = snapshotSizes[context.size]
  const bodies = bidRequestBodies({ count: 2_000, knownDevices: 1_000 })
  await loadBidWorld(server, { creatives: firstCreatives, knownDevices: 1_000 })
  await untilBids(server.port, bodies)
  const requestFile = path.join(context.workFolder, 'watch.requests')
  writeRequestFile(
    requestFile,
    bodies.map((body) => ({ body, expect: Expect.Anything })),
  )
  const running = startLoad({
    ...jobDefaults,
    port: server.port,
    path: `/openrtb2/${benchExchange}`,
    contentType: 'application/json',
    requestFile,
    connections: 16,
    seconds,
    perSecond: watchPerSecond,
    arrivals: 'constant',
    answers: 'openrtb JSON',
  })
  const watch = watchInside(server, phaseNames.length)
  await sleep(2_000)
  watch.phase(0)
  context.say(`${address.slice(0, 5)}: importing ${creatives} creatives`)
  const imported = await importWorld(server, bidWorld(creatives))
  const probe = await startProbe(server)
  await sleep(2_000)
  running.phase(1)
  watch.phase(1)
  await sleep(quietMs)
  running.phase(2)
  watch.phase(2)
  context.say(`imported in ${Math.round(imported.tookMs)} ms; changing ${changes} prices`)
  const live = await changePrices(server, probe, changes)
  const inside = watch.end()
  context.say('waiting for the watching load to end')
  const report = await running.report
  const compile = await compileTimes(address, () => probe.change())
  const turns = await swapTurns(address, Math.min(changes, quietChanges), () => probe.change())
  const readyMs = await freshWorker(server)
  return { imported, report, inside, live, compile, turns, readyMs }
}

/** A campaign of which every price change can be seen from outside. */
interface Probe {
  /** Bids another price from now on; answers it, in units of currency. */
  change(): Promise<number>
  /** The price of the bid, or NaN. */
  price(): Promise<number>
}

const probeSeat = 'probe-seat'

/** The only campaign of its seat, and a request that lets only that seat bid. */
async function startProbe(server: SluiceServer): Promise<Probe> {
  const { admin, port } = server
  await admin.json('PUT', '/api/v1/advertisers/probe', {
    currency: 'USD',
    domains: ['probe.example'],
    seat: probeSeat,
  })
  let cents = 100
  const put = (): Promise<unknown> =>
    admin.json('PUT', '/api/v1/campaigns/probe', {
      advertiserId: 'probe',
      goal: { kind: 'cpm', bidMicros: cents * 10_000 },
    })
  await put()
  await admin.json('PUT', '/api/v1/creatives/probe', {
    campaignId: 'probe',
    clickUrl: 'https://probe.example/',
    banner: { w: 300, h: 250, imageUrl: 'https://cdn.probe.example/a.png' },
  })
  const request = {
    id: 'probe',
    imp: [{ id: '1', banner: { w: 300, h: 250 } }],
    site: { domain: 'probe.example' },
    wseat: [probeSeat],
    at: 2,
    tmax: 1_000,
  }
  const body = Buffer.from(JSON.stringify(request))
  return {
    change: async () => {
      cents++
      await put()
      return cents / 100
    },
    price: async () => {
      const answer = await askBid(port, body, { 'content-type': 'application/json' })
      if (answer.status !== 200) return Number.NaN
      const text = Buffer.from(answer.body).toString('utf8')
      const response = JSON.parse(text) as {
        readonly seatbid: readonly { readonly bid: readonly { readonly price: number }[] }[]
      }
      return response.seatbid[0]?.bid[0]?.price ?? Number.NaN
    },
  }
}

/** Changes prices one after another, with a pause that no poll can keep step with. */
async function changePrices(
  server: SluiceServer,
  probe: Probe,
  changes: number,
): Promise<LiveTimes> {
  const fromSendMs: number[] = []
  const fromAnswerMs: number[] = []
  for (let number = 0; number < changes; number++) {
    const sentMs = systemClock.monotonicMs()
    const wanted = await probe.change()
    const answeredMs = systemClock.monotonicMs()
    await untilPrice(probe, wanted)
    const nowMs = systemClock.monotonicMs()
    fromSendMs.push(nowMs - sentMs)
    fromAnswerMs.push(nowMs - answeredMs)
    await sleep(50 + ((number * 37) % 200))
  }
  if (!(await server.ready())) throw new Error('the worker is not ready after the changes')
  return { fromSendMs, fromAnswerMs }
}

/** Milliseconds after which a change counts as never seen. */
const seenMsMax = 30_000

async function untilPrice(probe: Probe, wanted: number): Promise<void> {
  const startMs = systemClock.monotonicMs()
  while ((await probe.price()) !== wanted) {
    if (systemClock.monotonicMs() - startMs > seenMsMax) {
      throw new Error(`the price ${wanted} was never bid`)
    }
    await sleep(2)
  }
}

/** Kills the worker; answers how old the next one is when it is ready. */
async function freshWorker(server: SluiceServer): Promise<number> {
  const [old] = server.pids().decide
  if (old === undefined) throw new Error('there is no worker')
  process.kill(old, 'SIGKILL')
  for (;;) {
    await sleep(10)
    const [pid] = server.pids().decide
    if (pid === undefined || pid === old) continue
    if (await server.ready()) return ageMs(pid)
  }
}

function findingsOf(store: string, creatives: number, result: StoreResult): Finding[] {
  const { imported, report, inside, live, compile, turns, readyMs } = result
  const line = (what: string, measured: string, bar = '', met: boolean | null = null): Finding => ({
    line: `${store}: ${what}`,
    measured,
    bar,
    met,
  })
  const one = (values: readonly number[]): string =>
    `median ${median(values).toFixed(0)} max ${Math.max(...values).toFixed(0)} ms`
  const compiledMs = compile.firstMs
  return [
    line(
      `import of ${creatives} creatives`,
      `${(imported.tookMs / 1_000).toFixed(1)} s, ${imported.written} written`,
    ),
    line(
      'compiling everything, one thread',
      `${compiledMs.toFixed(0)} ms`,
      '≤ 5 s',
      compiledMs <= 5_000,
    ),
    line('compiling after one change', `${compile.changeMs.toFixed(0)} ms`),
    line('a fresh worker is ready after', `${readyMs.toFixed(0)} ms`),
    turnFinding(line, turns),
    ...phaseNames.map((phase, index) =>
      watchedFinding(line, phase, report.phases[index], inside[index]),
    ),
    line(
      `one changed price is bid, ${live.fromSendMs.length} changes, from sending the change`,
      one(live.fromSendMs),
      '≤ 1 s',
      Math.max(...live.fromSendMs) <= 1_000,
    ),
    line('the same from the answer to the change', one(live.fromAnswerMs)),
  ]
}

type Line = (what: string, measured: string, bar?: string, met?: boolean | null) => Finding

function turnFinding(line: Line, { first, changes }: SwapTurns): Finding {
  const own = changes.map(({ ownMs }) => ownMs)
  const wall = changes.map(({ wallMs }) => wallMs)
  const say = (values: readonly number[]): string =>
    `median ${median(values).toFixed(1)} max ${Math.max(...values).toFixed(1)}`
  return line(
    'longest turn that takes a snapshot in, quiet process, without waits for a core',
    `first ${first.ownMs.toFixed(1)}, changes ${say(own)} ms (with waits: first ${first.wallMs.toFixed(1)}, changes ${say(wall)})`,
    '≤ 5 ms',
    Math.max(first.ownMs, ...own) <= 5,
  )
}

function watchedFinding(
  line: Line,
  phase: string,
  report: PhaseReport | undefined,
  inside: Inside | undefined,
): Finding {
  if (report === undefined || inside === undefined) throw new Error(`no phase ${phase}`)
  const { p50Ms, p99Ms, p999Ms, maxMs } = report.service
  const bad = report.invalid + report.badStatus + report.lost
  const outside = `p50 ${p50Ms} p99 ${p99Ms} p99.9 ${p999Ms} max ${maxMs} ms of ${report.answers} requests, ${bad} bad`
  const loop = `loop delay max ${inside.loopMaxMs.toFixed(1)} ms, run queue ${inside.runQueueMs.toFixed(0)} ms`
  return line(`watched from outside, ${phase}`, `${outside}; ${loop}`)
}
