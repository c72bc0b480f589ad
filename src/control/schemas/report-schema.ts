/** Reports and dead letters as the API shows them. */
import { z } from 'zod'
import { invalidReasonNames } from '../../domain/invalid-reason.ts'
import { deadLettersShownMax } from '../limits.ts'
import { idSchema } from './common.ts'

/** A date (its beginning, UTC) or a date with time and zone, as epoch milliseconds. */
const moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .describe('A date (UTC), or a time such as "2026-11-22T10:00:00Z"')

const period = {
  from: moment.optional().describe('First hour; 24 hours before `to` unless said'),
  to: moment.optional().describe('Not that hour any more; now unless said'),
  campaign: idSchema.optional().describe('Only this campaign'),
}

/** What totals are asked for. */
export const totalsQuery = z.strictObject({
  ...period,
  by: z.enum(['hour', 'day', 'all']).default('day').describe('Days are UTC days'),
})

/** What invalid traffic is asked for. */
export const invalidQuery = z.strictObject(period)

const count = z.int().min(0)
const money = z.string().describe('Decimal text, in units of `currency`')

const whose = {
  campaignId: z.string().nullable().describe('Null: none, or it is not in the catalog any more'),
  campaignSerial: z.string().describe('The number that events carry; "0" = none'),
  place: z
    .object({ kind: z.enum(['exchange', 'medium']), id: z.string() })
    .nullable()
    .describe('Null: it is not known any more'),
  placeSerial: z.string(),
}

const totalsRow = z.object({
  from: z.string().describe('Beginning of the hour or day of the decision'),
  ...whose,
  currency: z.string().nullable().describe('ISO 4217; null = no event told one'),
  exposures: count.describe('Impressions that count'),
  clicks: count,
  conversions: count,
  wins: count,
  bills: count,
  losses: count,
  spend: money,
  estimatedSpend: money.describe('Of it: bids of exposures whose price was not told'),
  value: money.describe('What conversions were worth'),
  invalidExposures: count,
  invalidClicks: count,
  invalidConversions: count,
  invalidSpend: money.describe('Told with invalid exposures, and not part of `spend`'),
})

/** The answer to totals. */
export const totalsReport = z.object({
  from: z.string(),
  to: z.string(),
  by: z.enum(['hour', 'day', 'all']),
  items: z.array(totalsRow),
})

/** The answer to invalid traffic. */
export const invalidReport = z.object({
  from: z.string(),
  to: z.string(),
  reasons: z
    .array(
      z.object({
        reason: z.int().describe('Number of docs/errors.md'),
        name: z.enum([...invalidReasonNames.values()] as [string, ...string[]]),
        ...whose,
        events: count.describe('An event with several reasons counts for each'),
      }),
    )
    .describe('The most frequent first'),
  items: z
    .array(
      z.object({
        ...whose,
        currency: z.string().nullable(),
        exposures: count.describe('Valid ones, to compare'),
        clicks: count,
        invalidExposures: count,
        invalidClicks: count,
        invalidConversions: count,
        invalidSpend: money,
      }),
    )
    .describe('Campaigns and places with invalid events'),
})

/** How many dead letters are shown. */
export const deadQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(deadLettersShownMax).default(100),
})

/** Dead letters, newest first. */
export const deadPage = z.object({
  total: count,
  items: z.array(
    z.object({
      name: z.string().describe('Part of the log and place in it'),
      date: z.string().describe('UTC day on which it came'),
      reason: z.int(),
      reasonName: z.string().describe('docs/errors.md'),
      bytes: count,
      event: z
        .object({
          id: z.string(),
          kind: z.int(),
          source: z.int(),
          medium: z.string(),
          eventTime: z.string(),
          receivedAt: z.string(),
          decisionId: z.string(),
          campaignSerial: z.string(),
        })
        .nullable()
        .describe('Null: it cannot be read'),
    }),
  ),
})

/** Which ones to send through the log again. */
export const replayInput = z.union([
  z.strictObject({ name: z.string().min(1).max(128) }),
  z.strictObject({ all: z.literal(true) }),
])

export const replayed = z.object({ replayed: count })
