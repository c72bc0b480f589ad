/** What `GET /api/v1/links` takes and answers. */
import { z } from 'zod'
import { idSchema } from './common.ts'

/** Whose links, for which medium. */
export const linkQuery = z.strictObject({
  campaign: idSchema,
  medium: z.string().min(1).max(64),
  creative: idSchema.optional().describe('Creative of the campaign that the links speak of'),
  strategy: idSchema
    .optional()
    .describe('RTA strategy of the events, where the medium does not tell it by a macro'),
})

/** The links, ready to be pasted. */
export const linkView = z.object({
  medium: z.string(),
  links: z.object({
    imp: z.string().nullable(),
    click: z.string().nullable(),
    conv: z.string().nullable().describe('For whoever tells of conversions; no medium calls it'),
  }),
  macros: z
    .array(z.object({ name: z.string(), macro: z.string(), meaning: z.string() }))
    .describe('Our parameter, what the medium puts there, what it means'),
  notes: z.array(z.string()).describe('What to know before pasting them; warnings first'),
})
