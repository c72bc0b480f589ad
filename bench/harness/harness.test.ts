import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { Expect, writeRequestFile } from '../load/request-file.ts'
import { hasWrk, runWrk } from '../load/wrk.ts'
import { startBare } from '../peers/bare.ts'
import { startFloor } from '../peers/floor.ts'
import { anonymousBytes, commandLine, cpuSeconds, treeOf } from './process-cpu.ts'
import { start, stop } from './processes.ts'
import { startRedis, usedMemory } from './redis-server.ts'
import { median, writeReport } from './report.ts'

test('the floor reads as often as the request has ids, then answers', async () => {
  const redis = await startRedis({ core: null })
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  await redis.client.set('a', 'value')
  const answer = Uint8Array.of(16, 0)
  const floor = await startFloor({ answer, redisPort: redis.port, keys, reads: [3, 4, 5] })
  for (let i = 0; i < 3; i++) {
    const response = await fetch(`http://127.0.0.1:${floor.port}/`, { method: 'POST', body: 'x' })
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(answer)
  }
  const stats = await redis.client.info('commandstats')
  expect(Number(stats.match(/cmdstat_get:calls=(\d+)/)?.[1])).toBe(3 + 4 + 5)
  expect(await usedMemory(redis.client)).toBeGreaterThan(100_000)
  floor.close()
  await redis.stop()
})

test('a killed redis-server comes back on its port', async () => {
  const redis = await startRedis({ core: null })
  const first = redis.pid
  await redis.kill()
  await redis.restart()
  expect(redis.pid).not.toBe(first)
  expect(await redis.client.ping()).toBe('PONG')
  await redis.stop()
})

test('CPU time, memory and children of a process are read from /proc', async () => {
  const { child, pid } = start([process.execPath, '-e', 'setInterval(() => {}, 1000)'])
  expect(treeOf(process.pid)).toContain(pid)
  expect(cpuSeconds(process.pid)).toBeGreaterThan(0)
  expect(anonymousBytes(process.pid)).toBeGreaterThan(1_000_000)
  expect(commandLine(process.pid)).toContain('node')
  await stop(child)
  expect([cpuSeconds(pid), anonymousBytes(pid), commandLine(pid)]).toEqual([0, 0, ''])
})

test.skipIf(!hasWrk())('wrk sends the bodies of a request file', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-wrk-'))
  const requestFile = path.join(folder, 'requests')
  writeRequestFile(requestFile, [{ body: Uint8Array.of(1, 2, 3), expect: Expect.Anything }])
  const bare = await startBare(Uint8Array.of(16, 0))
  const report = await runWrk({
    url: `http://127.0.0.1:${bare.port}/rta/tencent`,
    contentType: 'application/x-protobuf',
    requestFile,
    scriptFile: path.join(folder, 'script.lua'),
    connections: 4,
    seconds: 1,
  })
  expect(report.requests).toBeGreaterThan(100)
  expect([report.badStatus, report.socketErrors]).toEqual([0, 0])
  bare.close()
  rmSync(folder, { recursive: true })
})

test('a report says what was measured, the bar and whether it is met', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-report-'))
  const findings = [
    { line: 'good', measured: '1', bar: '≥ 1', met: true },
    { line: 'bad', measured: '0', bar: '≥ 1', met: false },
  ]
  const result = { scenario: 'x', size: 'tiny', findings, notes: ['why'], data: {} }
  const table = writeReport(folder, result, 'npm run bench -- x')
  expect(table).toContain('| good | 1 | ≥ 1 | yes |')
  expect(table).toContain('| bad | 0 | ≥ 1 | **no** |')
  expect(table).toContain('npm run bench -- x')
  rmSync(folder, { recursive: true })
})

test('the median is the middle value whatever the order', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([4, 1, 3, 2])).toBe(3)
})
