/** A catalog of one campaign, compiled in place: what "why does this one not bid" walks through. */
import { setImmediate } from 'node:timers/promises'
import type { Tables } from '../catalog/bid/bid-data.ts'
import { BidRows } from '../catalog/bid/bid-rows.ts'
import { BidSnapshot } from '../catalog/bid/bid-snapshot.ts'
import { buildBidData } from '../catalog/bid/build-bid-data.ts'
import { type CampaignWords, campaignWords } from '../catalog/bid/campaign-words.ts'
import { parseAdvertiser, parseCampaign, parseCreative } from '../catalog/bid-entities.ts'
import { type Advertiser, advertiserKind } from '../domain/advertiser.ts'
import { type Campaign, campaignKind } from '../domain/campaign.ts'
import { type Creative, creativeKind } from '../domain/creative.ts'
import { exchangeKind } from '../domain/exchange.ts'
import { ratesId, ratesKind } from '../domain/rates.ts'
import type { CheckView } from './check-view.ts'

/** Something of the catalog that keeps the campaign, or a creative of it, from ever bidding. */
export interface CatalogFinding {
  readonly kind: string
  readonly id: string
  readonly problem: string
}

/** The campaign by itself. */
export interface CampaignAlone {
  readonly campaign: Campaign
  /** Its targeting, taken apart; formats and sizes stand in the findings. */
  readonly words: CampaignWords
  /** Campaign 0 is the one, taken as enabled. Null = it cannot bid: see the findings. */
  readonly snapshot: BidSnapshot | null
  /** What keeps the campaign as a whole from bidding. */
  readonly findings: readonly CatalogFinding[]
  /** Creatives that are not looked at, and why. */
  readonly creativeFindings: readonly CatalogFinding[]
}

/** Whose campaign, on which exchange. */
export interface AloneQuery {
  readonly exchangeId: string
  readonly campaignId: string
  /** Null = all of the campaign's creatives. */
  readonly creativeId: string | null
}

/**
 * The campaign of `query` with what it needs; null when the catalog has no such campaign. Gives the
 * loop to others while it looks for the creatives.
 */
export async function campaignAlone(
  view: CheckView,
  query: AloneQuery,
): Promise<CampaignAlone | null> {
  const stored = view.get(campaignKind, query.campaignId)
  if (stored === null) return null
  const campaign = parseCampaign(stored.json, query.campaignId)
  const advertiserJson = view.get(advertiserKind, campaign.advertiserId)?.json ?? null
  const advertiser =
    advertiserJson === null ? null : parseAdvertiser(advertiserJson, campaign.advertiserId)
  const { live, findings: creativeFindings } = await creativesOf(view, campaign, query.creativeId)
  const rows = new BidRows()
  const put = (kind: string, id: string, json: string): void =>
    rows.put({ kind, id, version: 0, json })
  const rates = view.get(ratesKind, ratesId)
  if (rates !== null) put(ratesKind, ratesId, rates.json)
  const exchange = view.get(exchangeKind, query.exchangeId)
  if (exchange !== null) put(exchangeKind, query.exchangeId, exchange.json)
  if (advertiser !== null) {
    const enabled: Advertiser = { ...advertiser, enabled: true }
    put(advertiserKind, advertiser.id, JSON.stringify(enabled))
  }
  // Taken as enabled: the walk then tells what else would keep it from bidding.
  const enabled: Campaign = { ...campaign, enabled: true }
  put(campaignKind, campaign.id, JSON.stringify(enabled))
  for (const creative of live) put(creativeKind, creative.id, JSON.stringify(creative))
  const snapshot = compiled(rows)
  return {
    campaign,
    words: campaignWords(campaign),
    snapshot: snapshot.data.campaignCount === 0 ? null : snapshot,
    findings: [
      ...switchedOff(campaign, advertiser),
      ...snapshot.data.problems.map(({ kind, id, reason }) => ({ kind, id, problem: reason })),
      ...(live.length > 0
        ? []
        : [finding(campaignKind, campaign.id, 'has no creative that may bid')]),
    ],
    creativeFindings,
  }
}

function compiled(rows: BidRows): BidSnapshot {
  const { shape, brand, os, schedule, audience } = rows.tables
  const data = buildBidData(rows, 0, 0)
  const tables: Tables = {
    shape: [...shape.items],
    brand: [...brand.items],
    os: [...os.items],
    schedule: [...schedule.items],
    audience: [...audience.items],
  }
  return new BidSnapshot(data, tables)
}

function switchedOff(campaign: Campaign, advertiser: Advertiser | null): CatalogFinding[] {
  const found: CatalogFinding[] = []
  if (!campaign.enabled) found.push(finding(campaignKind, campaign.id, 'is not enabled'))
  if (advertiser?.enabled === false) {
    found.push(finding(advertiserKind, advertiser.id, 'is not enabled'))
  }
  return found
}

/** Creatives looked at in one turn of the loop: a text search in each, 2 ms together. */
const turnMax = 2_000

/** Its creatives, or the one that is asked about if it is its. */
async function creativesOf(view: CheckView, campaign: Campaign, only: string | null) {
  const live: Creative[] = []
  const findings: CatalogFinding[] = []
  for (const { id, json } of await storedCreatives(view, campaign.id, only)) {
    const creative = parseCreative(json, id)
    const problem = problemOf(creative, campaign)
    if (problem === null) live.push(creative)
    else findings.push(finding(creativeKind, id, problem))
  }
  return { live, findings }
}

/** Told by our own JSON: parsing 200 000 creatives to find ten would take seconds. */
async function storedCreatives(
  view: CheckView,
  campaignId: string,
  only: string | null,
): Promise<{ readonly id: string; readonly json: string }[]> {
  const mark = `"campaignId":${JSON.stringify(campaignId)}`
  const found: { readonly id: string; readonly json: string }[] = []
  if (only !== null) {
    const json = view.get(creativeKind, only)?.json ?? ''
    return json.includes(mark) ? [{ id: only, json }] : []
  }
  let last = ''
  let looked = turnMax
  while (looked === turnMax) {
    looked = 0
    for (const { id, json } of view.after(creativeKind, last)) {
      last = id
      if (json.includes(mark)) found.push({ id, json })
      looked++
      if (looked === turnMax) break
    }
    await setImmediate()
  }
  return found
}

function problemOf(creative: Creative, { targeting }: Campaign): string | null {
  if (!creative.enabled) return 'is not enabled'
  const { formats, sizes } = targeting
  if (formats.length > 0 && !formats.includes(creative.format)) {
    return `the campaign does not buy ${creative.format}`
  }
  const { banner } = creative
  if (sizes.length === 0 || banner === null) return null
  const isBought = sizes.some(({ w, h }) => w === banner.w && h === banner.h)
  return isBought ? null : `the campaign does not buy ${banner.w}x${banner.h}`
}

function finding(kind: string, id: string, problem: string): CatalogFinding {
  return { kind, id, problem }
}
