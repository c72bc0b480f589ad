/** An address that names a network, not a person: the only form that may reach a log. */

/** IPv4 /24 or IPv6 /48; anything else is left out. */
export function truncateIp(ip: string): string {
  const four = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(ip)
  if (four !== null) return `${four[1]}.0/24`
  if (!/^[0-9a-fA-F:]+$/.test(ip) || !ip.includes(':')) return ''
  const [front = ''] = ip.split('::')
  const groups = front.split(':').filter((group) => group !== '')
  while (groups.length < 3) groups.push('0')
  return `${groups.slice(0, 3).join(':')}::/48`
}

/** True for what `truncateIp` returns, '' included. */
export function isTruncatedIp(text: string): boolean {
  return text === '' || /^(?:\d{1,3}\.){3}0\/24$|^(?:[0-9a-fA-F]{1,}:){3}:\/48$/.test(text)
}
