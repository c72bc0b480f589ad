/** What a candidate is worth by the rates of a model. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { CandidateRows, RowList } from './shortlists.ts'

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

/** Puts the bounds of a list in whose rows have rates. The columns are looked up once for all. */
export function putBounds(
  { from, count }: Pick<RowList, 'from' | 'count'>,
  { creatives, shares, bounds, ctr, cvr }: CandidateRows,
  { data }: BidSnapshot,
): void {
  const { base, perClick, perAction, maxBid, toReference } = data.campaigns
  const { campaign: campaigns } = data.creatives
  for (let row = from; row < from + count; row++) {
    const campaign = campaigns[creatives[row] ?? 0] ?? 0
    const perImpression = (perClick[campaign] ?? 0) + (perAction[campaign] ?? 0) * (cvr[row] ?? 0)
    const value = Math.floor((base[campaign] ?? 0) + perImpression * (ctr[row] ?? 0))
    const most = Math.min(value * (shares[row] ?? 0), maxBid[campaign] ?? 0)
    bounds[row] = most * (toReference[campaign] ?? 0)
  }
}

/** The most that a row with rates can bid: CPM micros of the reference currency. */
export function boundOf(rows: CandidateRows, row: number, snapshot: BidSnapshot): number {
  const campaign = snapshot.campaignOf(rows.creatives[row] ?? 0)
  const { maxBid, toReference } = snapshot.data.campaigns
  const value = valueByRates(snapshot, campaign, rows.ctr[row] ?? 0, rows.cvr[row] ?? 0)
  const most = Math.min(value * (rows.shares[row] ?? 0), maxBid[campaign] ?? 0)
  return most * (toReference[campaign] ?? 0)
}
