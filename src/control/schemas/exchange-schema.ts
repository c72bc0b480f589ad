/** Exchanges as the API takes and shows them. */
import { z } from 'zod'
import { fineMaxDefault } from '../../domain/exchange.ts'
import { fineRowsMax } from '../../domain/rank-limits.ts'
import { bidsPerImpCap, blockedMax, recallCap, secretCharsMin, secretValuesMax } from '../limits.ts'
import {
  categoryIdSchema,
  currencySchema,
  domainSchema,
  lineSchema,
  lowerWordSchema,
} from './catalog-fields.ts'
import { idSchema, modelNameOrNone, nameSchema } from './common.ts'

const allowanceMs = z.int().min(0).max(10_000)
const tmaxMs = z.int().min(5).max(60_000)

function blockedList<S extends z.ZodType>(word: S) {
  return z.array(word).max(blockedMax).default([])
}

const headerName = z
  .string()
  .overwrite((text) => text.trim().toLowerCase())
  .regex(/^[a-z0-9-]{1,64}$/, 'a header name')

const shape = {
  name: nameSchema.default(''),
  enabled: z.boolean().default(true).describe('False: every request gets no bid'),
  protobufLayout: z
    .enum(['iab', 'google'])
    .default('iab')
    .describe('Where protobuf bodies keep extensions: inside `ext` = 99, or on each message'),
  currency: currencySchema.default('USD').describe('Of bids where the request names none'),
  otherCurrencies: z.array(currencySchema).max(64).default([]).describe('May be bid in as well'),
  priceUnit: z
    .enum(['cpm', 'cpmMicros', 'perImpression'])
    .default('cpm')
    .describe('Unit of `bid.price` and of floors on the wire'),
  tmaxDefaultMs: tmaxMs.default(120).describe('`tmax` where the request has none'),
  tmaxMaxMs: tmaxMs.default(1_000).describe('Longest `tmax` that is believed'),
  networkAllowanceMs: allowanceMs.default(20).describe('Part of `tmax` for the network both ways'),
  sendAllowanceMs: allowanceMs.default(2).describe('Part of `tmax` for writing the answer'),
  auctionType: z
    .union([z.literal(1), z.literal(2)])
    .default(2)
    .describe('`at` where the request has none'),
  firstPriceShare: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('Share of the expected value that is bid in first-price auctions'),
  noBid: z
    .enum(['empty', 'reason'])
    .default('empty')
    .describe('HTTP 204, or 200 with `id` and `nbr`'),
  seat: lineSchema(64).default('').describe('Seat of our bids; "" = none is sent'),
  bidsPerImpMax: z
    .int()
    .min(1)
    .max(bidsPerImpCap)
    .default(1)
    .describe('More than one only in dynamic ad pods'),
  macros: z
    .strictObject({
      price: lineSchema(128).default('${AUCTION_PRICE}').describe('As this exchange spells it'),
      click: lineSchema(128)
        .default('')
        .describe('Put before our escaped click URL, such as `%%CLICK_URL_UNESC%%`'),
    })
    .prefault({}),
  notices: z
    .strictObject({
      win: z.boolean().default(true),
      billing: z.boolean().default(true),
      loss: z.boolean().default(true),
    })
    .prefault({})
    .describe('Which of `nurl`, `burl`, `lurl` our bids carry'),
  nativeMarkup: z.enum(['string', 'object']).default('string').describe('Form of native answers'),
  nativeEvents: z
    .enum(['native', 'adcom'])
    .default('native')
    .describe('Numbering of native event trackers'),
  blocked: z
    .strictObject({
      publishers: blockedList(lowerWordSchema(128)),
      domains: blockedList(domainSchema),
      bundles: blockedList(lowerWordSchema(256)),
      advertiserDomains: blockedList(domainSchema),
      advertiserCategories: blockedList(categoryIdSchema.overwrite((id) => id.toLowerCase())),
      schainNodes: blockedList(lowerWordSchema(256)).describe('`asi` or `asi/sid`'),
    })
    .prefault({})
    .describe('Not bought, or not shown, here whatever the request says'),
  requiresCompleteSchain: z.boolean().default(false),
  tcfVendorId: z
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('In the Global Vendor List; 0 = GDPR requests are decided impersonally'),
  qpsMax: z.int().min(0).max(1_000_000).default(0).describe('A worker a second; 0 = no cap'),
  secretHeader: z
    .strictObject({
      name: headerName,
      values: z.array(lineSchema(256).min(secretCharsMin)).min(1).max(secretValuesMax),
    })
    .nullable()
    .default(null)
    .describe('Header that every request must carry with one of the values; viewers see `***`'),
  noBidRecordRate: z.number().min(0).max(1).default(0.01).describe('Share of no-bids recorded'),
  plan: z
    .strictObject({
      recallMax: z.int().min(1).max(recallCap).default(recallCap).describe('An impression'),
      coarseModel: modelNameOrNone.default('').describe('Orders what recall kept; empty = none'),
      fineModel: modelNameOrNone.default('').describe('Scores the best of them; empty = none'),
      fineMax: z
        .int()
        .min(1)
        .max(fineRowsMax)
        .default(fineMaxDefault)
        .describe(
          'Rows of a request that the fine model scores, over all of its impressions; ' +
            'a pod of several ads keeps at least one for each',
        ),
    })
    .prefault({}),
}

const live = z.boolean()

/** An exchange in. */
export const exchangeInput = z.strictObject({
  id: idSchema.optional(),
  ...shape,
  live: live.optional().describe('False = dry run, as new ones are. Left out: it stays as it is'),
})
export type ExchangeInput = z.output<typeof exchangeInput>

/** An exchange out: the stored form, which is also a valid input; viewers see no secret values. */
export const exchangeView = z.object({
  id: idSchema,
  ...shape,
  live,
  secretHeader: z.object({ name: z.string(), values: z.array(z.string()) }).nullable(),
})

/** Body of the switch. */
export const liveInput = z.strictObject({ live })
