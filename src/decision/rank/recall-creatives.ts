/** The candidates of a group: creatives of the live campaigns behind its strategies, by prior. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import { Drop } from '../../domain/drop-reason.ts'
import { scoreShare } from '../../domain/expected-value.ts'
import type { PackIndex } from '../../domain/pack.ts'
import { type Profile, ProfileState } from '../../domain/profile.ts'
import { hasBit } from '../../lib/bitset.ts'
import type { LossFunnel } from '../bid/loss-funnel.ts'
import type { CampaignPlaces } from './campaign-places.ts'
import type { RankGroup } from './rank-group.ts'

/** By what candidates are recalled. */
export interface RecallFacts {
  readonly snapshot: BidSnapshot
  readonly profile: Profile
  /** What the profile was read through. */
  readonly packs: PackIndex
  /** Epoch milliseconds: campaigns whose flight does not include it are out. */
  readonly wallMs: number
  /** Creatives that are kept, at most. */
  readonly keep: number
}

/**
 * Fills the rows of a group. Where there are more creatives than are kept, campaigns share the
 * places evenly, each with its best: no strategy loses all it has to one with more creatives.
 */
export function recallCreatives(
  group: RankGroup,
  facts: RecallFacts,
  places: CampaignPlaces,
  funnel: LossFunnel,
): void {
  const { snapshot, keep } = facts
  gatherCampaigns(group, facts, places)
  const total = creativesBehind(group, snapshot)
  const count = Math.min(total, keep)
  group.reserve(count)
  const each = total <= keep ? total : evenShare(group, snapshot, keep)
  let row = 0
  for (const campaign of group.campaigns) {
    group.campaignRows.push(row)
    row = addCreatives(group, campaign, { row, most: Math.min(each, count - row) }, facts)
  }
  group.campaignRows.push(row)
  group.list.count = row
  group.recalled = row
  if (total > row) funnel.drop(Drop.NotRecalled, total - row)
}

function gatherCampaigns(group: RankGroup, facts: RecallFacts, places: CampaignPlaces): void {
  const { snapshot, wallMs } = facts
  const live = snapshot.liveAt(wallMs)
  places.use(group.campaigns, snapshot.data.campaignCount)
  for (const { campaigns } of group.strategies) {
    for (let at = 0; at < campaigns.length; at++) {
      const campaign = campaigns[at] ?? 0
      if (hasBit(live, campaign) && places.of(campaign) === -1) places.add(campaign)
    }
  }
}

function creativesOf({ data }: BidSnapshot, campaign: number): number {
  const { creativesFrom } = data.campaigns
  return (creativesFrom[campaign + 1] ?? 0) - (creativesFrom[campaign] ?? 0)
}

function creativesBehind({ campaigns }: RankGroup, snapshot: BidSnapshot): number {
  let total = 0
  for (const campaign of campaigns) total += creativesOf(snapshot, campaign)
  return total
}

/** The most that every campaign may have so that all together have at most `keep`; at least 1. */
function evenShare({ campaigns }: RankGroup, snapshot: BidSnapshot, keep: number): number {
  let low = 1
  let high = keep
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    let total = 0
    for (const campaign of campaigns) total += Math.min(middle, creativesOf(snapshot, campaign))
    if (total <= keep) low = middle
    else high = middle - 1
  }
  return low
}

/** Puts the best `most` creatives of a campaign into rows from `row` on; answers the next row. */
function addCreatives(
  { rows }: RankGroup,
  campaign: number,
  { row, most }: { readonly row: number; readonly most: number },
  facts: RecallFacts,
): number {
  const { snapshot } = facts
  const { campaigns, creatives } = snapshot.data
  const share = shareOf(campaign, facts)
  const limit = campaigns.maxBid[campaign] ?? 0
  const toReference = campaigns.toReference[campaign] ?? 0
  const from = campaigns.creativesFrom[campaign] ?? 0
  const count = Math.min(most, creativesOf(snapshot, campaign))
  for (let at = 0; at < count; at++) {
    const creative = campaigns.creatives[from + at] ?? 0
    rows.creatives[row + at] = creative
    rows.shares[row + at] = share
    rows.bounds[row + at] = Math.min(snapshot.valueOf(creative) * share, limit) * toReference
    rows.ctr[row + at] = creatives.ctr[creative] ?? 0
    rows.cvr[row + at] = creatives.cvr[creative] ?? 0
  }
  return row + count
}

/** What the device's score in the pack of a campaign leaves of its value, [0, 1]. */
function shareOf(campaign: number, { snapshot, profile, packs }: RecallFacts): number {
  const { scorePack, scoreLow, scoreHigh } = snapshot.data.campaigns
  const named = scorePack[campaign] ?? -1
  if (named === -1) return 1
  const pack = packs.numberOf.get(snapshot.data.packIds[named] ?? '') ?? -1
  const isIn = pack >= 0 && profile.state === ProfileState.Known && profile.has(pack)
  const score = isIn ? Math.max(0, profile.scores[pack] ?? 0) : -1
  return scoreShare(scoreLow[campaign] ?? 1, scoreHigh[campaign] ?? 1, score)
}
