/** From a well-formed campaign to a stored one: what only the whole, or the catalog, can tell. */
import { advertiserKind } from '../domain/advertiser.ts'
import type { Campaign, Goal, Targeting } from '../domain/campaign.ts'
import { exchangeKind } from '../domain/exchange.ts'
import { scoreOf } from '../domain/expected-value.ts'
import { type Micros, micros } from '../domain/money.ts'
import { packKind } from '../domain/pack.ts'
import { compareVersion, versionParts } from '../domain/version-parts.ts'
import { type Checked, checkId, warnOfPacks } from './catalog-checks.ts'
import type { CheckView } from './check-view.ts'
import { Findings } from './findings.ts'
import { warnOfCaps, warnOfConverted } from './guard-checks.ts'
import { limitOfDecimal, microsOfDecimal } from './price.ts'
import type { CampaignInput, GoalInput } from './schemas/campaign-schema.ts'

/** The stored form and what its author should know. Throws 400 with the path of each bad field. */
export function checkedCampaign(
  id: string,
  input: CampaignInput,
  view: CheckView,
): Checked<Campaign> {
  const findings = new Findings()
  checkId(findings, id, input.id)
  const campaign = campaignOf(id, input)
  if (view.get(advertiserKind, campaign.advertiserId) === null) {
    findings.error('advertiserId', `there is no advertiser '${campaign.advertiserId}'`)
  }
  checkBids(findings, campaign)
  const score = scoreOf(campaign.goal)
  if (score !== null && view.get(packKind, score.packId) === null) {
    findings.warn('goal.byScore.packId', `there is no pack '${score.packId}': all have score 0`)
  }
  checkTargeting(findings, campaign.targeting, view)
  warnOfCaps(findings, campaign.caps)
  warnOfConverted(findings, campaign.converted, view)
  findings.throwIfAny()
  return { value: campaign, warnings: findings.warnings }
}

function campaignOf(id: string, input: CampaignInput): Campaign {
  return {
    id,
    name: input.name,
    advertiserId: input.advertiserId,
    enabled: input.enabled,
    startMs: input.startMs,
    endMs: input.endMs,
    goal: goalOf(input.goal),
    maxBidMicros: limitOf(input.maxBidMicros, input.maxBidCpm),
    minBidMicros: limitOf(input.minBidMicros, input.minBidCpm),
    maxCostPerWinMicros: limitOf(input.maxCostPerWinMicros, input.maxCostPerWin),
    prior: input.prior,
    targeting: input.targeting,
    caps: input.caps,
    converted: input.converted.map((rule) => {
      const { kind, advertiserId = input.advertiserId, action, days } = rule
      return { kind, advertiserId, action, days }
    }),
  }
}

function goalOf(goal: GoalInput): Goal {
  switch (goal.kind) {
    case 'cpm':
      return { kind: goal.kind, bidMicros: priceOf(goal.bidMicros, goal.bidCpm) }
    case 'cpc':
      return { kind: goal.kind, bidMicros: priceOf(goal.bidMicros, goal.bid) }
    case 'cpa': {
      const bidMicros = priceOf(goal.bidMicros, goal.bid)
      return { kind: goal.kind, bidMicros, byScore: goal.byScore }
    }
    case 'roas': {
      const valueMicros = priceOf(goal.valueMicros, goal.value)
      return { kind: goal.kind, targetRoas: goal.targetRoas, valueMicros, byScore: goal.byScore }
    }
    case 'ltv': {
      const valueMicros = priceOf(goal.valueMicros, goal.value)
      return { kind: goal.kind, valueMicros, share: goal.share, byScore: goal.byScore }
    }
  }
}

/** The schema has made sure that exactly one spelling is there and that it is above zero. */
function priceOf(amountMicros: number | undefined, decimal: string | undefined): Micros {
  if (amountMicros !== undefined) return micros(amountMicros)
  const price = microsOfDecimal(decimal ?? '')
  if (price === null) throw new RangeError('the schema let a bad price through')
  return price
}

/** A limit in whichever spelling; neither = no limit. */
function limitOf(amountMicros: number | undefined, decimal: string | undefined): Micros {
  if (amountMicros !== undefined) return micros(amountMicros)
  return decimal === undefined ? micros(0) : limitOfDecimal(decimal)
}

function checkBids(findings: Findings, campaign: Campaign): void {
  const { goal, maxBidMicros: max, minBidMicros: min } = campaign
  if (max !== 0 && min > max) findings.error('minBidMicros', `above maxBidMicros, ${max}`)
  if (goal.kind === 'cpm') {
    if (goal.bidMicros < min) {
      findings.warn('minBidMicros', 'above the bid of the goal: it never bids')
    }
    if (max !== 0 && goal.bidMicros > max) {
      findings.warn('maxBidMicros', `below the bid of the goal: it bids ${max}`)
    }
    return
  }
  if (max === 0) {
    findings.warn('maxBidMicros', 'no limit: a wrong rate or value is bid as it comes')
  }
}

function checkTargeting(findings: Findings, targeting: Targeting, view: CheckView): void {
  const at = 'targeting'
  for (const [i, id] of targeting.exchanges.entries()) {
    if (view.get(exchangeKind, id) !== null) continue
    findings.warn(`${at}.exchanges[${i}]`, `there is no exchange '${id}'`)
  }
  for (const list of ['all', 'any', 'none'] as const) {
    warnOfPacks(findings, `${at}.audience.${list}`, targeting.audience[list], view)
  }
  for (const list of ['places', 'excludedPlaces'] as const) checkPlaces(findings, targeting, list)
  checkVersions(findings, targeting)
  warnOfDenied(findings, targeting)
  if (!targeting.openAuction && targeting.deals.length === 0) {
    findings.error(`${at}.openAuction`, 'false without deals: it would never buy')
  }
  const { schedule } = targeting
  if (schedule !== null && schedule.zone === 'user' && schedule.fallbackZone === '') {
    const message = 'it is off wherever the zone of the user is unknown'
    findings.warn(`${at}.schedule.fallbackZone`, message)
  }
}

function warnOfDenied(findings: Findings, targeting: Targeting): void {
  for (const name of ['sites', 'apps', 'publishers', 'contentCategories'] as const) {
    const denied = new Set(targeting[name].deny)
    for (const [i, word] of targeting[name].allow.entries()) {
      if (!denied.has(word)) continue
      findings.warn(`targeting.${name}.allow[${i}]`, 'is denied as well: deny wins')
    }
  }
}

/** Requests name regions without their country: `US-CA` would match nobody. */
function checkPlaces(
  findings: Findings,
  targeting: Targeting,
  list: 'places' | 'excludedPlaces',
): void {
  for (const [i, { region }] of targeting[list].entries()) {
    if (!/^[A-Za-z]{2}-/.test(region)) continue
    findings.error(
      `targeting.${list}[${i}].region`,
      'the part after the country: "CA", not "US-CA"',
    )
  }
}

function checkVersions(findings: Findings, { os }: Targeting): void {
  for (const [i, range] of os.entries()) {
    const [min, max] = [versionParts(range.minVersion), versionParts(range.maxVersion)]
    if (min.length === 0 || max.length === 0 || compareVersion(min, max) <= 0) continue
    findings.error(`targeting.os[${i}].maxVersion`, 'below minVersion')
  }
}
