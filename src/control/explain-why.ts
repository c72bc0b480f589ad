/** "Why does this campaign not bid?": the walk of one campaign, put beside the real decision. */

import { parseCreative } from '../catalog/bid-entities.ts'
import { type WhyAnswer, whyNot } from '../decision/bid/why.ts'
import { campaignKind } from '../domain/campaign.ts'
import { creativeKind } from '../domain/creative.ts'
import { Profile } from '../domain/profile.ts'
import { type CampaignAlone, campaignAlone } from './campaign-alone.ts'
import type { CheckView } from './check-view.ts'
import type { ExplainedBid } from './explain-bid.ts'
import type { BidExplainPort } from './explain-port.ts'
import { findingsShownMax } from './limits.ts'
import { notFound } from './problem.ts'
import type { ExplainBidAnswer } from './schemas/explain-bid-schema.ts'
import type { ExplainInput } from './schemas/explain-schema.ts'

type Why = NonNullable<ExplainBidAnswer['why']>

const nothing: WhyAnswer = {
  priceMicros: 0,
  currency: '',
  reason: null,
  requestChecks: [],
  campaignChecks: [],
  slots: [],
}

/** The walk, or null when nobody asked for one. Throws 404 for what the catalog lacks. */
export async function whyAnswer(
  view: CheckView,
  port: BidExplainPort,
  input: ExplainInput,
  explained: ExplainedBid,
): Promise<Why | null> {
  const creativeId = input.creativeId ?? null
  const campaignId = input.campaignId ?? campaignOf(view, creativeId)
  if (campaignId === null) return null
  const query = { exchangeId: explained.exchange.id, campaignId, creativeId }
  const alone = await campaignAlone(view, query)
  if (alone === null) throw notFound(campaignKind, campaignId)
  const walked = await walk(port, alone, explained)
  const outcome = outcomeOf(alone, creativeId, walked, explained)
  // Plain data made for this answer; the copy only frees it of `readonly`.
  const steps = structuredClone(walked) as unknown as Pick<Why, keyof WhyAnswer>
  return {
    ...steps,
    campaignId,
    creativeId,
    outcome,
    verdict: verdictOf(outcome, nameOf(campaignId, creativeId), { alone, walked }),
    findings: alone.findings.slice(0, findingsShownMax),
    creativeFindings: alone.creativeFindings.slice(0, findingsShownMax),
  }
}

function campaignOf(view: CheckView, creativeId: string | null): string | null {
  if (creativeId === null) return null
  const stored = view.get(creativeKind, creativeId)
  if (stored === null) throw notFound(creativeKind, creativeId)
  return parseCreative(stored.json, creativeId).campaignId
}

async function walk(
  port: BidExplainPort,
  { snapshot, words }: CampaignAlone,
  { scratch, packs }: ExplainedBid,
): Promise<WhyAnswer> {
  if (snapshot === null) return nothing
  const { request } = scratch
  // Read anew: the decision reads none where no campaign in force asks for a pack.
  const profile = new Profile()
  await port.readProfile(request, profile)
  const user = port.userTime(request, scratch.wallMs)
  const { linksAreSecure } = port
  return whyNot({ snapshot, words, request, profile, packs, user, linksAreSecure })
}

// oxlint-disable-next-line max-params -- whose outcome, of which creative, alone and among all
function outcomeOf(
  { findings, campaign }: CampaignAlone,
  creativeId: string | null,
  { priceMicros }: WhyAnswer,
  { decision }: ExplainedBid,
): Why['outcome'] {
  const isIt = (creative: string): boolean => creativeId === null || creativeId === creative
  const own = decision.bids.filter((bid) => bid.campaign.id === campaign.id)
  if (own.some(({ creative }) => isIt(creative.id))) return 'bids'
  if (findings.length > 0) return 'off'
  return priceMicros > 0 ? 'outbid' : 'dropped'
}

function nameOf(campaignId: string, creativeId: string | null): string {
  return creativeId === null ? `Campaign '${campaignId}'` : `Creative '${creativeId}'`
}

function verdictOf(
  outcome: Why['outcome'],
  name: string,
  { alone, walked }: { readonly alone: CampaignAlone; readonly walked: WhyAnswer },
): string {
  const { priceMicros, currency } = walked
  switch (outcome) {
    case 'bids':
      return `${name} bids on this request.`
    case 'off': {
      const [first] = alone.findings
      return `${name} cannot bid: ${first?.kind} '${first?.id}' ${first?.problem}.`
    }
    case 'outbid': {
      const price = `${priceMicros / 1_000_000} ${currency}`
      return `${name} would bid ${price} CPM if it were alone; others bid more or came first.`
    }
    case 'dropped':
      return `${name} does not bid: ${reasonText(walked)}.`
  }
}

function reasonText(walked: WhyAnswer): string {
  const failed = failedCheck(walked)
  if (failed === null) return 'no format that is asked for is one of its own'
  const { rule, ours, request } = failed
  return `${rule} (catalog: ${ours || '–'}; request: ${request || '–'})`
}

/** The failing check that the reason names. */
function failedCheck({ reason, requestChecks, campaignChecks, slots }: WhyAnswer) {
  const all = [
    ...requestChecks,
    ...campaignChecks,
    ...slots.flatMap(({ checks, creatives }) => [
      ...checks,
      ...creatives.flatMap((creative) => creative.checks),
    ]),
  ]
  const isIt = (check: (typeof all)[number]): boolean =>
    check.passed === false && check.rule === reason?.rule
  return all.find(isIt) ?? null
}
