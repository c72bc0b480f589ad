/** Domain names in the one form in which they are compared. */
import { mapped } from './text.ts'

/**
 * The host of a domain, host or URL: lower case, without scheme, user, port, path, `www.` and the
 * dot at the end; '' where there is none. Names outside of ASCII stay in their own letters: an
 * exchange that blocks one writes it as it writes it in `adomain`.
 */
export function domainOf(text: string | null): string {
  if (text === null) return ''
  return isNormal(text) ? text : normalised(text)
}

/** `domainOf` of each, without empty ones; the list itself when nothing changes. */
export function domainList(list: readonly string[]): readonly string[] {
  return mapped(list, domainOf)
}

/** True for what most senders write: `example.com`. Nothing is made then. */
function isNormal(text: string): boolean {
  const last = text.length - 1
  if (last < 0 || text.charCodeAt(last) === 0x2e || text.startsWith('www.')) return false
  for (let i = 0; i <= last; i++) if (!isNameUnit(text.charCodeAt(i))) return false
  return true
}

/** Lower-case letter, digit, `-`, `.` or `_`. */
function isNameUnit(unit: number): boolean {
  if (unit >= 0x61 && unit <= 0x7a) return true
  return (unit >= 0x30 && unit <= 0x39) || unit === 0x2d || unit === 0x2e || unit === 0x5f
}

/** A URL's authority starts behind `//`; senders also write `example.com/path` and `a.b:80`. */
function normalised(text: string): string {
  let host = text.trim().toLowerCase()
  const slashes = host.indexOf('//')
  if (slashes >= 0 && isSchemeEnd(host, slashes)) host = host.slice(slashes + 2)
  host = host.slice(0, endOfAuthority(host))
  host = host.slice(host.lastIndexOf('@') + 1)
  host = withoutPort(host)
  // `www.com` is a name of its own.
  if (host.startsWith('www.') && host.includes('.', 4)) host = host.slice(4)
  return host.endsWith('.') ? host.slice(0, -1) : host
}

/** `//` is of the URL where nothing but a scheme is before it, not inside of a path or query. */
function isSchemeEnd(host: string, at: number): boolean {
  return endOfAuthority(host) === at && (at === 0 || host.charCodeAt(at - 1) === 0x3a)
}

/** A bracket holds an IPv6 address, whose colons are its own. */
function withoutPort(host: string): string {
  const port = host.indexOf(':', host.startsWith('[') ? host.indexOf(']') : 0)
  return port >= 0 ? host.slice(0, port) : host
}

function endOfAuthority(host: string): number {
  for (let i = 0; i < host.length; i++) {
    const unit = host.charCodeAt(i)
    if (unit === 0x2f || unit === 0x3f || unit === 0x23 || unit === 0x5c) return i
  }
  return host.length
}
