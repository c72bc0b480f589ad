/** The text in `native.request`, which senders write in four ways. */
import { readNativeRequestJson } from '../wire/json-reader.ts'
import type { OrtbNativeRequest } from '../wire/openrtb.generated.ts'

/** A native request and whether it stood in `{"native": …}`, as before version 1.1. */
export interface NativeText {
  readonly request: OrtbNativeRequest
  readonly isWrapped: boolean
}

/**
 * The start of a wrapped request, through the quotes and backslashes of any encoding around it.
 * Senders that wrap write nothing else at the top, so the first member tells.
 */
const wrappedStart = /^[\s"\\{]*\{[\s"\\]*native[\s"\\]*:/

/** Characters in which the first member must stand; bounds the search in a hostile text. */
const startLength = 64

/** Null for an absent or empty text, and for one that is not JSON of an object. Never throws. */
export function readNativeText(text: string | null): NativeText | null {
  if (text === null || text === '') return null
  const request = readNativeRequestJson(text)
  if (request === null) return null
  return { request, isWrapped: wrappedStart.test(text.slice(0, startLength)) }
}
