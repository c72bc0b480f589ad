/** What LMDB's errors mean to whoever waits for a write. */
import { StoreError } from '../store-error.ts'

/**
 * No space: ENOSPC, EDQUOT, EFBIG (a file's limit), MDB_MAP_FULL; and EIO, which is LMDB's word for
 * a write that came short, as it does first on a disk that gets full. A failing disk says EIO too,
 * but is rarer.
 */
const fullCodes: ReadonlySet<number> = new Set([28, 122, 27, -30_792, 5])

/** Codes that one kind of write fails with. */
interface FailureCodes {
  readonly full: string
  readonly down: string
}

/** Of writes to the log. */
export const logCodes = { full: 'SLUICE_STORE_LOG_FULL', down: 'SLUICE_STORE_LOG_DOWN' } as const

/** Of writes to derived state. */
export const stateCodes = {
  full: 'SLUICE_STORE_STATE_FULL',
  down: 'SLUICE_STORE_STATE_DOWN',
} as const

/** The reason why a write of LMDB was rejected: `full` when space is what is missing. */
export async function failureOf(error: unknown, codes: FailureCodes): Promise<StoreError> {
  if (error instanceof StoreError) return error
  const cause = await commitErrorOf(error)
  const isFull = fullCodes.has(codeOf(cause))
  const words = cause instanceof Error ? cause.message : String(cause)
  return new StoreError(isFull ? codes.full : codes.down, words, { cause })
}

/** Says what LMDB itself said; lmdb-js hides it behind a promise of the commit. */
async function commitErrorOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  try {
    return await error.commitError
  } catch (reason) {
    return reason
  }
}

function codeOf(error: unknown): number {
  return error instanceof Error && 'code' in error ? Number(error.code) : 0
}
