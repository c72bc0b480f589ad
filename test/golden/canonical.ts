/** The two translations of golden fixtures: `AdRequest` to JSON, JSON to `RtaDecision`. */
import type { AdPrice, AdRequest } from '../../src/domain/ad-request.ts'
import { osNames, RequestKind } from '../../src/domain/ad-request.ts'
import type { AdResult, ProductRef, RtaDecision, Verdict } from '../../src/domain/decision.ts'
import { DeviceKeys } from '../../src/domain/device-keys.ts'
import { idTypeNamed, idTypeOf } from '../../src/domain/id-type.ts'
import { type Micros, noPrice } from '../../src/domain/money.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import { DeviceHasher } from '../../src/identity/device-hasher.ts'

/** A device id of a fixture: text, so that no file holds keyed hashes. */
export interface GoldenId {
  type: string
  id: string
  scope?: string
}

const salt = new Uint8Array(16).map((_, index) => index)

/** The hasher of all golden tests: a fixed salt of no house. */
export const goldenHasher = new DeviceHasher(salt)

/** Notes the text of every id that became a key, so that `UPDATE_GOLDEN=1` can write it down. */
export class RecordingHasher extends DeviceHasher {
  readonly ids: GoldenId[] = []

  constructor() {
    super(salt)
  }

  // oxlint-disable-next-line max-params -- the signature of DeviceHasher
  override add(
    devices: DeviceKeys,
    type: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): number {
    const before = devices.count
    const index = super.add(devices, type, bytes, start, end)
    const text = Buffer.from(bytes.subarray(start, end)).toString()
    if (devices.count > before) this.ids.push({ type: idTypeOf(type).name, id: text })
    return index
  }

  override addText(devices: DeviceKeys, type: number, text: string, scope = ''): number {
    const before = devices.count
    const index = super.addText(devices, type, text, scope)
    const id = { type: idTypeOf(type).name, id: text }
    if (devices.count > before) this.ids.push(scope === '' ? id : { ...id, scope })
    return index
  }
}

const kindNames = Object.fromEntries(
  Object.entries(RequestKind).map(([name, kind]) => [kind, name.toLowerCase()]),
)

/** A request as canonical JSON, without its device ids: the fields of `AdRequest` by name. */
export function canonicalOf(request: AdRequest): Record<string, unknown> {
  const { devices } = request
  const canonical = {
    requestId: request.requestId,
    kind: kindNames[request.kind],
    isTest: request.isTest,
    os: osNames[request.os],
    osVersion: request.osVersion,
    experimentIds: request.experimentIds,
    asked: request.asked,
    geo: request.geo,
    ip: request.ip,
    slotId: request.slotId,
    ads: request.ads,
    isJson: request.isJson,
    cachedBy: devices.cachedBy,
    doubtful: devices.doubtful,
    overflow: devices.overflow,
  }
  // Through JSON: NaN becomes null, and the copy outlives the pooled request.
  return JSON.parse(JSON.stringify(canonical)) as Record<string, unknown>
}

/** The device keys of a request as `type:hex` words, in order. */
export function keysOf(devices: DeviceKeys): string[] {
  return Array.from(
    { length: devices.count },
    (_, index) => `${idTypeOf(devices.type[index] ?? 0).name}:${devices.hex(index)}`,
  )
}

/** The same words for a fixture's ids, hashed here. */
export function keysOfIds(ids: readonly GoldenId[]): string[] {
  const devices = new DeviceKeys()
  for (const { type, id, scope } of ids) {
    const info = idTypeNamed(type)
    if (info === null) throw new Error(`no id type "${type}"`)
    goldenHasher.addText(devices, info.code, id, scope ?? '')
  }
  return keysOf(devices)
}

/** A refusal given by name (`AudienceMismatch`) or number. */
export function refusalFrom(value: unknown): Refusal {
  const found = Object.entries(Refusal).find(([name, code]) => name === value || code === value)
  if (found === undefined) throw new Error(`no refusal "${String(value)}"`)
  return found[1]
}

/** Fills in what a fixture leaves out of a decision; `null` stands for NaN. */
export function decisionFrom(partial: Record<string, unknown>): RtaDecision {
  const given = partial as Partial<Record<'verdicts' | 'adResults', Record<string, unknown>[]>>
  const defaults = { cacheSeconds: 0, tag: '', revision: 1, ranking: null }
  return {
    ...defaults,
    ...partial,
    refusal: refusalFrom(partial['refusal'] ?? 0),
    verdicts: (given.verdicts ?? []).map(verdictFrom),
    adResults: (given.adResults ?? []).map(adResultFrom),
  }
}

function verdictFrom(partial: Record<string, unknown>): Verdict {
  const products = (partial['products'] ?? []) as Record<string, unknown>[]
  const verdict = {
    strategyId: 's1',
    targetId: '',
    factor: Number.NaN,
    cpcMicros: noPrice,
    cpaMicros: noPrice,
    pcvr: Number.NaN,
    advertiserIds: [],
    adIds: [],
    tag: '',
    score: -1,
    ...withNaN(partial),
  }
  return { ...verdict, products: products.map(productFrom) }
}

function productFrom(partial: Record<string, unknown>): ProductRef {
  return { libraryId: '', productId: '', priority: 1, score: Number.NaN, ...withNaN(partial) }
}

function adResultFrom(partial: Record<string, unknown>): AdResult {
  const creatives = (partial['creatives'] ?? []) as Record<string, unknown>[]
  const products = (partial['products'] ?? []) as Record<string, unknown>[]
  return {
    adGroupId: String(partial['adGroupId']),
    ignore: partial['ignore'] === true,
    price: priceFrom(partial['price']),
    creatives: creatives.map((creative) => ({
      creativeId: String(creative['creativeId']),
      price: priceFrom(creative['price']),
    })),
    products: products.map((product) => ({
      libraryId: String(product['libraryId']),
      productId: String(product['productId']),
      price: priceFrom(product['price']),
    })),
  }
}

function priceFrom(partial: unknown): AdPrice {
  const given = (partial ?? {}) as { cpcMicros?: number; cpaMicros?: number; factor?: number }
  return {
    cpcMicros: (given.cpcMicros ?? 0) as Micros,
    cpaMicros: (given.cpaMicros ?? 0) as Micros,
    factor: given.factor ?? Number.NaN,
  }
}

function withNaN(partial: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(partial).map(([name, value]) => [name, value ?? Number.NaN]),
  )
}
