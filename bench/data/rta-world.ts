/**
 * The world of the `rta` scenario: packs, strategies and requests, and a naive model that says what
 * the right answer to each request is. Issue "The gate", point 10.
 */
import { ProtoWriter } from '../../src/lib/proto-writer.ts'
import { Expect, type PreparedRequest } from '../load/request-file.ts'
import { deviceIdText, IdKind } from './device-ids.ts'
import { mix32, seededRandom } from './seeded-random.ts'

/** How large the world is. */
export interface WorldSize {
  /** Devices in the store, each in five packs. */
  readonly devices: number
  /** Distinct devices that the requests come from; half of them are in the store. */
  readonly requestDevices: number
}

/** Packs of the world; each holds a quarter of the devices. */
export const packCount = 20

/** Packs of a device: its first pack number plus each of these, modulo `packCount`. */
const packOffsets = [0, 1, 2, 7, 13] as const

/** Seed of everything in the world. */
const worldSeed = 20_130_611

/** Platform experiment buckets a request may carry; strategies exclude the last one. */
const experimentIds = [101, 102, 103, 199] as const
const excludedExperiment = 199

/** A strategy body for the admin API. */
export interface StrategyBody {
  readonly name: string
  readonly medium: 'tencent'
  readonly targetId: string
  readonly registered: boolean
  readonly enabled: boolean
  readonly priority: number
  readonly audience: { readonly all: string[]; readonly any: string[]; readonly none: string[] }
  readonly conditions: {
    readonly os: string[]
    readonly experimentIds: { readonly anyOf: number[]; readonly noneOf: number[] }
  }
}

/** Pack id by number. */
export function packName(number: number): string {
  return `pack-${String(number % packCount).padStart(2, '0')}`
}

/** True when `device` is in pack `number`. */
export function isInPack(device: number, number: number): boolean {
  const first = mix32(device ^ worldSeed) % packCount
  return packOffsets.some((offset) => (first + offset) % packCount === number)
}

/** 20 strategies with four packs and two conditions each (operating system, experiment buckets). */
export function strategies(): { readonly id: string; readonly body: StrategyBody }[] {
  return Array.from({ length: packCount }, (_, number) => ({
    id: `bench-${number}`,
    body: {
      name: `Bench strategy ${number}`,
      medium: 'tencent',
      targetId: `bench_target_${number}`,
      registered: true,
      enabled: true,
      priority: number,
      audience: {
        all: [packName(number)],
        any: [packName(number + 1), packName(number + 5)],
        none: [packName(number + 9)],
      },
      conditions: {
        os: number % 2 === 0 ? ['android', 'harmony'] : ['android'],
        experimentIds: { anyOf: [], noneOf: [excludedExperiment] },
      },
    },
  }))
}

/** The naive model: would a known or unknown Android device with this bucket be accepted? */
export function isAccepted(device: number, isKnown: boolean, experimentId: number): boolean {
  if (!isKnown || experimentId === excludedExperiment) return false
  const isIn = (number: number): boolean => isInPack(device, number % packCount)
  for (let number = 0; number < packCount; number++) {
    const any = isIn(number + 1) || isIn(number + 5)
    if (isIn(number) && any && !isIn(number + 9)) return true
  }
  return false
}

/** Requests on Tencent's wire with 3 to 5 ids each; known devices have their oaid in the store. */
export function worldRequests(size: WorldSize): PreparedRequest[] {
  const random = seededRandom(worldSeed)
  const requests: PreparedRequest[] = []
  for (let i = 0; i < size.requestDevices; i++) {
    const isKnown = i % 2 === 0
    // Unknown devices are numbered above every device of the store, kept one included.
    const device = isKnown ? Math.floor((i * size.devices) / size.requestDevices) : 0x4000_0000 + i
    const experimentId = experimentIds[Math.floor(random() * 3)] as number
    const ids = 3 + Math.floor(random() * 3)
    requests.push({
      body: tencentRequest({ requestId: mix32(i).toString(16), device, ids, experimentId }),
      expect: isAccepted(device, isKnown, experimentId) ? Expect.Accept : Expect.Refuse,
    })
  }
  return shuffled(requests, random)
}

/** Ids in each request of `worldRequests`, in the same kind of mix: for the floor. */
export function readCounts(): number[] {
  const random = seededRandom(worldSeed)
  return Array.from({ length: 1_000 }, () => 3 + Math.floor(random() * 3))
}

/** One request of an Android device (`RtaRequest`, rta-media.md §1.3), cached by its oaid md5. */
export function tencentRequest(request: {
  readonly requestId: string
  readonly device: number
  readonly ids: number
  readonly experimentId: number
}): Uint8Array {
  const { device, ids } = request
  const writer = new ProtoWriter().text(1, request.requestId)
  const message = writer.open(5)
  writer.uint32(1, 2)
  writer.text(3, deviceIdText(device, IdKind.Imei))
  if (ids >= 3) writer.text(4, deviceIdText(device, IdKind.AndroidId))
  if (ids >= 4) writer.text(5, deviceIdText(device, IdKind.Mac))
  writer.text(6, deviceIdText(device, IdKind.Oaid))
  writer.text(7, '203.0.113.7')
  writer.uint32(10, 3)
  if (ids >= 5) {
    const caid = writer.open(13)
    writer.uint32(1, 20_230_330).text(2, deviceIdText(device, IdKind.Caid))
    writer.close(caid)
  }
  writer.close(message)
  const experiment = writer.open(9)
  writer.uint32(1, request.experimentId).close(experiment)
  return writer.finish()
}

function shuffled<T>(items: T[], random: () => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = items[i] as T
    items[i] = items[j] as T
    items[j] = kept
  }
  return items
}
