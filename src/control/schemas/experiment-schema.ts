/** Experiments as the API takes and shows them. */
import { z } from 'zod'
import { bucketCount } from '../../domain/strategy.ts'
import { armsMax, experimentStrategiesMax } from '../limits.ts'
import { bidInput, bidView } from './bid-schema.ts'
import { idSchema, nameSchema, pageQuery, warningsSchema } from './common.ts'

function armShape<B extends z.ZodType>(bid: B) {
  return {
    id: idSchema,
    share: z.int().min(0).max(bucketCount).describe('Parts of 10 000'),
    holdout: z.boolean().default(false),
    bid,
    tag: z.string().max(64).nullable().default(null),
    cacheAcceptSeconds: z.int().min(0).nullable().default(null),
  }
}

const commonShape = {
  name: nameSchema.default(''),
  layer: idSchema.default('default'),
  firstBucket: z
    .int()
    .min(0)
    .max(bucketCount - 1)
    .default(0),
  enabled: z.boolean().default(true),
  media: z.array(z.string().min(1).max(64)).max(64).default([]).describe('Empty = every medium'),
  strategies: z
    .array(idSchema)
    .max(experimentStrategiesMax)
    .default([])
    .describe('Empty = all of the media'),
}

/** An experiment in. */
export const experimentInput = z.strictObject({
  id: idSchema.optional(),
  ...commonShape,
  arms: z
    .array(z.strictObject(armShape(bidInput.nullable().default(null))))
    .min(1)
    .max(armsMax),
})
export type ExperimentInput = z.output<typeof experimentInput>

/** An experiment out: exactly the stored form, which is also a valid input. */
export const experimentView = z.object({
  id: idSchema,
  ...commonShape,
  arms: z.array(z.object(armShape(bidView.nullable()))),
})

export type ExperimentShown = z.output<typeof experimentView>

/** The answer to a write. */
export const experimentWritten = z.object({
  version: z.int(),
  warnings: warningsSchema,
  experiment: experimentView,
})

/** A page of experiments by id. */
export const experimentPage = z.object({
  items: z.array(z.object({ version: z.int(), experiment: experimentView })),
  next: z.string().nullable(),
})

/** Query of the list. */
export const experimentListQuery = pageQuery
