/**
 * One event a request, each of another device, flushed before it is acknowledged: how many a second
 * one worker takes, next to a bare 204; that every one of them is projected, once; and what happens
 * when the disk of the log is full.
 */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/lib/clock.ts'
import { tokenEnv, writeMadeUpExchange } from '../feedback/bench-tokens.ts'
import { type FullDiskResult, runOnFullDisk } from '../feedback/full-disk.ts'
import { exposurePaths, writePathFile } from '../feedback/notice-requests.ts'
import { openView, sumsOf, untilProjected } from '../feedback/store-view.ts'
import { startPeer } from '../harness/peers.ts'
import { cpuOf, cpuPerRequest } from '../harness/process-cpu.ts'
import { canPin, generatorCore, pin, serverCore, stop } from '../harness/processes.ts'
import { startRedis } from '../harness/redis-server.ts'
import { type Finding, median, type ScenarioResult } from '../harness/report.ts'
import { type SluiceServer, startSluice } from '../harness/sluice-server.ts'
import type { LoadReport } from '../load/load-record.ts'
import { jobDefaults, startLoad } from '../load/run-load.ts'
import { hasWrk, runWrk, type WrkReport } from '../load/wrk.ts'
import { badOf } from './rta.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

interface IntakeSize {
  /** Bids whose events are sent in one round: more than a round can send. */
  readonly events: number
  readonly rounds: number
  readonly seconds: number
}

const intakeSizes: Readonly<Record<Size, IntakeSize>> = {
  tiny: { events: 30_000, rounds: 1, seconds: 1 },
  small: { events: 120_000, rounds: 2, seconds: 3 },
  full: { events: 320_000, rounds: 3, seconds: 8 },
}

/** Callers that keep their connections. */
const connections = 256

const barPerSecond = 10_000

/** Milliseconds the projector may take to the end of the log. */
const projectMs = 120_000

/** One thing that is loaded. */
interface System {
  readonly name: string
  readonly port: number
  readonly processes: () => Readonly<Record<string, number>>
}

/** One round of it. */
interface Round {
  readonly system: string
  readonly report: LoadReport
  readonly wrk: WrkReport | null
  readonly cpuMicros: Readonly<Record<string, number>>
}

/** What became of the events of a store. */
interface Projected {
  readonly store: string
  /** Requests that were answered with 2xx, all of distinct bids. */
  readonly acknowledged: number
  /** Requests that were sent and not answered: they may be in the log or not. */
  readonly unsure: number
  readonly exposures: number
  readonly lagMs: number
}

/** Runs everything. */
export async function intake(context: ScenarioContext): Promise<ScenarioResult> {
  const rounds: Round[] = []
  const projected: Projected[] = []
  for (const store of ['lmdb', 'redis'] as const) {
    projected.push(await closedLoops(context, store, rounds))
  }
  const disk = await runOnFullDisk(context)
  return summarize(context.size, { rounds, projected, disk })
}

function closedLoops(
  context: ScenarioContext,
  store: 'lmdb' | 'redis',
  kept: Round[],
): Promise<Projected> {
  return withCleanup(async (later) => {
    const flushed = { appendOnlyFolder: context.workFolder, appendFsync: 'always' } as const
    const redis = store === 'redis' ? await startRedis({ core: null, ...flushed }) : null
    if (redis !== null) later(() => redis.stop())
    const options = { redisUrl: redis?.url ?? null, workers: 1, core: null, env: tokenEnv }
    const server = await startSluice(options)
    later(() => server.stop())
    await writeMadeUpExchange(server.admin)
    const peer = await startPeer({ kind: 'no-content' })
    later(() => stop(peer.child))
    apart(server)
    const floor: System = {
      name: `204 beside ${store}`,
      port: peer.port,
      processes: () => ({ server: peer.child.pid ?? -1 }),
    }
    const ours: System = {
      name: store,
      port: server.port,
      processes: () => ({
        server: server.pids().decide[0] ?? -1,
        project: server.pids().project[0] ?? -1,
        ...(redis === null ? {} : { redis: redis.pid }),
      }),
    }
    const projected = await countedRounds(context, { server, floor, ours }, kept)
    // Their bids are counted by nobody: wrk may come to the end of the file and begin again.
    await wrkRounds(context, [floor, ours], kept)
    return { store, ...projected }
  })
}

/** The worker has a core; all others share the one of the generator. */
function apart(server: SluiceServer): void {
  if (!canPin()) return
  const { decide, project, control } = server.pids()
  for (const pid of decide) pin(pid, serverCore)
  for (const pid of [...project, ...control]) pin(pid, generatorCore)
}

interface Systems {
  readonly server: SluiceServer
  readonly floor: System
  readonly ours: System
}

/** Floor and worker by turns, every round with bids of its own; then everything is projected. */
async function countedRounds(
  context: ScenarioContext,
  { server, floor, ours }: Systems,
  kept: Round[],
): Promise<Omit<Projected, 'store'>> {
  const { events, rounds, seconds } = intakeSizes[context.size]
  let [acknowledged, unsure] = [0, 0]
  for (let number = -1; number < rounds; number++) {
    const file = path.join(context.workFolder, 'intake.requests')
    writePathFile(file, exposurePaths(events, number + 2))
    for (const system of [floor, ours]) {
      const round = await loadOnce(system, file, number < 0 ? Math.min(2, seconds) : seconds)
      const { achievedPerSecond, unanswered, phases } = round.report
      context.say(`round ${number + 1} ${system.name}: ${achievedPerSecond}/s`)
      if (number >= 0) kept.push(round)
      if (system !== ours) continue
      acknowledged += phases[0].accepts
      unsure += unanswered + phases[0].lost
    }
  }
  const view = await openView(server.store)
  try {
    const startMs = systemClock.monotonicMs()
    await untilProjected(view, projectMs, sleep)
    const { exposures = 0 } = await sumsOf(view)
    const lagMs = systemClock.monotonicMs() - startMs
    context.say(`${ours.name}: ${acknowledged} acknowledged, ${exposures} projected`)
    return { acknowledged, unsure, exposures, lagMs }
  } finally {
    await view.close()
  }
}

async function loadOnce(system: System, requestFile: string, seconds: number): Promise<Round> {
  const processes = system.processes()
  const before = cpuOf(processes)
  const job = { ...jobDefaults, method: 'GET', answers: 'notice', warmupSeconds: 0 } as const
  const { port } = system
  const report = await startLoad({ ...job, port, requestFile, connections, seconds }).report
  const requests = report.phases[0].answers
  const cpuMicros = cpuPerRequest(before, cpuOf(processes), requests)
  return { system: system.name, report, wrk: null, cpuMicros }
}

/** A second opinion by a generator that is never the bottleneck. */
async function wrkRounds(
  context: ScenarioContext,
  systems: readonly System[],
  kept: Round[],
): Promise<void> {
  if (!hasWrk()) return
  const { events, rounds, seconds } = intakeSizes[context.size]
  const requestFile = path.join(context.workFolder, 'intake.requests')
  writePathFile(requestFile, exposurePaths(events, 100))
  const scriptFile = path.join(context.workFolder, 'intake.lua')
  for (let number = 0; number < rounds; number++) {
    for (const { name, port } of systems) {
      const url = `http://127.0.0.1:${port}/`
      const job = { method: 'GET', contentType: 'text/plain', requestFile, scriptFile } as const
      const wrk = await runWrk({ ...job, url, connections, seconds })
      context.say(`wrk round ${number + 1} ${name}: ${wrk.requestsPerSecond}/s`)
      const round = kept.find(({ system, wrk: known }) => system === name && known === null)
      if (round !== undefined) kept[kept.indexOf(round)] = { ...round, wrk }
    }
  }
}

interface Results {
  readonly rounds: readonly Round[]
  readonly projected: readonly Projected[]
  readonly disk: FullDiskResult
}

function summarize(size: Size, { rounds, projected, disk }: Results): ScenarioResult {
  const findings = projected.flatMap((one) => findingsOf(one, rounds))
  return {
    scenario: 'intake',
    size,
    findings: [...findings, ...disk.findings],
    notes: [
      `One worker on a core of its own. The generator (or wrk), the projector, control and (Redis) redis-server share the other one: on a machine with more cores they would not. ${connections} kept connections, closed loop, by turns GET /t/imp and GET /n/bill, each with the signed token of another bid and device (1 to 3 keys).`,
      'Acknowledged means flushed: LMDB waits for the flush of its commit, Redis runs with appendfsync always. The figure is the median over rounds of the better of both generators; the floor is uWebSockets.js alone that answers 204 to the same requests in the same minute.',
      'Projected: exposures in the totals when the projector has come to the end of the log; every bid of the generator has one event. Events of wrk are not in that comparison.',
      disk.note,
    ],
    data: { rounds, projected, disk: disk.data },
  }
}

function bestOf({ report, wrk }: Round): number {
  return Math.max(report.achievedPerSecond, wrk?.requestsPerSecond ?? 0)
}

function findingsOf(one: Projected, rounds: readonly Round[]): Finding[] {
  const { store, acknowledged, unsure, exposures, lagMs } = one
  const own = rounds.filter(({ system }) => system === store)
  const floor = rounds.filter(({ system }) => system === `204 beside ${store}`)
  const middle = (of: readonly Round[], pick: (round: Round) => number): number =>
    median(of.map(pick))
  const perSecond = middle(own, bestOf)
  const floorPerSecond = middle(floor, bestOf)
  const p50 = middle(own, ({ report }) => report.phases[0].latency.p50Ms)
  const p99 = middle(own, ({ report }) => report.phases[0].latency.p99Ms)
  const cpu = Object.keys(own[0]?.cpuMicros ?? {}).map(
    (name) => `${name} ${middle(own, ({ cpuMicros }) => cpuMicros[name] ?? 0).toFixed(1)}`,
  )
  const bad = own.reduce((sum, { report }) => sum + badOf(report), 0)
  const isBarred = store === 'lmdb'
  return [
    {
      line: `${store}: events a second, one a request, flushed before the answer`,
      measured: `${perSecond} (p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms), ${(perSecond / floorPerSecond).toFixed(2)} of a bare 204 (${floorPerSecond})`,
      bar: isBarred ? `≥ ${barPerSecond}` : 'reported',
      met: isBarred ? perSecond >= barPerSecond : null,
    },
    {
      line: `${store}: CPU µs an event; answers that are neither 2xx nor 503`,
      measured: `${cpu.join(', ')}; ${bad}`,
      bar: '0',
      met: bad === 0,
    },
    {
      line: `${store}: acknowledged (sent without an answer) / projected`,
      measured: `${acknowledged} (${unsure}) / ${exposures}, at the end ${Math.round(lagMs)} ms later`,
      bar: 'equal',
      met: exposures >= acknowledged && exposures <= acknowledged + unsure,
    },
  ]
}
