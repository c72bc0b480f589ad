import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { TokenKind } from '../../src/feedback/token.ts'
import { readRequestFile } from '../load/request-file.ts'
import { benchTokens } from './bench-tokens.ts'
import { exposurePaths, writePathFile } from './notice-requests.ts'

test('every call has a genuine token of its own bid and devices, for its own link', () => {
  const tokens = benchTokens()
  const [bids, keys] = [new Set<string>(), new Set<string>()]
  let keyCount = 0
  for (const [i, text] of [...exposurePaths(600, 1)].entries()) {
    const url = new URL(text, 'http://bench')
    expect(url.pathname).toBe(i % 2 === 0 ? '/t/imp' : '/n/bill')
    const kind = i % 2 === 0 ? TokenKind.Impression : TokenKind.Bill
    const reading = tokens.verify(url.searchParams.get('t') ?? '', kind)
    if (!reading.ok) throw new Error(`refused: ${reading.refusal}`)
    bids.add(reading.token.decisionId)
    keyCount += reading.token.devices.length
    for (const { high, low } of reading.token.devices) keys.add(`${high} ${low}`)
  }
  expect([bids.size, keys.size]).toEqual([600, keyCount])
  expect(keyCount).toBe(1_200)
})

test('two series have no bid in common', () => {
  const first = new Set(exposurePaths(50, 1))
  expect([...exposurePaths(50, 2)].some((text) => first.has(text))).toBe(false)
})

test('a path file gives back the paths', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-paths-'))
  const file = path.join(folder, 'paths')
  writePathFile(file, ['/a?t=1', '/b'])
  const texts = readRequestFile(file).map(({ body }) => Buffer.from(body).toString())
  expect(texts).toEqual(['/a?t=1', '/b'])
  rmSync(folder, { recursive: true })
})
