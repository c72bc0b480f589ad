import http from 'node:http'
import type net from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Courier, readEvents, readNotice } from './courier.ts'

const servers: http.Server[] = []
const couriers: Courier[] = []

afterEach(() => {
  for (const courier of couriers.splice(0)) courier.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server that does with the nth call of each path what `does` says. */
async function serve(
  does: (path: string, call: number, response: http.ServerResponse) => void,
): Promise<{ port: number; calls: Map<string, number> }> {
  const calls = new Map<string, number>()
  const server = http.createServer((request, response) => {
    const path = request.url ?? ''
    const call = (calls.get(path) ?? 0) + 1
    calls.set(path, call)
    request.resume()
    does(path, call, response)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as net.AddressInfo).port, calls }
}

function wiresOf(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(`GET /${i} HTTP/1.1\r\nHost: x\r\n\r\n`),
  )
}

function courierTo(port: number): Courier {
  const courier = new Courier({ port, connections: 4, perSecond: null, read: readNotice })
  couriers.push(courier)
  return courier
}

test('what was refused, or lost with its connection, is sent until it is acknowledged', async () => {
  const { port, calls } = await serve((path, call, response) => {
    if (path === '/3' && call <= 2) response.writeHead(503, { 'content-length': 0 }).end()
    else if (path === '/5' && call === 1) response.destroy()
    else response.writeHead(204).end()
  })
  const courier = courierTo(port)
  await courier.deliver(wiresOf(20))
  expect(courier.counts).toEqual({ done: 20, refused: 2, lost: 1, wrong: 0 })
  expect([calls.size, calls.get('/3'), calls.get('/5'), calls.get('/7')]).toEqual([20, 3, 2, 1])
})

test('what no server may answer is given up and counted', async () => {
  const { port } = await serve((path, _call, response) => {
    response.writeHead(path === '/1' ? 400 : 204, { 'content-length': 0 }).end()
  })
  const courier = courierTo(port)
  await courier.deliver(wiresOf(5))
  expect(courier.counts).toMatchObject({ done: 4, wrong: 1 })
})

test('a body of events is done only when every one of them is in the log', async () => {
  const answers = [
    '{"results":[{"index":0,"status":"accepted"},{"index":1,"status":"unavailable"}]}',
    '{"results":[{"index":0,"status":"accepted"},{"index":1,"status":"accepted"}]}',
  ]
  const { port } = await serve((_path, call, response) => {
    const body = answers[call - 1] ?? ''
    response.writeHead(202, { 'content-length': body.length }).end(body)
  })
  const courier = new Courier({ port, connections: 1, perSecond: null, read: readEvents })
  couriers.push(courier)
  await courier.deliver(wiresOf(1))
  expect(courier.counts).toEqual({ done: 1, refused: 1, lost: 0, wrong: 0 })
})

test('a courier with a pace sends no faster, and all of it', async () => {
  const { port, calls } = await serve((_path, _call, response) => response.writeHead(204).end())
  const courier = new Courier({ port, connections: 4, perSecond: 200, read: readNotice })
  couriers.push(courier)
  const startMs = performance.now()
  await courier.deliver(wiresOf(60))
  expect(performance.now() - startMs).toBeGreaterThan(250)
  expect(calls.size).toBe(60)
})
