/**
 * From the arrival of an event to the first decision that uses it, while 5 000 other events and
 * 1 000 decisions come in every second, on both stores.
 */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/lib/clock.ts'
import { bidRequestBodies } from '../data/bid-requests.ts'
import { advertisingId, benchExchange } from '../data/bid-words.ts'
import { deviceIdText, IdKind } from '../data/device-ids.ts'
import { tencentRequest } from '../data/rta-world.ts'
import { tokenEnv, writeMadeUpExchange } from '../feedback/bench-tokens.ts'
import { HttpTalk } from '../feedback/http-talk.ts'
import { exposurePaths, writePathFile } from '../feedback/notice-requests.ts'
import {
  askPartner,
  askTencent,
  deviceNumber,
  type Offer,
  partnerRequest,
  tellConversion,
  writeOffers,
} from '../feedback/partner-world.ts'
import { decided, type ProbeKind, type ProbeReport, Prober } from '../feedback/probes.ts'
import { bidEnv, loadBidWorld, untilBids } from '../harness/bid-setup.ts'
import { cpuOf } from '../harness/process-cpu.ts'
import { until } from '../harness/processes.ts'
import { type RedisServer, startRedis } from '../harness/redis-server.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { type SluiceServer, startSluice } from '../harness/sluice-server.ts'
import type { LoadReport } from '../load/load-record.ts'
import { Expect, writeRequestFile } from '../load/request-file.ts'
import { jobDefaults, type RunningLoad, startLoad } from '../load/run-load.ts'
import { badOf } from './rta.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

interface FreshnessSize {
  readonly eventsPerSecond: number
  readonly bidsPerSecond: number
  readonly seconds: number
  readonly probes: number
  readonly creatives: number
}

const freshnessSizes: Readonly<Record<Size, FreshnessSize>> = {
  tiny: { eventsPerSecond: 300, bidsPerSecond: 60, seconds: 3, probes: 20, creatives: 200 },
  small: { eventsPerSecond: 2_000, bidsPerSecond: 400, seconds: 15, probes: 300, creatives: 1_000 },
  full: {
    eventsPerSecond: 5_000,
    bidsPerSecond: 1_000,
    seconds: 75,
    probes: 1_200,
    creatives: 1_000,
  },
}

/** Milliseconds of load before the first probe. */
const settleMs = 2_500

/** Probers at once: of exposures, and of conversions in RTB and in RTA. */
const exposureProbers = 6
const conversionProbers = 1

const barMs = { p50: 100, p99: 1_000 }

const month = 30 * 24 * 60
const capped: Offer = {
  name: 'probe-cap',
  w: 611,
  h: 71,
  cappedBy: 'campaign',
  caps: [{ impressions: 1, minutes: month }],
  leavesConverts: false,
}
const converting: Offer = {
  name: 'probe-converts',
  w: 613,
  h: 73,
  cappedBy: null,
  caps: [],
  leavesConverts: true,
}

interface StoreResult {
  readonly store: string
  /** CPU seconds a second of each process over the probes. */
  readonly cores: Readonly<Record<string, number>>
  readonly probes: readonly ProbeReport[]
  readonly events: LoadReport
  readonly bids: LoadReport
}

/** Runs both stores. */
export async function freshness(context: ScenarioContext): Promise<ScenarioResult> {
  const results: StoreResult[] = []
  for (const store of ['lmdb', 'redis'] as const) results.push(await probeStore(context, store))
  const { eventsPerSecond, bidsPerSecond, creatives } = freshnessSizes[context.size]
  return {
    scenario: 'freshness',
    size: context.size,
    findings: results.flatMap((result) => findingsOf(result)),
    notes: [
      `Open loops: ${eventsPerSecond} events/s (pixels and billing notices of distinct bids and devices of 1 to 3 keys) beside ${bidsPerSecond} bid requests/s on ${creatives} creatives, Poisson. One worker, one projector, control, both generators, the probers and (Redis) redis-server share the machine's cores and nothing is pinned but the generators.`,
      `An exposure probe is a new device: it gets a bid of a campaign capped at one impression in 30 days, the bid's own billing link is called at t0, and the device asks again and again until it gets no bid. Freshness is the sending of that request minus t0. A conversion is told by POST /events with an order and the device's id.`,
      'A connection that rests for 10 s is closed by the worker; a request that is sent in that very moment is lost with it and would be sent again by a partner.',
      'Redis runs without persistence here, as for decisions; with appendfsync always an acknowledgement takes a flush longer (see intake).',
    ],
    data: { results },
  }
}

function probeStore(context: ScenarioContext, store: 'lmdb' | 'redis'): Promise<StoreResult> {
  const size = freshnessSizes[context.size]
  return withCleanup(async (later) => {
    const redis = store === 'redis' ? await startRedis({ core: null }) : null
    if (redis !== null) later(() => redis.stop())
    const env = { ...tokenEnv, ...bidEnv }
    const server = await startSluice({ redisUrl: redis?.url ?? null, workers: 1, core: null, env })
    later(() => server.stop())
    await prepareWorld(server, size)
    const talk = new HttpTalk(server.port, 64)
    later(() => talk.close())
    const kinds = [exposureProbe(talk), conversionProbe(talk), rtaProbe(talk)]
    const probers = kinds.map((kind) => new Prober(kind))
    await until('the offers are bid for', 10_000, async () => {
      const answers = await Promise.all(kinds.map((kind) => kind.takesPart(999_999)))
      return answers.every((takesPart) => takesPart === true)
    })
    const loads = startLoads(context, server)
    await sleep(settleMs)
    const processes = processesOf(server, loads, redis)
    const before = cpuOf(processes)
    const startMs = systemClock.monotonicMs()
    const untilMs = systemClock.monotonicMs() + size.seconds * 1_000 - settleMs
    const goesOn = (): boolean => systemClock.monotonicMs() < untilMs && !isDone()
    const isDone = (): boolean => (probers[0]?.count ?? 0) >= size.probes
    await Promise.all(
      probers.map((prober, kind) => {
        const parallel = kind === 0 ? exposureProbers : conversionProbers
        return prober.run(parallel, kind * 100_000, goesOn)
      }),
    )
    const took = (systemClock.monotonicMs() - startMs) / 1_000
    const after = cpuOf(processes)
    const cores = Object.fromEntries(
      Object.entries(after).map(([name, used]) => [name, (used - (before[name] ?? 0)) / took]),
    )
    const probes = probers.map((prober) => prober.report())
    for (const { name, count, bySend } of probes) {
      context.say(`${store}: ${count} × ${name}: p50 ${bySend.p50Ms} p99 ${bySend.p99Ms} ms`)
    }
    return {
      store,
      cores,
      probes,
      events: await loads.events.report,
      bids: await loads.bids.report,
    }
  })
}

/** Everything that shares the cores. */
function processesOf(
  server: SluiceServer,
  loads: Loads,
  redis: RedisServer | null,
): Record<string, number> {
  const { decide, project, control } = server.pids()
  return {
    decide: decide[0] ?? -1,
    project: project[0] ?? -1,
    control: control[0] ?? -1,
    ...(redis === null ? {} : { redis: redis.pid }),
    'event load': loads.events.child.pid ?? -1,
    'bid load': loads.bids.child.pid ?? -1,
    probers: process.pid,
  }
}

async function prepareWorld(server: SluiceServer, { creatives }: FreshnessSize): Promise<void> {
  await loadBidWorld(server, { creatives, knownDevices: 2_000 })
  await writeMadeUpExchange(server.admin)
  await writeOffers(server, [capped, converting])
  await server.admin.json('PUT', '/api/v1/strategies/probe-converts', {
    medium: 'tencent',
    targetId: 'probe_converts',
    registered: true,
    converted: [{ kind: 'exclude', advertiserId: converting.name, days: 30 }],
  })
  await untilBids(server.port, bidRequestBodies({ count: 50, knownDevices: 2_000 }))
}

interface Loads {
  readonly events: RunningLoad
  readonly bids: RunningLoad
}

function startLoads(context: ScenarioContext, server: SluiceServer): Loads {
  const { eventsPerSecond, bidsPerSecond, seconds } = freshnessSizes[context.size]
  const eventFile = path.join(context.workFolder, 'freshness-events.requests')
  // As many as can be asked for, and some: no event of the run is told twice.
  const count = Math.ceil(eventsPerSecond * (seconds + 3) * 1.05)
  writePathFile(eventFile, exposurePaths(count, 50))
  const bidFile = path.join(context.workFolder, 'freshness-bids.requests')
  const bodies = bidRequestBodies({ count: 2_000, knownDevices: 2_000 })
  writeRequestFile(
    bidFile,
    bodies.map((body) => ({ body, expect: Expect.Anything })),
  )
  const base = { ...jobDefaults, port: server.port, seconds, isGentle: true }
  const events = startLoad({
    ...base,
    method: 'GET',
    answers: 'notice',
    requestFile: eventFile,
    perSecond: eventsPerSecond,
    // An answer waits for a flush or two: fewer connections would make a queue of their own.
    connections: 1_024,
  })
  const bids = startLoad({
    ...base,
    path: `/openrtb2/${benchExchange}`,
    contentType: 'application/json',
    headers: ['x-openrtb-version: 2.6'],
    answers: 'openrtb JSON',
    requestFile: bidFile,
    perSecond: bidsPerSecond,
    connections: 128,
  })
  return { events, bids }
}

/** The bid's own billing link; afterwards the campaign is capped. */
function exposureProbe(talk: HttpTalk): ProbeKind {
  const ask = (device: number) => askPartner(talk, partnerRequest(`p${device}`, device, [capped]))
  return {
    name: 'exposure to cap, RTB',
    takesPart: async (device) => (await ask(device))?.some(isOf(capped)) ?? null,
    prepare: async (device) => {
      const bid = (await decided(() => ask(device))).find(isOf(capped))
      if (bid === undefined) throw new Error('a new device got no bid of the probe')
      return async () => expectStatus(204, (await talk.get(bid.billPath)).status)
    },
  }
}

function conversionProbe(talk: HttpTalk): ProbeKind {
  const takesPart = async (device: number): Promise<boolean | null> => {
    const bids = await askPartner(talk, partnerRequest(`c${device}`, device, [converting]))
    return bids?.some(isOf(converting)) ?? null
  }
  const value = (device: number): string => advertisingId(deviceNumber(device))
  return {
    name: 'conversion to exclusion, RTB',
    takesPart,
    prepare: (device) => shopOf(talk, device, { type: 'gaid', value: value(device) }),
  }
}

function rtaProbe(talk: HttpTalk): ProbeKind {
  const question = (device: number): Uint8Array =>
    tencentRequest({ requestId: 'probe', device: deviceNumber(device), ids: 3, experimentId: 101 })
  const value = (device: number): string => deviceIdText(deviceNumber(device), IdKind.Oaid)
  return {
    name: 'conversion to exclusion, RTA',
    takesPart: (device) => askTencent(talk, question(device)),
    prepare: (device) => shopOf(talk, device, { type: 'oaid_md5', value: value(device) }),
  }
}

/** Tells an order of the device. */
function shopOf(
  talk: HttpTalk,
  device: number,
  id: { readonly type: string; readonly value: string },
): Promise<() => Promise<void>> {
  return Promise.resolve(async () => {
    const eventTimeMs = Math.floor(systemClock.wallMs())
    const order = { advertiserId: converting.name, orderId: `order-${device}`, eventTimeMs }
    expectStatus(202, await tellConversion(talk, order, id))
  })
}

function isOf(offer: Offer) {
  return (bid: { readonly offer: string }): boolean => bid.offer === offer.name
}

function expectStatus(wanted: number, status: number): void {
  if (status !== wanted) throw new Error(`an event of a probe was answered with ${status}`)
}

function findingsOf({ store, cores, probes, events, bids }: StoreResult): Finding[] {
  const shown = (ms: number): string => ms.toFixed(1)
  const freshnesses = probes.map(({ name, count, never, bySend, byAnswer, ...asked }): Finding => {
    const bySendText = `p50 ${shown(bySend.p50Ms)} p99 ${shown(bySend.p99Ms)} max ${shown(bySend.maxMs)} ms`
    const byAnswerText = `p50 ${shown(byAnswer.p50Ms)} p99 ${shown(byAnswer.p99Ms)} ms`
    return {
      line: `${store}: ${name}, ${count} probes`,
      measured: `${bySendText} (by its answer ${byAnswerText}; ${shown(asked.askedMean)} requests a probe, ${asked.undecided} refused)`,
      bar: `p50 ≤ ${barMs.p50} ms, p99 ≤ ${barMs.p99} ms`,
      met: never === 0 && count > 0 && bySend.p50Ms <= barMs.p50 && bySend.p99Ms <= barMs.p99,
    }
  })
  const load = (name: string, report: LoadReport): Finding => {
    const { p50Ms, p99Ms } = report.phases[0].latency
    const { failures, lost } = report.phases[0]
    const errors = badOf(report) - lost
    const kept = report.keptUp ? '' : ', the schedule was not kept'
    return {
      line: `${store}: ${name} beside it`,
      measured: `${report.achievedPerSecond}/s of ${report.offeredPerSecond}/s offered, p50 ${p50Ms} p99 ${p99Ms} ms, ${errors} errors (${failures} of them refused), ${lost} met a closing connection${kept}`,
      bar: '0 errors, schedule kept',
      met: errors === 0 && report.keptUp,
    }
  }
  const shares = Object.entries(cores).map(([name, share]) => `${name} ${share.toFixed(2)}`)
  const used = Object.values(cores).reduce((sum, share) => sum + share, 0)
  const coresFinding: Finding = {
    line: `${store}: cores that each process used`,
    measured: `${shares.join(', ')}; together ${used.toFixed(2)}`,
    bar: 'reported',
    met: null,
  }
  return [...freshnesses, load('events', events), load('decisions', bids), coresFinding]
}
