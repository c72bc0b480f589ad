/** An address that names a network, not a person: the only form that may reach a log. */

/** Groups of 16 bits that stay of an IPv6 address: a provider's /48, wider than any household. */
const ipv6GroupsKept = 3

/** The network with its length, IPv4 /24 or IPv6 /48; '' for what is no address. */
export function truncateIp(ip: string): string {
  const network = networkOf(ip)
  if (network === '') return ''
  return network.includes(':') ? `${network}/48` : `${network}/24`
}

/** True for what `truncateIp` returns, '' included. */
export function isTruncatedIp(text: string): boolean {
  return text === '' || /^(?:\d{1,3}\.){3}0\/24$|^(?:[0-9a-fA-F]{1,}:){3}:\/48$/.test(text)
}

/**
 * The network of an address: the last octet of IPv4 becomes 0, of IPv6 the first 48 bits stay.
 * '' for what is no address: it could be anything, an id among them.
 */
export function networkOf(ip: string): string {
  return ip.includes(':') ? networkOfV6(ip) : networkOfV4(ip)
}

const ipv4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/
const ipv4Tail = /^::ffff:(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/i
const ipv6Group = /^[0-9a-f]{1,4}$/i

function networkOfV4(ip: string): string {
  const match = ipv4.exec(ip)
  return match === null ? '' : `${match[1]}.0`
}

function networkOfV6(ip: string): string {
  const mapped = ipv4Tail.exec(ip)
  if (mapped !== null) return `${mapped[1]}.0`
  const groups = groupsOf(ip)
  if (groups === null) return ''
  return `${groups.slice(0, ipv6GroupsKept).join(':')}::`
}

/** The eight groups of the text, or null; a `::` stands for as many zeros as are missing. */
function groupsOf(ip: string): readonly string[] | null {
  const halves = ip.split('::')
  if (halves.length > 2) return null
  const head = splitGroups(halves[0] ?? '')
  const tail = halves.length === 2 ? splitGroups(halves[1] ?? '') : []
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  for (const group of [...head, ...tail]) if (!ipv6Group.test(group)) return null
  return [...head, ...Array<string>(missing).fill('0'), ...tail]
}

function splitGroups(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
