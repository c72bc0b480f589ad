/** `sluice try openrtb`: one bid request to a running server, and its answer in words and JSON. */
import { bidSentences, exchangeBids } from './describe-bids.ts'
import { buildBidRequest, type OpenRtbOptions } from './openrtb-request.ts'
import { CliError, parseScoped } from './request-options.ts'

/** Options of the command beside what the request says. */
export interface TryOpenRtbOptions extends OpenRtbOptions {
  /** `any` unless said: that of docs/examples/permissive-catalog.ndjson. */
  readonly exchange?: string
  readonly url?: string
  /** `name:value`, for exchanges with a secret header. */
  readonly header?: string
}

/** Longest text of one field that is printed: markup is kilobytes. */
const textShownMax = 160

/**
 * Sends one request and writes what came back. Answers the exit code: 0 for a bid or a no-bid, 1
 * for an error. Throws `CliError` for wrong options and for a server that cannot be reached.
 */
export async function runTryOpenRtb(
  options: TryOpenRtbOptions,
  url: string,
  write: (text: string) => void,
): Promise<number> {
  const request = buildBidRequest(options)
  const exchange = options.exchange ?? 'any'
  const headers: Record<string, string> = {}
  if (options.header !== undefined) {
    const { scope, value } = parseScoped('header', options.header)
    headers[scope] = value
  }
  const form = `${request.headers['content-type']}${options.gzip === true ? ', gzip' : ''}`
  write(`→ ${url}/openrtb2/${exchange}, ${request.body.length} bytes (${form}):\n`)
  write(`${indented(request.message)}\n\n`)
  const result = await exchangeBids(url, exchange, request, headers).catch((error: unknown) => {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    const message = `no answer from ${url} (${String(cause)}); is the server running?`
    throw new CliError('SLUICE_CLI_UNREACHABLE', message)
  })
  const came = `${result.bytes} bytes${result.isGzip ? ' once inflated' : ''}`
  write(
    `← HTTP ${result.status}, ${came}, ${result.milliseconds.toFixed(1)} ms with the connection`,
  )
  write(result.answer === null ? '\n\n' : `:\n${indented(said(result.answer))}\n\n`)
  for (const sentence of bidSentences(result)) write(`${sentence}.\n`)
  const isValid = result.status === 200 || result.status === 204
  if (isValid && result.bids.length === 0) {
    write('Why? POST the same request to /api/v1/explain (docs/admin-api.md).\n')
  }
  return isValid && result.answer !== undefined ? 0 : 1
}

/** What the answer says, without the fields that it leaves out. */
function said(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.length > textShownMax ? `${value.slice(0, textShownMax)}…` : value
  }
  if (Array.isArray(value)) return value.map(said)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, one]) => !isEmpty(one))
  return Object.fromEntries(entries.map(([name, one]) => [name, said(one)]))
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0)
}

function indented(value: unknown): string {
  const json = JSON.stringify(value, null, 2) ?? 'null'
  return json.replace(/^/gm, '  ')
}
