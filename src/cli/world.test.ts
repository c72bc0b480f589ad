import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runWorld } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-world-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

const asked = { seed: 3, days: 1, rows: 20, requests: 100, users: 50, negatives: 1 }

async function run(options: Partial<typeof asked>, out: string): Promise<[number, string]> {
  let text = ''
  const code = await runWorld({ ...asked, ...options, out: join(folder, out) }, (more) => {
    text += more
  })
  return [code, text]
}

test('a world is written, and what is in it is told', async () => {
  const [code, text] = await run({}, 'one')
  expect(code).toBe(0)
  expect(text).toContain('20 impressions')
  for (const name of ['world.json', 'catalog.ndjson', 'log.ndjson.gz', 'truth.bin']) {
    expect(existsSync(join(folder, 'one', name))).toBe(true)
  }
})

test('a folder that holds a world is left alone', async () => {
  await run({}, 'two')
  expect(await run({ seed: 4 }, 'two')).toEqual([1, expect.stringContaining('already holds')])
})

test.each([
  [{ days: 0 }, '--days is 1 to 60'],
  [{ days: 61 }, '--days is 1 to 60'],
  [{ rows: 0 }, '--rows is 1 to'],
  [{ users: 20_000_000 }, '--users is 1 to'],
])('%j is refused, and nothing is written', async (options, sentence) => {
  expect(await run(options, 'never')).toEqual([1, expect.stringContaining(sentence)])
  expect(existsSync(join(folder, 'never'))).toBe(false)
})
