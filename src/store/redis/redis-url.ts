/**
 * Store addresses: `redis://user:password@host:port/db`, `rediss://…`, `redis-cluster://a:1,b:2`.
 */
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'

/** One server and how to reach it. */
export interface RedisEndpoint {
  readonly host: string
  readonly port: number
  /** '' = the default user. */
  readonly username: string
  /** '' = no AUTH. */
  readonly password: string
  readonly database: number
  readonly tls: ConnectionOptions | null
}

/** A parsed store address; a cluster has several seeds, a single server one. */
export interface RedisAddress {
  readonly cluster: boolean
  readonly seeds: readonly RedisEndpoint[]
}

const defaultPort = 6_379

/**
 * Parses a store address, or throws a `TypeError` that says what is wrong without showing the
 * password. `ca` is the PEM text of the certificate authority for TLS, or null for the system's.
 */
export function parseRedisAddress(text: string, ca: string | null): RedisAddress {
  const match = /^(rediss?)(-cluster)?:\/\/(?:([^@]*)@)?([^/@]+)(?:\/(\d+))?$/.exec(text)
  if (match === null) {
    throw new TypeError('a Redis address is redis[s][-cluster]://[user:password@]host[:port][/db]')
  }
  const [, scheme, cluster, credentials = '', hosts = '', database = '0'] = match
  const colon = credentials.indexOf(':')
  const username = colon < 0 ? '' : decodeURIComponent(credentials.slice(0, colon))
  const password = decodeURIComponent(credentials.slice(colon + 1))
  const secure = scheme === 'rediss'
  const seeds = hosts.split(',').map((host) => {
    const { name, port } = splitHost(host)
    // TLS names no IP addresses (RFC 6066 §3).
    const servername = isIP(name) === 0 ? { servername: name } : {}
    const tls = secure ? { ...servername, ...(ca === null ? {} : { ca }) } : null
    return { host: name, port, username, password, database: Number(database), tls }
  })
  if (cluster !== undefined && database !== '0')
    throw new TypeError('a Redis Cluster has no databases')
  return { cluster: cluster !== undefined, seeds }
}

function splitHost(text: string): { name: string; port: number } {
  const bracket = /^\[([^\]]+)\](?::(\d+))?$/.exec(text)
  const [, name, port] = bracket ?? /^([^:]+)(?::(\d+))?$/.exec(text) ?? []
  if (name === undefined) throw new TypeError(`"${text}" is no host[:port]`)
  return { name, port: port === undefined ? defaultPort : Number(port) }
}
