/** The creatives of a log by number: facts are made once, however many rows show them. */
import { adFactsOf } from '../domain/ad-facts-of.ts'
import type { RecordedBid } from '../domain/decision-record.ts'
import type { AdFacts } from '../domain/feature-facts.ts'
import { Format } from '../domain/format.ts'
import { type CatalogFacts, priorDefault } from './read-catalog.ts'

/** Numbers creatives in the order in which the log first shows them. */
export class AdBook {
  readonly #catalog: CatalogFacts
  readonly #numbers = new Map<string, number>()
  readonly #facts: AdFacts[] = []
  #strangers = 0

  constructor(catalog: CatalogFacts) {
    this.#catalog = catalog
  }

  /** Facts by number. */
  get facts(): readonly AdFacts[] {
    return this.#facts
  }

  /** Creatives that the catalog lacks: their facts are what their first bid says. */
  get strangers(): number {
    return this.#strangers
  }

  /** The number of a bid's creative. */
  numberOf(bid: RecordedBid): number {
    const known = this.#numbers.get(bid.creativeId)
    if (known !== undefined) return known
    const number = this.#facts.push(this.#fromCatalog(bid.creativeId) ?? this.#fromBid(bid)) - 1
    this.#numbers.set(bid.creativeId, number)
    return number
  }

  #fromCatalog(creativeId: string): AdFacts | null {
    const { creatives, campaigns, advertisers } = this.#catalog
    const creative = creatives.get(creativeId)
    const campaign = creative && campaigns.get(creative.campaignId)
    const advertiser = campaign && advertisers.get(campaign.advertiserId)
    return creative && campaign && advertiser ? adFactsOf(creative, campaign, advertiser) : null
  }

  #fromBid(bid: RecordedBid): AdFacts {
    this.#strangers++
    // Rates of a model are its answer, no fact of the ad: learned from, they would feed themselves.
    const prior = bid.rates === 'prior' ? bid : priorDefault
    return {
      creativeId: bid.creativeId,
      campaignId: bid.campaignId,
      advertiserId: bid.advertiserId,
      categories: [],
      domain: '',
      bundle: '',
      language: '',
      format: bid.format,
      size: bid.format === Format.Banner ? bid.size : '',
      durationSec: bid.durationSec,
      attributes: [],
      goal: '',
      priorCtr: rateOr(prior.ctr, priorDefault.ctr),
      priorCvr: rateOr(prior.cvr, priorDefault.cvr),
      impressions: 0,
      clicks: 0,
      conversions: 0,
      flightStartMs: null,
    }
  }
}

function rateOr(rate: number, fallback: number): number {
  return Number.isFinite(rate) ? rate : fallback
}
