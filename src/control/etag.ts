/** Entity versions as ETags, and the two conditions that a write may carry (RFC 9110 §13.1). */
import { Problem } from './problem.ts'

/** Headers of a conditional write. */
export interface WriteConditions {
  readonly 'if-match'?: string | undefined
  readonly 'if-none-match'?: string | undefined
}

/** A version as a strong ETag. */
export function etagOf(version: number): string {
  return `"${version}"`
}

/** Throws 412 unless the present version (0 = there is none) meets the conditions of the write. */
export function checkConditions(conditions: WriteConditions, version: number): void {
  const match = conditions['if-match']
  if (match !== undefined && !lists(match, version)) {
    const present = version === 0 ? 'it does not exist' : `it is at version ${version}`
    throw new Problem('SLUICE_CONTROL_PRECONDITION', `If-Match is ${match}, but ${present}`, {
      fields: { version },
    })
  }
  const noneMatch = conditions['if-none-match']
  if (noneMatch !== undefined && lists(noneMatch, version)) {
    throw new Problem('SLUICE_CONTROL_PRECONDITION', `it exists at version ${version}`, {
      fields: { version },
    })
  }
}

/** A weak tag (`W/"3"`) matches nothing: writes need the strong comparison (RFC 9110 §8.8.3.2). */
function lists(header: string, version: number): boolean {
  if (version === 0) return false
  const tags = header.split(',').map((tag) => tag.trim())
  return tags.includes('*') || tags.includes(etagOf(version))
}
