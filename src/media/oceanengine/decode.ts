/**
 * Ocean Engine request bytes to `AdRequest`: a partial reader of `Req` and `Device`
 * (rta-media.md §2.1, proto/oceanengine.proto). What no decision uses is skipped unread.
 */
import type { AdRequest } from '../../domain/ad-request.ts'
import { Os } from '../../domain/ad-request.ts'
import type { DeviceKeys } from '../../domain/device-keys.ts'
import { IdType } from '../../domain/id-type.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { DeviceHasher } from '../../identity/device-hasher.ts'
import { ProtoReader, textOf, WireType } from '../../lib/proto-reader.ts'
import { Int64Texts } from './int64-texts.ts'

/**
 * `rta_ids` one request may carry, repeats included. Real requests ask tens; the widest table in
 * public code holds 1 024 for all its traffic. Every id asked must be answered, so a request
 * beyond it is refused whole: of ids cut off the list nobody knows how the medium reads them.
 */
export const rtaIdsMax = 512

/**
 * `vids` of one request. A request hits a handful of layers; a cut list could hide an excluded
 * bucket, so a request beyond it is refused whole.
 */
export const experimentIdsMax = 256

/**
 * Fields of one request, those of its sub-messages included. The tables have some seventy, a few
 * repeat; the limit bounds what a body of two-byte fields may cost (64 KiB hold 32 768 of them).
 */
export const fieldsMax = 4_096

/** Entries of `paids` that are read: two versions exist ("1.3/1.4"), and as many again to come. */
export const paidsMax = 4

/** Longest `req_id` that is kept and echoed: four times a UUID, and more. Longer = not echoed. */
export const reqIdBytesMax = 256

/** Longest city, country, address or version text that a condition can see. Longer = empty. */
export const textBytesMax = 128

/**
 * A joint experiment (`enable_strategy` Type_2..10) is condition number base + type: near the top
 * of int32, where neither buckets (counted from 1) nor, we expect, vids will ever be.
 */
export const jointExperimentBase = 2_000_000_000

/** `did_type` by number; the form of `did`. */
const didTypes: readonly IdType[] = [
  IdType.Imei,
  IdType.ImeiMd5,
  IdType.AndroidId,
  IdType.AndroidIdMd5,
  IdType.Idfa,
  IdType.IdfaMd5,
  IdType.Oaid,
  IdType.OaidMd5,
  IdType.Gaid,
  IdType.GaidMd5,
]

/** `device_os_type` by number; 1 and 2 mean the same in `Req.platform`. */
const osTypes: readonly Os[] = [Os.Unknown, Os.Android, Os.Ios, Os.Windows]

/** Where the span of a string is kept: the field number in `Device`, or a place no field has. */
const Slot = {
  did: 0,
  imeiMd5: 1,
  androidIdMd5: 2,
  oaid: 3,
  idfa: 4,
  caid1: 6,
  caid2: 7,
  gaid: 9,
  ip: 17,
  idfv: 21,
  osVersion: 28,
  caid1Version: 31,
  caid2Version: 32,
  requestId: 34,
  city: 35,
  country: 36,
} as const
const slots = 37
const deviceOsTypeField = 27
const devicePaidsField = 33

/** Tags (field number << 3 | wire type) of `Geo`. */
const GeoTag = {
  city: (1 << 3) | WireType.Varint,
  latitude: (2 << 3) | WireType.Fixed64,
  longitude: (3 << 3) | WireType.Fixed64,
  country: (4 << 3) | WireType.Bytes,
  district: (5 << 3) | WireType.Varint,
} as const

/** Plain ids in the order of trust: `DeviceKeys` holds a limited number. */
const plainIds: readonly { readonly slot: number; readonly type: IdType }[] = [
  { slot: Slot.oaid, type: IdType.Oaid },
  { slot: Slot.idfa, type: IdType.Idfa },
  { slot: Slot.imeiMd5, type: IdType.ImeiMd5 },
  { slot: Slot.gaid, type: IdType.Gaid },
  { slot: Slot.androidIdMd5, type: IdType.AndroidIdMd5 },
  { slot: Slot.idfv, type: IdType.Idfv },
]

/** Ids that only the medium can make; the scope names medium and field. */
const secureIds: readonly { readonly slot: number; readonly scope: string }[] = [
  { slot: 5, scope: 'oceanengine.imei_secure_id' },
  { slot: 10, scope: 'oceanengine.imei_md5_secure_id' },
  { slot: 11, scope: 'oceanengine.idfa_secure_id' },
  { slot: 12, scope: 'oceanengine.idfa_md5_secure_id' },
  { slot: 13, scope: 'oceanengine.oaid_secure_id' },
  { slot: 14, scope: 'oceanengine.oaid_md5_secure_id' },
  { slot: 24, scope: 'oceanengine.caid1_secure_id' },
  { slot: 25, scope: 'oceanengine.caid2_secure_id' },
]

/** True for the string fields of `Device` whose span is kept. */
const isDeviceSlot: readonly boolean[] = Array.from({ length: slots }, (_, slot) =>
  [
    ...[...plainIds, ...secureIds].map((id) => id.slot),
    Slot.caid1,
    Slot.caid2,
    Slot.caid1Version,
    Slot.caid2Version,
    Slot.ip,
    Slot.osVersion,
  ].includes(slot),
)

const noBytes = new Uint8Array(0)

/**
 * Reads requests one at a time. Strings are kept as spans of the body until its end is reached:
 * a later occurrence of a singular field replaces an earlier one, in sub-messages too.
 */
export class OceanengineDecoder {
  readonly #hasher: DeviceHasher
  readonly #reader = new ProtoReader()
  readonly #inner = new ProtoReader()
  readonly #innermost = new ProtoReader()
  readonly #idTexts = new Int64Texts()
  /** Halves of the distinct `rta_ids` so far. */
  readonly #askedHigh = new Uint32Array(rtaIdsMax)
  readonly #askedLow = new Uint32Array(rtaIdsMax)
  /** Start and end of each slot, at 2 × slot; equal where absent or empty. */
  readonly #spans = new Int32Array(2 * slots)
  /** Start and end of value and version of each paid. */
  readonly #paids = new Int32Array(4 * paidsMax)
  #paidCount = 0
  #fieldCount = 0
  #rtaIdCount = 0
  #platform = 0
  #osType = 0
  #didType = 0
  #experiment = 0
  #enableStrategy = 0
  #latitude = 0
  #longitude = 0
  #vids: number[] = []

  constructor(hasher: DeviceHasher) {
    this.#hasher = hasher
  }

  /**
   * Fills a cleared `request` from `body`. `Malformed` for bytes that are no `Req` or over a
   * limit, `EmptyBody`, `NothingAsked` where no `rta_ids` came; never throws.
   */
  decode(body: Uint8Array, request: AdRequest): Refusal {
    if (body.length === 0) return Refusal.EmptyBody
    this.#clear()
    const reader = this.#reader.reset(body)
    while (this.#next(reader)) {
      if (reader.is(WireType.Bytes)) this.#readBytes(request)
      else if (reader.is(WireType.Varint)) this.#readVarint(request)
      else reader.skip()
    }
    const isWhole = reader.ok
    request.requestId = this.#text(body, Slot.requestId, reqIdBytesMax)
    if (isWhole) this.#finish(body, request)
    // The body belongs to the caller again.
    reader.reset(noBytes)
    this.#inner.reset(noBytes)
    this.#innermost.reset(noBytes)
    if (!isWhole) return Refusal.Malformed
    return request.asked === null ? Refusal.NothingAsked : Refusal.None
  }

  #clear(): void {
    this.#spans.fill(0)
    this.#paidCount = 0
    this.#fieldCount = 0
    this.#rtaIdCount = 0
    this.#platform = 0
    this.#osType = 0
    this.#didType = 0
    this.#experiment = 0
    this.#enableStrategy = 0
    this.#latitude = 0
    this.#longitude = 0
    if (this.#vids.length > 0) this.#vids = []
  }

  /** The next field of a message, as long as the whole request is within its limit. */
  #next(reader: ProtoReader): boolean {
    if (!reader.next()) return false
    if (++this.#fieldCount > fieldsMax) reader.ok = false
    return reader.ok
  }

  #readVarint(request: AdRequest): void {
    const reader = this.#reader
    switch (reader.field) {
      case 1:
        this.#platform = reader.int32()
        return
      case 3:
        request.slotId = int64OrEmpty(reader)
        return
      case 9:
        this.#didType = reader.int32()
        return
      case 10:
        this.#experiment = reader.int32()
        return
      case 14:
        this.#ask(request, reader)
        return
      case 15:
        this.#enableStrategy = reader.int32()
        return
      case 24:
        this.#addVid(reader.int32())
        return
      default:
        reader.skip()
    }
  }

  #readBytes(request: AdRequest): void {
    const reader = this.#reader
    // Every length-delimited field ends where its span ends, wanted or not.
    if (!reader.span()) return
    switch (reader.field) {
      case 2:
        this.#keep(Slot.did, reader)
        return
      case 6:
        this.#keep(Slot.city, reader)
        return
      case 12:
        this.#keep(Slot.requestId, reader)
        return
      case 14:
        this.#readPackedRtaIds(request)
        return
      case 17:
        this.#readDevice()
        return
      case 19:
        this.#readGeo(request)
        return
      case 24:
        this.#readPackedVids()
        return
      default:
    }
  }

  #keep(slot: number, reader: ProtoReader): void {
    this.#spans[2 * slot] = reader.from
    this.#spans[2 * slot + 1] = reader.to
  }

  /** Points the inner reader at the span just read. */
  #enter(): ProtoReader {
    const { bytes, from, to } = this.#reader
    return this.#inner.reset(bytes, from, to)
  }

  #readPackedRtaIds(request: AdRequest): void {
    const inner = this.#enter()
    while (inner.position < inner.end && inner.ok && this.#reader.ok) {
      this.#ask(request, inner)
    }
    if (!inner.ok) this.#reader.ok = false
  }

  #readPackedVids(): void {
    const inner = this.#enter()
    while (inner.position < inner.end && inner.ok && this.#reader.ok) {
      const vid = inner.int32()
      if (inner.ok) this.#addVid(vid)
    }
    if (!inner.ok) this.#reader.ok = false
  }

  /** Reads an id asked about and notes it, once; the order is that of first mention. */
  #ask(request: AdRequest, reader: ProtoReader): void {
    const low = reader.varint()
    const high = reader.high
    if (!reader.ok) return
    if (++this.#rtaIdCount > rtaIdsMax) {
      this.#reader.ok = false
      return
    }
    request.asked ??= []
    const count = request.asked.length
    // A scan is enough: a full list costs a tenth of a millisecond, a usual one nothing.
    for (let i = 0; i < count; i++) {
      if (this.#askedLow[i] === low && this.#askedHigh[i] === high) return
    }
    this.#askedLow[count] = low
    this.#askedHigh[count] = high
    request.asked.push(this.#idTexts.of(high, low))
  }

  #addVid(vid: number): void {
    if (this.#vids.length === experimentIdsMax) this.#reader.ok = false
    else this.#vids.push(vid)
  }

  #readDevice(): void {
    const inner = this.#enter()
    while (this.#next(inner)) {
      const { field } = inner
      const isBytes = inner.is(WireType.Bytes)
      if (isBytes && isDeviceSlot[field] === true) {
        if (inner.span()) this.#keep(field, inner)
      } else if (isBytes && field === devicePaidsField) this.#readPaid()
      else if (field === deviceOsTypeField && inner.is(WireType.Varint)) {
        this.#osType = inner.int32()
      } else inner.skip()
    }
    if (!inner.ok) this.#reader.ok = false
  }

  /** One entry of `paids`: 1 value, 2 version. Those beyond the limit are walked, not kept. */
  #readPaid(): void {
    const paid = this.#innermost
    if (!this.#inner.message(paid)) return
    const index = this.#paidCount++
    const isKept = index < paidsMax
    if (isKept) this.#paids.fill(0, 4 * index, 4 * index + 4)
    while (this.#next(paid)) {
      if (isKept && paid.field <= 2 && paid.is(WireType.Bytes)) {
        paid.span()
        const at = 4 * index + 2 * (paid.field - 1)
        this.#paids[at] = paid.from
        this.#paids[at + 1] = paid.to
      } else paid.skip()
    }
    if (!paid.ok) this.#inner.ok = false
  }

  #readGeo(request: AdRequest): void {
    const inner = this.#enter()
    const { geo } = request
    while (this.#next(inner)) {
      switch ((inner.field << 3) | inner.wireType) {
        case GeoTag.city:
          geo.city = int64OrEmpty(inner)
          break
        case GeoTag.latitude:
          this.#latitude = inner.double()
          break
        case GeoTag.longitude:
          this.#longitude = inner.double()
          break
        case GeoTag.country:
          if (inner.span()) this.#keep(Slot.country, inner)
          break
        case GeoTag.district:
          geo.district = int64OrEmpty(inner)
          break
        default:
          inner.skip()
      }
    }
    if (!inner.ok) this.#reader.ok = false
  }

  /** What needs the whole message: the ids, and the fields that others decide about. */
  #finish(body: Uint8Array, request: AdRequest): void {
    const isSaid = this.#platform === 1 || this.#platform === 2
    request.os = osTypes[isSaid ? this.#platform : this.#osType] ?? Os.Unknown
    request.osVersion = this.#text(body, Slot.osVersion, textBytesMax)
    request.ip = this.#text(body, Slot.ip, textBytesMax)
    const { geo } = request
    geo.country = this.#text(body, Slot.country, textBytesMax)
    if (geo.city === '') geo.city = this.#text(body, Slot.city, textBytesMax)
    // proto3 sends 0,0 (or nothing) for "not known"; NaN fails every comparison.
    const isLocated = this.#latitude !== 0 || this.#longitude !== 0
    if (isLocated && Math.abs(this.#latitude) <= 90 && Math.abs(this.#longitude) <= 180) {
      geo.latitude = this.#latitude
      geo.longitude = this.#longitude
    }
    this.#putExperiments(request)
    this.#putIds(body, request)
  }

  /** Bucket first, then vids as sent, then the joint experiment; a bucket of zero is none. */
  #putExperiments(request: AdRequest): void {
    const joint = this.#enableStrategy
    if (this.#experiment !== 0) request.experimentIds.push(this.#experiment)
    for (const vid of this.#vids) request.experimentIds.push(vid)
    if (joint >= 2 && joint <= 10) request.experimentIds.push(jointExperimentBase + joint)
  }

  #putIds(body: Uint8Array, request: AdRequest): void {
    const { devices } = request
    // proto3 cannot tell "imei" from "not said"; an iPhone has no imei, and its did is the idfa.
    const isIdfa = this.#didType === 0 && request.os === Os.Ios
    const didType = isIdfa ? IdType.Idfa : didTypes[this.#didType]
    // The request's own id first: answers are kept by it, and it must not fall off the end.
    if (didType !== undefined) devices.cachedBy = this.#addPlain(body, devices, Slot.did, didType)
    for (const { slot, type } of plainIds) this.#addPlain(body, devices, slot, type)
    this.#addCaid(body, devices, Slot.caid1, Slot.caid1Version)
    this.#addCaid(body, devices, Slot.caid2, Slot.caid2Version)
    this.#addPaids(body, devices)
    for (const { slot, scope } of secureIds) {
      const id = this.#text(body, slot, body.length)
      if (id !== '') this.#hasher.addText(devices, IdType.MediumSecure, id, scope)
    }
  }

  /** Index of the id in the slot, or -1 when there is none or the hasher finds it doubtful. */
  // oxlint-disable-next-line max-params -- no wrapper object per id
  #addPlain(body: Uint8Array, devices: DeviceKeys, slot: number, type: IdType): number {
    const from = this.#spans[2 * slot] ?? 0
    const to = this.#spans[2 * slot + 1] ?? 0
    // proto3: an empty string is an absent one, so it is not even doubtful.
    return from === to ? -1 : this.#hasher.add(devices, type, body, from, to)
  }

  // oxlint-disable-next-line max-params -- no wrapper object per id
  #addCaid(body: Uint8Array, devices: DeviceKeys, slot: number, versionSlot: number): void {
    const id = this.#text(body, slot, body.length)
    const version = this.#text(body, versionSlot, body.length)
    if (id !== '') this.#hasher.addText(devices, IdType.Caid, id, version)
  }

  #addPaids(body: Uint8Array, devices: DeviceKeys): void {
    const paids = this.#paids
    const count = Math.min(this.#paidCount, paidsMax)
    for (let at = 0; at < 4 * count; at += 4) {
      const id = textOf(body, paids[at] ?? 0, paids[at + 1] ?? 0)
      const version = textOf(body, paids[at + 2] ?? 0, paids[at + 3] ?? 0)
      if (id !== '') this.#hasher.addText(devices, IdType.Paid, id, version)
    }
  }

  /** Text of a slot; empty where it is longer than `bytesMax`. */
  #text(body: Uint8Array, slot: number, bytesMax: number): string {
    const from = this.#spans[2 * slot] ?? 0
    const to = this.#spans[2 * slot + 1] ?? 0
    return to - from > bytesMax ? '' : textOf(body, from, to)
  }
}

/** An int64 where zero means "not said". */
function int64OrEmpty(reader: ProtoReader): string {
  const id = reader.int64Text()
  return id === '0' ? '' : id
}
