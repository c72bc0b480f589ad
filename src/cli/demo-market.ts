/** The demo's market: the generated world of seed 1, its requests of this hour, and the truth. */
import { expectedCpmMicros } from '../domain/expected-value.ts'
import { known } from '../world/market.ts'
import type { Opportunity } from '../world/opportunities.ts'
import { dayMs, worldDefaults, worldStartMs } from '../world/settings.ts'
import { World } from '../world/world.ts'
import { catalogLines, packLines } from '../world/world-catalog.ts'
import { requestIdOf, requestOf } from '../world/world-request.ts'
import { packIds, packIdType, worldExchange } from '../world/world-words.ts'
import { shippedPlan } from './shipped-models.ts'

/** One impression of the market, as it is asked for. */
export interface MarketAsk {
  readonly opportunity: Opportunity
  readonly request: { readonly id: string }
}

/** What is true of a creative for one impression: only a made world knows. */
export interface TrueWorth {
  readonly ctr: number
  readonly cvr: number
  /** Expected CPM, micros of USD. */
  readonly valueMicros: number
}

/** One pack to upload. */
export interface MarketPack {
  readonly id: string
  readonly query: Readonly<Record<string, string>>
  readonly body: readonly Uint8Array[]
}

const weekMs = 7 * dayMs

/**
 * Two weeks of so many impressions that each second has 82. The shipped models were trained on rows
 * below 40 million; those of the second week begin at 50 million.
 */
const settings = { ...worldDefaults, days: 14, rows: 100_000_000 }

/** Users who are uploaded: the busiest, who are a fourteenth of all impressions. */
const usersUploaded = 5_000

/** Time that a request leaves us; the network of a demo is one machine, often a busy one. */
const tmaxMs = 500

/** The market. Impressions are of this hour and weekday in the world's second week. */
export class DemoMarket {
  readonly asks: readonly MarketAsk[]
  readonly #world = new World(settings)
  readonly #numbers: ReadonlyMap<string, number>

  /** `count` impressions, one after the other as they come. */
  constructor(nowMs: number, count: number) {
    const { market, opportunities } = this.#world
    // A clock may be wrong: before the world began is a week day, too.
    const intoWeekMs = (((nowMs - worldStartMs) % weekMs) + weekMs) % weekMs
    const share = (weekMs + intoWeekMs) / (settings.days * dayMs)
    const first = Math.min(Math.ceil(share * settings.rows), settings.rows - count)
    this.asks = Array.from({ length: count }, (_, at) => {
      const opportunity = opportunities.at(first + at)
      const id = requestIdOf(settings.seed, opportunity.row)
      return { opportunity, request: { ...requestOf(this.#world, opportunity), id, tmax: tmaxMs } }
    })
    this.#numbers = new Map(market.creatives.map(({ id }, number) => [id, number]))
  }

  /** How much there is of each kind. */
  get counts(): { readonly advertisers: number; campaigns: number; creatives: number } {
    const { advertisers, campaigns, creatives } = this.#world.market
    return {
      advertisers: advertisers.length,
      campaigns: campaigns.length,
      creatives: creatives.length,
    }
  }

  /** Lines of the import; the exchange is ranked by the shipped models. */
  *catalog(): Generator<object> {
    for (const line of catalogLines(this.#world.market) as Generator<CatalogLine>) {
      const own = line.kind === 'exchange' ? { plan: shippedPlan } : {}
      yield { ...line, value: { ...line.value, ...own } }
    }
  }

  /** The packs of the busiest users and of those who are asked about. */
  packs(): { readonly users: number; readonly packs: MarketPack[] } {
    const { users } = this.#world.opportunities
    const indices = new Set(Array.from({ length: usersUploaded }, (_, index) => index))
    for (const { opportunity } of this.asks) indices.add(opportunity.user.index)
    const lines: string[][] = packIds.map(() => [])
    for (const index of indices) {
      const user = users.user(index)
      for (const { pack, line } of packLines(user, users.idOf(user))) lines[pack]?.push(line)
    }
    const query = { idType: packIdType, scope: worldExchange }
    const packs = packIds.map((id, pack) => {
      return { id, query, body: [Buffer.from(lines[pack]?.join('') ?? '', 'latin1')] }
    })
    return { users: indices.size, packs }
  }

  /** The first advertiser most of whose campaigns pay for clicks or more, with those of them. */
  advertiserOfManyGoals(): { readonly id: string; readonly campaigns: readonly string[] } {
    const { advertisers, campaigns, size } = this.#world.market
    for (const [number, { id }] of advertisers.entries()) {
      const own = campaigns.filter((one) => one.advertiser === number && one.goal.kind !== 'cpm')
      if (own.length * 2 > size.campaignsEach) return { id, campaigns: own.map((one) => one.id) }
    }
    throw new RangeError('every campaign pays by the impression')
  }

  /** The truth about showing a creative. */
  worthOf(ask: MarketAsk, creativeId: string): TrueWorth {
    return this.#worth(ask, this.#numberOf(creativeId))
  }

  /** The most that any eligible creative is truly worth, micros of CPM. */
  bestWorthMicros(ask: MarketAsk): number {
    const { eligibility } = this.#world
    eligibility.select(ask.opportunity)
    let best = 0
    for (const number of eligibility.all()) {
      best = Math.max(best, this.#worth(ask, number).valueMicros)
    }
    return best
  }

  #worth({ opportunity }: MarketAsk, number: number): TrueWorth {
    const { market, truth } = this.#world
    const { user, context, atMs } = opportunity
    const ctr = truth.ctr(user, context, number, atMs)
    const cvr = truth.cvr(user, context, number, atMs)
    const { goal } = known(market.campaigns[known(market.creatives[number]).campaign])
    return { ctr, cvr, valueMicros: expectedCpmMicros(goal, ctr, cvr) }
  }

  #numberOf(creativeId: string): number {
    return known(this.#numbers.get(creativeId))
  }
}

interface CatalogLine {
  readonly kind: string
  readonly value: object
}
