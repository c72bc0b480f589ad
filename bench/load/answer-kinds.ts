/** What an answer says, read off its bytes cheaply enough for every answer of a load run. */
import { ProtoReader, WireType } from '../../src/lib/proto-reader.ts'

/**
 * Kinds of answers. A failure is an explicit refusal that an overload or a fault caused; a bad
 * status is one that the medium does not expect.
 */
export const AnswerKind = { Invalid: 0, Accept: 1, Refuse: 2, Failure: 3, BadStatus: 4 } as const
export type AnswerKind = (typeof AnswerKind)[keyof typeof AnswerKind]

/** An answer: its status, and its body as bytes [from, to). */
export interface Answer {
  readonly status: number
  readonly body: Uint8Array
  readonly from: number
  readonly to: number
}

/** Says what an answer is, and whether it can be one to this request (as it was sent). */
export type AnswerReader = (answer: Answer, request: Uint8Array) => AnswerKind

/** First code of the refusals that a failure or protection of ours causes (domain/refusal.ts). */
const failureCodeMin = 200

const reader = new ProtoReader()

/**
 * Tencent `RtaResponse` (rta-media.md §1.2, §1.4): 2 code, 10 out_target_id, 12 target_infos,
 * 14 ad_results. Code 0 without a target would accept everything, so it is invalid here.
 */
export function tencentAnswer(bytes: Uint8Array, from: number, to: number): AnswerKind {
  reader.reset(bytes, from, to)
  let code = -1
  let targets = 0
  while (reader.next()) {
    if (reader.field === 2 && reader.is(WireType.Varint)) {
      code = reader.varint()
      continue
    }
    if (reader.field === 10 || reader.field === 12 || reader.field === 14) targets++
    reader.skip()
  }
  if (!reader.ok || code < 0) return AnswerKind.Invalid
  if (code === 0) return targets > 0 ? AnswerKind.Accept : AnswerKind.Invalid
  return code >= failureCodeMin ? AnswerKind.Failure : AnswerKind.Refuse
}

/** For the peers: any body is an answer, and a yes. */
export function anyAnswer(_bytes: Uint8Array, from: number, to: number): AnswerKind {
  return to > from ? AnswerKind.Accept : AnswerKind.Invalid
}
