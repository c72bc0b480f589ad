/** Failures of the archive that somebody must act on. */

/** `code` is listed in docs/errors.md. */
export class ArchiveError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.name = 'ArchiveError'
    this.code = code
  }
}
