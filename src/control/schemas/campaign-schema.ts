/** Campaigns as the API takes them (amounts in either spelling) and shows them. */
import { z } from 'zod'
import { factorInputMax } from '../limits.ts'
import { decimalSchema, limitMicrosSchema, microsSchema, oneSpelling } from './catalog-fields.ts'
import { idSchema, nameSchema, pageQuery } from './common.ts'
import { capsSchema, convertedSchema, ownConvertedSchema } from './guard-schema.ts'
import { targetingSchema } from './targeting-schema.ts'

const weight = z.number().min(0).max(factorInputMax)

const byScore = z
  .strictObject({
    packId: idSchema,
    low: weight.describe('Weight at score 0, and outside of the pack'),
    high: weight.describe('Weight at score 255'),
  })
  .nullable()
  .default(null)
  .describe('Weighs the value of a conversion by the score of a pack')

const targetRoas = z.number().gt(0).max(factorInputMax).describe('Revenue wanted per unit of spend')
const share = z.number().gt(0).max(1).describe('Part of the lifetime value that may be spent')

const aboveZero = decimalSchema.regex(/[1-9]/, 'a price is above zero')

const cpmFields = {
  bidMicros: microsSchema.optional().describe('Micros of CPM'),
  bidCpm: aboveZero.optional().describe('The same as decimal text, "2.50"'),
}
const bidFields = {
  bidMicros: microsSchema.optional().describe('Micros a click, or a conversion'),
  bid: aboveZero.optional().describe('The same as decimal text'),
}
const valueFields = {
  valueMicros: microsSchema.optional().describe('Micros that a conversion, or customer, is worth'),
  value: aboveZero.optional().describe('The same as decimal text'),
}

const goalInput = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('cpm'), ...cpmFields })
    .superRefine(oneSpelling('bidMicros', 'bidCpm', true)),
  z
    .strictObject({ kind: z.literal('cpc'), ...bidFields })
    .superRefine(oneSpelling('bidMicros', 'bid', true)),
  z
    .strictObject({ kind: z.literal('cpa'), ...bidFields, byScore })
    .superRefine(oneSpelling('bidMicros', 'bid', true)),
  z
    .strictObject({
      kind: z.literal('roas'),
      targetRoas,
      ...valueFields,
      byScore,
    })
    .superRefine(oneSpelling('valueMicros', 'value', true)),
  z
    .strictObject({
      kind: z.literal('ltv'),
      ...valueFields,
      share,
      byScore,
    })
    .superRefine(oneSpelling('valueMicros', 'value', true)),
])

const micros = z.int()

const goalView = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cpm'), bidMicros: micros.describe('CPM') }),
  z.object({ kind: z.literal('cpc'), bidMicros: micros }),
  z.object({ kind: z.literal('cpa'), bidMicros: micros, byScore }),
  z.object({ kind: z.literal('roas'), targetRoas, valueMicros: micros, byScore }),
  z.object({ kind: z.literal('ltv'), valueMicros: micros, share, byScore }),
])

const rate = z.number().min(0).max(1)
const epochMs = z.int().min(0).nullable().default(null)

/** Rates of a creative without history: a display ad of middling quality. */
const priorDefault = { ctr: 0.001, cvr: 0.01 }

const shape = {
  name: nameSchema.default(''),
  advertiserId: idSchema,
  enabled: z.boolean().default(true),
  startMs: epochMs.describe('Epoch milliseconds, included; null = open'),
  endMs: epochMs.describe('Epoch milliseconds, excluded; null = open'),
  prior: z
    .strictObject({
      ctr: rate.default(priorDefault.ctr).describe('Clicks an impression'),
      cvr: rate.default(priorDefault.cvr).describe('Conversions a click'),
    })
    .prefault({})
    .describe('Rates that a creative without history is taken to have'),
  targeting: targetingSchema.prefault({}),
  caps: capsSchema,
}

/** A campaign in. */
export const campaignInput = z
  .strictObject({
    id: idSchema.optional(),
    ...shape,
    goal: goalInput,
    converted: ownConvertedSchema,
    maxBidMicros: limitMicrosSchema.optional().describe('CPM micros; 0 = no limit'),
    maxBidCpm: decimalSchema.optional().describe('The same as decimal text'),
    minBidMicros: limitMicrosSchema.optional().describe('CPM micros; bids below are not made'),
    minBidCpm: decimalSchema.optional().describe('The same as decimal text'),
    maxCostPerWinMicros: limitMicrosSchema
      .optional()
      .describe('Micros that one win may cost at most; 0 = no limit'),
    maxCostPerWin: decimalSchema.optional().describe('The same as decimal text'),
  })
  .superRefine(oneSpelling('maxBidMicros', 'maxBidCpm', false))
  .superRefine(oneSpelling('minBidMicros', 'minBidCpm', false))
  .superRefine(oneSpelling('maxCostPerWinMicros', 'maxCostPerWin', false))
  .refine((all) => all.startMs === null || all.endMs === null || all.startMs < all.endMs, {
    path: ['endMs'],
    message: 'must be after startMs',
  })
export type CampaignInput = z.output<typeof campaignInput>
export type GoalInput = CampaignInput['goal']

/** A campaign out: exactly the stored form, which is also a valid input. */
export const campaignView = z.object({
  id: idSchema,
  ...shape,
  goal: goalView,
  converted: convertedSchema,
  maxBidMicros: micros.describe('CPM; 0 = no limit'),
  minBidMicros: micros.describe('CPM'),
  maxCostPerWinMicros: micros.describe('0 = no limit'),
})

/** Query of the list. */
export const campaignListQuery = pageQuery.extend({
  advertiserId: idSchema.optional(),
  enabled: z.enum(['true', 'false']).optional(),
})
