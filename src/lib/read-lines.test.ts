import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lineBatches } from './read-lines.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-lines-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function read(name: string, bytes: Uint8Array | string): Promise<string[]> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  const all: string[] = []
  for await (const lines of lineBatches(path)) all.push(...lines)
  return all
}

/** Some 1.5 MB, of letters whose bytes chunks will cut through. */
const many = Array.from({ length: 20_000 }, (_, i) => `${i} ${'äß…😀'.repeat(i % 8)}`)

describe.each([
  ['plain', 'lines.txt', (text: string) => Buffer.from(text)],
  ['gzip', 'lines.txt.gz', (text: string) => gzipSync(text)],
])('%s', (_about, name, pack) => {
  test('gives every line once and in order, wherever chunks end', async () => {
    expect(await read(name, pack(`${many.join('\n')}\n`))).toEqual(many)
  })

  test('knows both kinds of line ends, and a last line without one', async () => {
    expect(await read(name, pack('a\r\n\nb\nc\r'))).toEqual(['a', '', 'b', 'c'])
  })

  test('of an empty file gives nothing', async () => {
    expect(await read(name, pack(''))).toEqual([])
  })
})

test('gzip of several members is one text', async () => {
  const bytes = Buffer.concat([gzipSync('a\nb'), gzipSync('c\nd\n')])
  expect(await read('x.gz', bytes)).toEqual(['a', 'bc', 'd'])
})

test('gzip that is cut is an error, not the end of the file', async () => {
  const bytes = gzipSync(many.join('\n'))
  await expect(read('x.gz', bytes.subarray(0, bytes.length / 2))).rejects.toThrow(/end of file/)
})

test('a file that is not there is an error', async () => {
  const lines = lineBatches(join(folder, 'none.gz'))
  await expect(lines.next()).rejects.toThrow(/ENOENT/)
})

test('who stops early leaves nothing open', async () => {
  const path = join(folder, 'lines.txt.gz')
  await writeFile(path, gzipSync(many.join('\n')))
  for await (const lines of lineBatches(path)) {
    expect(lines[0]).toBe(many[0])
    break
  }
})
