/** Models as the API shows them. */
import { z } from 'zod'

/** A name of a model or a version: a folder. */
const modelWord = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'lower case letters, digits, ".", "_" and "-"')

/** The path of one model. */
export const modelParams = z.strictObject({ name: modelWord })

/** What is to be in force. */
export const activateInput = z.strictObject({ version: modelWord })

/** What is in force now, as soon as the processes have looked. */
export const activated = z.object({
  name: z.string(),
  version: z.string(),
  before: z.string().nullable().describe('The version that was active; null = none was'),
})

const versionView = z.object({
  version: z.string(),
  problem: z.string().nullable().describe('Why its manifest cannot be read, or null'),
  about: z
    .object({
      kind: z.enum(['rank', 'split']),
      targets: z.array(z.string()),
      trainedBy: z.string(),
      trainedOn: z.string(),
      features: z.int(),
      calibratedFor: z.array(z.string()).describe('Exchanges and media calibrated apart'),
    })
    .nullable(),
  figures: z.unknown().describe('`targets` of its report.json; null = it has none'),
})

/** All models of the folder. */
export const modelList = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      active: z.string().nullable().describe('Version that the pointer names; null = none'),
      versions: z.array(versionView),
      versionCount: z.int().describe('Versions in all; the last ones by name are listed'),
      processes: z
        .array(
          z.object({
            host: z.string(),
            worker: z.int(),
            version: z.string().describe('That decides there; empty = none'),
          }),
        )
        .describe('Which version decides in each process that wants the model, on all machines'),
    }),
  ),
})
