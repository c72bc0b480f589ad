/** Explain of a bid request: what every stage did, and why one campaign does not bid. */
import { z } from 'zod'

const micros = z.number().describe('CPM micros')

const dropped = z.array(z.object({ reason: z.string(), number: z.int(), count: z.int() }))

const offer = z.object({
  dealId: z.string().describe('"" = the open auction'),
  share: z.number().describe('Share of the value that is bid'),
  isFixed: z.boolean().describe('The floor is the price'),
  floorMicros: micros
    .nullable()
    .describe('-1 = no rate for it, null = the campaign does not buy it'),
  priceMicros: micros,
  dropped: z.string().describe('Why it is not bought; "" = it could be'),
})

const price = z
  .object({
    valueHighestMicros: micros.describe('Expected CPM in the advertiser’s currency'),
    scoreShare: z.number().describe('What the score of the device leaves of it'),
    ctr: z.number(),
    cvr: z.number(),
    advertiserCurrency: z.string(),
    rate: z.number().nullable().describe('Units of `currency` for one of the advertiser’s'),
    currency: z.string(),
    valueMicros: micros,
    maxBidMicros: micros.nullable(),
    minBidMicros: micros,
    offers: z.array(offer),
    priceMicros: micros,
    dealId: z.string(),
  })
  .describe('A price with its parts (docs/pricing.md)')

const check = z.object({
  rule: z.string(),
  number: z.int().describe('docs/errors.md'),
  isRefusal: z.boolean().describe('true: a refusal of the request; false: a drop reason'),
  passed: z.boolean().nullable().describe('null = not looked at'),
  ours: z.string().describe('What the catalog says'),
  request: z.string().describe('What the request says'),
})

const finding = z.object({ kind: z.string(), id: z.string(), problem: z.string() })

const why = z.object({
  campaignId: z.string(),
  creativeId: z.string().nullable(),
  verdict: z.string().describe('One sentence'),
  outcome: z.enum(['bids', 'outbid', 'dropped', 'off']),
  priceMicros: micros.describe('The most it would bid if it were alone; 0 = nothing'),
  currency: z.string(),
  reason: z
    .object({ rule: z.string(), number: z.int(), isRefusal: z.boolean() })
    .nullable()
    .describe('The first rule that fails; null = it would bid'),
  findings: z.array(finding).describe('What in the catalog keeps it from ever bidding'),
  creativeFindings: z.array(finding),
  requestChecks: z.array(check),
  campaignChecks: z.array(check).describe('Only what the campaign is limited in'),
  slots: z.array(
    z.object({
      impId: z.string(),
      format: z.string(),
      checks: z.array(check),
      creatives: z.array(
        z.object({ creativeId: z.string(), checks: z.array(check), price: price.nullable() }),
      ),
      creativesOfOtherFormats: z.int(),
      creativesNotLookedAt: z.int(),
    }),
  ),
})

const rankedBy = z.enum(['prior', 'coarse', 'fine']).describe('Whose rates and order')
const predicted = z.object({ ctr: z.number(), cvr: z.number() })

const heldBack = z.object({
  kind: z.enum(['creative', 'campaign', 'advertiser']),
  id: z.string(),
  rule: z.enum(['cap', 'exclude', 'require']),
  impressions: z.int().describe('What a cap allows; 0 for rules on converts'),
  minutes: z.int().describe('Length of the window'),
  counted: z.int().describe('Impressions or conversions in it, the most under any id'),
  isHolding: z.boolean(),
  untilMs: z.number().nullable().describe('Epoch milliseconds at which it lets go'),
})

const trace = z.object({
  currency: z.string(),
  ratesBase: z.string(),
  ratesAsOf: z.string(),
  isLive: z.boolean(),
  campaigns: z.int().describe('Campaigns and creatives that may bid at all'),
  creatives: z.int(),
  ranking: z
    .object({
      by: rankedBy,
      note: z.string().describe('as-planned, or why the road was shorter (docs/models.md)'),
      coarseModel: z.string(),
      fineModel: z.string(),
    })
    .nullable(),
  droppedForRequest: dropped.describe('Campaigns that no impression could suit'),
  heldBack: z
    .array(heldBack)
    .describe('Caps that are reached and rules on converts that keep the device out'),
  slots: z.array(
    z.object({
      impId: z.string(),
      format: z.string(),
      floorMicros: micros.describe('As it was sent'),
      floorCurrency: z.string(),
      isPrivate: z.boolean(),
      deals: z.array(
        z.object({
          id: z.string(),
          floorMicros: micros,
          floorCurrency: z.string(),
          auctionType: z.int(),
        }),
      ),
      eligibleCampaigns: z.int(),
      recalled: z.int(),
      coarseRanked: z.int().describe('Creatives that the coarse model scored; 0 = it did not run'),
      fineRanked: z.int().describe('Likewise the fine model'),
      priced: z.int(),
      rankedBy,
      dropped,
      candidates: z
        .array(
          z.object({
            creativeId: z.string(),
            campaignId: z.string(),
            priorMicros: micros.describe('Expected CPM by its own history'),
            prior: predicted,
            coarse: predicted.nullable(),
            fine: predicted.nullable(),
            boundMicros: micros.describe('The most it could bid by the last stage'),
          }),
        )
        .describe('The best of the last stage, in the base currency of the rates'),
      chosen: z.array(
        z.object({
          creativeId: z.string(),
          campaignId: z.string(),
          priceMicros: micros,
          floorMicros: micros,
          valueMicros: micros,
          dealId: z.string(),
          equals: z.int(),
          isBid: z.boolean().describe('false: another format of the impression brings more'),
          parts: price.nullable(),
        }),
      ),
    }),
  ),
})

/** The explanation of a bid request. Ids appear as keyed hashes only. */
export const explainBidAnswer = z.object({
  medium: z.literal('openrtb'),
  exchange: z.string(),
  revision: z.int().describe('Catalog revision that decided'),
  decoded: z.object({
    refusal: z.int().describe('0, or why the bytes could not be decided (docs/errors.md)'),
    refusalName: z.string(),
    requestId: z.string(),
    isJson: z.boolean(),
    isTest: z.boolean(),
    imps: z.int(),
    impsDropped: z.int(),
    auctionType: z.int(),
    currencies: z.array(z.string()),
    channel: z.string(),
    domain: z.string(),
    bundle: z.string(),
    publisherId: z.string(),
    country: z.string(),
    region: z.string(),
    city: z.string(),
    os: z.string(),
    osVersion: z.string(),
    deviceType: z.int(),
    language: z.string(),
  }),
  privacy: z.object({
    limit: z.string().describe('"none", or why personal data may not be used (docs/privacy.md)'),
    usedPersonalData: z.boolean(),
  }),
  profile: z.object({
    state: z.string().describe('known, no-id or unavailable'),
    ids: z.array(z.object({ type: z.string(), key: z.string() })),
    packs: z.array(z.object({ id: z.string(), score: z.int().describe('-1 = none') })),
  }),
  time: z.object({
    tmaxMs: z.number(),
    budgetMs: z.number().describe('What the bidding port would have'),
    decodeMs: z.number(),
    decideMs: z.number(),
    encodeMs: z.number(),
  }),
  decision: z.object({
    refusal: z.int(),
    refusalName: z.string(),
    isDryRun: z.boolean(),
    bids: z.int(),
  }),
  trace,
  why: why.nullable(),
  answer: z.object({
    status: z.int().describe('HTTP status that the exchange would see'),
    contentType: z.string(),
    base64: z.string(),
    message: z.unknown().describe('The answer as JSON; its tokens are signed by a throw-away key'),
    ifLive: z.unknown().describe('In dry run: what would be answered; null otherwise'),
  }),
})
export type ExplainBidAnswer = z.output<typeof explainBidAnswer>
