/** Numbers of a request as the rules want them; absent and senseless ones have one value. */

/** A count, size or number of a list: integers from 0; absent, negative or broken is 0. */
export function countOr(value: number | null): number {
  return value !== null && value > 0 && Number.isFinite(value) ? Math.trunc(value) : 0
}

/** A maximum: absent, 0 and less mean that there is none. */
export function maximumOr(value: number | null): number {
  return value !== null && value > 0 ? value : Number.POSITIVE_INFINITY
}

/** A number that may be negative; absent or broken is 0. */
export function integerOr(value: number | null): number {
  return value !== null && Number.isFinite(value) ? Math.trunc(value) : 0
}

/** The positive numbers of a list; the list itself when all are. */
export function positives(list: readonly number[]): readonly number[] {
  for (const value of list) if (!(value > 0)) return list.filter((each) => each > 0)
  return list
}
