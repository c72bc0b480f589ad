import { expect, test } from 'vitest'
import type { ValueAddress } from '../ports.ts'
import { CommandBuffer } from './command-buffer.ts'
import type { RedisNodes } from './redis-nodes.ts'
import { RedisValueReader } from './redis-value-reader.ts'
import { parseReply, RespReply } from './resp-parser.ts'
import type { ReplyHandler } from './resp-pipe.ts'

/** A pipe without a socket: it keeps the handlers, and has room for `room` commands. */
class FakePipe {
  readonly out = new CommandBuffer()
  readonly endpoint: { host: string }
  readonly handlers: { handler: ReplyHandler; tag: number }[] = []
  room = 100

  constructor(host: string) {
    this.endpoint = { host }
  }

  expect(handler: ReplyHandler, tag: number): boolean {
    if (this.room === 0) return false
    this.room--
    this.handlers.push({ handler, tag })
    return true
  }

  answer(text: string): void {
    const reply = new RespReply()
    const bytes = Buffer.from(text)
    parseReply(bytes, 0, bytes.length, reply)
    const first = this.handlers.shift()
    first?.handler.reply(first.tag, reply)
  }

  /** Commands written since the last look. */
  commands(): string[] {
    const text = this.out.take().toString('latin1')
    return text.split(/(?=\*\d+\r\n)/).filter((command) => command !== '')
  }
}

function setUp() {
  const home = new FakePipe('10.0.0.1')
  const other = new FakePipe('10.0.0.2')
  const asked: string[] = []
  const errors: string[] = []
  const clock = { nowMs: 0 }
  let refreshes = 0
  const nodes = {
    pipeOf: () => home,
    pipeAt: (host: string, port: number) => {
      asked.push(`${host}:${port}`)
      return other
    },
    refresh: () => {
      refreshes++
      return Promise.resolve()
    },
  }
  const meter = { read: () => undefined, error: (kind: string) => errors.push(kind) }
  const reader = new RedisValueReader(nodes as unknown as RedisNodes, meter, () => clock.nowMs)
  const values: string[] = []
  const sink = {
    value: (index: number, bytes: Uint8Array, start: number, end: number) => {
      values.push(`${index}=${Buffer.from(bytes.slice(start, end)).toString()}`)
    },
  }
  const read = (count: number) =>
    Promise.resolve(reader.read(Array(count).fill(address), count, sink, 50))
  return { home, other, asked, errors, clock, read, values, refreshes: () => refreshes }
}

const address: ValueAddress = { shard: 3, generation: 0, bucket: 1, fieldHigh: 7, fieldLow: 9 }

test('values go to the sink by index, a missing one as nothing', async () => {
  const { home, read, values } = setUp()
  const done = read(3)
  expect(home.commands().length).toBe(3)
  home.answer('$2\r\nab\r\n')
  home.answer('$-1\r\n')
  home.answer('$0\r\n\r\n')
  expect(await done).toBe(true)
  expect(values).toEqual(['0=ab', '1=', '2='])
})

test('ASK is followed with ASKING, MOVED without and with a new slot map', async () => {
  const { home, other, asked, read, values, refreshes } = setUp()
  const done = read(2)
  home.answer('-ASK 5 10.0.0.2:6380\r\n')
  expect(other.commands().map((command) => command.split('\r\n')[2])).toEqual(['ASKING', 'HGET'])
  other.answer('+OK\r\n')
  other.answer('$1\r\nx\r\n')
  expect(refreshes()).toBe(0)
  home.answer('-MOVED 5 10.0.0.2:6380\r\n')
  expect(other.commands().map((command) => command.split('\r\n')[2])).toEqual(['HGET'])
  other.answer('$1\r\ny\r\n')
  expect(await done).toBe(true)
  expect(values).toEqual(['0=x', '1=y'])
  expect(refreshes()).toBe(1)
  expect(asked).toEqual(['10.0.0.2:6380', '10.0.0.2:6380'])
})

test.each([
  ['MOVED 5 :6380', '10.0.0.1:6380'],
  ['ASK 5 ?:6380', '10.0.0.1:6380'],
  ['MOVED 5 fe80::1:6380', 'fe80::1:6380'],
])('"%s" leads to %s', async (redirection, place) => {
  const { home, asked, read } = setUp()
  void read(1)
  home.answer(`-${redirection}\r\n`)
  expect(asked).toEqual([place])
})

test('an ASK with room for one command announces none that it does not send', async () => {
  const { home, other, read } = setUp()
  const done = read(1)
  other.room = 1
  home.answer('-ASK 5 10.0.0.2:6380\r\n')
  expect(await done).toBe(false)
  expect(other.commands().length).toBe(other.handlers.length)
})

test('two servers that point at one another end the read', async () => {
  const { home, other, errors, read } = setUp()
  const done = read(1)
  home.answer('-MOVED 5 10.0.0.2:6380\r\n')
  other.answer('-MOVED 5 10.0.0.1:6380\r\n')
  expect(await done).toBe(false)
  expect(errors).toEqual(['redis-moved', 'redis-reply'])
})

test('replies after the deadline reach nobody', async () => {
  const { home, read, values, clock } = setUp()
  const done = read(2)
  home.answer('$1\r\na\r\n')
  clock.nowMs = 49
  expect(await done).toBe(false)
  home.answer('$1\r\nb\r\n')
  expect(values).toEqual(['0=a'])
})

test('a deadline that is too near asks nothing', async () => {
  const { home, read, clock } = setUp()
  clock.nowMs = 49
  expect(await read(1)).toBe(false)
  expect(home.commands()).toEqual([])
})
