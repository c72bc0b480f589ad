/** `sluice try openrtb`: one bid request to a running server, and its answer in words and JSON. */
import type { ExplainBidAnswer } from '../control/schemas/explain-bid-schema.ts'
import { type BidExchange, bidSentences, exchangeBids } from './describe-bids.ts'
import { rankingOfBid } from './describe-ranking.ts'
import { askExplain, deskOf, type ExplainDesk, type ExplainOptions } from './explain-desk.ts'
import { type BuiltBidRequest, buildBidRequest, type OpenRtbOptions } from './openrtb-request.ts'
import { CliError, secretHeader } from './request-options.ts'

/** Options of the command beside what the request says. */
export interface TryOpenRtbOptions extends OpenRtbOptions, ExplainOptions {
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
  const headers = secretHeader(options.header)
  const form = `${request.headers['content-type']}${options.gzip === true ? ', gzip' : ''}`
  write(`→ ${url}/openrtb2/${exchange}, ${request.body.length} bytes (${form}):\n`)
  write(`${indented(request.message)}\n\n`)
  const result = await exchangeBids(url, exchange, request, headers).catch((error: unknown) => {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    const message = `no answer from ${url} (${String(cause)}); is the server running?`
    throw new CliError('SLUICE_CLI_UNREACHABLE', message)
  })
  write(came(result))
  for (const sentence of bidSentences(result)) write(`${sentence}.\n`)
  const desk = deskOf(options)
  if (desk !== null) write(`\n${await explained(desk, exchange, request)}\n`)
  const isValid = result.status === 200 || result.status === 204
  if (isValid && result.bids.length === 0 && desk === null) {
    write('Why? The same with --explain <admin key> says it, /api/v1/explain all of it.\n')
  }
  return isValid && result.answer !== undefined ? 0 : 1
}

function came({ status, bytes, isGzip, milliseconds, answer }: BidExchange): string {
  const size = `${bytes} bytes${isGzip ? ' once inflated' : ''}`
  const head = `← HTTP ${status}, ${size}, ${milliseconds.toFixed(1)} ms with the connection`
  return `${head}${answer === null ? '' : `:\n${indented(said(answer))}`}\n\n`
}

/** How the request was ranked, by the admin API: it decides anew and counts nothing. */
async function explained(
  desk: ExplainDesk,
  exchange: string,
  { body, headers }: BuiltBidRequest,
): Promise<string> {
  const bodyBase64 = Buffer.from(body).toString('base64')
  const answer = await askExplain(desk, { medium: 'openrtb', exchange, bodyBase64, headers })
  return rankingOfBid(answer as ExplainBidAnswer).join('\n')
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
