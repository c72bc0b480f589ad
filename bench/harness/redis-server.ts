/** A private redis-server on a free loopback port, without persistence unless that is asked for. */
import { Redis } from 'ioredis'
import { freePort, type StartedProcess, start, stop, until, which } from './processes.ts'

/** A running redis-server. */
export interface RedisServer {
  readonly port: number
  readonly pid: number
  readonly url: string
  readonly client: Redis
  /** Kills it as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port, empty or not as its options say. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Options of a redis-server; `appendOnlyFolder` keeps the data over a restart. */
export interface RedisServerOptions {
  /** Core to pin to; null = the kernel's choice. */
  readonly core: number | null
  readonly appendOnlyFolder?: string
  /** When what is appended is flushed; Redis' own default (every second) when absent. */
  readonly appendFsync?: 'always'
}

/** Milliseconds a server with data has to come up. */
const startMs = 30_000

/** Starts the server and waits until it answers. */
export async function startRedis(options: RedisServerOptions): Promise<RedisServer> {
  const port = await freePort()
  return new PrivateRedis(port, options).open()
}

class PrivateRedis implements RedisServer {
  readonly port: number
  readonly client: Redis
  readonly #options: RedisServerOptions
  #process: StartedProcess | null = null

  constructor(port: number, options: RedisServerOptions) {
    this.port = port
    this.#options = options
    this.client = new Redis(port, '127.0.0.1', {
      lazyConnect: true,
      retryStrategy: () => 100,
      maxRetriesPerRequest: null,
    })
    // A killed server is part of the plan; the client comes back by itself.
    this.client.on('error', () => {})
  }

  get pid(): number {
    return this.#process?.pid ?? -1
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  async open(): Promise<this> {
    this.#start()
    await this.#waitReady()
    return this
  }

  async kill(): Promise<void> {
    const child = this.#process?.child
    if (child === undefined) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGKILL')
    await ended
  }

  async restart(): Promise<void> {
    this.#start()
    await this.#waitReady()
  }

  async stop(): Promise<void> {
    this.client.disconnect()
    if (this.#process !== null) await stop(this.#process.child)
  }

  #start(): void {
    const server = which('redis-server')
    if (server === null) throw new Error('redis-server is not on the PATH')
    const { core, appendOnlyFolder, appendFsync } = this.#options
    const keep = appendOnlyFolder === undefined ? 'no' : 'yes'
    const command = [server, '--bind', '127.0.0.1', '--port', String(this.port), '--save', '']
    command.push('--appendonly', keep, '--dir', appendOnlyFolder ?? '/tmp')
    if (appendFsync !== undefined) command.push('--appendfsync', appendFsync)
    this.#process = start(command, core === null ? {} : { core })
  }

  async #waitReady(): Promise<void> {
    await until('redis-server answers', startMs, async () => {
      if (this.#process?.child.exitCode !== null) {
        throw new Error(`redis-server ended: ${this.#process?.output()}`)
      }
      try {
        return (await this.client.ping()) === 'PONG'
      } catch {
        return false
      }
    })
  }
}

/** Bytes Redis has allocated for everything. */
export async function usedMemory(client: Redis): Promise<number> {
  const info = await client.info('memory')
  return Number(info.match(/used_memory:(\d+)/)?.[1] ?? Number.NaN)
}
