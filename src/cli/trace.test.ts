import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runTrace } from './trace.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-trace-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function trace(id: string) {
  let text = ''
  const code = await runTrace(id, folder, (part) => {
    text += part
  })
  return { code, text }
}

test('finds the exchange in the newest file that has it', async () => {
  writeFileSync(
    join(folder, 'exchange-0.ndjson.1'),
    '{"traceId":"a","n":1}\n{"traceId":"b","n":2}\n',
  )
  writeFileSync(join(folder, 'exchange-0.ndjson'), '{"traceId":"a","n":3}\n')
  expect(JSON.parse((await trace('a')).text)).toEqual({ traceId: 'a', n: 3 })
  expect(JSON.parse((await trace('b')).text)).toEqual({ traceId: 'b', n: 2 })
})

test('says when there is none, and where it looked', async () => {
  const { code, text } = await trace('"quoted')
  expect(code).toBe(1)
  expect(text).toContain(folder)
})
