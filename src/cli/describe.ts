/** Sends a request and puts the answer into words. */

import { DeviceHasher } from '../identity/device-hasher.ts'
import { systemClock } from '../lib/clock.ts'
import type { AnswerSummary, MediumAdapter } from '../media/adapter.ts'
import { createAdapters } from '../media/registry.ts'
import type { BuiltRequest } from './build-request.ts'

/** An answer with what it took. */
export interface Exchange {
  readonly status: number
  readonly bytes: number
  readonly milliseconds: number
  readonly answer: AnswerSummary
}

/** An adapter that decodes answers; its ids and cache times matter to nobody. */
export function answerDecoder(medium: string): MediumAdapter {
  const context = {
    hasher: new DeviceHasher(new Uint8Array(16)),
    cacheAcceptSeconds: 0,
    cacheRefuseSeconds: 0,
    cacheFailureSeconds: 0,
  }
  const adapter = createAdapters([{ name: medium, context }]).get(medium)
  if (adapter === undefined) throw new RangeError(`no adapter for ${medium}`)
  return adapter
}

/** Posts the request to `<url>/rta/<medium>`; rejects when the server cannot be reached. */
export async function exchange(
  url: string,
  decoder: MediumAdapter,
  request: BuiltRequest,
  headers: Readonly<Record<string, string>> = {},
): Promise<Exchange> {
  const startMs = systemClock.monotonicMs()
  const response = await fetch(new URL(`/rta/${decoder.name}`, url), {
    method: 'POST',
    headers: { 'content-type': request.contentType, ...headers },
    body: Buffer.from(request.body),
  })
  const body = new Uint8Array(await response.arrayBuffer())
  return {
    status: response.status,
    bytes: body.length,
    milliseconds: systemClock.monotonicMs() - startMs,
    answer: decoder.describeAnswer(body),
  }
}

/** One sentence that says what the medium will make of the answer. */
export function verdictSentence(answer: AnswerSummary, status: number): string {
  if (status !== 200) return `An error for the medium: HTTP status ${status}`
  if (!answer.valid) return 'An error for the medium: it cannot read these bytes'
  if (!answer.accepted) return 'Does not take part'
  const targets = answer.targetIds
  if (targets.length === 0) return 'Takes part'
  const word = targets.length === 1 ? 'strategy' : 'strategies'
  return `Takes part for ${word} ${targets.join(', ')}`
}
