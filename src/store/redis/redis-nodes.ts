/** Which server holds which shard: one for a single Redis, the primaries of a Cluster otherwise. */
import type { StoreMeter } from '../ports.ts'
import type { RedisAddress, RedisEndpoint } from './redis-url.ts'
import { RespPipe } from './resp-pipe.ts'
import { clusterSlots, slotOfShard } from './shard-keys.ts'

/** `CLUSTER SLOTS`: ranges of slots and the primary of each. */
export interface SlotRange {
  readonly from: number
  readonly to: number
  readonly host: string
  readonly port: number
}

/** Asks the cluster for its slots; null when nobody answered. */
export type SlotsSource = () => Promise<readonly SlotRange[] | null>

/** The map is asked again this often, and at once after a MOVED or a lost connection. */
const refreshEveryMs = 5_000
const watchEveryMs = 100
/**
 * Two refreshes are at least this far apart: a MOVED storm must not become a CLUSTER SLOTS storm.
 */
const refreshGapMs = 100

/** False for a host that a Cluster leaves out ('' or '?'): the one that answered is meant. */
export function isNamed(host: string | null | undefined): host is string {
  return typeof host === 'string' && host !== '' && host !== '?'
}

/** Pipes to every server, by shard. */
export class RedisNodes {
  readonly #address: RedisAddress
  readonly #meter: StoreMeter
  readonly #slotsSource: SlotsSource | null
  readonly #pipes = new Map<string, RespPipe>()
  readonly #slotPipe: (RespPipe | null)[] = []
  /** What is in `#slotPipe`, once each. */
  #serving: readonly (RespPipe | null)[] = []
  readonly #timer: NodeJS.Timeout
  readonly #nowMs: () => number
  #refreshedAtMs = Number.NEGATIVE_INFINITY
  #closed = false
  #refreshing: Promise<void> | null = null

  constructor(
    address: RedisAddress,
    slotsSource: SlotsSource | null,
    meter: StoreMeter,
    nowMs: () => number,
  ) {
    this.#address = address
    this.#meter = meter
    this.#slotsSource = slotsSource
    this.#nowMs = nowMs
    if (slotsSource === null) {
      const pipe = this.#pipeTo(seedOf(address))
      for (let slot = 0; slot < clusterSlots; slot++) this.#slotPipe.push(pipe)
      this.#serving = [pipe]
    }
    this.#timer = setInterval(() => this.#tick(), watchEveryMs)
    this.#timer.unref()
  }

  /** The pipe of a shard's server, or null while it is not known. */
  pipeOf(shard: number): RespPipe | null {
    return this.pipeOfSlot(slotOfShard(shard))
  }

  /** The pipe of a slot's server, or null while it is not known. */
  pipeOfSlot(slot: number): RespPipe | null {
    return this.#slotPipe[slot] ?? null
  }

  /** The servers that have slots, as far as they are known. */
  servers(): RespPipe[] {
    return this.#serving.filter((pipe) => pipe !== null)
  }

  /** The pipe to a server that a MOVED or ASK named. */
  pipeAt(host: string, port: number): RespPipe {
    return this.#pipeTo({ ...seedOf(this.#address), host, port })
  }

  /** True when every slot has a server that answers. */
  get ready(): boolean {
    return this.#serving.length > 0 && this.#serving.every((pipe) => pipe?.ready === true)
  }

  /** Resolves with true once `ready`, with false after `timeoutMs`. */
  async whenReady(timeoutMs: number): Promise<boolean> {
    const until = this.#nowMs() + timeoutMs
    if (this.#slotsSource !== null) await this.refresh()
    for (const pipe of this.#pipes.values()) await pipe.whenReady(until - this.#nowMs())
    return this.ready
  }

  /** Asks for the slot map again, unless that was done a moment ago. */
  refresh(): Promise<void> {
    if (this.#refreshing !== null) return this.#refreshing
    const now = this.#nowMs()
    if (this.#slotsSource === null || now - this.#refreshedAtMs < refreshGapMs)
      return Promise.resolve()
    this.#refreshedAtMs = now
    this.#refreshing = this.#ask(this.#slotsSource)
    return this.#refreshing
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#timer)
    for (const pipe of this.#pipes.values()) pipe.close()
  }

  #tick(): void {
    const now = this.#nowMs()
    for (const pipe of this.#pipes.values()) pipe.watch(now)
    if (this.#slotsSource === null) return
    const due = now - this.#refreshedAtMs > refreshEveryMs
    if (due || !this.ready) void this.refresh()
  }

  async #ask(slotsSource: SlotsSource): Promise<void> {
    try {
      const ranges = await slotsSource()
      // A store closed meanwhile must not open connections that nobody closes.
      if (ranges !== null && !this.#closed) this.#adopt(ranges)
    } catch {
      this.#meter.error('redis-cluster-slots')
    } finally {
      this.#refreshing = null
    }
  }

  #adopt(ranges: readonly SlotRange[]): void {
    const used = new Set<RespPipe>()
    const next = new Array<RespPipe | null>(clusterSlots).fill(null)
    for (const { from, to, host, port } of ranges) {
      const pipe = this.pipeAt(host, port)
      used.add(pipe)
      next.fill(pipe, from, to + 1)
    }
    for (let slot = 0; slot < clusterSlots; slot++) this.#slotPipe[slot] = next[slot] ?? null
    this.#serving = [...new Set(next)]
    for (const [name, pipe] of this.#pipes) {
      if (used.has(pipe)) continue
      this.#pipes.delete(name)
      pipe.close()
    }
  }

  #pipeTo(endpoint: RedisEndpoint): RespPipe {
    const name = `${endpoint.host}:${endpoint.port}`
    const known = this.#pipes.get(name)
    if (known !== undefined) return known
    const pipe = new RespPipe(endpoint, this.#meter)
    this.#pipes.set(name, pipe)
    return pipe
  }
}

function seedOf(address: RedisAddress): RedisEndpoint {
  const [seed] = address.seeds
  if (seed === undefined) throw new RangeError('a Redis address has at least one server')
  return seed
}
