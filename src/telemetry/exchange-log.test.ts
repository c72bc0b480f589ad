import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AdRequest } from '../domain/ad-request.ts'
import { refuse } from '../domain/decision.ts'
import { IdType } from '../domain/id-type.ts'
import { Refusal } from '../domain/refusal.ts'
import { ManualClock } from '../lib/clock.ts'
import { ExchangeLog, recordsWaitingMax } from './exchange-log.ts'
import { RotatingFile, rotatedFiles } from './rotating-file.ts'

const secretBody = 'oaid=00112233-raw-device-id'
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-exchange-'))
})
afterEach(() => rm(folder, { recursive: true }))

function newLog(file: RotatingFile, random = 0) {
  const state = { dropped: 0 }
  const log = new ExchangeLog({
    file,
    clock: new ManualClock(1_000),
    random: () => random,
    describe: (medium, answer) => ({ medium, length: answer.length }),
    onDropped: (count) => {
      state.dropped += count
    },
  })
  return { log, state }
}

function sampleRequest(traceId = 'trace-1'): AdRequest {
  const request = new AdRequest()
  request.medium = 'tencent'
  request.requestId = traceId
  request.ip = '203.0.113.77'
  request.devices.push(IdType.OaidMd5, 0xdeadbeef, 0x01020304)
  request.geo.latitude = 31.23041
  return request
}

const bytes = {
  bodyBytes: secretBody.length,
  bodySha256: 'ab'.repeat(32),
  answer: new Uint8Array([8, 1]),
}

test('a record holds keys, sizes and the answer, and neither an id nor a whole address', async () => {
  const path = join(folder, 'exchange-0.ndjson')
  const { log } = newLog(new RotatingFile(path))
  log.write(sampleRequest(), refuse(Refusal.AudienceMismatch, 60, 7), bytes)
  await log.close()
  const text = await readFile(path, 'utf8')
  expect(text).not.toContain('203.0.113.77')
  expect(text).not.toContain('31.23041')
  const record = JSON.parse(text) as Record<string, unknown>
  expect(record).toMatchObject({
    traceId: 'trace-1',
    atMs: 1_000,
    medium: 'tencent',
    body: { bytes: secretBody.length, sha256: 'ab'.repeat(32) },
    decision: { refusal: 2, reason: 'audience-mismatch', cacheSeconds: 60, revision: 7 },
    answerBase64: 'CAE=',
    answer: { medium: 'tencent', length: 2 },
    request: {
      devices: [{ type: 'oaid_md5', key: 'deadbeef01020304' }],
      network: '203.0.113.0/24',
      geo: { latitude: 31.2, longitude: null },
    },
  })
  expect((await stat(path)).mode & 0o077).toBe(0)
})

test('the rate decides by the injected dice', () => {
  const file = new RotatingFile(join(folder, 'x'))
  expect(newLog(file, 0.3).log.samples(0.5)).toBe(true)
  expect(newLog(file, 0.5).log.samples(0.5)).toBe(false)
  expect(newLog(file, 0).log.samples(0)).toBe(false)
})

test('a full ring drops the oldest and counts them exactly', async () => {
  const path = join(folder, 'exchange-0.ndjson')
  const { log, state } = newLog(new RotatingFile(path))
  for (let i = 0; i < recordsWaitingMax + 10; i++) {
    log.write(sampleRequest(`t${i}`), refuse(Refusal.Holdout), bytes)
  }
  await log.close()
  const lines = (await readFile(path, 'utf8')).trim().split('\n')
  expect(lines).toHaveLength(recordsWaitingMax)
  expect(state.dropped).toBe(10)
  expect(JSON.parse(lines[0]!)).toMatchObject({ traceId: 't10' })
})

test('files rotate by size, keep their number, and are listed newest first', async () => {
  const path = join(folder, 'exchange-0.ndjson')
  const file = new RotatingFile(path, { bytesMax: 10, filesMax: 2 })
  for (const text of ['aaaaaaaa\n', 'bbbbbbbb\n', 'cccccccc\n', 'dddddddd\n']) {
    expect(await file.append(text)).toBe(true)
  }
  await file.close()
  const files = await rotatedFiles(folder, 'exchange-')
  expect(files.map((one) => one.slice(path.length))).toEqual(['', '.1', '.2'])
  const texts = await Promise.all(files.map((one) => readFile(one, 'utf8')))
  expect(texts).toEqual(['dddddddd\n', 'cccccccc\n', 'bbbbbbbb\n'])
  expect(await readdir(folder)).toHaveLength(3)
})

test('a disk that cannot be written loses records by count, not the process', async () => {
  const { log, state } = newLog(new RotatingFile(join('/dev/null', 'x')))
  log.write(sampleRequest(), refuse(Refusal.Holdout), bytes)
  await log.flush()
  expect(state.dropped).toBe(1)
})
