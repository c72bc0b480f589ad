/** Whom the golden runner tests: every built-in medium, and the described examples. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseDescribedMedium } from '../../src/config/described-schema.ts'
import { ManualClock } from '../../src/lib/clock.ts'
import type { AdapterContext, MediumAdapter } from '../../src/media/adapter.ts'
import { createDescribedAdapter } from '../../src/media/described/adapter.ts'
import { builtInMedia } from '../../src/media/registry.ts'

/** A medium with its fixtures. */
export interface GoldenSubject {
  readonly name: string
  /** Folder that holds `exemplary/` and `hostile/`. */
  readonly folder: string
  readonly create: (context: AdapterContext) => MediumAdapter
}

const mediaFolder = fileURLToPath(new URL('../../src/media/', import.meta.url))

/** The wall time at which described fixtures are read: 2023-11-14T22:13:20Z. */
const describedNowMs = 1_700_000_000_000

/** Media that are configuration only; one entry an example, its fixtures in `golden/<example>`. */
const describedSubjects: readonly GoldenSubject[] = readdirSync(
  join(mediaFolder, 'described', 'examples'),
).map((file) => {
  const text = readFileSync(join(mediaFolder, 'described', 'examples', file), 'utf8')
  const parsed = parseDescribedMedium(JSON.parse(text))
  if (!parsed.ok) throw new Error(`${file}: ${JSON.stringify(parsed.problems)}`)
  const { medium } = parsed
  return {
    name: medium.name,
    folder: join(mediaFolder, 'described', 'golden', medium.name),
    create: (context) =>
      createDescribedAdapter(medium, { ...context, clock: new ManualClock(describedNowMs) }),
  }
})

/** All subjects; a new line in the registry is a new subject. */
export const goldenSubjects: readonly GoldenSubject[] = [
  ...Object.entries(builtInMedia).map(([name, factory]) => ({
    name,
    folder: join(mediaFolder, name, 'golden'),
    create: factory.create,
  })),
  ...describedSubjects,
]
