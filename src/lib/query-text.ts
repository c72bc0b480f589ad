/** One value out of a query string, without parsing the rest; never throws, whatever was sent. */

/**
 * The first value of `name` in a query (what stands behind the `?`), percent-decoded; null when the
 * name is not there. A plus stays a plus: what links carry is base64 and numbers, not forms.
 */
export function queryValue(query: string, name: string): string | null {
  let from = 0
  while (from <= query.length) {
    const next = query.indexOf('&', from)
    const end = next < 0 ? query.length : next
    const isIt = query.startsWith(name, from)
    const after = from + name.length
    if (isIt && after === end) return ''
    if (isIt && query[after] === '=' && after < end) {
      return percentDecoded(query.slice(after + 1, end))
    }
    from = end + 1
  }
  return null
}

/**
 * Percent-decoding in which a wrong escape stays as it is: senders put raw `%%MACRO%%` into links,
 * and what they meant is told by the text, not by an exception.
 */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, decodedOrSame)
  }
}

function decodedOrSame(escapes: string): string {
  try {
    return decodeURIComponent(escapes)
  } catch {
    return escapes
  }
}
