/** Answers of `POST /events`. */
import type { Answer } from './exchange.ts'
import { statusLine } from './status-line.ts'

const jsonType = Buffer.from('application/json')
const protobufType = Buffer.from('application/x-protobuf')
const retryAfter = [{ name: Buffer.from('retry-after'), value: Buffer.from('1') }]
const challenge = [{ name: Buffer.from('www-authenticate'), value: Buffer.from('Bearer') }]

/** Results in the form of the request. */
export function batchAnswer(body: Uint8Array, isJson: boolean, status: 202 | 503): Answer {
  return {
    status: statusLine(status),
    contentType: isJson ? jsonType : protobufType,
    body,
    headers: status === 503 ? retryAfter : [],
  }
}

/** What is wrong with the whole call, as JSON whatever the request was. */
export function problemAnswer(status: number, code: string, message: string): Answer {
  return {
    status: statusLine(status),
    contentType: jsonType,
    body: Buffer.from(JSON.stringify({ code, message })),
    headers: status === 503 ? retryAfter : status === 401 ? challenge : [],
  }
}
