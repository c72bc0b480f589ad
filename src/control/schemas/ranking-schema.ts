/** How campaigns of the bidder decide for a strategy, as the API takes and shows it. */
import { z } from 'zod'
import { fineMaxDefault } from '../../domain/exchange.ts'
import { fineRowsMax } from '../../domain/rank-limits.ts'
import { factorInputMax, priceMicrosMax, productsMax, rankedCampaignsMax } from '../limits.ts'
import { idSchema, modelNameOrNone, uint64Schema } from './common.ts'

const money = z.int().min(0).max(priceMicrosMax)
const price = z.int().min(1).max(priceMicrosMax)
const factor = z.number().gt(0).max(factorInputMax)

const rankedFactor = z
  .strictObject({
    kind: z.literal('factor'),
    valueAtOneMicros: price.describe('The value (CPM) at which the factor is 1'),
    min: factor,
    max: factor,
  })
  .refine(({ min, max }) => min <= max, { path: ['max'], message: 'must not be below min' })
  .describe('value ÷ valueAtOneMicros, from min to max')

function rankedPrice<K extends 'cpc' | 'cpa'>(kind: K, event: string) {
  return z
    .strictObject({
      kind: z.literal(kind),
      share: z.number().gt(0).max(1).default(1).describe('Share of the value that is bid'),
      minMicros: money.default(0),
      maxMicros: price.describe('No price is above it, whatever rates are predicted'),
    })
    .refine(({ minMicros, maxMicros }) => minMicros <= maxMicros, {
      path: ['maxMicros'],
      message: 'must not be below minMicros',
    })
    .describe(`share × what ${event} of the best candidate is worth`)
}

const bid = z.discriminatedUnion('kind', [
  rankedFactor,
  rankedPrice('cpc', 'a click'),
  rankedPrice('cpa', 'a conversion'),
])

const product = z.strictObject({
  campaignId: idSchema,
  libraryId: uint64Schema.default('0').describe('0 where the medium has no product libraries'),
  productId: uint64Schema,
})

/** A ranking, in and out. */
export const rankingSchema = z
  .strictObject({
    campaigns: z
      .array(idSchema)
      .min(1)
      .max(rankedCampaignsMax)
      .refine((ids) => new Set(ids).size === ids.length, 'names a campaign twice')
      .describe('Campaigns of the bidder; their live creatives are the candidates'),
    coarseModel: modelNameOrNone.default('').describe('Orders the candidates; empty = none'),
    fineModel: modelNameOrNone.default('').describe('Scores the best of them; empty = none'),
    fineMax: z
      .int()
      .min(1)
      .max(fineRowsMax)
      .default(fineMaxDefault)
      .describe('Rows of a request that the fine model scores, at most'),
    currency: z
      .string()
      .regex(/^([A-Z]{3})?$/, 'three capital letters of ISO 4217, or nothing')
      .default('')
      .describe('Of all money here; empty = the base of the rates table'),
    minValueMicros: money
      .default(0)
      .describe('Expected CPM that the best candidate must reach for the strategy to take part'),
    whenUnranked: z
      .enum(['rules', 'refuse'])
      .default('rules')
      .describe('When nothing can be valued: the rules alone decide, or it is a no'),
    bid: bid.nullable().default(null).describe('null = the bid of the action stays'),
    products: z
      .array(product)
      .max(productsMax)
      .default([])
      .describe('Products of the best campaigns, instead of those of the action'),
    productsMax: z.int().min(1).max(productsMax).default(10),
    pcvr: z.boolean().default(false).describe("Tells the medium the fine model's CVR"),
  })
  .describe('The campaigns behind the strategy decide: part, bid and products')

export type RankingInput = z.output<typeof rankingSchema>
