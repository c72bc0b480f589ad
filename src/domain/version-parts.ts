/** Versions such as `17.4.1` as numbers that can be compared. */

/** Parts that are looked at; no system's versions differ later. */
const partsMax = 4

const open: readonly number[] = []

/** The numbers of a version, `17.4` → [17, 4]; [] for '' or a text that begins with no number. */
export function versionParts(version: string): readonly number[] {
  if (version === '') return open
  const parts: number[] = []
  for (const part of version.split('.', partsMax)) {
    const number = Number.parseInt(part, 10)
    if (Number.isNaN(number)) break
    parts.push(number)
  }
  return parts
}

/**
 * Negative, 0 or positive as `version` is before, in or after `bound`, compared as far as the bound
 * goes: 17.4 is in 17.
 */
export function compareVersion(version: readonly number[], bound: readonly number[]): number {
  for (let i = 0; i < bound.length; i++) {
    const difference = (version[i] ?? 0) - (bound[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** True when a version lies in [min, max]; [] = open end. An unknown version is in no bounded range. */
export function isVersionIn(
  version: readonly number[],
  min: readonly number[],
  max: readonly number[],
): boolean {
  if (min.length + max.length > 0 && version.length === 0) return false
  return compareVersion(version, min) >= 0 && compareVersion(version, max) <= 0
}
