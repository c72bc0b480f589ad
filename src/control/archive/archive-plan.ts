/** What a writer of the archive is about to write: kept on disk until all of it is done. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { orNull } from './archive-folder.ts'

/** Records of one part of the log, from after `from` up to and with `to`. */
export interface LogRange {
  readonly part: string
  readonly from: string
  readonly to: string
}

/** Ranges, and the name of the files that their rows are in. */
export interface ArchivePlan {
  readonly version: typeof planVersion
  /** 16 hex digits; the same ranges have the same name. */
  readonly name: string
  readonly ranges: readonly LogRange[]
  /** True when all files are in their place; only then do places of the log move. */
  readonly isPlaced: boolean
}

const planVersion = 1

/** The plan for these ranges. */
export function planOf(ranges: readonly LogRange[]): ArchivePlan {
  const text = ranges
    .map(({ part, from, to }) => `${part} ${from} ${to}`)
    .toSorted()
    .join('\n')
  const name = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return { version: planVersion, name, ranges, isPlaced: false }
}

/** The plan at a path; null when there is none, or one of another version. */
export async function readPlan(path: string): Promise<ArchivePlan | null> {
  const text = await orNull(readFile(path, 'utf8'))
  const plan = text === null ? null : (JSON.parse(text) as ArchivePlan)
  return plan?.version === planVersion ? plan : null
}
