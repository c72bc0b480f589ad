/** Tencent answers read back in full, for tools and tests. */
import type protobuf from 'protobufjs'
import type { AnswerSummary } from '../adapter.ts'
import { decodeToJson, loadProtoType } from '../proto-root.ts'

interface WireAnswer {
  readonly code?: number
  readonly out_target_id?: readonly string[]
  readonly target_infos?: readonly { readonly out_target_id?: string }[]
}

let responseType: protobuf.Type | null = null

/**
 * Reads an answer as the medium would. Not valid: no protobuf, or no `code`, which the medium may
 * take for 0. Accepted: `code` 0, also when that names no target and so accepts everything.
 */
export function describeTencentAnswer(body: Uint8Array): AnswerSummary {
  responseType ??= loadProtoType('tencent.proto', 'tencent.ad.rta.RtaResponse')
  const message = decodeToJson(responseType, body)
  if (message === null) return { valid: false, accepted: false, targetIds: [], message: null }
  const answer: WireAnswer = message
  const targetIds = new Set(answer.out_target_id)
  for (const info of answer.target_infos ?? []) {
    if (info.out_target_id !== undefined) targetIds.add(info.out_target_id)
  }
  return {
    valid: answer.code !== undefined,
    accepted: answer.code === 0,
    targetIds: [...targetIds],
    message,
  }
}
