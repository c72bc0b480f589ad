/** Bid actions as the API takes them (a price in either spelling) and as it shows them. */
import { z } from 'zod'
import { factorInputMax, priceMicrosMax } from '../limits.ts'
import { pricePattern } from '../price.ts'
import { idSchema } from './common.ts'

const factorSchema = z.number().gt(0).max(factorInputMax)

const none = z.strictObject({ kind: z.literal('none') })
const factor = z.strictObject({ kind: z.literal('factor'), factor: factorSchema })
const factorByScore = z
  .strictObject({
    kind: z.literal('factorByScore'),
    packId: idSchema,
    low: factorSchema.describe('Factor at score 0'),
    high: factorSchema.describe('Factor at score 255'),
  })
  .describe('Linear between low and high by the score of the pack')
const ignore = z.strictObject({ kind: z.literal('ignore') }).describe('The ad is not to be shown')

const priceFields = {
  priceMicros: z.int().min(1).max(priceMicrosMax).optional(),
  price: z
    .string()
    .regex(pricePattern, 'a decimal with at most six places, such as "1.25"')
    .optional()
    .describe('The same in units of currency, as text'),
}
const onePrice = 'give exactly one of priceMicros and price'

function priced<K extends 'cpc' | 'cpa'>(kind: K) {
  return z
    .strictObject({ kind: z.literal(kind), ...priceFields })
    .refine((bid) => (bid.priceMicros === undefined) !== (bid.price === undefined), {
      path: ['priceMicros'],
      message: onePrice,
    })
    .refine((bid) => bid.price === undefined || /[1-9]/.test(bid.price), {
      path: ['price'],
      message: 'a price is above zero',
    })
}

function shown<K extends 'cpc' | 'cpa'>(kind: K) {
  return z.object({ kind: z.literal(kind), priceMicros: z.int() })
}

/** A bid action in. */
export const bidInput = z.discriminatedUnion('kind', [
  none,
  factor,
  factorByScore,
  priced('cpc'),
  priced('cpa'),
])
export type BidInput = z.output<typeof bidInput>

/** A price rule's bid in. */
export const secondBidInput = z.discriminatedUnion('kind', [
  factor,
  priced('cpc'),
  priced('cpa'),
  ignore,
])
export type SecondBidInput = z.output<typeof secondBidInput>

/** A bid action out. */
export const bidView = z.discriminatedUnion('kind', [
  none,
  factor,
  factorByScore,
  shown('cpc'),
  shown('cpa'),
])

/** A price rule's bid out. */
export const secondBidView = z.discriminatedUnion('kind', [
  factor,
  shown('cpc'),
  shown('cpa'),
  ignore,
])
