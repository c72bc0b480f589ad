/** What strategies are worth: the best candidate of each one's campaigns decides. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { ProductRef } from '../../domain/decision.ts'
import type { RankedProduct } from '../../domain/strategy.ts'
import type { CampaignPlaces } from './campaign-places.ts'
import type { BackedStrategy, RankGroup } from './rank-group.ts'
import type { Worth } from './rank-scratch.ts'

/** Priority of the best product; each further one has one less. */
const priorityBest = 100

/** Works out worths; its memory is shared by all requests, nothing is waited for in between. */
export class StrategyWorths {
  /** By place of a campaign in the group's list: its best row, or -1. */
  #bestRows = new Int32Array(64)

  /** Turns to a group; `places` is turned to its campaigns. */
  use({ campaigns, list, rows }: RankGroup, snapshot: BidSnapshot, places: CampaignPlaces): void {
    places.use(campaigns, snapshot.data.campaignCount)
    if (this.#bestRows.length < campaigns.length) {
      this.#bestRows = new Int32Array(campaigns.length * 2)
    }
    const best = this.#bestRows
    best.fill(-1, 0, campaigns.length)
    for (let row = 0; row < list.count; row++) {
      const place = places.of(snapshot.campaignOf(rows.creatives[row] ?? 0))
      if (place !== -1 && isBetter({ rows }, row, best[place] ?? -1)) best[place] = row
    }
  }

  /** The worth of a strategy of that group; null when none of its campaigns has a candidate. */
  of(backed: BackedStrategy, group: RankGroup, places: CampaignPlaces): Worth | null {
    const { campaigns, rate } = backed
    let row = -1
    let campaign = -1
    for (let at = 0; at < campaigns.length; at++) {
      const other = this.#bestRow(campaigns[at] ?? 0, places)
      if (other === -1 || !isBetter(group, other, row)) continue
      row = other
      campaign = campaigns[at] ?? 0
    }
    const valueMicros = Math.floor((group.rows.bounds[row] ?? Number.NaN) * rate)
    // No candidate, or no rate for the currency: nobody can say what it is worth.
    if (!Number.isSafeInteger(valueMicros)) return null
    const cvr = group.rows.cvr[row] ?? 0
    return {
      creative: group.rows.creatives[row] ?? 0,
      campaign,
      valueMicros,
      ctr: group.rows.ctr[row] ?? 0,
      cvr,
      fineCvr: group.hasFineCvr ? cvr : Number.NaN,
      products: this.#products(backed, group, places),
    }
  }

  #bestRow(campaign: number, places: CampaignPlaces): number {
    const place = campaign === -1 ? -1 : places.of(campaign)
    return place === -1 ? -1 : (this.#bestRows[place] ?? -1)
  }

  /** Products of the best campaigns, best first; null where the action's stay. */
  #products(backed: BackedStrategy, group: RankGroup, places: CampaignPlaces): ProductRef[] | null {
    const { products, productsMax } = backed.ranking
    if (products.length === 0) return null
    const rowOf = products.map((_, at) => this.#productRow(backed, at, group, places))
    const chosen: RankedProduct[] = []
    while (chosen.length < productsMax) {
      const at = bestOf(rowOf, group)
      const product = products[at]
      if (product === undefined) break
      rowOf[at] = -1
      if (!chosen.some((one) => isSame(one, product))) chosen.push(product)
    }
    if (chosen.length === 0) return null
    return chosen.map(({ libraryId, productId }, rank) => ({
      libraryId,
      productId,
      priority: Math.max(1, priorityBest - rank),
      score: Number.NaN,
    }))
  }

  /** Best row of the campaign of a product; -1 where it is not worth what the strategy asks for. */
  // oxlint-disable-next-line max-params -- as `of`, and which product
  #productRow(
    { ranking, productCampaigns, rate }: BackedStrategy,
    at: number,
    { rows }: RankGroup,
    places: CampaignPlaces,
  ): number {
    const row = this.#bestRow(productCampaigns[at] ?? -1, places)
    const value = (rows.bounds[row] ?? Number.NaN) * rate
    return Math.floor(value) >= ranking.minValueMicros ? row : -1
  }
}

/** True for the row of the higher value; among equals for the creative of the better prior. */
function isBetter({ rows }: Pick<RankGroup, 'rows'>, row: number, than: number): boolean {
  if (than === -1) return true
  const value = rows.bounds[row] ?? 0
  const other = rows.bounds[than] ?? 0
  if (value !== other) return value > other
  return (rows.creatives[row] ?? 0) < (rows.creatives[than] ?? 0)
}

function bestOf(rowOf: readonly number[], group: RankGroup): number {
  let best = -1
  for (let at = 0; at < rowOf.length; at++) {
    const row = rowOf[at] ?? -1
    if (row !== -1 && isBetter(group, row, rowOf[best] ?? -1)) best = at
  }
  return best
}

function isSame(one: RankedProduct, other: RankedProduct): boolean {
  return one.libraryId === other.libraryId && one.productId === other.productId
}
