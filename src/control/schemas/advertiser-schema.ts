/** Advertisers as the API takes and shows them. */
import { z } from 'zod'
import { domainsMax } from '../limits.ts'
import { categoriesSchema, currencySchema, domainSchema, lineSchema } from './catalog-fields.ts'
import { idSchema, nameSchema } from './common.ts'
import { capsSchema } from './guard-schema.ts'

const shape = {
  name: nameSchema.default(''),
  enabled: z.boolean().default(true).describe('False: none of its campaigns bids'),
  currency: currencySchema.describe('Of every price of its campaigns'),
  domains: z
    .array(domainSchema)
    .min(1)
    .max(domainsMax)
    .describe('Landing domains: `bid.adomain`, compared with `badv`'),
  categories: categoriesSchema.describe('`bid.cat`, compared with `bcat` and `acat`'),
  seat: lineSchema(64).default('').describe('Buyer seat; "" = the exchange\'s'),
  caps: capsSchema,
}

/** An advertiser in. */
export const advertiserInput = z.strictObject({ id: idSchema.optional(), ...shape })
export type AdvertiserInput = z.output<typeof advertiserInput>

/** An advertiser out: exactly the stored form, which is also a valid input. */
export const advertiserView = z.object({ id: idSchema, ...shape })
