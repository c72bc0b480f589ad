/** The address of a device as a request gives it. */

/** Longest text of an address: IPv6 with an IPv4 tail and a zone. Longer is none. */
export const ipTextMax = 64

/** The address as sent; '' for one that is too long to be one. */
export function ipOf(ip: string | null, ipv6: string | null): string {
  const v4 = ip === null ? '' : ip.trim()
  const text = v4 === '' && ipv6 !== null ? ipv6.trim() : v4
  return text.length <= ipTextMax ? text : ''
}
