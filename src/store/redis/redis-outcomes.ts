/** What becomes of a trip of which a part failed. */
import { StoreError } from '../store-error.ts'

/** Errors that pass: no answer, or a server that is not (yet, any more) the one that may. */
const passing =
  /^SLUICE_STORE_NOT_CONNECTED|: (?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK) /

/**
 * Values of a trip, with `missing` for what could not be answered now: one server of a Cluster
 * being away must not stop what lies on the others. Throws when nothing was answered, and any error
 * that does not pass.
 */
export function answeredOr<T>(outcomes: readonly (T | StoreError)[], missing: T): T[] {
  let firstError: StoreError | null = null
  let answered = 0
  const values = outcomes.map((outcome) => {
    if (!(outcome instanceof StoreError)) {
      answered++
      return outcome
    }
    if (!passing.test(outcome.message)) throw outcome
    firstError ??= outcome
    return missing
  })
  if (firstError !== null && answered === 0) throw firstError
  return values
}
