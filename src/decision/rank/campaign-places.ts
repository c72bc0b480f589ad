/** Where a campaign stands in a list of campaigns: a sparse set that is never cleared. */

/** Shared by all requests: what is in it holds until something is waited for. */
export class CampaignPlaces {
  #places = new Int32Array(0)
  #campaigns: number[] = []

  /** Turns to a list of campaigns, which may be empty; none is above `campaignCount`. */
  use(campaigns: number[], campaignCount: number): void {
    if (this.#places.length < campaignCount) this.#places = new Int32Array(campaignCount)
    this.#campaigns = campaigns
    for (let place = 0; place < campaigns.length; place++) {
      this.#places[campaigns[place] ?? 0] = place
    }
  }

  /** Adds a campaign to the list. */
  add(campaign: number): void {
    this.#places[campaign] = this.#campaigns.push(campaign) - 1
  }

  /** Place of a campaign in the list, or -1. */
  of(campaign: number): number {
    const place = this.#places[campaign] ?? -1
    return this.#campaigns[place] === campaign ? place : -1
  }
}
