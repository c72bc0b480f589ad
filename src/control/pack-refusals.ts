/** HTTP statuses of the pack service's refusals. */

/** Codes of `src/audience/` that are not a conflict with the present state. */
const statuses: ReadonlyMap<string, number> = new Map([
  ['SLUICE_AUDIENCE_EMPTY', 400],
  ['SLUICE_AUDIENCE_ID_TYPE', 400],
  ['SLUICE_AUDIENCE_SCOPE', 400],
  ['SLUICE_AUDIENCE_REJECT_SHARE', 400],
  ['SLUICE_AUDIENCE_UNKNOWN_PACK', 404],
])

/** The HTTP status of a refusal; 409 (the state forbids it, such as a shrink) for every other. */
export function packRefusalStatus(code: string): number {
  return statuses.get(code) ?? 409
}
