/**
 * The disk of the event log becomes full under load and gets space again: events are refused
 * meanwhile, bids and RTA answers go on, and in the end every event is there, once.
 */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bidRequestBodies } from '../data/bid-requests.ts'
import { benchExchange } from '../data/bid-words.ts'
import { worldRequests } from '../data/rta-world.ts'
import { bidEnv, loadBidWorld, untilBids } from '../harness/bid-setup.ts'
import type { Finding } from '../harness/report.ts'
import { type SluiceServer, startSluice } from '../harness/sluice-server.ts'
import { loadWorld, preflight } from '../harness/world-setup.ts'
import type { LoadReport, PhaseReport } from '../load/load-record.ts'
import { Expect, writeRequestFile } from '../load/request-file.ts'
import { jobDefaults, type RunningLoad, startLoad } from '../load/run-load.ts'
import { type ScenarioContext, type Size, withCleanup } from '../scenarios/scenario.ts'
import { tokenEnv } from './bench-tokens.ts'
import { Courier, type CourierCounts, readNotice } from './courier.ts'
import { exposurePaths } from './notice-requests.ts'
import { type SmallDisk, smallDisk } from './small-disk.ts'
import { openView, sumsOf, untilProjected } from './store-view.ts'

/** What it came to. */
export interface FullDiskResult {
  readonly findings: readonly Finding[]
  readonly note: string
  readonly data: unknown
}

interface DiskSize {
  /** Bids, one event each, and how many are told a second. */
  readonly events: number
  readonly perSecond: number
  /** Milliseconds before the disk is made full, and until it gets space again. */
  readonly beforeMs: number
  readonly fullMs: number
}

const diskSizes: Readonly<Record<Size, DiskSize>> = {
  tiny: { events: 9_000, perSecond: 3_000, beforeMs: 1_500, fullMs: 1_500 },
  small: { events: 24_000, perSecond: 4_000, beforeMs: 1_500, fullMs: 3_500 },
  full: { events: 60_000, perSecond: 4_000, beforeMs: 4_000, fullMs: 8_000 },
}

/** Bids and RTA questions a second beside it: low, for what is looked at is whether they go on. */
const othersPerSecond = 200

const world = { creatives: 300, knownDevices: 300 }
const gate = { devices: 500, requestDevices: 500 }
const projectMs = 60_000

/** Runs it on the embedded store. */
export function runOnFullDisk(context: ScenarioContext): Promise<FullDiskResult> {
  return withCleanup(async (later) => {
    const data = path.join(context.workFolder, 'full')
    mkdirSync(data, { recursive: true })
    const disk = smallDisk(path.join(data, 'events'))
    later(() => disk.end())
    const env = { ...tokenEnv, ...bidEnv, SLUICE_STORE: `lmdb:${data}` }
    const server = await startSluice({ redisUrl: null, workers: 1, core: null, env })
    later(() => server.stop())
    const others = await startOthers(context, server)
    const courier = new Courier({
      port: server.port,
      connections: 32,
      perSecond: diskSizes[context.size].perSecond,
      read: readNotice,
    })
    later(() => courier.close())
    const refused = await fillAndFree(context, { server, disk, courier, others })
    const reports = { bids: await others.bids.report, rta: await others.rta.report }
    const view = await openView(`lmdb:${data}`)
    later(() => view.close())
    await untilProjected(view, projectMs, sleep)
    const { exposures = 0 } = await sumsOf(view)
    const seen = { how: disk.how, counts: courier.counts, refused, exposures, ...reports }
    return {
      findings: findingsOf(seen, context.size),
      note: noteOf(seen, context.size),
      data: seen,
    }
  })
}

interface Others {
  readonly bids: RunningLoad
  readonly rta: RunningLoad
}

/** Bids and RTA questions at a low rate for as long as the run may take. */
async function startOthers(context: ScenarioContext, server: SluiceServer): Promise<Others> {
  const { events, perSecond, fullMs } = diskSizes[context.size]
  await loadBidWorld(server, world)
  await loadWorld(server, gate)
  const bodies = bidRequestBodies({ count: 500, knownDevices: world.knownDevices })
  await untilBids(server.port, bodies)
  const questions = worldRequests(gate)
  await preflight(server.port, questions)
  const bidFile = path.join(context.workFolder, 'full-bids.requests')
  writeRequestFile(
    bidFile,
    bodies.map((body) => ({ body, expect: Expect.Anything })),
  )
  const rtaFile = path.join(context.workFolder, 'full-rta.requests')
  writeRequestFile(rtaFile, questions)
  const seconds = events / perSecond + fullMs / 1_000
  const base = {
    ...jobDefaults,
    port: server.port,
    seconds,
    warmupSeconds: 0.2,
    perSecond: othersPerSecond,
  }
  const bids = startLoad({
    ...base,
    path: `/openrtb2/${benchExchange}`,
    contentType: 'application/json',
    headers: ['x-openrtb-version: 2.6'],
    requestFile: bidFile,
    answers: 'openrtb JSON',
    connections: 16,
  })
  return { bids, rta: startLoad({ ...base, requestFile: rtaFile, connections: 16 }) }
}

interface Scene {
  readonly server: SluiceServer
  readonly disk: SmallDisk
  readonly courier: Courier
  readonly others: Others
}

/** Refusals before, while there was no space, and from a second after there was some again. */
async function fillAndFree(context: ScenarioContext, scene: Scene): Promise<number[]> {
  const { server, disk, courier, others } = scene
  const { events, beforeMs, fullMs } = diskSizes[context.size]
  const [worker = -1] = server.pids().decide
  const refused: number[] = []
  const told = courier.deliver(wiresOf(events))
  const phase = (number: number): void => {
    refused.push(courier.counts.refused)
    others.bids.phase(number)
    others.rta.phase(number)
  }
  await sleep(beforeMs)
  disk.makeFull(worker)
  phase(1)
  await sleep(fullMs)
  disk.giveSpace(worker)
  await sleep(1_000)
  phase(2)
  context.say(`disk full: ${courier.counts.refused} refusals of ${courier.counts.done} taken`)
  await told
  refused.push(courier.counts.refused)
  if (!server.pids().decide.includes(worker)) {
    refused.push(Number.NaN)
    context.say(`the worker died: ${server.output()}`)
  }
  return refused
}

function* wiresOf(events: number): Generator<Buffer> {
  for (const notice of exposurePaths(events, 77)) {
    yield Buffer.from(`GET ${notice} HTTP/1.1\r\nHost: bench\r\n\r\n`, 'latin1')
  }
}

interface Seen {
  readonly how: string
  readonly counts: CourierCounts
  readonly refused: readonly number[]
  readonly exposures: number
  readonly bids: LoadReport
  readonly rta: LoadReport
}

function findingsOf(seen: Seen, size: Size): Finding[] {
  const { counts, exposures } = seen
  const { events } = diskSizes[size]
  const [before = 0, whileFull = 0, atEnd = 0] = seen.refused
  // The worker of the beginning is the one of the end: it was not restarted.
  const isSameWorker = seen.refused.length === 3
  return [
    {
      line: 'disk full: refusals (503) before / while full / after; the worker lives on',
      measured: `${before} / ${whileFull - before} / ${atEnd - whileFull}; ${isSameWorker}`,
      bar: '0 / some / 0; true',
      met: before === 0 && whileFull > before && atEnd === whileFull && isSameWorker,
    },
    {
      line: 'disk full: events told / acknowledged in the end / projected; wrong answers',
      measured: `${events} / ${counts.done} / ${exposures}; ${counts.wrong}`,
      bar: 'all equal; 0',
      met: counts.done === events && exposures === events && counts.wrong === 0,
    },
    {
      line: 'disk full: bids and RTA decisions while full; refused for a late deadline, before, then and after; errors',
      measured: `${decided(seen.bids.phases[1])} and ${decided(seen.rta.phases[1])}; ${lateOf(seen.rta)}; ${errorsOf(seen.bids)} and ${errorsOf(seen.rta)}`,
      bar: 'errors: 0',
      met:
        decided(seen.bids.phases[1]) > 0 &&
        decided(seen.rta.phases[1]) > 0 &&
        errorsOf(seen.bids) + errorsOf(seen.rta) === 0,
    },
  ]
}

function decided({ accepts, refusals }: PhaseReport): number {
  return accepts + refusals
}

/** Explicit refusals that a full machine causes, disk or no disk. */
function lateOf({ phases }: LoadReport): string {
  return phases.map(({ failures }) => failures).join(', ')
}

/** Answers that no medium may get, whatever the phase. */
function errorsOf(report: LoadReport): number {
  return report.phases.reduce(
    (sum, { invalid, badStatus, lost, wrong }) => sum + invalid + badStatus + lost + wrong,
    report.unanswered,
  )
}

function noteOf({ how }: Seen, size: Size): string {
  const { perSecond, fullMs } = diskSizes[size]
  return `Disk full: the folder of the log is on ${how} for ${fullMs / 1_000} s under ${perSecond} events/s, ${othersPerSecond} bids/s and ${othersPerSecond} RTA questions/s. The sender tells again what was refused, as exchanges do after a 503.`
}
