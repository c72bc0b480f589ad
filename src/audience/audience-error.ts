/**
 * Failures of the audience that somebody must act on; normal refusals are values (pack-types.ts).
 */

/** Codes are listed in docs/errors.md. */
export class AudienceError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
    this.name = 'AudienceError'
  }
}
