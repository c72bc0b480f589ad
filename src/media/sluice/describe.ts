/** Reads a Sluice answer back with the full decoder; for tests, bench and `try`. */
import type protobuf from 'protobufjs'
import type { AnswerSummary } from '../adapter.ts'
import { decodeToJson, loadProtoType } from '../proto-root.ts'

interface Message {
  readonly accepted?: boolean
  readonly strategies?: readonly { readonly target_id?: string; readonly targetId?: string }[]
  readonly ad_results?: readonly unknown[]
  readonly adResults?: readonly unknown[]
}

let responseType: protobuf.Type | null = null

/**
 * Summarises an answer of either form; a JSON one begins with a brace, which no protobuf one does.
 */
export function describeSluiceAnswer(body: Uint8Array): AnswerSummary {
  const message = (body[0] === 0x7b ? parseJson(body) : parseProtobuf(body)) as Message | null
  if (message === null) return { valid: false, accepted: false, targetIds: [], message: null }
  const strategies = message.strategies ?? []
  const targetIds = strategies.map((one) => one.target_id ?? one.targetId ?? '')
  const results = message.ad_results ?? message.adResults ?? []
  const isAccepted = message.accepted === true
  // An accept that names nothing would be an open gate: such bytes are no answer of ours.
  const valid = !isAccepted || targetIds.length > 0 || results.length > 0
  return { valid, accepted: isAccepted, targetIds, message }
}

function parseProtobuf(body: Uint8Array): object | null {
  responseType ??= loadProtoType('sluice.proto', 'sluice.v1.RtaResponse')
  return decodeToJson(responseType, body)
}

function parseJson(body: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
