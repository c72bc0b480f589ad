/** Golden fixtures of monitoring links: one call each, and what it says. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseDescribedMedium } from '../../src/config/described-schema.ts'
import type { MonitorDescription, MonitorKind } from '../../src/domain/monitor.ts'
import { builtInMonitors } from '../../src/media/registry.ts'
import type { GoldenId } from './canonical.ts'

/** One call. */
interface MonitorFixture {
  about: string
  source: string
  kind: MonitorKind
  receivedAtMs: number
  /** What stands behind the `?`. */
  query: string
  /** Raw ids, written by hand: their keys are the keys of the call. */
  sameDeviceAs?: GoldenId[]
  /** Expected `MonitorFacts`. */
  facts?: Record<string, unknown>
  /** Expected ids, in the form and with the scope in which they became keys. */
  devices?: GoldenId[]
  doubtful?: number
}

/** A fixture with the place it came from. */
export interface MonitorFile {
  readonly name: string
  readonly path: string
  readonly fixture: MonitorFixture
}

/** A medium with its fixtures. */
export interface MonitorSubject {
  readonly name: string
  readonly description: MonitorDescription
  readonly files: readonly MonitorFile[]
}

const mediaFolder = fileURLToPath(new URL('../../src/media/', import.meta.url))
const example = 'qutoutiao-style'

/** Every built-in medium, and the described example that has links. */
export const monitorSubjects: readonly MonitorSubject[] = [
  ...builtInMonitors.map((description) =>
    subjectOf(description, join(mediaFolder, description.name)),
  ),
  subjectOf(describedExample(), join(mediaFolder, 'described'), example),
]

/** Writes a fixture back, for `UPDATE_GOLDEN=1`. */
export function saveMonitorFile({ path, fixture }: MonitorFile): void {
  writeFileSync(path, `${JSON.stringify(fixture, null, 2)}\n`)
}

function subjectOf(description: MonitorDescription, medium: string, part = ''): MonitorSubject {
  const folder = join(medium, 'golden', part, 'monitor')
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  const files = names.map((file) => {
    const path = join(folder, file)
    const fixture = JSON.parse(readFileSync(path, 'utf8')) as MonitorFixture
    return { name: file.replace(/\.json$/, ''), path, fixture }
  })
  return { name: description.name, description, files }
}

function describedExample(): MonitorDescription {
  const path = join(mediaFolder, 'described', 'examples', `${example}.json`)
  const parsed = parseDescribedMedium(JSON.parse(readFileSync(path, 'utf8')))
  if (!parsed.ok || parsed.medium.monitor === null) throw new Error(`${path} has no links`)
  return parsed.medium.monitor
}
