/** The device ids and other values that `sluice try` and the demo put into a request. */
import { createHash } from 'node:crypto'

/** What a made request says about the device. Absent = the field is not sent. */
export interface RequestOptions {
  readonly oaid?: string
  readonly oaidMd5?: string
  readonly imei?: string
  readonly imeiMd5?: string
  readonly idfa?: string
  readonly idfaMd5?: string
  readonly androidId?: string
  readonly androidIdMd5?: string
  /** Each `version:value`. */
  readonly caid?: readonly string[]
  /** `appid:openid` */
  readonly openid?: string
  /** `android`, `ios`, `harmony`, `windows`, `mac`. */
  readonly os?: string
  readonly ip?: string
  /** The medium's own experiment buckets. */
  readonly experiment?: readonly string[]
  /** Ocean Engine and Sluice's own wire: the strategies asked about. */
  readonly rtaId?: readonly string[]
  readonly requestId?: string
  /** Tencent: only a network probe. */
  readonly ping?: boolean
  readonly test?: boolean
}

/** A wrong option of a command; `code` for docs/errors.md. */
export class CliError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'CliError'
    this.code = code
  }
}

/** md5 in lower-case hex, as every medium of the facts sends it (rta-media.md §1.3). */
export function md5Hex(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex')
}

/** A CAID option taken apart; the version is what stands before the first colon. */
export function parseScoped(option: string, text: string): { scope: string; value: string } {
  const colon = text.indexOf(':')
  if (colon <= 0 || colon === text.length - 1) {
    const message = `--${option} is written as two words with a colon between them, got "${text}"`
    throw new CliError('SLUICE_CLI_OPTION', message)
  }
  return { scope: text.slice(0, colon), value: text.slice(colon + 1) }
}

/** The header of `--header <name:value>`, as `fetch` takes it. */
export function secretHeader(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined) return {}
  const { scope, value } = parseScoped('header', text)
  return { [scope]: value }
}

/** The md5 forms of the ids: given as such, or made from the raw form in its family's case. */
export function md5Forms(options: RequestOptions): {
  readonly oaid: string | null
  readonly imei: string | null
  readonly idfa: string | null
  readonly androidId: string | null
} {
  return {
    oaid: options.oaidMd5 ?? made(options.oaid, (raw) => raw),
    imei: options.imeiMd5 ?? made(options.imei, (raw) => raw.toLowerCase()),
    idfa: options.idfaMd5 ?? made(options.idfa, (raw) => raw.toUpperCase()),
    androidId: options.androidIdMd5 ?? made(options.androidId, (raw) => raw),
  }
}

function made(raw: string | undefined, inCase: (raw: string) => string): string | null {
  return raw === undefined ? null : md5Hex(inCase(raw))
}
