/** Gzip of bid requests and answers, at once and within limits. */
import { constants, gunzipSync, gzipSync } from 'node:zlib'
import { Refusal } from '../domain/refusal.ts'

/**
 * Longest body of a bid request, as sent and as inflated. Real ones are at most 20 KB (Prebid with
 * dozens of impressions); twelve times that leaves room for the largest pods. One limit for both
 * forms: what may come compressed may come plain. The JSON reader stops at 8 192 values anyway,
 * which a body of ordinary values reaches at some 130 KB. A gzip bomb costs at most the inflating
 * of 256 KiB, 0.12 ms here.
 */
export const openRtbBodyBytesMax = 256 * 1024

/**
 * Answers below this go as they are: at 600 bytes gzip saves 170, of which its header takes 24, for
 * 14 µs of CPU; at 2 KB it halves the answer for 19 µs.
 */
export const gzipAnswerBytesMin = 512

/** Nearly every inflated request fits into one buffer of this size. */
const inflateChunkBytes = 8 * 1024

const inflateOptions = { chunkSize: inflateChunkBytes, maxOutputLength: openRtbBodyBytesMax }
/** The fastest level: level 6 makes answers of 2 KB 2 % smaller and takes twice the time. */
const deflateOptions = { level: constants.Z_BEST_SPEED }

/** True for bytes that begin as gzip does: neither JSON nor a protobuf message can. */
export function looksGzipped(body: Uint8Array): boolean {
  return body[0] === 0x1f && body[1] === 0x8b
}

/**
 * The inflated body; or `Malformed` for what is not gzip or is cut short, `BodyTooLarge` when it
 * inflates beyond the limit, `EmptyBody` when nothing is inside. Measured here: 9 µs of CPU for a
 * request of 2 KB, its buffers included, so none are kept; 33 µs for one that is not gzip beyond
 * its first bytes.
 */
export function inflate(body: Uint8Array): Uint8Array | Refusal {
  if (!looksGzipped(body)) return Refusal.Malformed
  try {
    const inflated = gunzipSync(body, inflateOptions)
    return inflated.length === 0 ? Refusal.EmptyBody : inflated
  } catch (error) {
    const isTooLarge = error instanceof RangeError
    return isTooLarge ? Refusal.BodyTooLarge : Refusal.Malformed
  }
}

/** The body as gzip. Measured here: 19 µs of CPU for 2 KB, 85 µs for 20 KB. */
export function deflate(body: Uint8Array): Uint8Array {
  return gzipSync(body, deflateOptions)
}
