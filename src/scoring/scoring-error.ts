/** Failures of models and features that somebody must act on. */

/** Codes are listed in docs/errors.md. */
export class ScoringError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
    this.name = 'ScoringError'
  }
}
