/** MIME types as exchanges write them: any case, and some under two names. */

const aliases: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['audio/mp3', 'audio/mpeg'],
  ['text/javascript', 'application/javascript'],
  ['application/x-javascript', 'application/javascript'],
])

/** Other names of a type, by its canonical one: what a list is asked for besides that. */
const otherNames = new Map<string, string[]>()
for (const [name, canonical] of aliases) {
  otherNames.set(canonical, [...(otherNames.get(canonical) ?? []), name])
}

/** The one spelling that rules compare: lower case, the registered name. */
export function canonicalMime(mime: string): string {
  const lower = mime.trim().toLowerCase()
  return aliases.get(lower) ?? lower
}

/**
 * True when `mime` (canonical), under any of its names, is among `mimes`, which are in lower case;
 * an empty list says all. Asked once a shape and slot: a list of thousands must cost no more than
 * looking through it.
 */
export function allowsMime(mimes: readonly string[], mime: string): boolean {
  if (mimes.length === 0 || mimes.includes(mime)) return true
  for (const name of otherNames.get(mime) ?? none) if (mimes.includes(name)) return true
  return false
}

const none: readonly string[] = []

/**
 * `mime` (canonical) as the request wrote it, so that who compares texts finds it: `audio/mp3`
 * where that was asked for. Itself where it is not among `mimes`.
 */
export function mimeSpelling(mimes: readonly string[], mime: string): string {
  if (mimes.includes(mime)) return mime
  for (const allowed of mimes) if (canonicalMime(allowed) === mime) return allowed.trim()
  return mime
}
