/** Private Redis servers and Clusters for tests: real processes on loopback, stopped by pid. */
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

/** How a server differs from one that is open, plain and forgets everything. */
export interface RedisOptions {
  /** The only user that may do anything; the default user is off. */
  readonly user?: { readonly name: string; readonly password: string }
  /** True: TLS only, under a certificate made for this server (`tls.ca` verifies it). */
  readonly tls?: boolean
  /** True: keeps its data over `kill` and `restart` (an append-only file, every write synced). */
  readonly persistent?: boolean
  /** More lines of redis.conf, such as `hash-max-listpack-entries 128`. */
  readonly config?: readonly string[]
}

/** PEM texts of a server's certificate; it signs itself, so `ca` is the certificate. */
export interface TlsFiles {
  readonly ca: string
  readonly directory: string
}

interface Launch {
  readonly port: number
  /** Cluster bus port; null = not a Cluster node. */
  readonly busPort: number | null
  readonly options: RedisOptions
}

const run = promisify(execFile)
/** A server is up within a tenth of this, also on a machine that runs the whole suite. */
const startMsMax = 20_000
/** Three nodes agree within about two seconds. */
const clusterMsMax = 30_000
/** Enough for the reason of a failed start. */
const printedCharsMax = 100_000
/** Two test workers may be given the same free port at the same moment. */
const startTriesMax = 3

/**
 * On Linux the kernel ends a server with the process that started it, so that a test worker that is
 * killed leaves none behind; elsewhere only an orderly exit ends them all.
 */
const death = ['setpriv', '--pdeathsig', 'KILL', '--'] as const
const bound = spawnSync(death[0], [...death.slice(1), 'true']).status === 0 ? death : []

const living = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

/** One redis-server process; `kill` and `restart` keep port and directory. */
export class RedisServer {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly user: { readonly name: string; readonly password: string } | null
  readonly tls: TlsFiles | null
  readonly #directory: string
  #child: ChildProcess | null = null

  /** Use `startRedis` or `startRedisCluster`. */
  constructor(launch: Launch) {
    this.port = launch.port
    this.user = launch.options.user ?? null
    this.#directory = mkdtempSync(join(tmpdir(), 'sluice-redis-'))
    this.tls = launch.options.tls === true ? makeCertificate(this.#directory) : null
    writeFileSync(join(this.#directory, 'redis.conf'), this.#configOf(launch))
  }

  /** Process id, or -1 while it is down. */
  get pid(): number {
    return this.#child?.pid ?? -1
  }

  /** `redis://` or `rediss://` with the user, as SLUICE_STORE takes it. */
  get url(): string {
    const scheme = this.tls === null ? 'redis' : 'rediss'
    return `${scheme}://${credentials(this.user)}${this.host}:${this.port}`
  }

  /** Runs one command through redis-cli and returns what it printed. */
  async command(...words: readonly string[]): Promise<string> {
    const access = ['-h', this.host, '-p', String(this.port), '--raw']
    if (this.user !== null) {
      access.push('--user', this.user.name, '--pass', this.user.password, '--no-auth-warning')
    }
    if (this.tls !== null) access.push('--tls', '--cacert', join(this.tls.directory, 'cert.pem'))
    const { stdout } = await run('redis-cli', [...access, ...words])
    return stdout.trim()
  }

  /** Starts the process and resolves when it takes connections. */
  async start(): Promise<void> {
    const [program, ...words] = [...bound, 'redis-server', join(this.#directory, 'redis.conf')]
    const child = spawn(program ?? '', words, {
      cwd: this.#directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    living.add(child)
    child.once('exit', () => living.delete(child))
    this.#child = child
    try {
      await untilReady(child)
    } catch (error) {
      await this.kill()
      throw error
    }
  }

  /** Ends the process, by default as a crash does, and resolves when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill(signal)
    await gone
  }

  /** Ends it (if it runs) and starts it again on the same port. */
  async restart(): Promise<void> {
    await this.kill()
    await this.start()
  }

  /** Freezes the process: connections stay, nothing answers. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  /** Lets a frozen process go on. */
  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Ends it for good and removes its directory. */
  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #configOf({ port, busPort, options }: Launch): string {
    const lines = ['bind 127.0.0.1', 'daemonize no', 'save ""', `dir ${this.#directory}`]
    if (options.persistent === true) lines.push('appendonly yes', 'appendfsync always')
    if (this.tls === null) lines.push(`port ${port}`)
    else {
      lines.push('port 0', `tls-port ${port}`, 'tls-auth-clients no')
      lines.push(`tls-cert-file ${join(this.#directory, 'cert.pem')}`)
      lines.push(`tls-key-file ${join(this.#directory, 'key.pem')}`)
      lines.push(`tls-ca-cert-file ${join(this.#directory, 'cert.pem')}`)
    }
    if (busPort !== null) {
      lines.push('cluster-enabled yes', `cluster-port ${busPort}`, 'cluster-node-timeout 2000')
      lines.push('cluster-config-file nodes.conf')
    }
    if (options.user !== undefined) {
      lines.push('user default off')
      lines.push(`user ${options.user.name} on >${options.user.password} ~* &* +@all`)
    }
    return [...lines, ...(options.config ?? []), ''].join('\n')
  }
}

/** Starts one private server on a free port. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const [server] = await startAll(1, false, options)
  if (server === undefined) throw new Error('no server was started')
  return server
}

/** Three primaries that share the 16 384 slots; no replicas. */
export class RedisCluster {
  readonly nodes: readonly RedisServer[]

  /** Use `startRedisCluster`. */
  constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes
  }

  /** `redis-cluster://` (or `rediss-cluster://`) with the user and all nodes. */
  get url(): string {
    const [first] = this.nodes
    const scheme = first?.tls ? 'rediss-cluster' : 'redis-cluster'
    const places = this.nodes.map((node) => `${node.host}:${node.port}`)
    return `${scheme}://${credentials(first?.user ?? null)}${places.join(',')}`
  }

  /** Resolves when every node that runs sees all nodes and all slots. */
  async settled(): Promise<void> {
    const giveUpAtMs = Date.now() + clusterMsMax
    let last = ''
    while (Date.now() < giveUpAtMs) {
      const reports = await Promise.all(
        this.nodes.filter((node) => node.pid > 0).map((node) => node.command('CLUSTER', 'INFO')),
      )
      const isSettled = (report: string): boolean =>
        report.includes('cluster_state:ok') &&
        report.includes(`cluster_known_nodes:${this.nodes.length}`) &&
        report.includes('cluster_slots_ok:16384')
      if (reports.every(isSettled)) return
      last = reports.join('\n')
      await wait(50)
    }
    throw new Error(`the Cluster did not form within ${clusterMsMax} ms:\n${last}`)
  }

  /** Ends all nodes for good. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
  }
}

/** Starts a Cluster of three primaries and waits until all of them call it whole. */
export async function startRedisCluster(options: RedisOptions = {}): Promise<RedisCluster> {
  const cluster = new RedisCluster(await startAll(3, true, options))
  try {
    await joinUp(cluster.nodes)
    await cluster.settled()
  } catch (error) {
    await cluster.stop()
    throw error
  }
  return cluster
}

async function joinUp(nodes: readonly RedisServer[]): Promise<void> {
  const slots = 16_384
  for (const [i, node] of nodes.entries()) {
    const from = Math.floor((slots * i) / nodes.length)
    const to = Math.floor((slots * (i + 1)) / nodes.length) - 1
    await expectOk(node, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to))
    // Distinct epochs from the start, or the nodes have to settle them by collisions.
    await expectOk(node, 'CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1))
  }
  const [first, ...others] = nodes
  if (first === undefined) return
  for (const other of others) {
    const bus = String(busPorts.get(other) ?? 0)
    await expectOk(first, 'CLUSTER', 'MEET', other.host, String(other.port), bus)
  }
}

async function expectOk(node: RedisServer, ...words: readonly string[]): Promise<void> {
  const answer = await node.command(...words)
  if (answer !== 'OK') throw new Error(`${words.join(' ')}: ${answer}`)
}

const busPorts = new WeakMap<RedisServer, number>()

async function startAll(
  count: number,
  isCluster: boolean,
  options: RedisOptions,
): Promise<RedisServer[]> {
  for (let attempt = 1; ; attempt++) {
    const ports = await freePorts(isCluster ? count * 2 : count)
    const servers = Array.from({ length: count }, (_, i) => {
      const busPort = isCluster ? (ports[count + i] ?? 0) : null
      const server = new RedisServer({ port: ports[i] ?? 0, busPort, options })
      if (busPort !== null) busPorts.set(server, busPort)
      return server
    })
    const results = await Promise.allSettled(servers.map((server) => server.start()))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed === undefined) return servers
    await Promise.all(servers.map((server) => server.stop()))
    const isPortTaken = String(failed.reason).includes('Address already in use')
    if (!isPortTaken || attempt === startTriesMax) throw failed.reason
  }
}

/** Ports that were free a moment ago; held all at once, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const holders = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    holders.map(
      (holder) =>
        new Promise<number>((resolve, reject) => {
          holder.once('error', reject)
          holder.listen(0, '127.0.0.1', () => {
            const address = holder.address()
            resolve(address !== null && typeof address === 'object' ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(holders.map((holder) => new Promise((done) => holder.close(done))))
  return ports
}

async function untilReady(child: ChildProcess): Promise<void> {
  let printed = ''
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`redis-server is not up after ${startMsMax} ms:\n${printed}`)),
      startMsMax,
    )
    const end = (error: Error | null): void => {
      clearTimeout(timer)
      if (error === null) resolve()
      else reject(error)
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        // Read on after the start too: a full pipe would block the server.
        if (printed.length > printedCharsMax) return
        printed += chunk.toString()
        if (printed.includes('Ready to accept connections')) end(null)
      })
    }
    child.once('error', (error) =>
      end(new Error(`redis-server does not run (install it: npm test does): ${error.message}`)),
    )
    // Not 'exit': by then the reason may still be in the pipe.
    child.once('close', (code) => end(new Error(`redis-server ended with ${code}:\n${printed}`)))
  })
}

/** A certificate for 127.0.0.1 that signs itself; node:crypto cannot make one, so openssl does. */
function makeCertificate(directory: string): TlsFiles {
  const key = join(directory, 'key.pem')
  const cert = join(directory, 'cert.pem')
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const files = ['-keyout', key, '-out', cert, '-days', '2']
  try {
    execFileSync('openssl', ['req', '-x509', ...curve, ...names, ...files], { stdio: 'pipe' })
  } catch (error) {
    throw new Error('TLS tests need openssl on the PATH to make a certificate', { cause: error })
  }
  return { ca: readFileSync(cert, 'utf8'), directory }
}

function credentials(user: { readonly name: string; readonly password: string } | null): string {
  return user === null
    ? ''
    : `${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@`
}
