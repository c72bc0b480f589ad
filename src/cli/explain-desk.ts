/** Where requests are explained, and as whom. */
import { systemClock } from '../lib/clock.ts'
import { CliError } from './request-options.ts'

/** Longest wait for an explanation: the first one compiles the bidder's catalog (20 s at most). */
const explainMsMax = 30_000

/** An admin API with a key of it. */
export interface ExplainDesk {
  /** Base of the admin API. */
  readonly url: string
  readonly key: string
}

/** What `--explain` and `--control` say. */
export interface ExplainOptions {
  /** Admin key: the request is explained too, and its ranking is shown. */
  readonly explain?: string
  /** Base of the admin API, `http://127.0.0.1:8081` unless said. */
  readonly control?: string
}

const defaultControl = 'http://127.0.0.1:8081'

/** The desk of these options; null where no explanation is wanted. */
export function deskOf({ explain, control = defaultControl }: ExplainOptions): ExplainDesk | null {
  return explain === undefined ? null : { url: control, key: explain }
}

/**
 * The answer of `POST /api/v1/explain`. Throws `CliError` where the admin API says no or is not
 * there.
 */
export async function askExplain({ url, key }: ExplainDesk, question: object): Promise<unknown> {
  const startMs = systemClock.monotonicMs()
  const response = await fetch(new URL('/api/v1/explain', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(question),
    signal: AbortSignal.timeout(explainMsMax),
  }).catch((error: unknown) => {
    const waitedMs = Math.round(systemClock.monotonicMs() - startMs)
    const message = `no explanation from ${url} after ${waitedMs} ms (${String(error)})`
    throw new CliError('SLUICE_CLI_UNREACHABLE', message)
  })
  const text = await response.text()
  if (!response.ok) {
    throw new CliError('SLUICE_CLI_ADMIN', `explain was answered with ${response.status}: ${text}`)
  }
  return JSON.parse(text)
}
