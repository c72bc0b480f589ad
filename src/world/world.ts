/** A world, opened: everything a log, a trainer's evaluation or a test asks of it. */
import { Draws } from './draws.ts'
import { Eligibility } from './eligibility.ts'
import { exactLn } from './exact-math.ts'
import { advertiserOf, known, type Market, makeMarket } from './market.ts'
import { Opportunities, type Opportunity } from './opportunities.ts'
import { dayMs, type WorldSettings, worldStartMs } from './settings.ts'
import { Truth } from './truth.ts'

/** What came of an impression whose winner is known. */
export interface Outcome {
  /** True rates of the winner. */
  readonly ctr: number
  readonly cvr: number
  readonly isClick: boolean
  /** Whether the click converts, also when that is after the end of the log. */
  readonly isConversion: boolean
  readonly clickAtMs: number
  readonly conversionAtMs: number
}

/** One row of the log: an impression, its winner, and what came of it. */
export interface WorldRow {
  readonly opportunity: Opportunity
  /** Number of the winner; -1 where nothing was eligible. */
  readonly winner: number
  readonly propensity: number
  readonly eligibleCount: number
  /** Numbers of losers, drawn with equal chances. */
  readonly losers: readonly number[]
  readonly outcome: Outcome | null
  /** Chance with which the log keeps the row; false: it does not keep this one. */
  readonly sampleRate: number
  readonly isLogged: boolean
}

/** Losers told with each row: as many as a serving Sluice tells (docs/records.md). */
const losersMax = 3
/** A click comes within a minute, a conversion one minute to five days after it. */
const clickDelayMsMin = 800
const clickDelayMsMax = 60_000
const conversionDelayMsMin = 60_000
export const conversionDelayMsMax = 5 * dayMs
/** Mean delays of categories lie between an hour and a day and a half. */
const meanDelayMsMin = 3_600_000
const meanDelayMsSpread = 35 * 3_600_000

const Part = {
  Which: 0,
  Where: 1,
  Kept: 2,
  Loser: 8,
  Click: 0,
  ClickDelay: 1,
  Convert: 2,
  Delay: 3,
} as const

/** One of each is cheap; not shared between threads, since `eligibility` is used again. */
export class World {
  readonly settings: WorldSettings
  readonly market: Market
  readonly opportunities: Opportunities
  readonly truth: Truth
  readonly eligibility: Eligibility
  readonly #policy: Draws
  readonly #outcomes: Draws
  readonly #delays: Draws

  constructor(settings: WorldSettings) {
    const { seed } = settings
    this.settings = settings
    this.market = makeMarket(seed, settings.market)
    this.opportunities = new Opportunities(settings)
    this.truth = new Truth(seed, this.market)
    this.eligibility = new Eligibility(this.market, settings.policy)
    this.#policy = new Draws(seed, 'policy')
    this.#outcomes = new Draws(seed, 'outcomes')
    this.#delays = new Draws(seed, 'delays')
  }

  /** End of the log: what happens later is not in it. */
  get endMs(): number {
    return worldStartMs + this.settings.days * dayMs
  }

  /** Row `row` of [0, settings.rows), in any order. */
  row(row: number): WorldRow {
    const opportunity = this.opportunities.at(row)
    const { eligibility } = this
    const draws = this.#policy
    eligibility.select(opportunity)
    const winner = eligibility.choose(
      draws.uniform(row, Part.Which),
      draws.uniform(row, Part.Where),
    )
    const outcome = winner < 0 ? null : this.outcome(opportunity, winner)
    const sampleRate = outcome?.isClick === true ? 1 : this.settings.negatives
    const isLogged =
      outcome !== null && (sampleRate === 1 || draws.uniform(row, Part.Kept) < sampleRate)
    return {
      opportunity,
      winner,
      propensity: winner < 0 ? 0 : eligibility.propensity(winner),
      eligibleCount: eligibility.count,
      losers: isLogged ? this.#losers(row, winner) : [],
      outcome,
      sampleRate,
      isLogged,
    }
  }

  /**
   * What would come of showing a creative. Draws are the row's own, not the creative's: of two
   * creatives the one with the higher rate is clicked wherever the other is.
   */
  outcome(opportunity: Opportunity, creative: number): Outcome {
    const { user, context, atMs, row } = opportunity
    const draws = this.#outcomes
    const ctr = this.truth.ctr(user, context, creative, atMs)
    const cvr = this.truth.cvr(user, context, creative, atMs)
    const isClick = draws.uniform(row, Part.Click) < ctr
    const isConversion = isClick && draws.uniform(row, Part.Convert) < cvr
    const clickSpan = clickDelayMsMax - clickDelayMsMin
    const clickAtMs = isClick
      ? atMs +
        clickDelayMsMin +
        Math.floor(clickSpan * squared(draws.uniform(row, Part.ClickDelay)))
      : Number.NaN
    const conversionAtMs = isConversion
      ? clickAtMs + this.#conversionDelayMs(row, creative)
      : Number.NaN
    return { ctr, cvr, isClick, isConversion, clickAtMs, conversionAtMs }
  }

  /** Exponential with the category's mean, cut at both ends. */
  #conversionDelayMs(row: number, creative: number): number {
    const { category } = advertiserOf(this.market, known(this.market.creatives[creative]))
    const meanMs = meanDelayMsMin + meanDelayMsSpread * this.#delays.uniform(category, 0)
    const uniform = this.#outcomes.uniform(row, Part.Delay)
    const delayMs = Math.floor(-meanMs * exactLn(1 - uniform))
    return Math.min(conversionDelayMsMax, conversionDelayMsMin + delayMs)
  }

  #losers(row: number, winner: number): number[] {
    const { eligibility } = this
    const { count } = eligibility
    const losers: number[] = []
    for (let draw = 0; draw < losersMax && count > 1; draw++) {
      const creative = eligibility.creativeAt(this.#policy.whole(row, Part.Loser + draw, count))
      if (creative !== winner && !losers.includes(creative)) losers.push(creative)
    }
    return losers
  }
}

/** Most delays are short. Not `** 2`: an engine may take a power by logarithms. */
function squared(uniform: number): number {
  return uniform * uniform
}
