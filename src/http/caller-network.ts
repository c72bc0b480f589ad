/** Where a call came from, as far as events may keep it: a truncated address. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { IpAddress } from '../lib/ip-address.ts'
import { truncateIp } from '../lib/truncate-ip.ts'

const address = new IpAddress()

/**
 * The network of the caller, /24 or /48; '' where the address is no place on the public internet: a
 * proxy that was not configured must not look like one very busy user. With `proxyHops` n it is the
 * n-th address from the right of `X-Forwarded-For`: what stands further left anybody can write.
 * Only inside the route callback.
 */
export function callerNetwork(
  response: HttpResponse,
  request: HttpRequest,
  proxyHops: number,
): string {
  const text =
    proxyHops === 0
      ? Buffer.from(response.getRemoteAddressAsText()).toString('latin1')
      : forwardedBy(request.getHeader('x-forwarded-for'), proxyHops)
  if (!address.parse(text) || address.isReserved()) return ''
  return truncateIp(address.toString())
}

function forwardedBy(header: string, hops: number): string {
  const all = header.split(',')
  return withoutPort((all[all.length - hops] ?? '').trim())
}

/** Some proxies write `203.0.113.7:4711` and `[2001:db8::7]:4711`. */
function withoutPort(text: string): string {
  const [, inBrackets] = /^\[([^\]]*)\]/.exec(text) ?? []
  if (inBrackets !== undefined) return inBrackets
  const [, bare] = /^([\d.]+):\d+$/.exec(text) ?? []
  return bare ?? text
}
