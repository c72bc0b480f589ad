/** Texts of a request in the one form in which they are compared. */

const none: readonly never[] = []

/** Absent is ''; white space at the ends goes. */
export function textOr(text: string | null): string {
  return text === null ? '' : trimmed(text)
}

/** Lower case, trimmed; absent is ''. */
export function lowerOr(text: string | null): string {
  return text === null ? '' : trimmed(text).toLowerCase()
}

/** Upper case, trimmed; absent is ''. */
export function upperOr(text: string | null): string {
  return text === null ? '' : trimmed(text).toUpperCase()
}

/** The texts in lower case, trimmed, without empty ones; the list itself when nothing changes. */
export function lowerList(list: readonly string[]): readonly string[] {
  return mapped(list, toLower)
}

/**
 * MIME types of one slot that are looked at; players list up to a dozen. Each is compared with each
 * distinct creative, and leaving out some of what is allowed lets nothing in that is not.
 */
export const mimesMax = 64

/** MIME types in lower case, trimmed, the first `mimesMax`. */
export function mimeList(list: readonly string[]): readonly string[] {
  return lowerList(list.length > mimesMax ? list.slice(0, mimesMax) : list)
}

/** The texts in upper case, trimmed, without empty ones; the list itself when nothing changes. */
export function upperList(list: readonly string[]): readonly string[] {
  return mapped(list, toUpper)
}

/** The texts trimmed, without empty ones; the list itself when nothing changes. */
export function textList(list: readonly string[]): readonly string[] {
  return mapped(list, trimmed)
}

/** A language tag as conditions write it: lower case, `-` between parts (`en_US` is `en-us`). */
export function languageOf(text: string | null): string {
  const lower = lowerOr(text)
  return lower.includes('_') ? lower.replaceAll('_', '-') : lower
}

/** Languages of one list that are looked at: ISO 639-1 has 183. What is left out is not allowed. */
export const languagesMax = 256

/** `languageOf` of each of the first `languagesMax`. */
export function languageList(list: readonly string[]): readonly string[] {
  return mapped(list.length > languagesMax ? list.slice(0, languagesMax) : list, languageOf)
}

/** Each text changed, empty results left out; the given list when that changes nothing. */
export function mapped(
  list: readonly string[],
  change: (text: string) => string,
): readonly string[] {
  const count = list.length
  if (count === 0) return none
  let changed: string[] | null = null
  for (let i = 0; i < count; i++) {
    const text = list[i] ?? ''
    const after = change(text)
    if (changed === null && (after !== text || after === '')) changed = list.slice(0, i)
    if (changed !== null && after !== '') changed.push(after)
  }
  return changed ?? list
}

function toLower(text: string): string {
  return trimmed(text).toLowerCase()
}

function toUpper(text: string): string {
  return trimmed(text).toUpperCase()
}

/** `trim` makes a new string header even where nothing goes; most texts need none. */
function trimmed(text: string): string {
  const last = text.length - 1
  if (last < 0) return text
  return text.charCodeAt(0) > 0x20 && isInk(text.charCodeAt(last)) ? text : text.trim()
}

/** Visible ASCII; others may be white space of another alphabet and are looked at by `trim`. */
function isInk(unit: number): boolean {
  return unit > 0x20 && unit < 0x80
}
