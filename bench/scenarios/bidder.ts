/**
 * What one worker bids a second on 10 000 creatives, on Redis and on LMDB, JSON and protobuf, plain
 * and gzip, held against bare reads of as many ids and an echo of as many bytes, in one run.
 */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { asProtobuf, bidRequestBodies } from '../data/bid-requests.ts'
import { benchExchange } from '../data/bid-words.ts'
import { askBid, type BidWorldSize, bidEnv, loadBidWorld, untilBids } from '../harness/bid-setup.ts'
import { failedBids } from '../harness/metrics.ts'
import { fillFloor, startPeer } from '../harness/peers.ts'
import { cpuOf, cpuPerRequest } from '../harness/process-cpu.ts'
import { serverCore, stop } from '../harness/processes.ts'
import { type RedisServer, startRedis } from '../harness/redis-server.ts'
import { type Finding, median, type ScenarioResult } from '../harness/report.ts'
import { type SluiceServer, startSluice } from '../harness/sluice-server.ts'
import type { LoadReport } from '../load/load-record.ts'
import { Expect, writeRequestFile } from '../load/request-file.ts'
import { jobDefaults, startLoad } from '../load/run-load.ts'
import { floorReads } from '../stage/floor-reads.ts'
import { badOf } from './rta.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'
import { sizesFinding, sizesOf } from './stage.ts'

interface BidderSize extends BidWorldSize {
  readonly requests: number
  readonly rounds: number
  readonly seconds: number
  readonly openSeconds: number
}

const bidderSizes: Readonly<Record<Size, BidderSize>> = {
  tiny: { creatives: 500, knownDevices: 500, requests: 200, rounds: 1, seconds: 1, openSeconds: 1 },
  small: {
    creatives: 10_000,
    knownDevices: 20_000,
    requests: 5_000,
    rounds: 2,
    seconds: 3,
    openSeconds: 5,
  },
  full: {
    creatives: 10_000,
    knownDevices: 100_000,
    requests: 10_000,
    rounds: 3,
    seconds: 4,
    openSeconds: 10,
  },
}

/** Connections of the closed loop, and of the open one. */
const connections = 64
const openConnections = 128

/** Load before a round is recorded. */
const warmupSeconds = 0.3

/** Shares of the peak that the open loops offer. */
const openShares = [0.5, 0.8] as const

/** Answers that the typical one is chosen from. */
const answersAsked = 300

/** Bytes of a five-pack value, for the floor's reads. */
const floorValueBytes = 7

/** One form of the wire. */
interface Wire {
  readonly name: string
  readonly isJson: boolean
  readonly isGzip: boolean
  readonly requestFile: string
  readonly bodies: readonly Uint8Array[]
}

/** One thing that is loaded, in one form of the wire. */
interface System {
  readonly name: 'floor' | 'lmdb' | 'redis'
  readonly wire: Wire
  readonly port: number
  readonly processes: () => Readonly<Record<string, number>>
}

interface Round {
  readonly perSecond: number
  readonly bidShare: number
  readonly bad: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU microseconds a request, by process. */
  readonly cpuMicros: Readonly<Record<string, number>>
}

interface Measured {
  readonly system: System
  readonly rounds: Round[]
  readonly open: LoadReport[]
}

/** Runs the scenario. */
export async function bidder(context: ScenarioContext): Promise<ScenarioResult> {
  const size = bidderSizes[context.size]
  return withCleanup(async (later) => {
    const json = bidRequestBodies({ count: size.requests, knownDevices: size.knownDevices })
    const wires = wiresOf(context, json)
    const redis = await startRedis({ core: null })
    later(() => redis.stop())
    const floorRedis = await startRedis({ core: null })
    later(() => floorRedis.stop())
    const options = { workers: 1, core: serverCore, env: bidEnv }
    const onLmdb = await startSluice({ ...options, redisUrl: null })
    later(() => onLmdb.stop())
    const onRedis = await startSluice({ ...options, redisUrl: redis.url })
    later(() => onRedis.stop())
    for (const server of [onLmdb, onRedis]) {
      context.say(`loading ${size.creatives} creatives and ${size.knownDevices} devices`)
      await loadBidWorld(server, size)
      await untilBids(server.port, json)
    }
    const systems: System[] = []
    for (const wire of wires) {
      const floor = await startFloorFor(wire, onRedis.port, floorRedis)
      later(() => stop(floor.child))
      const pids = { server: floor.child.pid ?? -1, redis: floorRedis.pid }
      systems.push({ name: 'floor', wire, port: floor.port, processes: () => pids })
      if (!wire.isGzip) systems.push(sluiceSystem('lmdb', wire, onLmdb, null))
      systems.push(sluiceSystem('redis', wire, onRedis, redis))
    }
    const measured = systems.map((system): Measured => ({ system, rounds: [], open: [] }))
    await closedLoops(context, measured)
    await openLoops(context, measured)
    // Workers announce their counters once a second.
    await sleep(2_500)
    const failed = { lmdb: await failedBids(onLmdb), redis: await failedBids(onRedis) }
    return summarize(context.size, json, measured, failed)
  })
}

function wiresOf(context: ScenarioContext, json: readonly Uint8Array[]): Wire[] {
  const protobuf = json.map((body) => asProtobuf(body, 'iab'))
  return [false, true].flatMap((isGzip) =>
    [true, false].map((isJson) => {
      const name = `${isJson ? 'JSON' : 'protobuf'}${isGzip ? ' gzip' : ''}`
      const plain = isJson ? json : protobuf
      const bodies = isGzip ? plain.map((body) => gzipSync(body)) : plain
      const requestFile = path.join(context.workFolder, `${name}.requests`)
      writeRequestFile(
        requestFile,
        bodies.map((body) => ({ body, expect: Expect.Anything })),
      )
      return { name, isJson, isGzip, requestFile, bodies }
    }),
  )
}

function typeOf({ isJson }: Wire): string {
  return isJson ? 'application/json' : 'application/x-protobuf'
}

/** Lines of the head beside its type. */
function headersOf({ isGzip }: Wire): string[] {
  const version = 'x-openrtb-version: 2.6'
  return isGzip ? [version, 'Content-Encoding: gzip', 'Accept-Encoding: gzip'] : [version]
}

/** A floor whose answer has as many bytes as the mean answer of ours, no-bids included. */
async function startFloorFor(wire: Wire, sluicePort: number, floorRedis: RedisServer) {
  const headers: Record<string, string> = { 'content-type': typeOf(wire), 'accept-encoding': '' }
  if (wire.isGzip) headers['content-encoding'] = 'gzip'
  let bytes = 0
  const asked = wire.bodies.slice(0, answersAsked)
  for (const body of asked) {
    const answer = await askBid(sluicePort, body, headers)
    // fetch undoes the coding of an answer: what was on the wire is made again.
    const isCoded = wire.isGzip && answer.body.length >= 512
    bytes += isCoded ? gzipSync(answer.body, { level: 1 }).length : answer.body.length
  }
  const { reads, hitEvery } = floorReads(wire.isJson, wire.bodies)
  const keys = await fillFloor(floorRedis, {
    keys: wire.bodies.length * 4,
    hitEvery,
    valueBytes: floorValueBytes,
  })
  const answer = Buffer.alloc(Math.max(1, Math.round(bytes / asked.length)), 32).toString('base64')
  return startPeer({ kind: 'floor', answer, redisPort: floorRedis.port, keys, reads })
}

function sluiceSystem(
  name: 'lmdb' | 'redis',
  wire: Wire,
  server: SluiceServer,
  redis: RedisServer | null,
): System {
  const processes = (): Record<string, number> => {
    const { decide, control, supervisor } = server.pids()
    return {
      server: decide[0] ?? supervisor,
      ...(control[0] === undefined ? {} : { control: control[0] }),
      ...(redis === null ? {} : { redis: redis.pid }),
    }
  }
  return { name, wire, port: server.port, processes }
}

function jobOf({ name, wire, port }: System) {
  return {
    ...jobDefaults,
    port,
    path: `/openrtb2/${benchExchange}`,
    contentType: typeOf(wire),
    headers: headersOf(wire),
    requestFile: wire.requestFile,
    answers: name === 'floor' ? 'any' : `openrtb ${wire.isJson ? 'JSON' : 'protobuf'}`,
  }
}

/** A B C A B C …: what disturbs the machine for a while disturbs all of them. */
async function closedLoops(context: ScenarioContext, all: readonly Measured[]): Promise<void> {
  const { rounds, seconds } = bidderSizes[context.size]
  // A round that is thrown away: the code of every system gets compiled first.
  for (let number = -1; number < rounds; number++) {
    for (const { system, rounds: kept } of all) {
      const round = await closedLoop(system, number < 0 ? Math.min(2, seconds) : seconds)
      const { perSecond, cpuMicros, bad } = round
      const cpu = Object.entries(cpuMicros).map(([name, us]) => `${name} ${us.toFixed(0)}`)
      context.say(
        `round ${number + 1} ${system.name} ${system.wire.name}: ${perSecond}/s, CPU ${cpu.join(' ')} µs, ${bad} bad`,
      )
      if (number >= 0) kept.push(round)
    }
  }
}

async function closedLoop(system: System, seconds: number): Promise<Round> {
  const processes = system.processes()
  const before = cpuOf(processes)
  const job = { ...jobOf(system), connections, seconds, warmupSeconds }
  const report = await startLoad(job).report
  const [{ answers, accepts, latency }] = report.phases
  const requests = report.achievedPerSecond * (seconds + warmupSeconds)
  return {
    perSecond: report.achievedPerSecond,
    bidShare: accepts / Math.max(1, answers),
    bad: badOf(report),
    p50Ms: latency.p50Ms,
    p99Ms: latency.p99Ms,
    cpuMicros: cpuPerRequest(before, cpuOf(processes), requests),
  }
}

async function openLoops(context: ScenarioContext, all: readonly Measured[]): Promise<void> {
  for (const share of openShares) {
    for (const one of all) {
      const perSecond = Math.max(10, Math.round(peakOf(one) * share))
      context.say(`open loop on ${one.system.name} ${one.system.wire.name} at ${perSecond}/s`)
      const seconds = bidderSizes[context.size].openSeconds
      const job = { ...jobOf(one.system), connections: openConnections, seconds, perSecond }
      one.open.push(await startLoad(job).report)
    }
  }
}

function peakOf({ rounds }: Measured): number {
  return median(rounds.map(({ perSecond }) => perSecond))
}

function summarize(
  size: Size,
  json: readonly Uint8Array[],
  all: readonly Measured[],
  failed: Readonly<Record<'lmdb' | 'redis', number>>,
): ScenarioResult {
  const findings: Finding[] = [sizesFinding(json)]
  for (const one of all) findings.push(closedFinding(one), cpuFinding(one))
  for (const one of all) {
    const floor = all.find(
      ({ system }) => system.name === 'floor' && system.wire === one.system.wire,
    )
    if (one.system.name !== 'floor' && floor !== undefined) {
      findings.push(ratioFinding(one, floor), correctFinding(one))
    }
    findings.push(...one.open.map((report, index) => openFinding(one, report, index)))
  }
  findings.push({
    line: 'refused by overload or a late deadline, all runs, LMDB / Redis',
    measured: `${failed.lmdb} / ${failed.redis}`,
    bar: 'reported',
    met: null,
  })
  return {
    scenario: 'bidder',
    size,
    findings,
    notes: [
      'One worker. Goodput is the median of interleaved closed-loop rounds with 64 connections; every answer is 200 or 204, its bids are parsed and held against the floors and ids of their request by a reader that shares no code with the bidder.',
      'The floor reads as many ids from Redis as the bidder finds in each request and answers as many bytes as the mean answer has, no-bids included; it decodes and decides nothing.',
      'Open loop: Poisson arrivals at half and at 0.8 of the peak, 128 connections, latency from the intended send time.',
      'gzip: requests are gzip and answers of 512 bytes and more come as gzip.',
    ],
    data: {
      requestBytes: sizesOf(json),
      failed,
      systems: all.map(({ system, rounds, open }) => ({
        name: system.name,
        wire: system.wire.name,
        rounds,
        open,
      })),
    },
  }
}

function labelOf({ system }: Measured): string {
  return `${system.name} ${system.wire.name}`
}

function closedFinding(one: Measured): Finding {
  const middle = (pick: (round: Round) => number): number => median(one.rounds.map(pick))
  const bids = `${Math.round(middle(({ bidShare }) => bidShare) * 100)} % bids`
  const what = one.system.name === 'floor' ? '' : `, ${bids}`
  const p50 = middle(({ p50Ms }) => p50Ms).toFixed(1)
  const p99 = middle(({ p99Ms }) => p99Ms).toFixed(1)
  return {
    line: `${labelOf(one)}: closed loop`,
    measured: `${peakOf(one)}/s (p50 ${p50} p99 ${p99} ms)${what}`,
    bar: '',
    met: null,
  }
}

function cpuFinding(one: Measured): Finding {
  const names = Object.keys(one.rounds[0]?.cpuMicros ?? {})
  const parts = names.map((name) => {
    const micros = median(one.rounds.map(({ cpuMicros }) => cpuMicros[name] ?? 0))
    return `${name} ${micros.toFixed(1)}`
  })
  const line = `${labelOf(one)}: CPU µs a decision`
  return { line, measured: parts.join(', '), bar: '', met: null }
}

function ratioFinding(one: Measured, floor: Measured): Finding {
  const ratio = Math.round((peakOf(one) / peakOf(floor)) * 1_000) / 1_000
  return { line: `${labelOf(one)} / floor`, measured: String(ratio), bar: 'reported', met: null }
}

function correctFinding(one: Measured): Finding {
  const bad = one.rounds.reduce((sum, round) => sum + round.bad, 0)
  return {
    line: `${labelOf(one)}: wrong answers or errors, closed loop`,
    measured: String(bad),
    bar: '0',
    met: bad === 0,
  }
}

function openFinding(one: Measured, report: LoadReport, index: number): Finding {
  const { p50Ms, p99Ms, p999Ms } = report.phases[0].latency
  const bad = badOf(report)
  const keptUp = report.keptUp ? '' : ', the schedule was not kept'
  return {
    line: `${labelOf(one)}: open loop at ${openShares[index]} of the peak, ${report.offeredPerSecond}/s`,
    measured: `p50 ${p50Ms} p99 ${p99Ms} p99.9 ${p999Ms} ms, ${bad} errors${keptUp}`,
    bar: one.system.name === 'floor' ? '' : '0 errors',
    met: one.system.name === 'floor' ? null : bad === 0,
  }
}
