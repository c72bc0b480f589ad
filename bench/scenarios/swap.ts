/**
 * A pack is replaced while requests come in: half of its ids leave, as many join. Every answer must
 * be by the old pack or by the new one, never by neither, and the requests must not feel it.
 */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { deviceIdText, IdKind, idLines } from '../data/device-ids.ts'
import { tencentRequest } from '../data/rta-world.ts'
import { serverCore } from '../harness/processes.ts'
import { startRedis } from '../harness/redis-server.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { type SluiceServer, startSluice } from '../harness/sluice-server.ts'
import { preflight } from '../harness/world-setup.ts'
import type { LoadReport } from '../load/load-record.ts'
import { Expect, type PreparedRequest, writeRequestFile } from '../load/request-file.ts'
import { jobDefaults, startLoad } from '../load/run-load.ts'
import { badOf } from './rta.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

/** Ids in the pack; half as many join as leave, so the size stays. */
const packIds: Readonly<Record<Size, number>> = { tiny: 4_000, small: 100_000, full: 1_000_000 }

/** Seconds of the closed loop that finds the rate, and bounds on the open loop. */
const probeSeconds = 4
const secondsMax: Readonly<Record<Size, number>> = { tiny: 6, small: 15, full: 60 }

/** Open-loop p99 while the pack is written. */
const p99MsMax = 5

/** A pack is live within this time of its activation. */
const liveMs = 1_000

/** Runs the scenario on both stores. */
export async function swap(context: ScenarioContext): Promise<ScenarioResult> {
  const findings: Finding[] = []
  const data: Record<string, LoadReport> = {}
  for (const store of ['lmdb', 'redis'] as const) {
    const report = await withCleanup(async (later) => {
      const redis = store === 'redis' ? await startRedis({ core: null }) : null
      if (redis !== null) later(() => redis.stop())
      const server = await startSluice({
        redisUrl: redis?.url ?? null,
        workers: 1,
        core: serverCore,
      })
      later(() => server.stop())
      return swapOn(context, server, store)
    })
    data[store] = report
    findings.push(...findingsOf(store, report))
  }
  return {
    scenario: 'swap',
    size: context.size,
    findings,
    notes: [
      'Phases: before the upload only the old pack is right; from its first byte until 1 s after its answer either is, but once one answer has shown the new pack no later request may see the old one; afterwards only the new one.',
      'Open loop at half of the goodput measured just before, one worker; the uploader shares the machine.',
    ],
    data,
  }
}

async function swapOn(
  context: ScenarioContext,
  server: SluiceServer,
  store: string,
): Promise<LoadReport> {
  const ids = packIds[context.size]
  const half = ids / 2
  // Devices [0, half) leave, [half, ids) stay, [ids, ids + half) join.
  await server.admin.putPack({
    id: 'swapped',
    body: idLines(0, ids),
    query: { idType: 'oaid_md5' },
  })
  await server.admin.json('PUT', '/api/v1/strategies/swapped', {
    medium: 'tencent',
    targetId: 'swapped',
    registered: true,
    audience: { all: ['swapped'] },
  })
  const requests = swapRequests(ids)
  const requestFile = path.join(context.workFolder, `swap-${store}.requests`)
  writeRequestFile(requestFile, requests)
  await preflight(
    server.port,
    requests.filter(({ expect }) => expect <= Expect.Refuse),
  )

  const base = { ...jobDefaults, port: server.port, requestFile }
  const peak = await startLoad({ ...base, seconds: probeSeconds }).report
  const perSecond = Math.round(peak.achievedPerSecond / 2)
  context.say(`${store}: replacing ${ids} ids at ${perSecond} requests/s`)
  const running = startLoad({
    ...base,
    perSecond,
    seconds: secondsMax[context.size],
    connections: 128,
  })
  await sleep(2_500)
  running.phase(1)
  await server.admin.putPack({
    id: 'swapped',
    body: idLines(half, ids + half),
    query: { idType: 'oaid_md5' },
  })
  context.say(`${store}: replaced`)
  await sleep(liveMs)
  running.phase(2)
  return running.report
}

/** A quarter each: leaves, stays, joins, was never in. */
function swapRequests(ids: number): PreparedRequest[] {
  const count = Math.min(ids / 2, 25_000)
  const step = Math.floor(ids / 2 / count)
  const requests: PreparedRequest[] = []
  const push = (device: number, expect: Expect): void => {
    const requestId = deviceIdText(device, IdKind.Caid).slice(0, 8)
    requests.push({
      body: tencentRequest({ requestId, device, ids: 4, experimentId: 101 }),
      expect,
    })
  }
  for (let i = 0; i < count; i++) {
    push(i * step, Expect.Leaves)
    push(ids / 2 + i * step, Expect.Accept)
    push(ids + i * step, Expect.Joins)
    push(0x4000_0000 + i, Expect.Refuse)
  }
  return requests
}

function findingsOf(store: string, report: LoadReport): Finding[] {
  const wrong = report.phases.reduce((sum, phase) => sum + phase.wrong, 0)
  const bad = badOf(report)
  const [before, during, after] = report.phases
  const p99 = during.latency.p99Ms
  // Phase 2 must have seen answers, or nothing was proved about the new pack.
  const isComplete = before.answers > 0 && during.answers > 0 && after.answers > 0
  return [
    {
      line: `${store}: wrong answers / errors`,
      measured: `${wrong} / ${bad}`,
      bar: '0 / 0',
      met: wrong + bad === 0 && isComplete,
    },
    {
      line: `${store}: p99 while the pack is replaced`,
      measured: `${p99} ms (before ${before.latency.p99Ms}, after ${after.latency.p99Ms})`,
      bar: `≤ ${p99MsMax} ms`,
      met: p99 <= p99MsMax && report.keptUp,
    },
  ]
}
