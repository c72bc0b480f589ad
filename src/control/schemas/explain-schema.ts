/** Explain: a raw request of a medium in, every step of its decision out. */
import { z } from 'zod'
import { explainBidBodyBytesMax } from '../limits.ts'
import { idSchema } from './common.ts'

/** The longest body of any medium; each has its own limit beside it. */
const base64CharsMax = Math.ceil(explainBidBodyBytesMax / 3) * 4

/** The request that is to be explained, in one of three spellings. */
export const explainInput = z
  .strictObject({
    medium: z.string().min(1).max(64).describe('A medium of RTA, or `openrtb`'),
    exchange: idSchema.optional().describe('OpenRTB: the exchange that sent it'),
    campaignId: idSchema.optional().describe('OpenRTB: why does this campaign not bid?'),
    creativeId: idSchema.optional().describe('OpenRTB: why is this creative not bid?'),
    bodyBase64: z.base64().max(base64CharsMax).optional().describe('The bytes as they came'),
    bodyText: z
      .string()
      .max(explainBidBodyBytesMax)
      .optional()
      .describe('A text body as it came: no digit of a 64-bit number is lost'),
    body: z.unknown().optional().describe('The message as JSON, for binary media too'),
    headers: z.record(z.string().max(64), z.string().max(4_096)).default({}),
    query: z.string().max(4_096).default('').describe('The query string without "?"'),
  })
  .refine((input) => given(input) === 1, {
    path: ['bodyBase64'],
    message: 'give exactly one of bodyBase64, bodyText and body',
  })
  .refine(({ medium, exchange }) => medium !== 'openrtb' || exchange !== undefined, {
    path: ['exchange'],
    message: 'name the exchange of an OpenRTB request',
  })
  .refine(({ medium, exchange, campaignId, creativeId }) => {
    return medium === 'openrtb' || (exchange ?? campaignId ?? creativeId) === undefined
  }, 'exchange, campaignId and creativeId are of OpenRTB requests only')
export type ExplainInput = z.output<typeof explainInput>

const packs = z.array(z.object({ id: z.string(), score: z.int().describe('-1 = none') }))

/** The explanation. Ids appear as keyed hashes only. */
export const explainAnswer = z.object({
  medium: z.string(),
  decoded: z.object({
    refusal: z.int().describe('0, or why the bytes could not be decided (docs/errors.md)'),
    refusalName: z.string(),
    kind: z.enum(['decide', 'ping', 'second']),
    requestId: z.string(),
    isTest: z.boolean(),
    os: z.string(),
    osVersion: z.string(),
    experimentIds: z.array(z.number()),
    asked: z.array(z.string()).nullable(),
    country: z.string(),
    city: z.string(),
    district: z.string(),
    slotId: z.string(),
    ads: z.int(),
  }),
  ids: z
    .array(
      z.object({
        type: z.string(),
        key: z.string().describe('Device key, 16 hex digits'),
        cachedBy: z.boolean().describe('The medium caches its answer by this id'),
        bucketsBy: z.boolean().describe('Experiment buckets are drawn by this id'),
        found: z.boolean().nullable().describe('null = not looked up, or the store could not say'),
        packs,
      }),
    )
    .describe('Ids that were kept'),
  idsDoubtful: z
    .int()
    .describe('Dropped: empty, zeros, macros, hashes of those, listed as doubtful'),
  idsBeyondLimit: z.int(),
  trace: z
    .unknown()
    .describe(
      'Profile, packs, experiment layers, each strategy with its reason, and how the campaigns ' +
        'behind strategies were ranked',
    ),
  decision: z.unknown().describe('What was decided, before it was put on the wire'),
  answer: z.object({
    base64: z.string(),
    contentType: z.string(),
    valid: z.boolean(),
    accepted: z.boolean(),
    targetIds: z.array(z.string()),
    message: z.unknown().describe('The answer decoded again'),
  }),
})
export type ExplainAnswer = z.output<typeof explainAnswer>

function given(input: {
  bodyBase64?: string | undefined
  bodyText?: string | undefined
  body?: unknown
}): number {
  const spellings = [input.bodyBase64, input.bodyText, input.body]
  return spellings.filter((spelling) => spelling !== undefined).length
}
