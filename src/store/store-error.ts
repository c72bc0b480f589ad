/** Failures of a store that somebody must act on. */

/** Codes are listed in docs/errors.md. */
export class StoreError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options)
    this.code = code
    this.name = 'StoreError'
  }
}
