/**
 * Bytes a device takes in Redis: 1 M devices in five packs, the kept version apart, then 20 M
 * devices.
 */
import { idLines } from '../data/device-ids.ts'
import { isInPack, packCount, packName } from '../data/rta-world.ts'
import { type RedisServer, startRedis, usedMemory } from '../harness/redis-server.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { startSluice } from '../harness/sluice-server.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

const deviceCounts: Readonly<Record<Size, { readonly five: number; readonly many: number }>> = {
  tiny: { five: 20_000, many: 40_000 },
  small: { five: 200_000, many: 1_000_000 },
  full: { five: 1_000_000, many: 20_000_000 },
}

/** Bytes a device in five packs may take, kept previous versions aside. */
const bytesMax = 20

interface MemoryMeasure {
  readonly devices: number
  readonly bytesPerDevice: number
  readonly stats: Readonly<Record<string, unknown>>
}

/** Runs the scenario; each part on a Redis of its own. */
export async function memory(context: ScenarioContext): Promise<ScenarioResult> {
  const { five, many } = deviceCounts[context.size]
  const small = await fivePacks(context, five)
  const large = await fivePacks(context, many)
  const findings: Finding[] = [
    ...findingsOf(small, context.size),
    ...findingsOf(large, context.size),
  ]
  return {
    scenario: 'memory',
    size: context.size,
    findings,
    notes: [
      'used_memory of a private redis-server before the first upload and after the last, by devices; the store is emptied of nothing in between.',
      'Kept version: every pack is then replaced by itself, so each device is in five current and five kept versions.',
    ],
    data: { small, large },
  }
}

interface FivePacks {
  readonly current: MemoryMeasure
  readonly withKept: MemoryMeasure
}

function fivePacks(context: ScenarioContext, devices: number): Promise<FivePacks> {
  return withCleanup(async (later) => {
    const redis = await startRedis({ core: null })
    later(() => redis.stop())
    const empty = await usedMemory(redis.client)
    const server = await startSluice({ redisUrl: redis.url, workers: 1, core: null })
    later(() => server.stop())
    const uploadAll = async (): Promise<void> => {
      for (let number = 0; number < packCount; number++) {
        const body = idLines(0, devices, (device) => isInPack(device, number))
        await server.admin.putPack({ id: packName(number), body, query: { idType: 'oaid_md5' } })
      }
    }
    context.say(`${devices} devices × 5 packs`)
    await uploadAll()
    const current = await measure(redis, empty, devices)
    context.say(`${current.bytesPerDevice.toFixed(1)} B a device; now every pack once more`)
    await uploadAll()
    const withKept = await measure(redis, empty, devices)
    return { current, withKept }
  })
}

async function measure(redis: RedisServer, empty: number, devices: number): Promise<MemoryMeasure> {
  const raw = (await redis.client.call('MEMORY', 'STATS')) as unknown
  const stats = Array.isArray(raw) ? pairs(raw) : (raw as Record<string, unknown>)
  const used = await usedMemory(redis.client)
  return { devices, bytesPerDevice: (used - empty) / devices, stats }
}

function pairs(flat: readonly unknown[]): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (let i = 0; i + 1 < flat.length; i += 2) record[String(flat[i])] = flat[i + 1]
  return record
}

function findingsOf({ current, withKept }: FivePacks, size: Size): Finding[] {
  return [
    {
      line: `Redis, ${current.devices} devices × 5 packs`,
      measured: `${current.bytesPerDevice.toFixed(1)} B a device`,
      bar: `≤ ${bytesMax} B`,
      met: size === 'tiny' ? null : current.bytesPerDevice <= bytesMax,
    },
    {
      line: `the same with a kept previous version of every pack`,
      measured: `${withKept.bytesPerDevice.toFixed(1)} B a device`,
      bar: 'reported',
      met: null,
    },
  ]
}
