/** Status lines as bytes, made once. */
import { STATUS_CODES } from 'node:http'

/** `404 Not Found` as bytes; null for 200, which uWebSockets.js writes by itself. */
export function statusLine(status: number): Uint8Array | null {
  return status === 200 ? null : Buffer.from(`${status} ${STATUS_CODES[status] ?? 'Unknown'}`)
}
