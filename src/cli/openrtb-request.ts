/** Builds OpenRTB 2.6 requests from a few words, written from the specification. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { readBidRequestJson } from '../media/openrtb/wire/json-reader.ts'
import { writeBidRequestProto } from '../media/openrtb/wire/ortb-proto-writer.ts'
import { CliError, parseScoped } from './request-options.ts'

/** What a made request says. Absent = the field is not sent. */
export interface OpenRtbOptions {
  /** A whole request as JSON, instead of everything below. */
  readonly file?: string
  /** Sizes, each `<w>x<h>`; 300x250 where no format is named. */
  readonly banner?: readonly string[]
  readonly video?: boolean
  readonly native?: boolean
  /** CPM in USD. */
  readonly floor?: string
  /** `id:floor`, CPM in USD. */
  readonly deal?: string
  readonly domain?: string
  /** ISO 3166-1 alpha-3. */
  readonly country?: string
  /** Advertising id of the phone: of Android unless `os` says otherwise. */
  readonly ifa?: string
  readonly os?: string
  readonly ip?: string
  readonly requestId?: string
  readonly test?: boolean
  readonly protobuf?: boolean
  readonly gzip?: boolean
}

/** A request ready to be sent. */
export interface BuiltBidRequest {
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string>>
  /** The same as plain JSON, for people. */
  readonly message: unknown
}

/** The request that the options describe; throws `CliError` for what cannot be said. */
export function buildBidRequest(options: OpenRtbOptions): BuiltBidRequest {
  return wireOf(options.file === undefined ? made(options) : fileOf(options.file), options)
}

/** A message in the form that is wanted. */
export function wireOf(
  message: unknown,
  form: Pick<OpenRtbOptions, 'protobuf' | 'gzip'> = {},
): BuiltBidRequest {
  const json = new TextEncoder().encode(JSON.stringify(message))
  const plain = form.protobuf === true ? protobufOf(json) : json
  return {
    body: form.gzip === true ? gzipSync(plain) : plain,
    headers: {
      'content-type': form.protobuf === true ? 'application/x-protobuf' : 'application/json',
      'x-openrtb-version': '2.6',
      ...(form.gzip === true ? { 'content-encoding': 'gzip' } : {}),
    },
    message,
  }
}

function protobufOf(json: Uint8Array): Uint8Array {
  const request = readBidRequestJson(json)
  if (request === null) {
    throw new CliError('SLUICE_CLI_OPTION', 'this is no OpenRTB request, so it has no protobuf')
  }
  return writeBidRequestProto(request, 'iab')
}

function fileOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('SLUICE_CLI_OPTION', `--file ${path}: ${reason}`)
  }
}

function made(options: OpenRtbOptions): unknown {
  return {
    id: options.requestId ?? 'sluice-try',
    ...(options.test === true ? { test: 1 } : {}),
    at: 1,
    tmax: 500,
    cur: ['USD'],
    imp: [impOf(options)],
    site: { domain: options.domain ?? 'news.example' },
    device: deviceOf(options),
  }
}

function impOf({ banner, video, native, floor, deal }: OpenRtbOptions): object {
  const hasNoFormat = banner === undefined && video !== true && native !== true
  const sizes = banner ?? (hasNoFormat ? ['300x250'] : [])
  return {
    id: '1',
    secure: 1,
    ...(floor === undefined ? {} : { bidfloor: amountOf('floor', floor), bidfloorcur: 'USD' }),
    ...(sizes.length === 0 ? {} : { banner: { format: sizes.map(sizeOf) } }),
    ...(video === true ? { video: anyVideo } : {}),
    ...(native === true ? { native: { request: JSON.stringify(anyNative), ver: '1.2' } } : {}),
    ...(deal === undefined ? {} : { pmp: { deals: [dealOf(deal)] } }),
  }
}

/** In-stream, up to half a minute, any player of today. */
const anyVideo = {
  mimes: ['video/mp4'],
  protocols: [2, 3, 7],
  minduration: 5,
  maxduration: 30,
  w: 640,
  h: 360,
  plcmt: 1,
  startdelay: 0,
}

/** A feed card: title and main picture, and what else there is. */
const anyNative = {
  ver: '1.2',
  assets: [
    { id: 1, required: 1, title: { len: 90 } },
    { id: 2, required: 1, img: { type: 3, wmin: 300, hmin: 150 } },
    { id: 3, data: { type: 1, len: 30 } },
    { id: 4, data: { type: 12 } },
  ],
  eventtrackers: [{ event: 1, methods: [1] }],
}

function sizeOf(text: string): object {
  const match = /^(\d{1,5})x(\d{1,5})$/.exec(text)
  if (match === null) {
    throw new CliError('SLUICE_CLI_OPTION', `--banner is written as 300x250, got "${text}"`)
  }
  return { w: Number(match[1]), h: Number(match[2]) }
}

function dealOf(text: string): object {
  const { scope, value } = parseScoped('deal', text)
  return { id: scope, bidfloor: amountOf('deal', value), bidfloorcur: 'USD' }
}

function amountOf(option: string, text: string): number {
  const amount = Number(text)
  if (text === '' || !Number.isFinite(amount) || amount < 0) {
    throw new CliError(
      'SLUICE_CLI_OPTION',
      `--${option} wants an amount such as 1.2, got "${text}"`,
    )
  }
  return amount
}

const systems = new Map([
  ['android', 'Android'],
  ['ios', 'iOS'],
  ['harmony', 'HarmonyOS'],
  ['windows', 'Windows'],
  ['mac', 'macOS'],
])

function deviceOf({ os = 'android', ifa, ip, country }: OpenRtbOptions): object {
  const system = systems.get(os.toLowerCase())
  if (system === undefined) {
    const known = [...systems.keys()].join(', ')
    throw new CliError('SLUICE_CLI_OPTION', `there is no --os "${os}"; known: ${known}`)
  }
  return {
    os: system,
    devicetype: 1,
    language: 'en',
    ...(ifa === undefined ? {} : { ifa }),
    ...(ip === undefined ? {} : { ip }),
    ...(country === undefined ? {} : { geo: { country } }),
  }
}
