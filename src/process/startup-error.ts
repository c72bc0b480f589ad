/** Reasons not to start that a restart cannot cure: the operator must act. */

/** Exit code of such a process (EX_CONFIG): the supervisor stops instead of restarting it. */
export const unusableExitCode = 78

/** What the operator must correct; codes stand in docs/errors.md. */
export class StartupError extends Error {
  readonly code:
    | 'SLUICE_IDENTITY_SALT_MISMATCH'
    | 'SLUICE_IDENTITY_SALT_FILE'
    | 'SLUICE_PROCESS_NO_TIME'

  constructor(code: StartupError['code'], message: string) {
    super(message)
    this.name = 'StartupError'
    this.code = code
  }
}

/** Codes of errors of any room that a restart cannot cure. */
const unusableCodes = new Set([
  'SLUICE_CONFIG_INVALID',
  'SLUICE_CONTROL_ADMIN_KEY',
  'SLUICE_GEO_FILE',
  'SLUICE_HTTP_LISTEN',
  'SLUICE_MEDIA_DUPLICATE',
  'SLUICE_MEDIA_UNKNOWN',
  'SLUICE_STORE_ADDRESS',
  'EACCES',
  'EADDRINUSE',
])

/** True when trying again is of no use. */
export function isUnusable(error: unknown): boolean {
  return error instanceof StartupError || unusableCodes.has(codeOf(error))
}

/** The code of an error, or ''. */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : ''
  return typeof code === 'string' ? code : ''
}

/** `CODE: sentence` for people; the sentence alone where there is no code. */
export function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const code = codeOf(error)
  return code === '' || text.startsWith(code) ? text : `${code}: ${text}`
}
