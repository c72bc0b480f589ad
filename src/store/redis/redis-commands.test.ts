import { expect, test } from 'vitest'
import { CommandBuffer } from './command-buffer.ts'
import { RedisCommands, valuesOf } from './redis-commands.ts'
import type { RedisNodes } from './redis-nodes.ts'
import { answeredOr } from './redis-outcomes.ts'
import { parseReply, RespReply } from './resp-parser.ts'
import type { ReplyHandler } from './resp-pipe.ts'

/** A server by hand: the test answers what it was sent, in order. */
class FakePipe {
  readonly out = new CommandBuffer()
  readonly endpoint: { readonly host: string }
  readonly handlers: { handler: ReplyHandler; tag: number }[] = []
  reconnects = 0

  constructor(host: string) {
    this.endpoint = { host }
  }

  expect(handler: ReplyHandler, tag: number): boolean {
    this.handlers.push({ handler, tag })
    return true
  }

  reconnect(): void {
    this.reconnects++
  }

  answer(text: string): void {
    const reply = new RespReply()
    const bytes = Buffer.from(text)
    parseReply(bytes, 0, bytes.length, reply)
    const first = this.handlers.shift()
    first?.handler.reply(first.tag, reply)
  }

  /** First words of the commands sent since the last look. */
  sent(): (string | undefined)[] {
    const text = this.out.take().toString('latin1')
    return text
      .split(/(?=\*\d+\r\n)/)
      .filter((command) => command !== '')
      .map((command) => command.split('\r\n')[2])
  }
}

function setUp() {
  const home = new FakePipe('10.0.0.1')
  const other = new FakePipe('10.0.0.2')
  const asked: string[] = []
  const errors: string[] = []
  let refreshes = 0
  const nodes = {
    pipeOfSlot: () => home,
    pipeAt: (host: string, port: number) => {
      asked.push(`${host}:${port}`)
      return other
    },
    servers: () => [home],
    refresh: () => {
      refreshes++
      return Promise.resolve()
    },
  }
  const meter = { read: () => undefined, error: (kind: string) => errors.push(kind) }
  const commands = new RedisCommands(nodes as unknown as RedisNodes, meter, '#!lua name=x')
  const ask = (word: string) => commands.ask(1, [word], (reply) => reply.text())
  return { home, other, asked, errors, commands, ask, refreshes: () => refreshes }
}

test('MOVED and ASK lead to the server that they name', async () => {
  const { home, other, asked, ask, refreshes } = setUp()
  const [one, two] = [ask('ONE'), ask('TWO')]
  home.answer('-MOVED 1 10.0.0.2:6380\r\n')
  home.answer('-ASK 1 :6381\r\n')
  expect(other.sent()).toEqual(['ONE', 'ASKING', 'TWO'])
  other.answer('+first\r\n')
  other.answer('+OK\r\n')
  other.answer('+second\r\n')
  expect(await Promise.all([one, two])).toEqual(['first', 'second'])
  expect(asked).toEqual(['10.0.0.2:6380', '10.0.0.1:6381'])
  expect(refreshes()).toBe(1)
})

test('two servers that point at one another end it', async () => {
  const { home, other, ask } = setUp()
  const asking = ask('ONE')
  home.answer('-MOVED 1 10.0.0.2:6380\r\n')
  for (let i = 0; i < 5; i++) other.answer('-MOVED 1 10.0.0.1:6380\r\n')
  await expect(asking).rejects.toMatchObject({ code: 'SLUICE_STORE_REPLY' })
})

test('a server without our functions gets them once, ahead of what missed them', async () => {
  const { home, ask } = setUp()
  const [one, two] = [ask('ONE'), ask('TWO')]
  home.sent()
  home.answer('-ERR Function not found\r\n')
  home.answer('-ERR Function not found\r\n')
  expect(home.sent()).toEqual(['FUNCTION', 'ONE', 'TWO'])
  home.answer('$1\r\nx\r\n')
  home.answer('+1\r\n')
  home.answer('+2\r\n')
  expect(await Promise.all([one, two])).toEqual(['1', '2'])
})

test('a server that takes no functions is an error at last, not a loop', async () => {
  const { home, errors, ask } = setUp()
  const one = ask('ONE')
  home.sent()
  while (home.handlers.length > 0) {
    const [first] = home.sent().slice(0, 1)
    home.answer(first === 'FUNCTION' ? '-NOPERM no\r\n' : '-ERR Function not found\r\n')
  }
  await expect(one).rejects.toThrow('Function not found')
  expect(errors).toContain('redis-function')
})

test.each(['READONLY You are a replica', 'MASTERDOWN Link', 'CLUSTERDOWN no'])(
  'after "%s" the connection is made anew, and the map is asked for',
  async (text) => {
    const { home, errors, ask, refreshes } = setUp()
    const one = ask('ONE')
    home.answer(`-${text}\r\n`)
    await expect(one).rejects.toMatchObject({ code: 'SLUICE_STORE_REPLY' })
    expect([home.reconnects, refreshes()]).toEqual([1, 1])
    expect(errors).toEqual(['redis-failover'])
  },
)

test('an answer of another shape is an error of its command alone', async () => {
  const { home, commands } = setUp()
  const outcomes = commands.askAll(
    [
      [1, ['A']],
      [1, ['B']],
    ],
    (reply) => {
      if (reply.text() === 'bad') throw new RangeError('bad')
      return reply.text()
    },
  )
  home.answer('+bad\r\n')
  home.answer('+good\r\n')
  const [bad, good] = await outcomes
  expect(bad).toMatchObject({ code: 'SLUICE_STORE_REPLY' })
  expect(good).toBe('good')
})

test('what one server cannot say now is missing; what no server says is an error', async () => {
  const { home, commands } = setUp()
  const ask = async (...answers: readonly (string | null)[]) => {
    const asked = answers.map((): [number, string[]] => [1, ['A']])
    const outcomes = commands.askAll(asked, (reply) => reply.text())
    for (const answer of answers) {
      if (answer === null) home.handlers.shift()?.handler.lost(0)
      else home.answer(answer)
    }
    return await outcomes
  }
  const some = await ask('+one\r\n', null, '-LOADING now\r\n')
  expect(answeredOr(some, '-')).toEqual(['one', '-', '-'])
  expect(() => valuesOf(some)).toThrow('SLUICE_STORE_NOT_CONNECTED')
  const none = await ask(null, '-TRYAGAIN now\r\n')
  expect(() => answeredOr(none, '-')).toThrow('SLUICE_STORE_NOT_CONNECTED')
  const broken = await ask('+one\r\n', '-WRONGTYPE x\r\n')
  expect(() => answeredOr(broken, '-')).toThrow('WRONGTYPE')
  expect(answeredOr(await ask(), '-')).toEqual([])
})
