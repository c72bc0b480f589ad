/** Puts the world of the bench into a running Sluice and proves that it answers by it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { idLines } from '../data/device-ids.ts'
import { isInPack, packCount, packName, strategies, type WorldSize } from '../data/rta-world.ts'
import { AnswerKind, tencentAnswer } from '../load/answer-kinds.ts'
import { Expect, type PreparedRequest } from '../load/request-file.ts'
import type { SluiceServer } from './sluice-server.ts'

/** Requests the preflight sends before anything is measured. */
const preflightRequests = 400

/** Milliseconds a catalog change may take to be live, and a little. */
const liveMs = 5_000

/** Uploads the packs and writes the strategies through the admin API. */
export async function loadWorld(server: SluiceServer, size: WorldSize): Promise<void> {
  for (let number = 0; number < packCount; number++) {
    const body = idLines(0, size.devices, (device) => isInPack(device, number))
    await server.admin.putPack({ id: packName(number), body, query: { idType: 'oaid_md5' } })
  }
  for (const { id, body } of strategies()) {
    await server.admin.json('PUT', `/api/v1/strategies/${id}`, body)
  }
}

/** An accept and a refusal as the server sent them. */
export interface TypicalAnswers {
  readonly accept: Uint8Array
  readonly refuse: Uint8Array
}

/**
 * Sends a sample of the requests and compares each answer with the model. Throws when the store
 * looks empty or an answer is wrong; tries again for as long as a catalog change may take.
 */
export async function preflight(
  port: number,
  requests: readonly PreparedRequest[],
): Promise<TypicalAnswers> {
  const step = Math.max(1, Math.floor(requests.length / preflightRequests))
  const sample = requests.filter((_, index) => index % step === 0)
  const everyMs = 250
  for (let waitedMs = 0; ; waitedMs += everyMs) {
    const outcome = await compare(port, sample)
    if (typeof outcome !== 'string') return outcome
    if (waitedMs >= liveMs) throw new Error(`the preflight failed: ${outcome}`)
    await sleep(everyMs)
  }
}

async function compare(
  port: number,
  sample: readonly PreparedRequest[],
): Promise<TypicalAnswers | string> {
  const counts = { accepts: 0, refusals: 0, others: 0, wrong: 0 }
  let accept: Uint8Array | null = null
  let refuse: Uint8Array | null = null
  for (const request of sample) {
    const body = await ask(port, request.body)
    const kind = tencentAnswer(body, 0, body.length)
    if (kind === AnswerKind.Accept) {
      counts.accepts++
      accept = body
      if (request.expect === Expect.Refuse) counts.wrong++
    } else if (kind === AnswerKind.Refuse) {
      counts.refusals++
      refuse = body
      if (request.expect === Expect.Accept) counts.wrong++
    } else counts.others++
  }
  const text = JSON.stringify(counts)
  if (accept === null || refuse === null) return `the store looks empty, no accepts: ${text}`
  if (counts.wrong + counts.others > 0) return `answers differ from the model: ${text}`
  return { accept, refuse }
}

async function ask(port: number, body: Uint8Array): Promise<Uint8Array> {
  const response = await fetch(`http://127.0.0.1:${port}/rta/tencent`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from(body),
  })
  if (response.status !== 200) throw new Error(`the preflight got status ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}
