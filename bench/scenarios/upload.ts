/**
 * 20 M ids into a store that holds 20 M devices already: ids a second, and what it costs in memory.
 */

import { systemClock } from '../../src/lib/clock.ts'
import { idLines } from '../data/device-ids.ts'
import { anonymousBytes } from '../harness/process-cpu.ts'
import { startRedis } from '../harness/redis-server.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { type SluiceServer, startSluice } from '../harness/sluice-server.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

const deviceCounts: Readonly<Record<Size, number>> = {
  tiny: 20_000,
  small: 1_000_000,
  full: 20_000_000,
}

/** Ids a second that each store must take. */
const bars = { lmdb: 200_000, redis: 100_000 } as const

/** Anonymous memory that `control` may grow by. */
const growthBytesMax = 300 * 1024 * 1024

const sampleMs = 50

interface UploadMeasure {
  readonly ids: number
  readonly seconds: number
  readonly idsPerSecond: number
  /** Largest growth of RssAnon of `control` over its start, sampled. */
  readonly growthBytes: number
  readonly accepted: number
}

/** Runs the scenario on both stores. */
export async function upload(context: ScenarioContext): Promise<ScenarioResult> {
  const devices = deviceCounts[context.size]
  const data: Record<string, UploadMeasure[]> = {}
  const findings: Finding[] = []
  for (const store of ['lmdb', 'redis'] as const) {
    const measures = await withCleanup(async (later) => {
      const redis = store === 'redis' ? await startRedis({ core: null }) : null
      if (redis !== null) later(() => redis.stop())
      const server = await startSluice({ redisUrl: redis?.url ?? null, workers: 1, core: null })
      later(() => server.stop())
      context.say(`${store}: first ${devices} ids into an empty store`)
      const first = await measured(server, 'first', devices, 0)
      // The same devices again in a second pack: every bucket exists and is rewritten.
      context.say(
        `${store}: ${devices} ids into a store that holds as many (${first.idsPerSecond}/s so far)`,
      )
      const second = await measured(server, 'second', devices, 0)
      context.say(`${store}: ${second.idsPerSecond}/s`)
      return [first, second]
    })
    data[store] = measures
    findings.push(...findingsOf(store, measures, context.size))
  }
  return {
    scenario: 'upload',
    size: context.size,
    findings,
    notes: [
      'Plain text over HTTP to the admin API from a process that makes the ids while it sends; nothing is pinned.',
      'Time is from the first byte to the answer, which comes after activation and flush.',
    ],
    data,
  }
}

async function measured(
  server: SluiceServer,
  pack: string,
  devices: number,
  from: number,
): Promise<UploadMeasure> {
  const control = server.pids().control[0] ?? server.pids().supervisor
  const startBytes = anonymousBytes(control)
  let growthBytes = 0
  const sampler = setInterval(() => {
    growthBytes = Math.max(growthBytes, anonymousBytes(control) - startBytes)
  }, sampleMs)
  const startMs = systemClock.monotonicMs()
  const answer = await server.admin
    .putPack({ id: pack, body: idLines(from, from + devices), query: { idType: 'oaid_md5' } })
    .finally(() => clearInterval(sampler))
  const seconds = (systemClock.monotonicMs() - startMs) / 1_000
  if (answer.accepted !== devices || answer.duplicates + answer.rejected > 0) {
    throw new Error(`the upload of ${devices} ids was counted as ${JSON.stringify(answer)}`)
  }
  return {
    ids: devices,
    seconds,
    idsPerSecond: Math.round(devices / seconds),
    growthBytes,
    accepted: answer.accepted,
  }
}

function findingsOf(
  store: 'lmdb' | 'redis',
  [first, second]: readonly UploadMeasure[],
  size: Size,
): Finding[] {
  if (first === undefined || second === undefined) return []
  const isFull = size === 'full'
  const growth = Math.max(first.growthBytes, second.growthBytes)
  return [
    {
      line: `${store}: ${first.ids} ids into an empty store`,
      measured: `${first.idsPerSecond} ids/s`,
      bar: '',
      met: null,
    },
    {
      line: `${store}: ${second.ids} ids into a store that holds as many`,
      measured: `${second.idsPerSecond} ids/s`,
      bar: `≥ ${bars[store]} ids/s`,
      met: isFull ? second.idsPerSecond >= bars[store] : null,
    },
    {
      line: `${store}: anonymous memory growth of control`,
      measured: `${(growth / 2 ** 20).toFixed(0)} MiB`,
      bar: '≤ 300 MiB',
      met: growth <= growthBytesMax,
    },
  ]
}
