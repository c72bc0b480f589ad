/** Reads decision records back, for training and tools. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DecisionRecord } from '../domain/decision-record.ts'
import { lineBatches } from '../lib/read-lines.ts'
import { decodeRecord } from './record-codec.ts'

/**
 * Records of a file, or of all record files of a folder (each worker's, oldest first); gzip where
 * the name ends in `.gz`. Lines that are no record, such as one torn by a crash, are left out and
 * told to `onBadLine`. Rejects when the path cannot be read or its gzip is cut.
 */
export async function* readRecords(
  path: string,
  onBadLine: (file: string) => void = () => undefined,
): AsyncGenerator<DecisionRecord> {
  for (const file of await filesAt(path)) {
    for await (const lines of lineBatches(file)) {
      yield* recordsIn(lines, () => onBadLine(file))
    }
  }
}

function* recordsIn(lines: readonly string[], onBadLine: () => void): Generator<DecisionRecord> {
  for (const line of lines) {
    const record = decodeRecord(line)
    if (record === null) onBadLine()
    else yield record
  }
}

const filePattern = /^(.+\.ndjson)(?:\.(\d+))?(?:\.gz)?$/

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
