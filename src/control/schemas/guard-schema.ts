/** Frequency caps and rules on converts as the API takes and shows them. */
import { z } from 'zod'
import {
  capImpressionsMax,
  capMinutesMax,
  capsMax,
  convertedDaysMax,
  convertedRulesMax,
} from '../../domain/frequency.ts'
import { actionCharsMax } from '../limits.ts'
import { lineSchema } from './catalog-fields.ts'
import { idSchema } from './common.ts'

const cap = z.strictObject({
  impressions: z.int().min(1).max(capImpressionsMax),
  minutes: z.int().min(1).max(capMinutesMax).describe('Length of the sliding window'),
})

/** Caps of one thing; they hold together. */
export const capsSchema = z
  .array(cap)
  .max(capsMax)
  .default([])
  .describe('At most so many impressions to one device within any such window')

const ruleShape = {
  kind: z.enum(['exclude', 'require']).default('exclude').describe('Taken out, or let in'),
  action: lineSchema(actionCharsMax).default('').describe('"" = any conversion of the advertiser'),
  days: z.int().min(1).max(convertedDaysMax).default(30).describe('After the last conversion'),
}

const rules = { description: 'What a conversion does to a device; it must pass all of them' }

/** Rules on converts of a strategy, and as they are shown. */
export const convertedSchema = z
  .array(z.strictObject({ ...ruleShape, advertiserId: idSchema }))
  .max(convertedRulesMax)
  .default([])
  .describe(rules.description)

/** The same of a campaign: its own advertiser is meant where none is named. */
export const ownConvertedSchema = z
  .array(
    z.strictObject({
      ...ruleShape,
      advertiserId: idSchema.optional().describe("The campaign's where it is left out"),
    }),
  )
  .max(convertedRulesMax)
  .default([])
  .describe(rules.description)
