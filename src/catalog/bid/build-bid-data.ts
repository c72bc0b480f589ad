/** From rows to arrays: everything a bid is decided by, best prior first. */
import { Drop } from '../../domain/drop-reason.ts'
import {
  expectedCpmMicros,
  scoreOf,
  smoothedRates,
  valueTerms,
} from '../../domain/expected-value.ts'
import { Format, formatNames } from '../../domain/format.ts'
import { onlyCurrency, type Rates, rateOf } from '../../domain/rates.ts'
import { setBit, wordsOf } from '../../lib/bitset.ts'
import { buildNumberIndex } from '../../lib/number-index.ts'
import type { WordEntry } from '../../lib/word-map.ts'
import {
  type BidData,
  type BidProblem,
  type CampaignColumns,
  type CreativeColumns,
  campaignSpace,
  formatGroups,
  type GroupColumns,
  type RulePostings,
  sizeSpace,
} from './bid-data.ts'
import {
  type AdvertiserRow,
  type BidRows,
  brandNumber,
  type CampaignRow,
  type CreativeRow,
} from './bid-rows.ts'
import { guardColumns } from './guard-columns.ts'
import { PostingBuilder } from './posting-builder.ts'
import { emptyText, putText, textColumns } from './text-columns.ts'

/** Problems that are told one by one; the rest is a number. */
export const problemsMax = 100

/** A campaign that can bid, with what its creatives need. */
export interface LiveCampaign {
  readonly row: CampaignRow
  readonly index: number
  readonly advertiser: AdvertiserRow
  readonly advertiserIndex: number
  /** Units of the reference currency for one of the advertiser's. */
  readonly toReference: number
}

/**
 * Builds the arrays of one revision, without the sides of models. Leaves out, and lists, what
 * cannot bid.
 */
export function buildBidData(rows: BidRows, revision: number, epoch: number): BidData {
  const problems: BidProblem[] = [...rows.broken.values()]
  const rates = rows.rates ?? onlyCurrency(firstCurrency(rows))
  const advertisers = [...rows.advertisers.values()]
  const campaigns = liveCampaigns(rows, advertisers, rates, problems)
  const creatives = liveCreatives(rows, campaigns, problems)
  const currencies = distinct(campaigns.map(({ advertiser }) => advertiser.value.currency))
  const packIds = packsOf(rows, campaigns)
  const seats = distinct(advertisers.map(({ value }) => value.seat))
  const { groups, entries } = groupsOf(creatives)
  const named = campaigns.map(({ row, index }) => {
    return { space: campaignSpace, word: row.value.id, value: index }
  })
  const index = indexOf(rows, campaigns, [...entries, ...named])
  return {
    revision,
    epoch,
    segments: rows.texts.segments,
    campaigns: campaignColumns(campaigns, creatives, currencies, packIds),
    campaignCount: campaigns.length,
    creatives: creativeColumns(rows, campaigns, creatives),
    creativeCount: creatives.length,
    serials: serialsOf(rows, creatives),
    guards: guardColumns(campaigns, creatives, advertisers),
    advertisers: textColumns(advertisers.map(({ text }) => text)),
    advertiserSerial: Float64Array.from(advertisers, ({ serial }) => serial),
    advertiserSeat: Int32Array.from(advertisers, ({ value }) => seats.indexOf(value.seat)),
    seats,
    currencies,
    packIds,
    exchanges: [...rows.exchanges.values()],
    rates,
    ...index,
    groups,
    adSides: [],
    problems: problems.slice(0, problemsMax),
    problemCount: problems.length,
  }
}

function firstCurrency(rows: BidRows): string {
  for (const { value } of rows.advertisers.values()) return value.currency
  return 'USD'
}

function liveCampaigns(
  rows: BidRows,
  advertisers: readonly AdvertiserRow[],
  rates: Rates,
  problems: BidProblem[],
): LiveCampaign[] {
  const indexOfAdvertiser = new Map(advertisers.map((row, index) => [row.value.id, index]))
  const live: LiveCampaign[] = []
  for (const row of rows.campaigns.values()) {
    const { id, advertiserId, enabled } = row.value
    const advertiser = rows.advertisers.get(advertiserId)
    if (!enabled || advertiser?.value.enabled === false) continue
    const out = (reason: string) => problems.push({ kind: 'campaign', id, reason })
    if (advertiser === undefined) {
      out(`no advertiser is called ${advertiserId}`)
      continue
    }
    const toReference = rateOf(rates, advertiser.value.currency, rates.base)
    if (!(toReference > 0)) {
      out(`the rates table has no rate for ${advertiser.value.currency}`)
      continue
    }
    const advertiserIndex = indexOfAdvertiser.get(advertiserId) ?? -1
    live.push({ row, index: live.length, advertiser, advertiserIndex, toReference })
  }
  return live
}

/** The creatives that can bid, best prior first. */
function liveCreatives(
  rows: BidRows,
  campaigns: readonly LiveCampaign[],
  problems: BidProblem[],
): CreativeRow[] {
  const byId = new Map(campaigns.map((campaign) => [campaign.row.value.id, campaign]))
  const live: CreativeRow[] = []
  const rest: CreativeRow[] = []
  for (const row of rows.creativesInOrder()) {
    const campaign = byId.get(row.campaignId)
    const isLive = row.enabled && campaign !== undefined && isWanted(row, campaign.row)
    if (isLive) {
      priceRow(row, campaign)
      live.push(row)
    } else {
      rest.push(row)
      if (row.enabled && !rows.campaigns.has(row.campaignId)) {
        const reason = `no campaign is called ${row.campaignId}`
        problems.push({ kind: 'creative', id: row.id, reason })
      }
    }
  }
  // Equal priors by id, so that every process has the same order.
  live.sort((a, b) => b.prior - a.prior || (a.id < b.id ? -1 : 1))
  rows.keepOrder(live, rest)
  return live
}

/** False for formats and sizes that the campaign does not buy. */
function isWanted(row: CreativeRow, { value }: CampaignRow): boolean {
  const { formats, sizes } = value.targeting
  const name = formatNames[row.format]
  if (formats.length > 0 && !formats.some((format) => format === name)) return false
  if (sizes.length === 0 || row.format !== Format.Banner) return true
  return sizes.some(({ w, h }) => w === row.w && h === row.h)
}

function priceRow(row: CreativeRow, campaign: LiveCampaign): void {
  row.campaign = campaign.index
  if (row.pricedFor === campaign.row && row.pricedAt === campaign.toReference) return
  const { goal, prior, maxBidMicros } = campaign.row.value
  const { ctr, cvr } = smoothedRates(row.history, prior)
  const value = expectedCpmMicros(goal, ctr, cvr)
  // Where scores weigh the value, the limit cuts what is left of it, not the highest value.
  const isCut = maxBidMicros > 0 && scoreOf(goal) === null
  const bid = isCut ? Math.min(value, maxBidMicros) : value
  row.pricedFor = campaign.row
  row.pricedAt = campaign.toReference
  row.ctr = ctr
  row.cvr = cvr
  row.value = value
  row.prior = Math.floor(bid * campaign.toReference)
}

function packsOf(rows: BidRows, campaigns: readonly LiveCampaign[]): string[] {
  const audiences = rows.tables.audience.items
  return distinct(
    campaigns.flatMap(({ row }) => {
      const rule = audiences[row.audience]
      const score = scoreOf(row.value.goal)?.packId
      const named = rule === undefined ? [] : [...rule.all, ...rule.any, ...rule.none]
      return score === undefined ? named : [...named, score]
    }),
  )
}

function campaignColumns(
  campaigns: readonly LiveCampaign[],
  creatives: readonly CreativeRow[],
  currencies: readonly string[],
  packIds: readonly string[],
): CampaignColumns {
  const currencyOf = indexesOf(currencies)
  const packOf = indexesOf(packIds)
  const scores = campaigns.map(({ row }) => scoreOf(row.value.goal))
  const terms = campaigns.map(({ row }) => valueTerms(row.value.goal))
  const column = (value: (campaign: LiveCampaign) => number) => Float64Array.from(campaigns, value)
  const limit = (micros: number) => (micros > 0 ? micros : Number.POSITIVE_INFINITY)
  return {
    text: textColumns(campaigns.map(({ row }) => row.text)),
    serial: column(({ row }) => row.serial),
    advertiser: Int32Array.from(campaigns, ({ advertiserIndex }) => advertiserIndex),
    currency: Uint16Array.from(
      campaigns,
      ({ advertiser }) => currencyOf.get(advertiser.value.currency) ?? 0,
    ),
    startMs: column(({ row }) => row.value.startMs ?? Number.NEGATIVE_INFINITY),
    endMs: column(({ row }) => row.value.endMs ?? Number.POSITIVE_INFINITY),
    maxBid: column(({ row }) => limit(row.value.maxBidMicros)),
    minBid: column(({ row }) => row.value.minBidMicros),
    maxCostPerWin: column(({ row }) => limit(row.value.maxCostPerWinMicros)),
    base: Float64Array.from(terms, ({ base }) => base),
    perClick: Float64Array.from(terms, ({ perClick }) => perClick),
    perAction: Float64Array.from(terms, ({ perAction }) => perAction),
    toReference: column(({ toReference }) => toReference),
    scorePack: Int32Array.from(scores, (score) =>
      score === null ? -1 : (packOf.get(score.packId) ?? -1),
    ),
    scoreLow: Float64Array.from(scores, (score) => score?.low ?? 1),
    scoreHigh: Float64Array.from(scores, (score) => score?.high ?? 1),
    ...creativesOf(campaigns.length, creatives),
  }
}

function creativesOf(
  campaigns: number,
  creatives: readonly CreativeRow[],
): Pick<CampaignColumns, 'creativesFrom' | 'creatives'> {
  const groupOf = new Int32Array(creatives.length)
  for (const [slot, row] of creatives.entries()) groupOf[slot] = row.campaign
  const { from, items } = grouped(campaigns, groupOf)
  return { creativesFrom: from, creatives: items }
}

/**
 * One loop over all columns: with a hundred thousand rows, `TypedArray.from` takes ten times as
 * long.
 */
function creativeColumns(
  rows: BidRows,
  campaigns: readonly LiveCampaign[],
  creatives: readonly CreativeRow[],
): CreativeColumns {
  const count = creatives.length
  const columns = {
    text: emptyText(count),
    campaign: new Int32Array(count),
    shape: new Int32Array(count),
    brand: new Int32Array(count),
    value: new Float64Array(count),
    prior: new Float64Array(count),
    ctr: new Float64Array(count),
    cvr: new Float64Array(count),
  }
  for (const [slot, row] of creatives.entries()) {
    const campaign = campaigns[row.campaign]
    putText(columns.text, slot, row.text)
    columns.campaign[slot] = row.campaign
    columns.shape[slot] = row.shape
    columns.brand[slot] =
      campaign === undefined ? -1 : brandNumber(row, campaign.advertiser, rows.tables.brand)
    rows.stamp(row)
    columns.value[slot] = row.value
    columns.prior[slot] = row.prior
    columns.ctr[slot] = row.ctr
    columns.cvr[slot] = row.cvr
  }
  return columns
}

/** All creatives, those that bid first. */
function serialsOf({ rest }: BidRows, live: readonly CreativeRow[]): BidData['serials'] {
  const serials = new Float64Array(live.length + rest.length)
  for (const [place, { serial }] of live.entries()) serials[place] = serial
  for (const [place, { serial }] of rest.entries()) serials[live.length + place] = serial
  const others = textColumns(rest.map(({ text }) => text))
  return { index: buildNumberIndex(serials), others }
}

/** Every format has a group; every size of banner one more. */
function groupsOf(creatives: readonly CreativeRow[]): {
  readonly groups: GroupColumns
  readonly entries: readonly WordEntry[]
} {
  const groupOfSize = new Map<string, number>()
  const sizeGroup = new Int32Array(creatives.length).fill(-1)
  const formatGroup = new Int32Array(creatives.length)
  for (const [slot, row] of creatives.entries()) {
    formatGroup[slot] = row.format
    if (row.format !== Format.Banner) continue
    const word = `${row.w}x${row.h}`
    let group = groupOfSize.get(word)
    if (group === undefined) groupOfSize.set(word, (group = formatGroups + groupOfSize.size))
    sizeGroup[slot] = group
  }
  const count = formatGroups + groupOfSize.size
  const byFormat = grouped(count, formatGroup)
  const bySize = grouped(count, sizeGroup)
  // The groups of formats come first, and a group is of one kind only: the starts add up.
  const items = new Int32Array(byFormat.items.length + bySize.items.length)
  items.set(byFormat.items)
  items.set(bySize.items, byFormat.items.length)
  const from = byFormat.from.map((start, group) => start + (bySize.from[group] ?? 0))
  const entries = [...groupOfSize].map(([word, value]) => ({ space: sizeSpace, word, value }))
  const campaigns = items.map((slot) => creatives[slot]?.campaign ?? -1)
  return { groups: { from, items, campaigns }, entries }
}

/** Positions by group, ascending inside each; a group of -1 is none. Two passes of counting. */
function grouped(count: number, groupOf: Int32Array): Pick<GroupColumns, 'from' | 'items'> {
  const from = new Int32Array(count + 1)
  for (const group of groupOf) if (group >= 0) from[group + 1] = at(from, group + 1) + 1
  for (let group = 0; group < count; group++)
    from[group + 1] = at(from, group + 1) + at(from, group)
  const next = from.slice()
  const items = new Int32Array(at(from, count))
  for (let position = 0; position < groupOf.length; position++) {
    const group = at(groupOf, position)
    if (group < 0) continue
    items[at(next, group)] = position
    next[group] = at(next, group) + 1
  }
  return { from, items }
}

function at(column: Int32Array, index: number): number {
  return column[index] ?? 0
}

function indexOf(
  rows: BidRows,
  campaigns: readonly LiveCampaign[],
  entries: readonly WordEntry[],
): Pick<BidData, 'words' | 'postings' | 'dimensions' | 'free' | 'rules' | 'open' | 'throughDeals'> {
  const builder = new PostingBuilder(campaigns.length)
  const rules = emptyRules(rows)
  const open = new Uint32Array(wordsOf(campaigns.length))
  const throughDeals = new Uint32Array(open.length)
  for (const { row, index } of campaigns) {
    for (const words of row.words) {
      if (words.drop === Drop.Deal) builder.name(index, words)
      else builder.add(index, words)
    }
    for (const rule of row.os) underRule(builder, rules.os, rule, { index, drop: Drop.Os })
    underRule(builder, rules.schedule, row.schedule, { index, drop: Drop.Schedule })
    underRule(builder, rules.audience, row.audience, { index, drop: Drop.Audience })
    if (row.value.targeting.openAuction) setBit(open, index)
    if (row.value.targeting.deals.length > 0) setBit(throughDeals, index)
  }
  return { ...builder.build(entries), rules, open, throughDeals }
}

function emptyRules({ tables }: BidRows): RulePostings {
  return {
    os: new Int32Array(tables.os.items.length).fill(-1),
    schedule: new Int32Array(tables.schedule.items.length).fill(-1),
    audience: new Int32Array(tables.audience.items.length).fill(-1),
  }
}

function underRule(
  builder: PostingBuilder,
  postings: Int32Array,
  rule: number,
  campaign: { readonly index: number; readonly drop: Drop },
): void {
  if (rule < 0) return
  let posting = postings[rule] ?? -1
  if (posting === -1) {
    posting = builder.rule()
    postings[rule] = posting
  }
  builder.addToRule(posting, campaign.index, campaign.drop)
}

function distinct(words: readonly string[]): string[] {
  return [...new Set(words)]
}

function indexesOf(words: readonly string[]): Map<string, number> {
  return new Map(words.map((word, index) => [word, index]))
}
