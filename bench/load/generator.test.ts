import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ProtoWriter } from '../../src/lib/proto-writer.ts'
import { type Peer, startBare, startNoContent } from '../peers/bare.ts'
import { type LoadJob, runLoad } from './generator.ts'
import { Expect, type PreparedRequest, readRequestFile, writeRequestFile } from './request-file.ts'

const accept = new ProtoWriter().uint32(2, 0).text(10, 'target').finish()
const refuse = new ProtoWriter().uint32(2, 2).finish()
const acceptEverything = new ProtoWriter().uint32(2, 0).finish()
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-load-'))
const peers = new Map<string, Peer>()

beforeAll(async () => {
  peers.set('accept', await startBare(accept))
  peers.set('refuse', await startBare(refuse))
  peers.set('acceptEverything', await startBare(acceptEverything))
})

afterAll(() => {
  for (const peer of peers.values()) peer.close()
  rmSync(folder, { recursive: true })
})

function requestFile(name: string, expects: readonly Expect[]): string {
  const file = path.join(folder, name)
  const requests: PreparedRequest[] = expects.map((expected, index) => ({
    body: Uint8Array.of(index, 1, 2),
    expect: expected,
  }))
  writeRequestFile(file, requests)
  return file
}

function job(port: number, file: string, change: Partial<LoadJob> = {}): LoadJob {
  return {
    host: '127.0.0.1',
    port,
    path: '/rta/tencent',
    contentType: 'application/x-protobuf',
    requestFile: file,
    connections: 4,
    seconds: 0.3,
    warmupSeconds: 0.05,
    perSecond: null,
    arrivals: 'poisson',
    seed: 1,
    patienceMs: null,
    answers: 'tencent',
    ...change,
  }
}

test('a request file gives back what was written', () => {
  const file = requestFile('again', [Expect.Accept, Expect.Joins])
  expect(readRequestFile(file).map((request) => [...request.body, request.expect])).toEqual([
    [0, 1, 2, Expect.Accept],
    [1, 1, 2, Expect.Joins],
  ])
})

test('a closed loop counts valid answers, and wrong ones against the expectation', async () => {
  const file = requestFile('closed', [Expect.Accept, Expect.Refuse])
  const report = await runLoad(job(peers.get('accept')!.port, file))
  const phase = report.phases[0]!
  expect(phase.answers).toBeGreaterThan(10)
  expect(phase.accepts).toBe(phase.answers)
  expect(Math.abs(phase.wrong * 2 - phase.answers)).toBeLessThanOrEqual(8)
  expect([phase.invalid, phase.badStatus, phase.lost, report.unanswered]).toEqual([0, 0, 0, 0])
})

test('an open loop offers its schedule and answers all of it', async () => {
  const file = requestFile('open', [Expect.Refuse])
  const report = await runLoad(
    job(peers.get('refuse')!.port, file, { perSecond: 400, arrivals: 'constant' }),
  )
  const phase = report.phases[0]!
  // 400 a second for 0.3 s; an arrival on the very edge may fall to either side.
  expect(Math.abs(phase.answers - 120)).toBeLessThanOrEqual(1)
  expect([phase.refusals, phase.wrong, phase.lost]).toEqual([phase.answers, 0, 0])
  expect(phase.latency.count).toBe(phase.answers)
  expect(phase.latency.maxMs).toBeGreaterThanOrEqual(phase.service.maxMs)
})

test('code 0 without a target is an invalid answer, for a medium would accept everything', async () => {
  const file = requestFile('trap', [Expect.Anything])
  const report = await runLoad(job(peers.get('acceptEverything')!.port, file))
  const phase = report.phases[0]!
  expect(phase.invalid).toBe(phase.answers)
  expect(phase.answers).toBeGreaterThan(10)
})

test('a server that closes without an answer loses requests and the run still ends', async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const file = requestFile('closing', [Expect.Anything])
  const report = await runLoad(job((server.address() as net.AddressInfo).port, file))
  expect(report.phases[0]!.lost).toBeGreaterThan(0)
  expect(report.phases[0]!.answers).toBe(0)
  server.close()
})

test('requests wait in the generator when the server is silent, and it says it did not keep up', async () => {
  const sockets: net.Socket[] = []
  const server = net.createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const file = requestFile('silent', [Expect.Anything])
  const report = await runLoad(
    job((server.address() as net.AddressInfo).port, file, {
      perSecond: 1_000,
      arrivals: 'constant',
      seconds: 0.1,
    }),
  )
  expect(report.keptUp).toBe(false)
  // 1 000 a second for 0.15 s with the warm-up; four are under way.
  expect(Math.abs(report.waitingMax - 146)).toBeLessThanOrEqual(1)
  expect(report.unanswered).toBe(report.waitingMax + 4)
  for (const socket of sockets) socket.destroy()
  server.close()
})

test('a GET run asks for the paths of its file, sends no body, and reads 2xx as taken', async () => {
  const asked: string[] = []
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['content-length'] ?? 'none'}`)
    response.writeHead(request.url === '/b?x=1' ? 503 : 204, { 'content-length': 0 }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const file = path.join(folder, 'paths')
  const bodies = ['/a', '/b?x=1'].map((text) => Buffer.from(text))
  writeRequestFile(
    file,
    bodies.map((body) => ({ body, expect: Expect.Anything })),
  )
  const { port } = server.address() as net.AddressInfo
  const change = { method: 'GET', answers: 'notice', warmupSeconds: 0, connections: 1 } as const
  const { phases } = await runLoad(job(port, file, change))
  server.closeAllConnections()
  server.close()
  expect(new Set(asked)).toEqual(new Set(['GET /a none', 'GET /b?x=1 none']))
  expect(phases[0].accepts + phases[0].failures).toBe(asked.length)
  expect(Math.abs(phases[0].accepts - phases[0].failures)).toBeLessThanOrEqual(1)
})

test('a gentle run keeps a schedule of thousands a second, against a peer that answers 204', async () => {
  const peer = await startNoContent()
  const file = path.join(folder, 'gentle')
  writeRequestFile(file, [{ body: Buffer.from('/x'), expect: Expect.Anything }])
  const change = { method: 'GET', answers: 'notice', perSecond: 2_000, isGentle: true } as const
  const report = await runLoad(job(peer.port, file, { ...change, connections: 64 }))
  peer.close()
  expect(report.phases[0].accepts).toBeGreaterThan(300)
  expect([report.unanswered, report.phases[0].badStatus]).toEqual([0, 0])
})
