/** Buckets of devices in Redis: one listpack hash a bucket, written as differences. */
import {
  BucketBuilder,
  bucketCount,
  fieldBytes,
  fieldHighAt,
  fieldLowAt,
  valueLengthAt,
  valuesStart,
} from '../bucket-bytes.ts'
import type { BucketBytes, BucketStore, BucketWrite, StoreMeter, ValueReader } from '../ports.ts'
import { StoreError } from '../store-error.ts'
import type { RedisNodes } from './redis-nodes.ts'
import { RedisValueReader } from './redis-value-reader.ts'
import { ReplyKind, type RespReply } from './resp-parser.ts'
import { type ReplyHandler, type RespPipe, respWord } from './resp-pipe.ts'
import { bucketPrefix } from './shard-keys.ts'

const hgetall = Buffer.from(respWord('HGETALL'))
const hset = Buffer.from(respWord('HSET'))
const hdel = Buffer.from(respWord('HDEL'))
const unlink = Buffer.from(respWord('UNLINK'))

/** Keys one UNLINK names. */
const dropBatch = 256
/** Buckets of one slice of work, and slices under way: 2 × 256 × 32 commands are `inFlightMax`. */
const sliceBuckets = 256
const slicesMax = 32

/**
 * The bucket store over the pipes of one or many servers; `writes` is a set of pipes of its own.
 */
export class RedisBuckets implements BucketStore {
  readonly reader: ValueReader
  readonly #nodes: RedisNodes
  readonly #server: ServerQuestions
  readonly #slices = new Permits(slicesMax)
  #isFit = false

  constructor(
    nodes: { readonly reads: RedisNodes; readonly writes: RedisNodes },
    meter: StoreMeter,
    nowMs: () => number,
    server: ServerQuestions,
  ) {
    this.reader = new RedisValueReader(nodes.reads, meter, nowMs)
    this.#nodes = nodes.writes
    this.#server = server
  }

  async load(shard: number, generation: number, buckets: readonly number[]) {
    const parts = await this.#inSlices(buckets, (part) => this.#load(shard, generation, part))
    return parts.flat()
  }

  #load(shard: number, generation: number, buckets: readonly number[]) {
    return new Promise<(BucketBytes | null)[]>((resolve, reject) => {
      const loads = new BucketLoads(buckets.length, resolve, reject)
      const pipe = this.#pipe(shard)
      for (const [index, bucket] of buckets.entries()) {
        if (!pipe.expect(loads, index)) throw notConnected()
        pipe.out.command(2).ready(hgetall).key(bucketPrefix(shard, generation), bucket)
      }
    })
  }

  async store(shard: number, generation: number, writes: readonly BucketWrite[]): Promise<void> {
    if (!this.#isFit) await this.#server.checkLimits()
    this.#isFit = true
    await this.#inSlices(writes, (part) =>
      this.#run(shard, (pipe, expect) => {
        const prefix = bucketPrefix(shard, generation)
        for (const write of part) writeDifference(pipe, prefix, write, expect)
      }),
    )
  }

  drop(shard: number, generation: number, buckets: number): Promise<void> {
    return this.#run(shard, (pipe, expect) => {
      const prefix = bucketPrefix(shard, generation)
      for (let from = 0; from < buckets; from += dropBatch) {
        const to = Math.min(buckets, from + dropBatch)
        expect()
        pipe.out.command(1 + to - from).ready(unlink)
        for (let bucket = from; bucket < to; bucket++) pipe.out.key(prefix, bucket)
      }
    })
  }

  /** Each write was acknowledged before its promise resolved. */
  flush(): Promise<void> {
    return Promise.resolve()
  }

  size(): Promise<number> {
    return this.#server.usedBytes()
  }

  /** Does `work` for each slice of `all`: a large shard waits for room, it does not fail. */
  #inSlices<T, R>(all: readonly T[], work: (part: readonly T[]) => Promise<R>): Promise<R[]> {
    const parts: Promise<R>[] = []
    for (let from = 0; from < all.length; from += sliceBuckets) {
      const part = all.slice(from, from + sliceBuckets)
      parts.push(this.#slices.run(() => this.#overMoves(() => work(part))))
    }
    return Promise.all(parts)
  }

  /** Loads and differences may be repeated: once more when the shard has moved elsewhere. */
  async #overMoves<R>(work: () => Promise<R>): Promise<R> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof StoreError && error.message.includes(': MOVED '))) throw error
      await this.#nodes.refresh()
      return await work()
    }
  }

  #pipe(shard: number): RespPipe {
    const pipe = this.#nodes.pipeOf(shard)
    if (pipe === null) throw notConnected()
    return pipe
  }

  #run(shard: number, write: (pipe: RespPipe, expect: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const pipe = this.#pipe(shard)
      const done = new Acknowledgements(resolve, reject)
      write(pipe, () => {
        if (!pipe.expect(done, 0)) throw notConnected()
        done.waiting++
      })
      done.sealed()
    })
  }
}

/** What the buckets ask of the server over the other connection. */
export interface ServerQuestions {
  /** Rejects when the server would not keep our buckets as listpacks. */
  checkLimits(): Promise<void>
  usedBytes(): Promise<number>
}

/** Lets so many pieces of work run at once; the others wait in order. */
class Permits {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}

function notConnected(): StoreError {
  return new StoreError(
    'SLUICE_STORE_NOT_CONNECTED',
    'the Redis server of a shard is not connected',
  )
}

function replyError(reply: RespReply): StoreError {
  const text = reply.kind === ReplyKind.Error ? reply.text() : 'unexpected reply'
  return new StoreError('SLUICE_STORE_REPLY', text)
}

/** Counts acknowledgements of writes; the first error wins. */
class Acknowledgements implements ReplyHandler {
  waiting = 0
  #sealed = false
  #error: StoreError | null = null
  readonly #resolve: () => void
  readonly #reject: (error: StoreError) => void

  constructor(resolve: () => void, reject: (error: StoreError) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  reply(_tag: number, reply: RespReply): void {
    if (reply.kind !== ReplyKind.Integer && reply.kind !== ReplyKind.Simple)
      this.#error ??= replyError(reply)
    this.#one()
  }

  lost(): void {
    this.#error ??= notConnected()
    this.#one()
  }

  sealed(): void {
    this.#sealed = true
    this.#settle()
  }

  #one(): void {
    this.waiting--
    this.#settle()
  }

  #settle(): void {
    if (!this.#sealed || this.waiting > 0) return
    if (this.#error === null) this.#resolve()
    else this.#reject(this.#error)
  }
}

/** Turns HGETALL replies into bucket bytes. */
class BucketLoads implements ReplyHandler {
  readonly #buckets: (BucketBytes | null)[]
  readonly #resolve: (buckets: (BucketBytes | null)[]) => void
  readonly #reject: (error: StoreError) => void
  readonly #sorter = new FieldSorter()
  #waiting: number

  constructor(
    count: number,
    resolve: (buckets: (BucketBytes | null)[]) => void,
    reject: (error: StoreError) => void,
  ) {
    this.#buckets = new Array<BucketBytes | null>(count).fill(null)
    this.#waiting = count
    this.#resolve = resolve
    this.#reject = reject
  }

  reply(tag: number, reply: RespReply): void {
    if (reply.kind !== ReplyKind.Array) {
      this.#reject(replyError(reply))
      return
    }
    if (reply.itemCount > 0) this.#buckets[tag] = this.#sorter.bucket(reply)
    this.#waiting--
    if (this.#waiting === 0) this.#resolve(this.#buckets)
  }

  lost(): void {
    this.#reject(notConnected())
  }
}

/** Listpacks are in order of insertion; bucket bytes are in order of field. */
class FieldSorter {
  readonly #builder = new BucketBuilder()
  #fields = new Float64Array(256)
  #order = new Uint16Array(256)

  bucket(reply: RespReply): BucketBytes {
    const { bytes, items } = reply
    const count = reply.itemCount >>> 1
    if (count > this.#fields.length) {
      this.#fields = new Float64Array(count)
      this.#order = new Uint16Array(count)
    }
    const fields = this.#fields
    const order = this.#order
    let used = 0
    for (let i = 0; i < count; i++) {
      const at = items[i * 4] as number
      // A field of another length is none of ours.
      if ((items[i * 4 + 1] as number) - at !== fieldBytes) continue
      const field = fieldAt(bytes, at)
      // Insertion sort: writers add in ascending order, so nearly everything is in place.
      let to = used++
      while (to > 0 && (fields[to - 1] as number) > field) {
        fields[to] = fields[to - 1] as number
        order[to] = order[to - 1] as number
        to--
      }
      fields[to] = field
      order[to] = i
    }
    return this.#build(reply, used)
  }

  #build(reply: RespReply, used: number): BucketBytes {
    const builder = this.#builder.reset()
    for (let k = 0; k < used; k++) {
      const field = this.#fields[k] as number
      const item = (this.#order[k] as number) * 4
      const high = Math.floor(field / 65_536)
      const start = reply.items[item + 2] as number
      builder.push(high, field - high * 65_536, reply.bytes, start, reply.items[item + 3] as number)
    }
    return builder.finish()
  }
}

function fieldAt(bytes: Uint8Array, at: number): number {
  let field = 0
  for (let i = 0; i < fieldBytes; i++) field = field * 256 + (bytes[at + i] as number)
  return field
}

/**
 * Writes what changed: HDEL of those that are gone, HSET of new and changed devices. Two commands
 * change different devices, so each device changes at once, which is what readers rely on. HDEL is
 * first: old and new devices together may be more than a listpack takes, and Redis never goes back.
 */
function writeDifference(
  pipe: RespPipe,
  prefix: Uint8Array,
  write: BucketWrite,
  expect: () => void,
): void {
  const { bucket, bytes } = write
  const before = write.before ?? noDevices
  const changed: number[] = []
  const changedValues: number[] = []
  const gone: number[] = []
  compare(before, bytes, { changed, changedValues, gone })
  if (gone.length > 0) {
    expect()
    const out = pipe.out
      .command(2 + gone.length)
      .ready(hdel)
      .key(prefix, bucket)
    for (const index of gone) out.field(fieldHighAt(before, index), fieldLowAt(before, index))
  }
  if (changed.length > 0) {
    expect()
    const out = pipe.out
      .command(2 + changed.length * 2)
      .ready(hset)
      .key(prefix, bucket)
    const count = bucketCount(bytes)
    for (const [k, index] of changed.entries()) {
      const start = changedValues[k] as number
      out.field(fieldHighAt(bytes, index), fieldLowAt(bytes, index))
      out.bytes(bytes, start, start + valueLengthAt(bytes, count, index))
    }
  }
}

const noDevices = new Uint8Array(2)

interface Difference {
  /** Indices in the new bucket, and where their values start. */
  readonly changed: number[]
  readonly changedValues: number[]
  /** Indices in the old bucket. */
  readonly gone: number[]
}

/** Merges two ascending buckets; what is in both with equal values is left out. */
function compare(before: BucketBytes, after: BucketBytes, into: Difference): void {
  const oldCount = bucketCount(before)
  const newCount = bucketCount(after)
  let oldAt = valuesStart(oldCount)
  let newAt = valuesStart(newCount)
  let i = 0
  for (let k = 0; k < newCount; k++) {
    const high = fieldHighAt(after, k)
    const low = fieldLowAt(after, k)
    const length = valueLengthAt(after, newCount, k)
    while (i < oldCount && order(before, i, high, low) < 0) {
      into.gone.push(i)
      oldAt += valueLengthAt(before, oldCount, i++)
    }
    let same = false
    if (i < oldCount && order(before, i, high, low) === 0) {
      const oldLength = valueLengthAt(before, oldCount, i++)
      same = oldLength === length && equal(before, oldAt, after, newAt, length)
      oldAt += oldLength
    }
    if (!same) {
      into.changed.push(k)
      into.changedValues.push(newAt)
    }
    newAt += length
  }
  for (; i < oldCount; i++) into.gone.push(i)
}

function order(bytes: BucketBytes, index: number, high: number, low: number): number {
  const here = fieldHighAt(bytes, index)
  return here === high ? fieldLowAt(bytes, index) - low : here - high
}

// Five plain numbers: this is the innermost loop of a 20 M upload.
// oxlint-disable-next-line max-params
function equal(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aAt + i] !== b[bAt + i]) return false
  return true
}
