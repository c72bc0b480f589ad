/** All values of a query string from a stranger, at a cost that has a bound. */
import { percentDecoded } from './query-text.ts'

/** Parameters looked at; real monitoring links have about twenty. */
export const queryParamsMax = 100

/**
 * The parameters of a query (what stands behind the `?`) by name, percent-decoded once; of several
 * with one name the first counts, a part without a name is passed over. A plus stays a plus: media
 * put base64 into links as it is. Never throws.
 */
export function queryParams(query: string): Map<string, string> {
  const params = new Map<string, string>()
  for (const part of query.split('&', queryParamsMax)) {
    const cut = part.indexOf('=')
    const name = percentDecoded(cut < 0 ? part : part.slice(0, cut))
    if (name === '' || params.has(name)) continue
    params.set(name, cut < 0 ? '' : percentDecoded(part.slice(cut + 1)))
  }
  return params
}
