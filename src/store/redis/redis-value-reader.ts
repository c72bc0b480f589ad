/** Reads the values of a request in one pipelined trip, and gives up before its deadline. */
import type { StoreMeter, ValueAddress, ValueReader, ValueSink } from '../ports.ts'
import { isNamed, type RedisNodes } from './redis-nodes.ts'
import { ReplyKind, type RespReply } from './resp-parser.ts'
import { type ReplyHandler, respWord } from './resp-pipe.ts'
import { bucketPrefix } from './shard-keys.ts'

/** A batch is given up this long before its deadline: time to make and send the refusal. */
export const readMarginMs = 1
/** Deadlines are looked at this often while anything is under way: one timer, not one a command. */
const sweepEveryMs = 1
/** Batches under way; the same order as the requests in flight. */
const batchesMax = 8_192

const hget = Buffer.from(respWord('HGET'))
const asking = Buffer.from('*1\r\n$6\r\nASKING\r\n')
const empty = new Uint8Array(0)

/** The reader over pipes to one or many servers. */
export class RedisValueReader implements ValueReader {
  readonly #nodes: RedisNodes
  readonly #meter: StoreMeter
  readonly #nowMs: () => number
  /** In order of arrival; finished ones are dropped from the front by the sweep. */
  readonly #open: Batch[] = []
  #sweeping = false

  constructor(nodes: RedisNodes, meter: StoreMeter, nowMs: () => number) {
    this.#nodes = nodes
    this.#meter = meter
    this.#nowMs = nowMs
  }

  read(
    addresses: readonly ValueAddress[],
    count: number,
    sink: ValueSink,
    deadlineMs: number,
  ): boolean | Promise<boolean> {
    if (count === 0) return true
    const startMs = this.#nowMs()
    if (deadlineMs - readMarginMs <= startMs || this.#open.length >= batchesMax) return false
    return new Promise((resolve) => {
      const batch = new Batch(addresses, count, sink, {
        nodes: this.#nodes,
        meter: this.#meter,
        giveUpAtMs: deadlineMs - readMarginMs,
        startMs,
        nowMs: this.#nowMs,
        resolve,
      })
      this.#open.push(batch)
      batch.send()
      this.#sweepSoon()
    })
  }

  #sweepSoon(): void {
    if (this.#sweeping) return
    this.#sweeping = true
    setTimeout(this.#sweep, sweepEveryMs)
  }

  readonly #sweep = (): void => {
    const now = this.#nowMs()
    const open = this.#open
    let kept = 0
    for (const batch of open) {
      if (!batch.done && batch.expired(now)) batch.finish(false)
      if (!batch.done) open[kept++] = batch
    }
    open.length = kept
    this.#sweeping = false
    if (kept > 0) this.#sweepSoon()
  }
}

interface BatchContext {
  readonly nodes: RedisNodes
  readonly meter: StoreMeter
  readonly giveUpAtMs: number
  readonly startMs: number
  readonly nowMs: () => number
  readonly resolve: (ok: boolean) => void
}

/** The reads of one request. Replies that come after `finish` are dropped. */
class Batch implements ReplyHandler {
  done = false
  readonly #addresses: readonly ValueAddress[]
  readonly #sink: ValueSink
  readonly #context: BatchContext
  readonly #count: number
  #waiting: number
  /** Redirections left: one for each read, so that two nodes that point at one another end it. */
  #redirects: number

  constructor(
    addresses: readonly ValueAddress[],
    count: number,
    sink: ValueSink,
    context: BatchContext,
  ) {
    this.#addresses = addresses
    this.#count = count
    this.#sink = sink
    this.#context = context
    this.#waiting = count
    this.#redirects = count
  }

  expired(nowMs: number): boolean {
    return nowMs >= this.#context.giveUpAtMs
  }

  send(): void {
    for (let i = 0; i < this.#count && !this.done; i++) {
      const address = this.#addresses[i] as ValueAddress
      const pipe = this.#context.nodes.pipeOf(address.shard)
      if (pipe === null || !pipe.expect(this, i)) {
        this.#context.meter.error('redis-not-connected')
        this.finish(false)
        return
      }
      writeHget(pipe.out, address)
    }
  }

  reply(tag: number, reply: RespReply): void {
    if (this.done) return
    if (reply.kind === ReplyKind.Bulk) {
      this.#sink.value(tag, reply.bytes, reply.start, reply.end)
    } else if (reply.kind === ReplyKind.Null) {
      this.#sink.value(tag, empty, 0, 0)
    } else {
      this.#other(tag, reply)
      return
    }
    this.#waiting--
    if (this.#waiting === 0) this.finish(true)
  }

  lost(_tag: number): void {
    this.finish(false)
  }

  finish(ok: boolean): void {
    if (this.done) return
    this.done = true
    this.#context.meter.read(this.#context.nowMs() - this.#context.startMs, ok)
    this.#context.resolve(ok)
  }

  #other(tag: number, reply: RespReply): void {
    const { meter, nodes } = this.#context
    const text = reply.kind === ReplyKind.Error ? reply.text() : ''
    const redirect = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(text)
    if (redirect === null || this.#redirects === 0) {
      meter.error(text.startsWith('WRONGTYPE') ? 'redis-wrong-type' : 'redis-reply')
      this.finish(false)
      return
    }
    this.#redirects--
    const [, kind, host = '', port = '0'] = redirect
    if (kind === 'MOVED') void nodes.refresh()
    const named = isNamed(host) ? host : this.#hostOf(tag)
    this.#follow(tag, nodes.pipeAt(named, Number(port)), kind === 'ASK')
  }

  /** A redirection without a host means the host that answered (cluster specification, MOVED). */
  #hostOf(tag: number): string {
    const { shard } = this.#addresses[tag] as ValueAddress
    return this.#context.nodes.pipeOf(shard)?.endpoint.host ?? ''
  }

  #follow(tag: number, pipe: ReturnType<RedisNodes['pipeAt']>, ask: boolean): void {
    const { meter } = this.#context
    meter.error(ask ? 'redis-ask' : 'redis-moved')
    // Each command is written as soon as it is announced: an announced command that is never sent
    // would hand every later reply to the wrong reader.
    const mayAsk = !ask || pipe.expect(ignored, 0)
    if (ask && mayAsk) pipe.out.ready(asking)
    if (!mayAsk || !pipe.expect(this, tag)) {
      this.finish(false)
      return
    }
    writeHget(pipe.out, this.#addresses[tag] as ValueAddress)
  }
}

const ignored: ReplyHandler = { reply: () => undefined, lost: () => undefined }

function writeHget(out: ReturnType<RedisNodes['pipeAt']>['out'], address: ValueAddress): void {
  out
    .command(3)
    .ready(hget)
    .key(bucketPrefix(address.shard, address.generation), address.bucket)
    .field(address.fieldHigh, address.fieldLow)
}
