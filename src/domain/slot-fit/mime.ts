/** MIME types as exchanges write them: any case, and some under two names. */

const aliases: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['audio/mp3', 'audio/mpeg'],
  ['text/javascript', 'application/javascript'],
  ['application/x-javascript', 'application/javascript'],
])

/** The one spelling that rules compare: lower case, the registered name. */
export function canonicalMime(mime: string): string {
  const lower = mime.trim().toLowerCase()
  return aliases.get(lower) ?? lower
}

/** True when `mime` (canonical) is among `mimes` as a request wrote them; an empty list says all. */
export function allowsMime(mimes: readonly string[], mime: string): boolean {
  if (mimes.length === 0 || mimes.includes(mime)) return true
  for (const allowed of mimes) if (canonicalMime(allowed) === mime) return true
  return false
}

/**
 * `mime` (canonical) as the request wrote it, so that who compares texts finds it: `audio/mp3`
 * where that was asked for. Itself where it is not among `mimes`.
 */
export function mimeSpelling(mimes: readonly string[], mime: string): string {
  if (mimes.includes(mime)) return mime
  for (const allowed of mimes) if (canonicalMime(allowed) === mime) return allowed.trim()
  return mime
}
