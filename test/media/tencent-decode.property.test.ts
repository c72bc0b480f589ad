/**
 * The hand-written partial reader of Tencent requests against protobufjs' full decoder: both
 * refuse, or both accept with equal fields. Bytes are arbitrary, shaped like protobuf, generated
 * from the schema, generated and mutated, and generated messages one after another (merging).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { AdRequest, Os, RequestKind } from '../../src/domain/ad-request.ts'
import type { DeviceKeys } from '../../src/domain/device-keys.ts'
import { IdType } from '../../src/domain/id-type.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import { protoFolder } from '../../src/media/proto-root.ts'
import { adPartsMax, adsMax, adTextBytesMax } from '../../src/media/tencent/ad-info-reader.ts'
import {
  experimentIdsMax,
  requestIdBytesMax,
  TencentDecoder,
} from '../../src/media/tencent/decode.ts'
import {
  idTextBytesMax,
  ipBytesMax,
  openidsMax,
  qaidVersionsMax,
} from '../../src/media/tencent/device-reader.ts'
import { canonicalOf, goldenHasher, keysOf } from '../golden/canonical.ts'

/**
 * protobufjs lets an unknown varint run on for ever; C++, Java and Go stop at ten bytes, as we do.
 */
class StrictReader extends protobuf.Reader {
  override skip(length?: number): protobuf.Reader {
    if (length === undefined) this.uint64()
    else super.skip(length)
    return this
  }
}

const protoText = readFileSync(join(protoFolder(), 'tencent.proto'), 'utf8')
// What we skip is not looked into: to the oracle it is bytes as well. Texts are bytes because
// their limits count bytes on the wire, not those of a text with U+FFFD in it.
const skippedText = protoText
  .replace('repeated FlModel fl_models', 'repeated bytes fl_models')
  .replace(
    'repeated uint32 crt_template_id = 15 [packed = true]',
    'repeated bytes crt_template_id = 15',
  )
  .replace(/\bstring\b/g, 'bytes')
const requestType = typeOf(skippedText)
const fullRequestType = typeOf(protoText)

function typeOf(text: string): protobuf.Type {
  return protobuf.parse(text, { keepCase: true }).root.lookupType('tencent.ad.rta.RtaRequest')
}

/** A string field as its bytes. */
type Text = Uint8Array

interface WireQaid {
  version?: number
  qaid?: Text
  origin_version?: Text
  qaid_md5sum?: Text
}

interface WireDevice {
  os?: number
  doubtful_ids_list?: number[]
  cached_deviceid_type?: number
  qaid_infos?: WireQaid[]
  wx_openid?: { appid?: Text; openid?: Text }[]
  idfa_md5sum?: Text
  imei_md5sum?: Text
  oaid_md5sum?: Text
  android_id_md5sum?: Text
  mac_md5sum?: Text
  ip?: Text
}

interface WireAd {
  adgroup_id?: string
  advertiser_id?: number
  out_target_id?: Text
  creative_infos?: { creative_id?: string }[]
  product_infos?: { product_lib?: string; out_product_id?: Text }[]
}

interface WireRequestMessage {
  id?: Text
  is_ping?: boolean
  is_test?: boolean
  siteset_id?: string
  device?: WireDevice
  request_info?: { request_type?: number }
  exps?: { exp_id?: number }[]
  ad_infos?: WireAd[]
}

function decodeFully(type: protobuf.Type, bytes: Uint8Array): WireRequestMessage | null {
  try {
    const reader = new StrictReader(bytes)
    return type.toObject(type.decode(reader), { longs: String }) as WireRequestMessage
  } catch {
    return null
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

const short = (text: Text | undefined, bytesMax: number): string =>
  text !== undefined && text.length <= bytesMax ? utf8.decode(text) : ''

/** The request the full message means, written down the slow and plain way. */
function expected(message: WireRequestMessage): AdRequest {
  const request = new AdRequest()
  request.requestId = short(message.id, requestIdBytesMax)
  request.isTest = message.is_test ?? false
  request.slotId = message.siteset_id ?? ''
  if (message.is_ping === true) request.kind = RequestKind.Ping
  else if (message.request_info?.request_type === 2) request.kind = RequestKind.Second
  request.experimentIds = (message.exps ?? [])
    .flatMap(({ exp_id }) => (exp_id === undefined ? [] : [exp_id]))
    .slice(0, experimentIdsMax)
  if (request.kind === RequestKind.Second) request.ads = expectedAds(message.ad_infos ?? [])
  fillDevice(message.device ?? {}, request)
  return request
}

function expectedAds(ads: readonly WireAd[]) {
  let parts = 0
  return ads.slice(0, adsMax).map((ad) => ({
    adGroupId: ad.adgroup_id ?? '',
    advertiserId: ad.advertiser_id === undefined ? '' : String(ad.advertiser_id),
    outTargetId: short(ad.out_target_id, adTextBytesMax),
    creativeIds: (ad.creative_infos ?? []).flatMap(({ creative_id }) =>
      creative_id !== undefined && parts++ < adPartsMax ? [creative_id] : [],
    ),
    products: (ad.product_infos ?? []).flatMap((product) => {
      const productId = short(product.out_product_id, adTextBytesMax)
      if (productId === '' || parts++ >= adPartsMax) return []
      return [{ libraryId: product.product_lib ?? '', productId }]
    }),
  }))
}

const oses = [Os.Unknown, Os.Ios, Os.Android, Os.Windows, Os.Other, Os.Other, Os.Mac, Os.Harmony]

interface IdRule {
  type: number
  doubts: number[]
  scope?: string
}

/** The two steps of one id: make it a key, and note it when the medium caches by one of `types`. */
function stepsFor(device: WireDevice, devices: DeviceKeys) {
  const doubtful = new Set(device.doubtful_ids_list)
  const add = (text: Text | undefined, { type, doubts, scope }: IdRule) => {
    if (text === undefined) return -1
    const isLong = scope !== undefined && text.length > idTextBytesMax
    if (isLong || doubts.some((doubt) => doubtful.has(doubt))) {
      devices.doubtful++
      return -1
    }
    return goldenHasher.addText(devices, type, utf8.decode(text), scope ?? '')
  }
  const cache = (index: number, ...types: number[]) => {
    if (index >= 0 && types.includes(device.cached_deviceid_type ?? -1)) devices.cachedBy = index
  }
  return { add, cache }
}

function fillDevice(device: WireDevice, request: AdRequest): void {
  const { devices } = request
  const { add, cache } = stepsFor(device, devices)
  request.os = oses[device.os ?? 0] ?? Os.Unknown
  request.ip = short(device.ip, ipBytesMax)
  cache(add(device.idfa_md5sum, { type: IdType.IdfaMd5, doubts: [0] }), 0)
  cache(add(device.imei_md5sum, { type: IdType.ImeiMd5, doubts: [1] }), 1)
  cache(add(device.oaid_md5sum, { type: IdType.OaidMd5, doubts: [4, 5] }), 2, 3)
  cache(add(device.android_id_md5sum, { type: IdType.AndroidIdMd5, doubts: [2] }), 4)
  cache(add(device.mac_md5sum, { type: IdType.MacMd5, doubts: [3] }), 5)
  fillQaids(device, devices)
  fillOpenids(device, devices)
}

function fillQaids(device: WireDevice, devices: DeviceKeys): void {
  const { add, cache } = stepsFor(device, devices)
  const qaids = device.qaid_infos ?? []
  devices.overflow += Math.max(0, qaids.length - qaidVersionsMax)
  for (const qaid of qaids.slice(0, qaidVersionsMax)) {
    const name = short(qaid.origin_version, idTextBytesMax)
    const scope = name === '' ? String(qaid.version ?? '') : name
    const byMd5 = add(qaid.qaid_md5sum, { type: IdType.CaidMd5, doubts: [6], scope })
    const byRaw = add(qaid.qaid, { type: IdType.Caid, doubts: [6], scope })
    if (devices.cachedBy < 0) cache(byMd5 >= 0 ? byMd5 : byRaw, 7)
  }
}

function fillOpenids(device: WireDevice, devices: DeviceKeys): void {
  const { add } = stepsFor(device, devices)
  const openids = device.wx_openid ?? []
  devices.overflow += Math.max(0, openids.length - openidsMax)
  for (const { appid, openid } of openids.slice(0, openidsMax)) {
    const isLong = (appid?.length ?? 0) > idTextBytesMax
    if (openid !== undefined && isLong) devices.doubtful++
    else add(openid, { type: IdType.Openid, doubts: [], scope: short(appid, idTextBytesMax) })
  }
}

const decoder = new TencentDecoder(goldenHasher)

function compare(bytes: Uint8Array): void {
  const request = new AdRequest()
  const refusal = decoder.decode(bytes, request)
  const message = decodeFully(requestType, bytes)
  expect(refusal).toBe(message === null ? Refusal.Malformed : Refusal.None)
  if (message !== null) {
    const wanted = expected(message)
    expect(canonicalOf(request)).toEqual(canonicalOf(wanted))
    expect(keysOf(request.devices)).toEqual(keysOf(wanted.devices))
  }
  // And whatever the whole schema accepts, we accept.
  if (decodeFully(fullRequestType, bytes) !== null) expect(refusal).toBe(Refusal.None)
}

const hex = fc.stringMatching(/^[0-9a-f]{32}$/)
const idText = fc.oneof(
  hex,
  fc.constantFrom('', '0', '00000000-0000-0000-0000-000000000000'),
  fc.string({ unit: 'binary' }),
)
const longText = fc.oneof(idText, fc.string({ minLength: 100, maxLength: 300 }))
const uint32 = fc.oneof(fc.nat(9), fc.integer({ min: 0, max: 0xffff_ffff }))
const uint64 = fc.oneof(
  fc.constantFrom('0', '18446744073709551615', '9007199254740993'),
  fc.bigInt(0n, 2n ** 64n - 1n).map(String),
)
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
const few = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 })
const many = <T>(value: fc.Arbitrary<T>, maxLength: number) =>
  fc.oneof(
    { weight: 9, arbitrary: few(value) },
    { weight: 1, arbitrary: fc.array(value, { minLength: maxLength, maxLength: maxLength + 3 }) },
  )

const deviceMessage = fc.record(
  {
    os: fc.nat(9),
    idfa_md5sum: idText,
    imei_md5sum: idText,
    android_id_md5sum: idText,
    mac_md5sum: idText,
    oaid_md5sum: idText,
    ip: longText,
    doubtful_ids_list: few(fc.nat(8)),
    cached_deviceid_type: fc.nat(9),
    qaid_infos: many(
      fc.record(
        { version: uint32, qaid: longText, origin_version: longText, qaid_md5sum: idText },
        { requiredKeys: [] },
      ),
      qaidVersionsMax,
    ),
    wx_openid: many(
      fc.record({ appid: longText, openid: longText }, { requiredKeys: [] }),
      openidsMax,
    ),
  },
  { requiredKeys: [] },
)

const adMessage = fc.record(
  {
    adgroup_id: uint64,
    creative_infos: few(
      fc.record({ creative_id: uint64, crt_template_id: uint32 }, { requiredKeys: [] }),
    ),
    product_infos: few(
      fc.record({ product_lib: uint64, out_product_id: longText }, { requiredKeys: [] }),
    ),
    advertiser_id: uint32,
    out_target_id: longText,
  },
  { requiredKeys: [] },
)

const requestMessage = fc.record(
  {
    id: longText,
    is_ping: fc.boolean(),
    is_test: fc.boolean(),
    device: deviceMessage,
    siteset_id: uint64,
    request_info: fc.record({ request_type: fc.constantFrom(0, 1, 2, 3) }, { requiredKeys: [] }),
    exps: many(fc.record({ exp_id: uint32 }, { requiredKeys: [] }), experimentIdsMax),
    ad_infos: few(adMessage),
    unified_request_id: some(fc.string()).map((text) => text ?? ''),
    fl_models: few(
      fc.record(
        { model_id: uint64, embedding: few(fc.float({ noNaN: true })) },
        { requiredKeys: [] },
      ),
    ),
    crt_template_id: few(uint32),
    rta_trace_id_list: few(fc.string()),
    ad_request_time: uint64,
  },
  { requiredKeys: [] },
)

const validBytes = requestMessage.map((message) =>
  // As protoc writes them: numbers of enums that the schema does not have are kept, too.
  Uint8Array.from(fullRequestType.encode(fullRequestType.fromObject(message)).finish()),
)

const mutation = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('set', 'cut', 'drop', 'add', 'twice'),
  byte: fc.nat(255),
})

function mutate(
  bytes: Uint8Array,
  mutations: readonly { at: number; kind: string; byte: number }[],
): Uint8Array {
  let mutated = [...bytes]
  for (const { at, kind, byte } of mutations) {
    const index = mutated.length === 0 ? 0 : at % mutated.length
    if (kind === 'set') mutated[index] = byte
    else if (kind === 'cut') mutated = mutated.slice(0, index)
    else if (kind === 'drop') mutated.splice(index, 1)
    else if (kind === 'add') mutated.splice(index, 0, byte)
    else mutated.splice(index, 0, ...mutated.slice(index, index + 1 + (byte % 16)))
  }
  return Uint8Array.from(mutated)
}

const varint = fc.oneof(
  fc.nat(127).map((value) => [value]),
  fc.array(fc.integer({ min: 128, max: 255 }), { maxLength: 11 }).map((bytes) => [...bytes, 1]),
  fc.array(fc.constant(128), { maxLength: 11 }).map((bytes) => [...bytes, 0]),
)
const lengthDelimited = (contents: readonly number[]) => [
  contents.length & 0x7f,
  ...contents.slice(0, 127),
]

/** Fields with known and unknown numbers and every wire type, nested in each other. */
const { shaped } = fc.letrec<{ shaped: number[]; field: number[]; value: number[] }>((tie) => ({
  shaped: fc.array(tie('field'), { maxLength: 6 }).map((fields) => fields.flat()),
  field: fc
    .tuple(
      fc.integer({ min: 0, max: 20 }),
      fc.nat(7),
      tie('value'),
      varint,
      fc.array(fc.nat(255), { minLength: 8, maxLength: 8 }),
    )
    .map(([number, wireType, value, digits, fixed]) => {
      const tag = (number << 3) | wireType
      const head = tag < 128 ? [tag] : [(tag & 0x7f) | 128, tag >>> 7]
      if (wireType === 0) return [...head, ...digits]
      if (wireType === 1) return [...head, ...fixed]
      if (wireType === 2) return [...head, ...lengthDelimited(value)]
      if (wireType === 3)
        return [...head, ...value, ...head.map((byte, i) => (i === 0 ? byte + 1 : byte))]
      if (wireType === 5) return [...head, ...fixed.slice(4)]
      return head
    }),
  value: fc.oneof({ depthSize: 'small' }, fc.array(fc.nat(255), { maxLength: 12 }), tie('shaped')),
}))

const runs = { numRuns: 1_500 }

describe('a Tencent request reads as the full decoder reads it', () => {
  test('arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), compare), runs)
  })

  test('bytes shaped like protobuf', () => {
    fc.assert(
      fc.property(
        shaped.map((bytes) => Uint8Array.from(bytes)),
        compare,
      ),
      runs,
    )
  })

  test('generated messages', () => {
    fc.assert(fc.property(validBytes, compare), runs)
  })

  test('two messages one after another, merged', () => {
    fc.assert(
      fc.property(validBytes, validBytes, (first, second) => {
        compare(Uint8Array.from([...first, ...second]))
      }),
      runs,
    )
  })

  test('mutated messages', () => {
    fc.assert(
      fc.property(
        validBytes,
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (bytes, changes) => {
          compare(mutate(bytes, changes))
        },
      ),
      { numRuns: 3_000 },
    )
  })

  test('groups nested up to the limit and beyond it, at the top and in device', () => {
    for (const depth of [1, 98, 99, 100, 101, 102]) {
      const groups = [
        ...Array(depth).fill(0x6b),
        0x08,
        0x01,
        ...Array(depth).fill(0x6c),
      ] as number[]
      const empty = [...Array(depth).fill(0x6b), ...Array(depth).fill(0x6c)] as number[]
      for (const bytes of [groups, empty]) {
        compare(Uint8Array.from(bytes))
        const length = [(bytes.length & 0x7f) | 0x80, bytes.length >>> 7]
        compare(Uint8Array.from([0x2a, ...length, ...bytes]))
      }
    }
  })
})
