/** The bulk import as the API takes and shows it. */
import { z } from 'zod'
import { firstErrorsMax } from '../limits.ts'
import { flagQuery, idSchema } from './common.ts'

/** Kinds that an import writes. */
export const importKinds = ['advertiser', 'campaign', 'creative', 'exchange', 'rates'] as const
export type ImportKind = (typeof importKinds)[number]

/** One line: a put with `value`, or a deletion. */
export const importLine = z
  .strictObject({
    kind: z.enum(importKinds),
    id: idSchema.optional().describe('May stand inside value instead'),
    value: z.looseObject({ id: z.unknown().optional() }).optional().describe('As the body of PUT'),
    delete: z.literal(true).optional(),
  })
  .refine((line) => (line.value === undefined) !== (line.delete === undefined), {
    path: ['value'],
    message: 'give exactly one of value and "delete": true',
  })

/** Query of the import. */
export const importQuery = z.strictObject({
  dryRun: flagQuery.describe('Checks every line and writes nothing'),
  onError: z
    .enum(['stop', 'skip'])
    .default('stop')
    .describe('stop: what comes before the first bad line is written; skip: all good lines are'),
})

const place = z.object({ line: z.int(), path: z.string(), message: z.string() })

/** What became of an import. */
export const importAnswer = z.object({
  dryRun: z.boolean(),
  lines: z.int().describe('Read so far, blank ones included'),
  written: z.int().describe('Created or updated'),
  created: z.int(),
  updated: z.int(),
  unchanged: z.int().describe('Were so already'),
  deleted: z.int(),
  rejected: z.int(),
  batches: z.int(),
  firstErrors: z.array(place).max(firstErrorsMax),
  firstWarnings: z.array(place).max(firstErrorsMax),
})
export type ImportAnswer = z.output<typeof importAnswer>
