import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../config/config.ts'
import { readRecords } from '../feedback/read-records.ts'
import { sampleRecord } from '../feedback/test-records.ts'
import { issuedAtMs, signUsual } from '../feedback/test-tokens.ts'
import { TokenKind, type Tokens, tokenOf } from '../feedback/token.ts'
import { ManualClock } from '../lib/clock.ts'
import { newDecisionIds, openRecordLog, setUpNotices } from './feedback-setup.ts'

const salt = Uint8Array.from({ length: 16 }, (_, i) => i)
const hex = 'ab'.repeat(32)

function tokensOf(keys: string, ownSalt = salt): Tokens {
  const clock = new ManualClock(issuedAtMs)
  return setUpNotices(loadConfig({ SLUICE_TOKEN_KEYS: keys }), ownSalt, clock).tokens
}

test('workers of one salt take each other’s tokens without any configuration', () => {
  const token = tokenOf(signUsual(tokensOf('')), TokenKind.Win)
  expect(tokensOf('').verify(token, TokenKind.Win).ok).toBe(true)
  expect(tokensOf('', new Uint8Array(16)).verify(token, TokenKind.Win).ok).toBe(false)
})

test('a house moves from the derived key to its own without losing a notice', () => {
  const before = tokenOf(signUsual(tokensOf('')), TokenKind.Win)
  expect(tokensOf(`1:${hex},salt`).verify(before, TokenKind.Win).ok).toBe(true)
  expect(tokensOf(`1:${hex}`).verify(before, TokenKind.Win).ok).toBe(false)
})

test('links are secure where the public address is', () => {
  const isSecure = (url: string): boolean =>
    setUpNotices(loadConfig({ SLUICE_PUBLIC_URL: url }), salt, new ManualClock()).links.isSecure
  expect([isSecure('https://a.example'), isSecure('http://a.example')]).toEqual([true, false])
})

test('each life of a process draws its own part of the decision ids', () => {
  const words = Array.from({ length: 8 }, () => newDecisionIds().next().slice(0, 8))
  expect(new Set(words).size).toBe(8)
})

test('records go into a file of the worker in the data folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-setup-'))
  try {
    const config = loadConfig({ SLUICE_DATA: folder })
    const log = openRecordLog(config, 3, () => undefined)
    log.write(sampleRecord())
    await log.close()
    const records = []
    for await (const one of readRecords(join(folder, 'records', 'records-3.ndjson'))) {
      records.push(one)
    }
    expect(records).toEqual([sampleRecord()])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
