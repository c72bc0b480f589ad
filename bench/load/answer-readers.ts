/** Readers of answers by name, so that a job can say which one in a message. */
import { AnswerKind, type AnswerReader, anyAnswer, tencentAnswer } from './answer-kinds.ts'
import { anyBidAnswer, bidAnswerReader } from './bid-answers.ts'

/** Readers by the name that a job gives; each job gets its own, for some remember requests. */
export const answerReaders: Readonly<Record<string, () => AnswerReader>> = {
  tencent: () => always200(tencentAnswer),
  any: () => always200(anyAnswer),
  'openrtb JSON': () => bidAnswerReader(true),
  'openrtb protobuf': () => bidAnswerReader(false),
  'openrtb hostile': () => anyBidAnswer,
  notice: () => noticeAnswer,
}

/** Reads the body of a medium whose every answer has status 200. */
function always200(
  read: (bytes: Uint8Array, from: number, to: number) => AnswerKind,
): AnswerReader {
  return ({ status, body, from, to }) =>
    status === 200 ? read(body, from, to) : AnswerKind.BadStatus
}

/** Notices and pixels: 2xx = the event is in the log, 503 = it is not, anything else is wrong. */
const noticeAnswer: AnswerReader = ({ status }) => {
  if (status === 503) return AnswerKind.Failure
  return status >= 200 && status < 300 ? AnswerKind.Accept : AnswerKind.BadStatus
}
