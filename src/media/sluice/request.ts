/** What both forms of a Sluice request share: limits, ids, and the last checks. */
import { type AdRequest, RequestKind } from '../../domain/ad-request.ts'
import { type IdTypeInfo, idTypes } from '../../domain/id-type.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { DeviceHasher } from '../../identity/device-hasher.ts'

/** Ids we look at: four times what `DeviceKeys` holds, so that doubtful ones leave room. */
export const idsMax = 64
/**
 * Asked strategies, experiment ids, ads of a second request, and parts (creatives, products) of an
 * ad.
 */
export const askedMax = 256
export const experimentsMax = 64
export const adsMax = 100
export const partsMax = 50
/** Creatives and products of all ads together; a second request has about ten an ad. */
export const allPartsMax = 1_000
/** Fields of a protobuf request, nested ones included; within the limits above it has 3 000. */
export const fieldsMax = 8_192
/** A request id is echoed and logged; no trace id is longer. */
export const requestIdBytesMax = 256

/** One id as it came. */
export interface SluiceId {
  readonly type: number
  readonly value: string
  readonly scope: string
}

const infoByCode: readonly (IdTypeInfo | undefined)[] = (() => {
  const table: (IdTypeInfo | undefined)[] = []
  for (const type of idTypes) table[type.code] = type
  return table
})()

/** By index of an id in the request: its index in `DeviceKeys`, or -1. */
const keys = new Int8Array(idsMax)

/** Adds id `index` of the request; unknown types (a newer peer's) are skipped. */
export function addId(request: AdRequest, hasher: DeviceHasher, id: SluiceId, index: number): void {
  if (index >= idsMax) return
  const isKnown = infoByCode[id.type] !== undefined
  keys[index] = isKnown ? hasher.addText(request.devices, id.type, id.value, id.scope) : -1
}

/** The device key of id `index` out of `seen`; -1 when there is none. */
export function keyAt(index: number, seen: number): number {
  return index >= 0 && index < Math.min(seen, idsMax) ? (keys[index] ?? -1) : -1
}

/** Sets the kind of a request that was read in full. */
export function finish(request: AdRequest, isPing: boolean): Refusal {
  if (isPing) request.kind = RequestKind.Ping
  else if (request.ads.length > 0) request.kind = RequestKind.Second
  return Refusal.None
}
