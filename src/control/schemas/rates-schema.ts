/** The table of rates as the API takes and shows it. */
import { z } from 'zod'
import { ratesMax } from '../limits.ts'
import { currencySchema } from './catalog-fields.ts'
import { warningsSchema } from './common.ts'

const rates = z
  .record(currencySchema, z.number().gt(0).min(1e-9).max(1e12))
  .refine((table) => Object.keys(table).length <= ratesMax, `more than ${ratesMax} currencies`)

const shape = {
  base: currencySchema,
  asOf: z.iso.date('a date such as "2026-01-31"').describe('Date of the rates, YYYY-MM-DD'),
  rates: rates.describe('Units of the currency that one unit of base buys'),
}

/** The table in. */
export const ratesInput = z.strictObject({ id: z.literal('main').optional(), ...shape })
export type RatesInput = z.output<typeof ratesInput>

/** The table out: the stored form, which is also a valid input. */
export const ratesView = z.object({ id: z.literal('main'), ...shape })

/** The answer to a write. */
export const ratesWritten = z.object({
  version: z.int(),
  warnings: warningsSchema,
  rates: ratesView,
})
