/** Audience packs and their jobs as the API shows them. */
import { z } from 'zod'
import { idTypeNamed, idTypes } from '../../domain/id-type.ts'
import { firstErrorsMax, ttlSecondsMax } from '../limits.ts'
import { flagQuery, idSchema, pageQuery } from './common.ts'

const typeNames = idTypes.map((type) => type.name).join(', ')

/** Query of an upload. */
export const uploadQuery = z
  .strictObject({
    idType: z
      .string({ error: `required; one of ${typeNames}` })
      .refine((name) => idTypeNamed(name) !== null, `must be one of ${typeNames}`)
      .describe(`One of ${typeNames}`),
    mode: z.enum(['replace', 'add', 'remove']).default('replace'),
    scope: z
      .string()
      .max(64)
      .default('')
      .describe('CAID version or appid, for types that need one'),
    force: flagQuery.describe('Skips the guard against shrinking by more than half'),
    ttlSeconds: z.coerce.number().int().min(1).max(ttlSecondsMax).optional(),
    rejectShareMax: z.coerce.number().min(0).max(1).default(0.01),
  })
  .superRefine((query, context) => {
    const type = idTypeNamed(query.idType)
    if (type === null || type.scoped === (query.scope !== '')) return
    const message = type.scoped
      ? `required for ${type.name}: the CAID version or appid`
      : `${type.name} has no scope`
    context.addIssue({ code: 'custom', path: ['scope'], message })
  })

/** The answer to an upload that is now active. */
export const uploadAnswer = z.object({
  version: z.int(),
  accepted: z.int(),
  duplicates: z.int(),
  rejected: z.int(),
  devices: z.int().describe('Devices in the pack now'),
  firstErrors: z
    .array(z.object({ line: z.int(), reason: z.string() }))
    .max(firstErrorsMax)
    .describe('Never holds the id itself'),
})

/** The answer to a rollback. */
export const packMoved = z.object({ version: z.int(), devices: z.int() })

/** One pack. */
export const packView = z.object({
  id: idSchema,
  version: z.int().describe('0 when nothing is active'),
  devices: z.int(),
  layers: z.int(),
  activatedAtMs: z.int().nullable(),
  expiresAtMs: z.int().nullable(),
  previousVersion: z.int().nullable().describe('Kept for rollback'),
  previousDevices: z.int().nullable(),
})

export const packPage = z.object({ items: z.array(packView), next: z.string().nullable() })
export const packListQuery = pageQuery
export const packDeleteQuery = z.strictObject({
  force: flagQuery.describe('Deletes it even when strategies or experiments name it'),
})

/** One job. */
const jobView = z.object({
  id: z.string(),
  kind: z.string(),
  packId: z.string(),
  stage: z.string(),
  startedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  bytesRead: z.int(),
  lines: z.int(),
  accepted: z.int(),
  rejected: z.int(),
  share: z.number().nullable().describe('Share of the stage that is done'),
  linesPerSecond: z.number(),
})

export const jobList = z.object({ items: z.array(jobView) })
