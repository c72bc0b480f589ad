/**
 * The partial reader against protobufjs's full decoder: wherever the full one accepts a body, ours
 * reads the same request out of it. (It may read more bodies than the full one: it does not look
 * into what it skips, nor check the UTF-8 of it.)
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AdRequest, Os } from '../../domain/ad-request.ts'
import type { DeviceKeys } from '../../domain/device-keys.ts'
import { IdType } from '../../domain/id-type.ts'
import { Refusal } from '../../domain/refusal.ts'
import { DeviceHasher } from '../../identity/device-hasher.ts'
import { loadProtoType } from '../proto-root.ts'
import {
  experimentIdsMax,
  jointExperimentBase,
  OceanengineDecoder,
  paidsMax,
  reqIdBytesMax,
  rtaIdsMax,
  textBytesMax,
} from './decode.ts'

const requestType = loadProtoType('oceanengine.proto', 'sluice.oceanengine.Req')

type Id = readonly [type: number, text: string, scope: string]

/** Notes what the decoder hands over, and hashes nothing. */
class ListingHasher extends DeviceHasher {
  readonly ids: Id[] = []

  constructor() {
    super(new Uint8Array(16))
  }

  // oxlint-disable-next-line max-params -- the hasher's own signature
  override add(_: DeviceKeys, type: number, bytes: Uint8Array, from: number, to: number): number {
    this.ids.push([type, Buffer.from(bytes.subarray(from, to)).toString(), ''])
    return this.ids.length - 1
  }

  override addText(_: DeviceKeys, type: number, text: string, scope = ''): number {
    this.ids.push([type, text, scope])
    return this.ids.length - 1
  }
}

function decode(body: Uint8Array) {
  const hasher = new ListingHasher()
  const request = new AdRequest()
  const refusal = new OceanengineDecoder(hasher).decode(body, request)
  return { refusal, request, ids: hasher.ids }
}

/** What a full decoder's message means, by the table and nothing else. */
interface FullDevice {
  [field: string]: string
}
interface Full extends Record<string, unknown> {
  device: (FullDevice & { paids: { value: string; version: string }[] }) | null
  geo: { city: string; lat: number; lon: number; country: string; district: string } | null
  rta_ids: string[]
  vids: number[]
}

function fullDecode(body: Uint8Array): Full | null {
  try {
    return requestType.toObject(requestType.decode(body), {
      longs: String,
      defaults: true,
      arrays: true,
    }) as Full
  } catch {
    return null
  }
}

function within(text: string, bytesMax: number): string {
  return Buffer.byteLength(text) > bytesMax ? '' : text
}

function expectedIds(full: Full, os: number): Id[] {
  const didTypes = [1, 2, 7, 8, 5, 6, 3, 4, 11, 12] // IdType codes in the order of did_type
  const didType = Number(full['did_type'])
  const type = didType === 0 && os === Os.Ios ? IdType.Idfa : didTypes[didType]
  const ids: Id[] = type === undefined ? [] : [[type, String(full['did']), '']]
  const { device } = full
  if (device === null) return ids.filter(([, id]) => id !== '')
  ids.push([IdType.Oaid, device['oaid']!, ''], [IdType.Idfa, device['idfa']!, ''])
  ids.push([IdType.ImeiMd5, device['imei_md5']!, ''], [IdType.Gaid, device['gaid']!, ''])
  ids.push([IdType.AndroidIdMd5, device['android_id_md5']!, ''])
  ids.push([IdType.Idfv, device['idfv']!, ''])
  ids.push([IdType.Caid, device['caid1']!, device['caid1_version']!])
  ids.push([IdType.Caid, device['caid2']!, device['caid2_version']!])
  for (const paid of device.paids.slice(0, paidsMax)) {
    ids.push([IdType.Paid, paid.value, paid.version])
  }
  for (const name of [
    'imei',
    'imei_md5',
    'idfa',
    'idfa_md5',
    'oaid',
    'oaid_md5',
    'caid1',
    'caid2',
  ]) {
    ids.push([IdType.MediumSecure, device[`${name}_secure_id`]!, `oceanengine.${name}_secure_id`])
  }
  return ids.filter(([, id]) => id !== '')
}

function expectedOs(full: Full): Os {
  const platform = Number(full['platform'])
  if (platform === 1) return Os.Android
  if (platform === 2) return Os.Ios
  const known = [Os.Unknown, Os.Android, Os.Ios, Os.Windows]
  return known[Number(full.device?.['device_os_type'] ?? 0)] ?? Os.Unknown
}

const nowhere = { city: '0', lat: 0, lon: 0, country: '', district: '0' }

function expectedGeo(full: Full) {
  const { city, lat, lon, country, district } = full.geo ?? nowhere
  const isPoint = (lat !== 0 || lon !== 0) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180
  return {
    country: within(country, textBytesMax),
    city: city === '0' ? within(String(full['city']), textBytesMax) : city,
    district: district === '0' ? '' : district,
    latitude: isPoint ? lat : Number.NaN,
    longitude: isPoint ? lon : Number.NaN,
  }
}

function expectedExperiments(full: Full): number[] {
  const bucket = Number(full['experiment'])
  const joint = Number(full['enable_strategy'])
  return [
    ...(bucket === 0 ? [] : [bucket]),
    ...full.vids,
    ...(joint >= 2 && joint <= 10 ? [jointExperimentBase + joint] : []),
  ]
}

/** Ours takes ten bytes a varint at most, as the encoding says; protobufjs skips longer ones. */
function hasEndlessVarint(body: Uint8Array): boolean {
  let run = 0
  for (const byte of body) {
    run = byte >= 0x80 ? run + 1 : 0
    if (run >= 10) return true
  }
  return false
}

/** True when there was something to compare. */
function expectAgreement(body: Uint8Array): boolean {
  const before = body.slice()
  const { refusal, request, ids } = decode(body)
  expect(body).toEqual(before)
  const full = fullDecode(body)
  if (full === null || body.length === 0) return false
  if (refusal === Refusal.Malformed && hasEndlessVarint(body)) return false
  const isOverLimit = full.rta_ids.length > rtaIdsMax || full.vids.length > experimentIdsMax
  if (isOverLimit) {
    expect(refusal).toBe(Refusal.Malformed)
    return true
  }
  expect(refusal).toBe(full.rta_ids.length === 0 ? Refusal.NothingAsked : Refusal.None)
  expect(ids).toEqual(expectedIds(full, expectedOs(full)))
  expect(factsOf(request)).toEqual(expectedFacts(full))
  // The did goes first, so that its key is entry 0.
  expect(request.devices.cachedBy).toBe(isDidRead(full) ? 0 : -1)
  return true
}

function factsOf(request: AdRequest) {
  const { requestId, os, osVersion, ip, slotId, experimentIds, asked, geo } = request
  return { requestId, os, osVersion, ip, slotId, experimentIds, asked, geo }
}

function expectedFacts(full: Full): ReturnType<typeof factsOf> {
  return {
    requestId: within(String(full['req_id']), reqIdBytesMax),
    os: expectedOs(full),
    osVersion: within(full.device?.['os_version'] ?? '', textBytesMax),
    ip: within(full.device?.['ip'] ?? '', textBytesMax),
    slotId: full['slot_id'] === '0' ? '' : String(full['slot_id']),
    experimentIds: expectedExperiments(full),
    asked: full.rta_ids.length === 0 ? null : [...new Set(full.rta_ids)],
    geo: expectedGeo(full),
  }
}

function isDidRead(full: Full): boolean {
  const didType = Number(full['did_type'])
  return full['did'] !== '' && didType >= 0 && didType <= 9
}

const text = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 2, arbitrary: fc.constantFrom('', '5f4dcc3b5aa765d61d8327deb882cf99', '1.4') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
  { weight: 1, arbitrary: fc.integer({ min: 120, max: 300 }).map((length) => 'é'.repeat(length)) },
)
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
const rtaId = fc.oneof(int64, fc.integer({ min: 0, max: 40 }).map(String))
const int32 = fc.integer()
const small = fc.integer({ min: -1, max: 12 })

const deviceMessage = fc.record(
  Object.fromEntries([
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 17, 18, 21, 24, 25, 28, 31, 32, 34].map(
      (number) => [requestFieldName('device', number), text],
    ),
    ['device_os_type', small],
    ['paids', fc.array(fc.record({ value: text, version: text }), { maxLength: 6 })],
  ]),
  { requiredKeys: [] },
)

const requestMessage = fc.record(
  {
    platform: small,
    did: text,
    slot_id: int64,
    age: int32,
    city: text,
    install_list: fc.array(text, { maxLength: 3 }),
    did_type: small,
    experiment: small,
    req_id: text,
    rta_ids: fc.array(rtaId, { maxLength: 40 }),
    enable_strategy: small,
    device: deviceMessage,
    geo: fc.record(
      { city: rtaId, lat: fc.double(), lon: fc.double(), country: text, district: int64 },
      { requiredKeys: [] },
    ),
    vids: fc.array(int32, { maxLength: 20 }),
    private_model: fc.array(fc.record({ id: text, score: fc.double() }), { maxLength: 2 }),
  },
  { requiredKeys: [] },
)

/** Name of a field of a sub-message, by number. */
function requestFieldName(message: string, number: number): string {
  const field = requestType.fields[message]?.resolve().resolvedType
  if (field === null || field === undefined || !('fieldsById' in field)) throw new Error(message)
  return field.fieldsById[number]!.name
}

function encodeMessage(message: object): Uint8Array {
  return new Uint8Array(requestType.encode(requestType.fromObject(message)).finish())
}

const body = requestMessage.map(encodeMessage)
const plainText = fc.constantFrom('', 'a', '3f2a9c1e-77b4', '5f4dcc3b5aa765d61d8327deb882cf99')
const plainBody = fc
  .record({
    platform: small,
    did: plainText,
    req_id: plainText,
    rta_ids: fc.array(rtaId, { maxLength: 8 }),
    device: fc.record({ oaid: plainText, idfv: plainText, caid1: plainText, ip: plainText }),
    geo: fc.record({ city: rtaId, lat: fc.double(), country: plainText }),
    vids: fc.array(int32, { maxLength: 5 }),
  })
  .map(encodeMessage)
const noise = fc.uint8Array({ maxLength: 200 })

/** One hurt body of plain texts: bytes cut out at a place, others put in. */
const mutatedBody = fc
  .tuple(plainBody, fc.nat(), fc.integer({ min: 0, max: 4 }), fc.uint8Array({ maxLength: 4 }))
  .map(([bytes, place, cut, inserted]) => {
    const at = bytes.length === 0 ? 0 : place % bytes.length
    return new Uint8Array([...bytes.subarray(0, at), ...inserted, ...bytes.subarray(at + cut)])
  })

describe('the partial reader agrees with the full decoder', () => {
  test('on generated requests', () => {
    fc.assert(
      fc.property(body, (bytes) => {
        expect(expectAgreement(bytes) || bytes.length === 0).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('on two requests in a row, which decoders merge', () => {
    fc.assert(
      fc.property(body, body, (first, second) => {
        expectAgreement(new Uint8Array([...first, ...second]))
      }),
      { numRuns: 300 },
    )
  })

  test('on hurt requests', () => {
    let compared = 0
    fc.assert(
      fc.property(mutatedBody, (bytes) => {
        if (expectAgreement(bytes)) compared++
      }),
      { numRuns: 2_000 },
    )
    // The full decoder refuses most of them; enough must be left for the comparison to mean much.
    expect(compared).toBeGreaterThan(200)
  })

  test('on arbitrary bytes', () => {
    fc.assert(
      fc.property(noise, (bytes) => {
        expectAgreement(bytes)
      }),
      { numRuns: 2_000 },
    )
  })

  test('on lists at and beyond their limits', () => {
    for (const count of [rtaIdsMax, rtaIdsMax + 1]) {
      expectAgreement(encodeMessage({ rta_ids: Array.from({ length: count }, () => '7') }))
    }
    for (const count of [experimentIdsMax, experimentIdsMax + 1]) {
      expectAgreement(
        encodeMessage({ rta_ids: ['1'], vids: Array.from({ length: count }, () => 7) }),
      )
    }
  })
})
