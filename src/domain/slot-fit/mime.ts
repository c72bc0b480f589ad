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
