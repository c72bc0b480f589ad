/** Reads decision records back, for training and tools. */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DecisionRecord } from '../domain/decision-record.ts'
import { decodeRecord } from './record-codec.ts'

/**
 * Records of a file, or of all record files of a folder (each worker's, oldest first). Lines that
 * are no record, such as one torn by a crash, are left out and told to `onBadLine`. Rejects when
 * the path cannot be read.
 */
export async function* readRecords(
  path: string,
  onBadLine: (file: string) => void = () => undefined,
): AsyncGenerator<DecisionRecord> {
  for (const file of await filesAt(path)) yield* recordsOf(file, onBadLine)
}

async function* recordsOf(
  file: string,
  onBadLine: (file: string) => void,
): AsyncGenerator<DecisionRecord> {
  const handle = await open(file)
  try {
    for await (const line of handle.readLines()) {
      const record = decodeRecord(line)
      if (record === null) onBadLine(file)
      else yield record
    }
  } finally {
    await handle.close()
  }
}

const filePattern = /^(.+\.ndjson)(?:\.(\d+))?$/

async function filesAt(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const found = (await readdir(path)).flatMap((name) => {
    const match = filePattern.exec(name)
    return match === null ? [] : [{ name, base: match[1] ?? '', age: Number(match[2] ?? 0) }]
  })
  return found
    .toSorted((a, b) => a.base.localeCompare(b.base) || b.age - a.age)
    .map(({ name }) => join(path, name))
}
