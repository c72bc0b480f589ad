/**
 * The ids of a request as device keys (docs/identity.md). Called only where personal data may be
 * used. Order: what packs hold first, since the last are dropped when the columns are full.
 */
import { Os } from '../../../domain/ad-request.ts'
import type { BidRequest } from '../../../domain/bid-request.ts'
import { IdType } from '../../../domain/id-type.ts'
import type { DeviceHasher } from '../../../identity/device-hasher.ts'
import type { OrtbDevice, OrtbUser } from '../wire/openrtb.generated.ts'
import { lowerOr } from './text.ts'

/** Ids of `user.eids` that are looked at: twice what the columns hold, as some are doubtful. */
export const eidsMax = 32

/**
 * Kinds of `ifa_type` (IAB Tech Lab, "Guidelines for Identifier for Advertising on CTV/OTT
 * platforms") that have an id type of their own, and names that senders use for them.
 */
const ifaTypes: ReadonlyMap<string, number> = new Map<string, number>([
  ['idfa', IdType.Idfa],
  ['aaid', IdType.Gaid],
  ['gaid', IdType.Gaid],
  ['adid', IdType.Gaid],
  ['oaid', IdType.Oaid],
  ['idfv', IdType.Idfv],
])

/** It dies with the session: no pack can hold it, and it would fill the store with strangers. */
const sessionType = 'sessionid'

/** Adds every id; the hasher drops and counts zeros, macros and other doubtful ones. */
export function addIds(
  request: BidRequest,
  device: OrtbDevice | null,
  user: OrtbUser | null,
  hasher: DeviceHasher,
): void {
  if (device !== null) addDeviceIds(request, device, hasher)
  if (user !== null) addUserIds(request, user, hasher)
}

function addDeviceIds(request: BidRequest, device: OrtbDevice, hasher: DeviceHasher): void {
  const { devices } = request
  const { didmd5, dpidmd5, macmd5, ext } = device
  const isApple = request.device.os === Os.Ios || request.device.os === Os.Mac
  if (isSaid(device.ifa)) addIfa(request, device.ifa, device, hasher)
  // The platform's id is the Android id, on Apple's systems the IDFA (§3.2.18 of 2.5).
  const platformType = isApple ? IdType.IdfaMd5 : IdType.AndroidIdMd5
  if (isSaid(didmd5)) hasher.addText(devices, IdType.ImeiMd5, didmd5)
  if (isSaid(dpidmd5)) hasher.addText(devices, platformType, dpidmd5)
  if (isSaid(macmd5)) hasher.addText(devices, IdType.MacMd5, macmd5)
  if (ext !== null && isSaid(ext.ifv)) hasher.addText(devices, IdType.Idfv, ext.ifv)
}

/** By what the sender says it is, else by the system; one of neither has a scope of its own. */
function addIfa(request: BidRequest, ifa: string, device: OrtbDevice, hasher: DeviceHasher): void {
  const said = device.ext === null ? '' : lowerOr(device.ext.ifa_type)
  if (said === sessionType) return
  const type = ifaTypes.get(said) ?? (said === '' ? ifaTypeOfOs(device, request.device.os) : null)
  if (type === null) hasher.addText(request.devices, IdType.Ifa, ifa, said)
  else hasher.addText(request.devices, type, ifa)
}

function ifaTypeOfOs(device: OrtbDevice, os: Os): number | null {
  if (os === Os.Ios || os === Os.Mac || lowerOr(device.os).startsWith('tvos')) return IdType.Idfa
  if (os === Os.Android) return IdType.Gaid
  return os === Os.Harmony ? IdType.Oaid : null
}

/** `id` and `buyeruid` mean something only together with the exchange that sent them. */
function addUserIds(request: BidRequest, user: OrtbUser, hasher: DeviceHasher): void {
  const { devices, exchange } = request
  if (isSaid(user.buyeruid)) hasher.addText(devices, IdType.BuyerUid, user.buyeruid, exchange)
  if (isSaid(user.id)) hasher.addText(devices, IdType.User, user.id, exchange)
  let seen = 0
  for (const eid of user.eids) {
    const source = lowerOr(eid.source)
    for (const uid of eid.uids) {
      if (seen++ === eidsMax) return
      if (isSaid(uid.id)) hasher.addText(devices, IdType.Eid, uid.id, source)
    }
  }
}

/** Absent and empty ids are not doubtful ids: nobody gave one. */
function isSaid(id: string | null): id is string {
  return id !== null && id !== ''
}
