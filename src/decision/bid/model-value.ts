/** What a candidate is worth by the rates of a model. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { CandidateRows } from './shortlists.ts'

/** Expected CPM at the highest score weight, micros of the advertiser's currency, rounded down. */
export function valueByRates(
  { data }: BidSnapshot,
  campaign: number,
  ctr: number,
  cvr: number,
): number {
  const { base, perClick, perAction } = data.campaigns
  const perImpression = (perClick[campaign] ?? 0) + (perAction[campaign] ?? 0) * cvr
  return Math.floor((base[campaign] ?? 0) + perImpression * ctr)
}

/** Puts a model's rates into a row, and the bound that follows from them. */
export function putRates(
  rows: CandidateRows,
  row: number,
  snapshot: BidSnapshot,
  rates: { readonly ctr: number; readonly cvr: number },
): void {
  rows.ctr[row] = rates.ctr
  rows.cvr[row] = rates.cvr
  rows.bounds[row] = boundOf(rows, row, snapshot)
}

/** The most that a row with rates can bid: CPM micros of the reference currency. */
export function boundOf(rows: CandidateRows, row: number, snapshot: BidSnapshot): number {
  const campaign = snapshot.campaignOf(rows.creatives[row] ?? 0)
  const { maxBid, toReference } = snapshot.data.campaigns
  const value = valueByRates(snapshot, campaign, rows.ctr[row] ?? 0, rows.cvr[row] ?? 0)
  const most = Math.min(value * (rows.shares[row] ?? 0), maxBid[campaign] ?? 0)
  return most * (toReference[campaign] ?? 0)
}
