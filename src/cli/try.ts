/** `sluice try <medium>`: a real request on the medium's wire, and its answer in words and JSON. */
import { buildRequest } from './build-request.ts'
import { answerDecoder, exchange, verdictSentence } from './describe.ts'
import { deskOf, type ExplainOptions } from './explain-desk.ts'
import { explainedRta, historyLines, rankingLines } from './explain-rta.ts'
import { CliError, type RequestOptions, secretHeader } from './request-options.ts'
import { runTryOpenRtb, type TryOpenRtbOptions } from './try-openrtb.ts'

/** Options of the command beside what the request says. */
export interface TryOptions extends RequestOptions, ExplainOptions {
  /** Base of the server, `http://127.0.0.1:8080` unless said. */
  readonly url?: string
  /** `name:value`, for media with a secret header. */
  readonly header?: string
}

/** Where `start` listens unless it is configured otherwise. */
const defaultUrl = 'http://127.0.0.1:8080'

/**
 * Sends one request and writes what came back. Answers the exit code: 0 for a valid answer
 * (accept or refuse), 1 for one that the medium would count as an error. Throws `CliError` for
 * wrong options and for a server that cannot be reached.
 */
export async function runTry(
  medium: string,
  options: TryOptions & TryOpenRtbOptions,
  write: (text: string) => void = (text) => process.stdout.write(text),
): Promise<number> {
  if (medium === 'openrtb') return runTryOpenRtb(options, options.url ?? defaultUrl, write)
  const request = buildRequest(medium, options)
  const decoder = answerDecoder(medium)
  const url = options.url ?? defaultUrl
  const headers = secretHeader(options.header)
  write(`→ ${url}/rta/${medium}, ${request.body.length} bytes of protobuf:\n`)
  write(`${indented(request.message)}\n\n`)
  const result = await exchange(url, decoder, request, headers).catch((error: unknown) => {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    const message = `no answer from ${url} (${String(cause)}); is the server running?`
    throw new CliError('SLUICE_CLI_UNREACHABLE', message)
  })
  const took = `${result.milliseconds.toFixed(1)} ms with the connection`
  write(`← HTTP ${result.status}, ${result.bytes} bytes, ${took}:\n`)
  write(`${indented(result.answer.message)}\n\n`)
  write(`${verdictSentence(result.answer, result.status)}.\n`)
  const desk = deskOf(options)
  if (desk !== null) {
    const explained = await explainedRta(desk, medium, request)
    const lines = [...historyLines(explained), ...rankingLines(explained.ranking)]
    write(`\n${lines.join('\n')}\n`)
  }
  return result.status === 200 && result.answer.valid ? 0 : 1
}

function indented(value: unknown): string {
  const json = JSON.stringify(value, null, 2) ?? 'null'
  return json.replace(/^/gm, '  ')
}
