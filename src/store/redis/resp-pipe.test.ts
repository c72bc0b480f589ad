import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type ReplyHandler, RespPipe, respText } from './resp-pipe.ts'

const pong = '+PONG\r\n'
const open: { pipes: RespPipe[]; servers: Server[]; sockets: Socket[] } = {
  pipes: [],
  servers: [],
  sockets: [],
}

afterEach(() => {
  for (const pipe of open.pipes.splice(0)) pipe.close()
  for (const socket of open.sockets.splice(0)) socket.destroy()
  for (const server of open.servers.splice(0)) server.close()
})

/** A server that hands every connection and every chunk to the test. */
async function serve(onData: (socket: Socket, text: string, connection: number) => void) {
  let connections = 0
  const server = createServer((socket) => {
    const mine = connections++
    open.sockets.push(socket)
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => onData(socket, chunk.toString('latin1'), mine))
    socket.on('error', () => undefined)
  })
  open.servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

function pipeTo(port: number, password = '') {
  const errors: string[] = []
  const endpoint = { host: '127.0.0.1', port, username: '', password, database: 0, tls: null }
  const meter = { read: () => undefined, error: (kind: string) => errors.push(kind) }
  const pipe = new RespPipe(endpoint, meter)
  open.pipes.push(pipe)
  return { pipe, errors }
}

/** Collects what each tag got. */
function collector(count: number) {
  const got: string[] = []
  let finish = (): void => undefined
  const all = new Promise<void>((resolve) => {
    finish = resolve
  })
  const take = (text: string): void => {
    got.push(text)
    if (got.length === count) finish()
  }
  const handler: ReplyHandler = {
    reply: (tag, reply) => take(`${tag}=${reply.text()}`),
    lost: (tag) => take(`${tag} lost`),
  }
  return { got, all, handler }
}

function send(pipe: RespPipe, handler: ReplyHandler, tag: number): boolean {
  if (!pipe.expect(handler, tag)) return false
  pipe.out.ready(Buffer.from(respText(['GET', String(tag)])))
  return true
}

test('replies in single bytes reach the handlers of their commands in order', async () => {
  const port = await serve((socket, text) => {
    const asked = [...text.matchAll(/GET\r\n\$\d+\r\n(\d+)/g)].map(([, tag]) => `v${tag}`)
    const replies = asked.map((value) => `$${value.length}\r\n${value}\r\n`).join('')
    for (const byte of text.includes('PING') ? pong : replies) socket.write(byte)
  })
  const { pipe } = pipeTo(port)
  expect(await pipe.whenReady(5_000)).toBe(true)
  const { got, all, handler } = collector(3)
  for (const tag of [7, 8, 9]) expect(send(pipe, handler, tag)).toBe(true)
  await all
  expect(got).toEqual(['7=v7', '8=v8', '9=v9'])
})

test('commands of a broken connection are lost, later ones are answered', async () => {
  const port = await serve((socket, text, connection) => {
    if (text.includes('PING')) socket.write(pong)
    // Half a reply, then the end: neither may reach the next connection.
    else if (connection === 0) socket.end('$5\r\nsta')
    else socket.write('$5\r\nfresh\r\n')
  })
  const { pipe } = pipeTo(port)
  await pipe.whenReady(5_000)
  const first = collector(2)
  send(pipe, first.handler, 1)
  send(pipe, first.handler, 2)
  await first.all
  expect(first.got).toEqual(['1 lost', '2 lost'])
  expect(send(pipe, first.handler, 3)).toBe(false)
  expect(await pipe.whenReady(5_000)).toBe(true)
  const second = collector(1)
  send(pipe, second.handler, 4)
  await second.all
  expect(second.got).toEqual(['4=fresh'])
})

test('a refused password makes no connection usable, even if PING is answered', async () => {
  let refusals = 0
  let twice = (): void => undefined
  const refusedTwice = new Promise<void>((resolve) => {
    twice = resolve
  })
  const port = await serve((socket) => {
    socket.write(`-WRONGPASS invalid\r\n${pong}`)
    refusals++
    if (refusals === 2) twice()
  })
  const { pipe, errors } = pipeTo(port, 'secret')
  let isReady = false
  const watcher = pipe.whenReady(5_000).then((ready) => {
    isReady = ready
  })
  await refusedTwice
  expect(pipe.ready).toBe(false)
  expect(errors).toContain('redis-auth')
  pipe.close()
  await watcher
  expect(isReady).toBe(false)
})

test('closing while connecting ends every wait and loses nothing silently', async () => {
  const port = await serve(() => undefined)
  const { pipe } = pipeTo(port)
  const waits = [pipe.whenReady(60_000), pipe.whenReady(60_000)]
  pipe.close()
  expect(await Promise.all(waits)).toEqual([false, false])
  expect(send(pipe, collector(1).handler, 1)).toBe(false)
})

test('everybody who waits for a connection gets it', async () => {
  const port = await serve((socket) => socket.write(pong))
  const { pipe } = pipeTo(port)
  expect(await Promise.all([pipe.whenReady(5_000), pipe.whenReady(5_000)])).toEqual([true, true])
})

test('bytes that are no Redis end the connection, and so does a reply without an end', async () => {
  for (const garbage of [
    'HTTP/1.1 400 Bad Request\r\n',
    `$9999999999\r\n${'x'.repeat(9_500_000)}`,
  ]) {
    const port = await serve((socket, text) => {
      socket.write(text.includes('PING') ? pong : garbage)
    })
    const { pipe, errors } = pipeTo(port)
    await pipe.whenReady(5_000)
    const { got, all, handler } = collector(1)
    send(pipe, handler, 1)
    await all
    expect(got).toEqual(['1 lost'])
    expect(errors).toContain('redis-protocol')
  }
})

test('a process that stood still for long does not give up its connection for that', async () => {
  const port = await serve((socket, text) => {
    if (text.includes('PING')) socket.write(pong)
  })
  const { pipe, errors } = pipeTo(port)
  await pipe.whenReady(5_000)
  const { handler } = collector(1)
  for (const nowMs of [0, 100]) pipe.watch(nowMs)
  send(pipe, handler, 1)
  for (const nowMs of [200, 60_000, 60_100]) pipe.watch(nowMs)
  expect(errors).toEqual([])
  expect(pipe.ready).toBe(true)
})

test('a connection that stops answering for a second is closed', async () => {
  const port = await serve((socket, text) => {
    if (text.includes('PING')) socket.write(pong)
  })
  const { pipe, errors } = pipeTo(port)
  await pipe.whenReady(5_000)
  pipe.watch(0)
  const { got, all, handler } = collector(1)
  send(pipe, handler, 1)
  for (let nowMs = 100; nowMs <= 1_500; nowMs += 100) pipe.watch(nowMs)
  await all
  expect(got).toEqual(['1 lost'])
  expect(errors).toContain('redis-stuck')
})

test('a connection that is to be made anew is, and serves on', async () => {
  let connections = 0
  const port = await serve((socket, text) => {
    if (text.includes('PING')) {
      connections++
      socket.write(pong)
    }
  })
  const { pipe } = pipeTo(port)
  await pipe.whenReady(5_000)
  pipe.reconnect()
  const { got, all, handler } = collector(1)
  send(pipe, handler, 1)
  await all
  expect(got).toEqual(['1 lost'])
  expect(await pipe.whenReady(5_000)).toBe(true)
  expect(connections).toBe(2)
})
