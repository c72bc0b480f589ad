/** RTA strategies as the API takes and shows them; defaults complete the domain type. */
import { z } from 'zod'
import { osNames } from '../../domain/ad-request.ts'
import {
  adRefsMax,
  audiencePacksMax,
  geoNamesMax,
  mediumExperimentsMax,
  productsMax,
  scheduleWindowsMax,
  secondPricesMax,
} from '../limits.ts'
import { bidInput, bidView, secondBidInput, secondBidView } from './bid-schema.ts'
import {
  flagQuery,
  idSchema,
  nameSchema,
  pageQuery,
  uint64Schema,
  warningsSchema,
} from './common.ts'
import { capsSchema, convertedSchema } from './guard-schema.ts'
import { rankingSchema } from './ranking-schema.ts'
import { isTimeZone, windowSchema } from './schedule-schema.ts'

const packList = z.array(idSchema).max(audiencePacksMax).default([])
const geoNames = z.array(z.string().min(1).max(64)).max(geoNamesMax).default([])
const mediumExperiments = z.array(z.int().min(0)).max(mediumExperimentsMax).default([])
const epochMs = z.int().min(0).nullable().default(null)
const seconds = z.int().min(0).nullable().default(null)
const anyOrUint64 = z
  .union([z.literal(''), uint64Schema])
  .default('')
  .describe('"" = any')

const audience = z
  .strictObject({ all: packList, any: packList, none: packList })
  .describe('In every pack of all, in at least one of any (if any), in none of none')

const schedule = z.strictObject({
  timeZone: z.string().min(1).max(64).refine(isTimeZone, 'not an IANA time zone'),
  windows: z.array(windowSchema).min(1).max(scheduleWindowsMax),
})

const conditions = z
  .strictObject({
    os: z.array(z.enum(osNames)).max(osNames.length).default([]),
    schedule: schedule.nullable().default(null),
    startMs: epochMs,
    endMs: epochMs,
    experimentIds: z
      .strictObject({ anyOf: mediumExperiments, noneOf: mediumExperiments })
      .prefault({}),
    geo: z
      .strictObject({ countries: geoNames, cities: geoNames, excludedCities: geoNames })
      .prefault({}),
  })
  .refine((all) => all.startMs === null || all.endMs === null || all.startMs < all.endMs, {
    path: ['endMs'],
    message: 'must be after startMs',
  })

const product = z.strictObject({
  libraryId: uint64Schema.default('0').describe('0 where the medium has no product libraries'),
  productId: uint64Schema,
  priority: z.int().min(1).max(100).default(50),
  score: z.number().min(0).max(1).nullable().default(null),
})

const adRefs = z.array(uint64Schema).max(adRefsMax).default([])

function actionShape<B extends z.ZodType>(bid: B) {
  return {
    bid,
    products: z.array(product).max(productsMax).default([]),
    advertiserIds: adRefs,
    adIds: adRefs,
    tag: z.string().max(64).default(''),
    pcvr: z.number().min(0).max(1).nullable().default(null),
    cacheAcceptSeconds: seconds,
    cacheRefuseSeconds: seconds,
  }
}

function secondPriceShape<B extends z.ZodType>(bid: B) {
  return { adGroupId: anyOrUint64, creativeId: anyOrUint64, productId: anyOrUint64, bid }
}

const commonShape = {
  name: nameSchema.default(''),
  medium: z.string().min(1).max(64),
  registered: z.boolean().default(false).describe('An unregistered id never leaves the house'),
  enabled: z.boolean().default(true),
  priority: z.int().min(-1_000_000).max(1_000_000).default(0),
  audience: audience.prefault({}),
  conditions: conditions.prefault({}),
  ranking: rankingSchema.nullable().default(null).describe('null = rules alone'),
  caps: capsSchema,
  converted: convertedSchema,
}

const target = z.string().min(1).max(256).optional()

/** A strategy in. The medium's id may be spelled as the medium spells it. */
export const strategyInput = z.strictObject({
  id: idSchema.optional(),
  ...commonShape,
  targetId: target.describe('The id the medium knows'),
  rtaId: target.describe('Ocean Engine: the same as targetId'),
  outTargetId: target.describe('Tencent: the same as targetId'),
  action: z.strictObject(actionShape(bidInput.prefault({ kind: 'none' }))).prefault({}),
  secondPrices: z
    .array(z.strictObject(secondPriceShape(secondBidInput)))
    .max(secondPricesMax)
    .default([]),
})
export type StrategyInput = z.output<typeof strategyInput>

/** A strategy out: exactly the stored form, which is also a valid input. */
export const strategyView = z.object({
  id: idSchema,
  ...commonShape,
  targetId: z.string(),
  action: z.object(actionShape(bidView)),
  secondPrices: z.array(z.object(secondPriceShape(secondBidView))),
})

export type StrategyShown = z.output<typeof strategyView>

/** The answer to a write. */
export const strategyWritten = z.object({
  version: z.int(),
  warnings: warningsSchema,
  strategy: strategyView,
})

/** A page of strategies by id. */
export const strategyPage = z.object({
  items: z.array(z.object({ version: z.int(), strategy: strategyView })),
  next: z.string().nullable().describe('Pass as `after` for the next page; null at the end'),
})

/** Query of the list. */
export const strategyListQuery = pageQuery.extend({ medium: z.string().max(64).optional() })

/** Query of a write. */
export const strategyWriteQuery = z.strictObject({ allowUnknownPacks: flagQuery })
