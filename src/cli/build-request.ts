/** Builds requests as a medium sends them, through protobufjs and our .proto files. */
import { loadProtoType } from '../media/proto-root.ts'
import { CliError, md5Forms, parseScoped, type RequestOptions } from './request-options.ts'

/** A request ready to be sent. */
export interface BuiltRequest {
  readonly body: Uint8Array
  readonly contentType: string
  /** The same as plain JSON, for people. */
  readonly message: unknown
}

type Message = Readonly<Record<string, unknown>>

/** Media that `buildRequest` can speak. */
export const buildableMedia = ['tencent', 'oceanengine', 'sluice'] as const

/** Tencent's `Device.Os` numbers (rta-media.md §1.3). */
const tencentOs: ReadonlyMap<string, number> = new Map([
  ['ios', 1],
  ['android', 2],
  ['windows', 3],
  ['mac', 6],
  ['harmony', 7],
])

/** A request of `medium`; throws `CliError` for a medium or option that cannot be spoken. */
export function buildRequest(medium: string, options: RequestOptions): BuiltRequest {
  if (medium === 'tencent')
    return encode('tencent.proto', 'tencent.ad.rta.RtaRequest', tencent(options))
  if (medium === 'oceanengine') {
    return encode('oceanengine.proto', 'sluice.oceanengine.Req', oceanEngine(options))
  }
  if (medium === 'sluice') return encode('sluice.proto', 'sluice.v1.RtaRequest', ownWire(options))
  const known = [...buildableMedia, 'openrtb'].join(', ')
  throw new CliError('SLUICE_CLI_MEDIUM', `"${medium}" cannot be spoken here; known: ${known}`)
}

/** The operating system: as said, or by the ids given. */
function osOf(options: RequestOptions): string {
  if (options.os !== undefined) return options.os.toLowerCase()
  const isApple = options.idfa ?? options.idfaMd5 ?? options.caid?.[0]
  return isApple === undefined ? 'android' : 'ios'
}

/** Tencent `RtaRequest` (rta-media.md §1.3). The cache key is the first id that is there. */
function tencent(options: RequestOptions): Message {
  const os = osOf(options)
  const code = tencentOs.get(os)
  if (code === undefined) throw new CliError('SLUICE_CLI_OPTION', `Tencent has no --os "${os}"`)
  const md5 = md5Forms(options)
  const device: Record<string, unknown> = { os: code }
  put(device, 'idfa_md5sum', md5.idfa)
  put(device, 'imei_md5sum', md5.imei)
  put(device, 'android_id_md5sum', md5.androidId)
  put(device, 'oaid_md5sum', md5.oaid)
  put(device, 'ip', options.ip ?? null)
  device['cached_deviceid_type'] = tencentCachedBy(md5, options)
  device['qaid_infos'] = (options.caid ?? []).map((text) => {
    const { scope, value } = parseScoped('caid', text)
    const version = Number(scope)
    return {
      ...(Number.isInteger(version) && version >= 0 ? { version } : {}),
      qaid: value,
      origin_version: scope,
    }
  })
  if (options.openid !== undefined) {
    const { scope, value } = parseScoped('openid', options.openid)
    device['wx_openid'] = [{ appid: scope, openid: value }]
  }
  return {
    id: options.requestId ?? 'sluice-try',
    ...(options.ping === true ? { is_ping: true } : {}),
    ...(options.test === true ? { is_test: true } : {}),
    device,
    exps: (options.experiment ?? []).map((id) => ({ exp_id: Number(id) })),
  }
}

/** `CachedDeviceId`: idfa 0, imei 1, oaid 3, android id 4, nothing 6, CAID 7. */
function tencentCachedBy(md5: ReturnType<typeof md5Forms>, options: RequestOptions): number {
  if (md5.oaid !== null) return 3
  if (md5.imei !== null) return 1
  if (md5.idfa !== null) return 0
  if (md5.androidId !== null) return 4
  return (options.caid ?? []).length > 0 ? 7 : 6
}

/** Ocean Engine `Req` (rta-media.md §2.1): raw oaid and idfa, md5 for imei and android id. */
function oceanEngine(options: RequestOptions): Message {
  const rtaIds = options.rtaId ?? []
  if (rtaIds.length === 0) {
    throw new CliError('SLUICE_CLI_OPTION', 'Ocean Engine asks about strategies: give --rta-id')
  }
  const isApple = osOf(options) === 'ios'
  const md5 = md5Forms(options)
  const device: Record<string, unknown> = { device_os_type: isApple ? 2 : 1 }
  put(device, 'imei_md5', md5.imei)
  put(device, 'android_id_md5', md5.androidId)
  put(device, 'oaid', options.oaid ?? null)
  put(device, 'idfa', options.idfa ?? null)
  put(device, 'ip', options.ip ?? null)
  for (const [index, text] of (options.caid ?? []).slice(0, 2).entries()) {
    const { scope, value } = parseScoped('caid', text)
    device[`caid${index + 1}`] = value
    device[`caid${index + 1}_version`] = scope
  }
  return {
    platform: isApple ? 2 : 1,
    ...oceanEngineDid(options, md5),
    req_id: options.requestId ?? 'sluice-try',
    source: 'sluice-try',
    rta_ids: rtaIds,
    enable_strategy: 1,
    device,
    vids: (options.experiment ?? []).map(Number),
  }
}

/** `did` with its `did_type`: the first id that is there. */
function oceanEngineDid(options: RequestOptions, md5: ReturnType<typeof md5Forms>): Message {
  const candidates: readonly (readonly [number, string | null | undefined])[] = [
    [6, options.oaid],
    [7, md5.oaid],
    [4, options.idfa],
    [5, md5.idfa],
    [1, md5.imei],
    [3, md5.androidId],
  ]
  for (const [type, did] of candidates) {
    if (did !== null && did !== undefined) return { did, did_type: type }
  }
  return {}
}

/** Sluice's own `RtaRequest` (proto/sluice.proto): typed ids; asks of all strategies by default. */
function ownWire(options: RequestOptions): Message {
  const os = osOf(options)
  const plain: readonly (readonly [string, string | undefined])[] = [
    ['OAID', options.oaid],
    ['OAID_MD5', options.oaidMd5],
    ['IMEI', options.imei],
    ['IMEI_MD5', options.imeiMd5],
    ['IDFA', options.idfa],
    ['IDFA_MD5', options.idfaMd5],
    ['ANDROID_ID', options.androidId],
    ['ANDROID_ID_MD5', options.androidIdMd5],
  ]
  const ids: Message[] = []
  for (const [type, value] of plain) if (value !== undefined) ids.push({ type, value })
  for (const text of options.caid ?? []) ids.push({ type: 'CAID', ...parseScoped('caid', text) })
  if (options.openid !== undefined) {
    ids.push({ type: 'OPENID', ...parseScoped('openid', options.openid) })
  }
  return {
    request_id: options.requestId ?? 'sluice-try',
    ids,
    os: `OS_${os.toUpperCase()}`,
    experiment_ids: (options.experiment ?? []).map(Number),
    target_ids: options.rtaId ?? [],
    ping: options.ping === true,
    test: options.test === true,
    ip: options.ip ?? '',
  }
}

function put(message: Record<string, unknown>, field: string, value: string | null): void {
  if (value !== null) message[field] = value
}

function encode(file: string, typeName: string, message: Message): BuiltRequest {
  const type = loadProtoType(file, typeName)
  const made = type.fromObject(message)
  return {
    body: type.encode(made).finish(),
    contentType: 'application/x-protobuf',
    message: type.toObject(made, { longs: String, enums: String }),
  }
}
