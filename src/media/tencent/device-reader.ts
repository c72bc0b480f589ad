/**
 * Tencent `Device` to device keys and the few other things it says. Which ids count is known only
 * when all of it was read: the list of doubtful ids may come after them, in parts, or in a second
 * `device` field that decoders merge with the first.
 */
import { type AdRequest, Os } from '../../domain/ad-request.ts'
import type { DeviceKeys } from '../../domain/device-keys.ts'
import { IdType } from '../../domain/id-type.ts'
import type { DeviceHasher } from '../../identity/device-hasher.ts'
import { ProtoReader, textOf, WireType } from '../../lib/proto-reader.ts'

/** CAID versions of one device; the medium sends two or three. More are dropped and counted. */
export const qaidVersionsMax = 8
/** WeChat openids of one person, one an appid; more are dropped and counted. */
export const openidsMax = 8
/** An IPv6 address with an IPv4 tail has 45 characters. */
export const ipBytesMax = 64
/** CAIDs have 32 characters, openids 28, appids 18: longer text is not decoded at all. */
export const idTextBytesMax = 128

/** Fields 2 to 7 of `Device` are strings: five ids and the address. */
const firstText = 2
const lastText = 7
const ipField = 7

/** Bits by value of the enums `DoubtfulId` and `CachedDeviceId`. */
const qaidDoubt = 1 << 6
const cachedByQaid = 7

/**
 * The md5 ids, strongest first, as overflow drops the last. A raw OAID that is doubtful makes its
 * md5 doubtful; a cache keyed by the raw OAID is keyed by the same device as one by its md5.
 */
const md5Ids = [
  { field: 2, type: IdType.IdfaMd5, doubt: 1 << 0, cached: 1 << 0 },
  { field: 3, type: IdType.ImeiMd5, doubt: 1 << 1, cached: 1 << 1 },
  { field: 6, type: IdType.OaidMd5, doubt: (1 << 4) | (1 << 5), cached: (1 << 2) | (1 << 3) },
  { field: 4, type: IdType.AndroidIdMd5, doubt: 1 << 2, cached: 1 << 4 },
  { field: 5, type: IdType.MacMd5, doubt: 1 << 3, cached: 1 << 5 },
] as const

/** Our codes by value of the enum `Os`: Symbian and Java are others. */
const osByValue = [
  Os.Unknown,
  Os.Ios,
  Os.Android,
  Os.Windows,
  Os.Other,
  Os.Other,
  Os.Mac,
  Os.Harmony,
]

/** Columns of a `QaidInfo` or `WxOpenid` kept for later: positions of its texts, -1 = absent. */
const qaidColumns = 7
const openidColumns = 4

/** Collects one request's device; call `start`, `read` for each device field, then `finish`. */
export class DeviceReader {
  readonly #hasher: DeviceHasher
  readonly #reader = new ProtoReader()
  readonly #inner = new ProtoReader()
  /** Start and end of text field n at 2n and 2n + 1; start -1 = absent. */
  readonly #texts = new Int32Array(2 * (lastText + 1))
  readonly #qaids = new Float64Array(qaidVersionsMax * qaidColumns)
  #qaidCount = 0
  readonly #openids = new Int32Array(openidsMax * openidColumns)
  #openidCount = 0
  #dropped = 0
  #os = 0
  #doubtful = 0
  #cachedType = -1

  constructor(hasher: DeviceHasher) {
    this.#hasher = hasher
  }

  /** Forgets the device of the request before. */
  start(): void {
    this.#texts.fill(-1)
    this.#qaidCount = 0
    this.#openidCount = 0
    this.#dropped = 0
    this.#os = 0
    this.#doubtful = 0
    this.#cachedType = -1
  }

  /** Reads the `device` field that `outer` stands at; malformed bytes make `outer` not ok. */
  read(outer: ProtoReader): void {
    const reader = this.#reader
    if (!outer.message(reader)) return
    while (reader.next()) {
      const { field } = reader
      if (reader.wireType === WireType.Bytes && field >= firstText && field <= lastText) {
        if (reader.span()) {
          this.#texts[2 * field] = reader.from
          this.#texts[2 * field + 1] = reader.to
        }
      } else {
        this.#field(reader)
      }
    }
    if (!reader.ok) outer.ok = false
  }

  /** Puts everything that was read into the request; `body` is what the positions refer to. */
  finish(body: Uint8Array, request: AdRequest): void {
    request.os = osByValue[this.#os] ?? Os.Unknown
    const ipFrom = this.#texts[2 * ipField] ?? -1
    const ipTo = this.#texts[2 * ipField + 1] ?? -1
    if (ipFrom >= 0 && ipTo - ipFrom <= ipBytesMax) request.ip = textOf(body, ipFrom, ipTo)
    const { devices } = request
    devices.overflow += this.#dropped
    this.#addMd5Ids(body, devices)
    this.#addQaids(body, devices)
    this.#addOpenids(body, devices)
  }

  #field(reader: ProtoReader): void {
    switch (reader.tag) {
      case (1 << 3) | 0: {
        // os
        const os = reader.int32()
        // Values an enum does not have are unknown fields (proto2): the last known one stays.
        if (os >= 0 && os < osByValue.length) this.#os = os
        return
      }
      case (9 << 3) | 0: // doubtful_ids_list
        this.#addDoubtful(reader.int32())
        return
      case (9 << 3) | 2: // the same, packed
        this.#readPackedDoubtful(reader)
        return
      case (10 << 3) | 0: {
        // cached_deviceid_type
        const type = reader.int32()
        if (type >= 0 && type <= cachedByQaid) this.#cachedType = type
        return
      }
      case (13 << 3) | 2: // qaid_infos
        this.#readQaid(reader)
        return
      case (14 << 3) | 2: // wx_openid
        this.#readOpenid(reader)
        return
      default:
        reader.skip()
    }
  }

  #addDoubtful(value: number): void {
    if (value >= 0 && value <= 6) this.#doubtful |= 1 << value
  }

  #readPackedDoubtful(reader: ProtoReader): void {
    const inner = this.#inner
    if (!reader.message(inner)) return
    while (inner.ok && inner.position < inner.end) this.#addDoubtful(inner.int32())
    if (!inner.ok) reader.ok = false
  }

  /** Columns: version, qaid from and to, origin_version from and to, qaid_md5sum from and to. */
  #readQaid(reader: ProtoReader): void {
    const inner = this.#inner
    if (!reader.message(inner)) return
    if (this.#qaidCount === qaidVersionsMax) {
      this.#drop(reader, inner)
      return
    }
    const row = this.#qaidCount++ * qaidColumns
    for (let column = 0; column < qaidColumns; column++) this.#qaids[row + column] = -1
    while (inner.next()) {
      const { field } = inner
      if (inner.wireType === WireType.Bytes && field >= 2 && field <= 4) {
        if (!inner.span()) break
        this.#qaids[row + 2 * field - 3] = inner.from
        this.#qaids[row + 2 * field - 2] = inner.to
      } else if (inner.tag === ((1 << 3) | 0)) this.#qaids[row] = inner.varint()
      else inner.skip()
    }
    if (!inner.ok) reader.ok = false
  }

  /** Columns: appid from and to, openid from and to. */
  #readOpenid(reader: ProtoReader): void {
    const inner = this.#inner
    if (!reader.message(inner)) return
    if (this.#openidCount === openidsMax) {
      this.#drop(reader, inner)
      return
    }
    const row = this.#openidCount++ * openidColumns
    for (let column = 0; column < openidColumns; column++) this.#openids[row + column] = -1
    while (inner.next()) {
      const { field } = inner
      if (inner.wireType !== WireType.Bytes || field > 2) inner.skip()
      else if (inner.span()) {
        this.#openids[row + 2 * field - 2] = inner.from
        this.#openids[row + 2 * field - 1] = inner.to
      }
    }
    if (!inner.ok) reader.ok = false
  }

  /** An entry beyond the limit is read for its validity only. */
  #drop(reader: ProtoReader, inner: ProtoReader): void {
    while (inner.next()) inner.skip()
    if (!inner.ok) reader.ok = false
    this.#dropped++
  }

  #addMd5Ids(body: Uint8Array, devices: DeviceKeys): void {
    for (const { field, type, doubt, cached } of md5Ids) {
      const from = this.#texts[2 * field] ?? -1
      if (from < 0) continue
      if ((this.#doubtful & doubt) !== 0) {
        devices.doubtful++
        continue
      }
      const to = this.#texts[2 * field + 1] ?? from
      const index = this.#hasher.add(devices, type, body, from, to)
      if (index >= 0 && ((cached >>> this.#cachedType) & 1) === 1 && this.#cachedType >= 0) {
        devices.cachedBy = index
      }
    }
  }

  #addQaids(body: Uint8Array, devices: DeviceKeys): void {
    for (let entry = 0; entry < this.#qaidCount; entry++) {
      const row = entry * qaidColumns
      const scope = this.#qaidScope(body, row)
      const byMd5 = this.#addQaid(body, devices, { type: IdType.CaidMd5, at: row + 5, scope })
      // Both forms give one key, unless the medium's md5 was taken of another spelling.
      const byRaw = this.#addQaid(body, devices, { type: IdType.Caid, at: row + 1, scope })
      if (this.#cachedType !== cachedByQaid || devices.cachedBy >= 0) continue
      devices.cachedBy = byMd5 >= 0 ? byMd5 : byRaw
    }
  }

  /** The version a CAID is published under: its own name of it, else the medium's number. */
  #qaidScope(body: Uint8Array, row: number): string {
    const from = this.#qaids[row + 3] ?? -1
    const to = this.#qaids[row + 4] ?? -1
    if (to > from && to - from <= idTextBytesMax) return textOf(body, from, to)
    const version = this.#qaids[row] ?? -1
    return version >= 0 ? String(version) : ''
  }

  #addQaid(
    body: Uint8Array,
    devices: DeviceKeys,
    id: { type: IdType; at: number; scope: string },
  ): number {
    const from = this.#qaids[id.at] ?? -1
    const to = this.#qaids[id.at + 1] ?? -1
    if (from < 0) return -1
    if ((this.#doubtful & qaidDoubt) !== 0 || to - from > idTextBytesMax) {
      devices.doubtful++
      return -1
    }
    return this.#hasher.addText(devices, id.type, textOf(body, from, to), id.scope)
  }

  #addOpenids(body: Uint8Array, devices: DeviceKeys): void {
    for (let entry = 0; entry < this.#openidCount; entry++) {
      const row = entry * openidColumns
      const appFrom = this.#openids[row] ?? -1
      const appTo = this.#openids[row + 1] ?? -1
      const from = this.#openids[row + 2] ?? -1
      const to = this.#openids[row + 3] ?? -1
      if (from < 0) continue
      if (to - from > idTextBytesMax || appTo - appFrom > idTextBytesMax) {
        devices.doubtful++
        continue
      }
      const appid = appFrom < 0 ? '' : textOf(body, appFrom, appTo)
      this.#hasher.addText(devices, IdType.Openid, textOf(body, from, to), appid)
    }
  }
}
