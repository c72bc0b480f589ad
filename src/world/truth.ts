/** What is true: the chance of a click, and of a conversion after one. Never read by trainers. */
import { Draws, normalTable } from './draws.ts'
import { exactTanh, sigmoid } from './exact-math.ts'
import { advertiserOf, known, type Market, type WorldCreative } from './market.ts'
import { type Context, localHour } from './opportunities.ts'
import { dayMs, worldStartMs } from './settings.ts'
import { ageCount, latentWidth, type User } from './users.ts'
import { at } from './vector.ts'
import { adCategories, countries, deviceKinds, inventoryCount, topics } from './world-words.ts'

/**
 * The frozen constants of world version 1, in log odds. Chosen once, against a throw-away logistic
 * regression (docs/world.md has the figures), before any model of the house was fitted. A change of
 * any of them is another world: raise `worldVersion`.
 */
export const truthConstants = {
  ctrBase: -5.3,
  /** User × ad: slope inside the saturation, and its height. */
  pairSlope: 2.4,
  pairHeight: 1.1,
  /** User × ad × topic of the place: likewise. */
  tripleSlope: 2.2,
  tripleHeight: 0.95,
  placeSpread: 0.3,
  topicSpread: 0.2,
  countrySpread: 0.1,
  daypartSpread: 0.15,
  seasonSpread: 0.08,
  /** Dear goods on cheap devices and the reverse, a tier apart. */
  tierCost: 0.15,
  /** Ads above the fold, below it, beside the text. */
  tagEffects: [0.25, -0.25, 0] as readonly number[],
  /** Of the groups of formats, in their order. */
  groupEffects: [0, -0.2, -0.1, 0.15, 0.3, 0.35, -0.6] as readonly number[],
  /** Buyers, carts, lapsed: they click more whatever is shown. */
  lifecycleEffects: [0, 0.2, 0.3, -0.1] as readonly number[],
  /** Late at night everybody is tired of ads, the young least. */
  nightCost: 0.25,
  cvrBase: -3.35,
  cvrPairSlope: 1.2,
  cvrPairHeight: 0.8,
  cvrTripleHeight: 0.4,
  cvrTierCost: 0.25,
  cvrLifecycleEffects: [0, 0.6, 0.9, 0.2] as readonly number[],
  cvrComputerLift: 0.35,
  cvrDaypartSpread: 0.15,
} as const

/** Night, morning, noon, afternoon, evening, late: four hours each. */
const daypartCount = 6
const nightDayparts: readonly number[] = [0, 5]
const weekDays = 7
const gateWidth = 6

/** The true rates of a market. Pure: equal arguments give equal rates, whatever was logged. */
export class Truth {
  readonly #market: Market
  /** How the topic of a place turns each interest: some on, some round. */
  readonly #gates: Float64Array
  readonly #places: Float64Array
  readonly #topicOfAd: Float64Array
  readonly #countryOfAd: Float64Array
  readonly #daypartOfAge: Float64Array
  readonly #season: Float64Array
  /** What converts is not what clicks: weights of the interests by category. */
  readonly #conversion: Float64Array
  readonly #conversionDaypart: Float64Array

  constructor(seed: number, market: Market) {
    const c = truthConstants
    const table = (name: string, count: number, spread: number): Float64Array =>
      normalTable(new Draws(seed, `truth/${name}`), count, spread)
    const categories = adCategories.length
    this.#market = market
    this.#gates = gatesOf(seed)
    this.#places = table('places', inventoryCount, c.placeSpread)
    this.#topicOfAd = table('topics', topics.length * categories, c.topicSpread)
    this.#countryOfAd = table('countries', countries.length * categories, c.countrySpread)
    this.#daypartOfAge = table('dayparts', daypartCount * ageCount, c.daypartSpread)
    this.#season = centred(table('season', weekDays * categories, c.seasonSpread), categories)
    this.#conversion = table('conversion', categories * latentWidth, 1)
    this.#conversionDaypart = table('cvr-dayparts', daypartCount * categories, c.cvrDaypartSpread)
  }

  /** Chance that this user clicks on this creative (its number), here and now. */
  // oxlint-disable-next-line max-params -- who, where, what, when: the question itself
  ctr(user: User, context: Context, creative: number, atMs: number): number {
    return sigmoid(this.ctrLogit(user, context, creative, atMs))
  }

  /** Chance that a click converts, sooner or later. */
  // oxlint-disable-next-line max-params -- as above
  cvr(user: User, context: Context, creative: number, atMs: number): number {
    const c = truthConstants
    const shown = known(this.#market.creatives[creative])
    const { category, tier, conversionLift } = advertiserOf(this.#market, shown)
    const { pair } = this.#interest(user, context, shown)
    let wish = 0
    for (let i = 0; i < latentWidth; i++) {
      wish += at(user.vector, i) * at(this.#conversion, category * latentWidth + i)
    }
    const device = deviceKinds[user.device]
    const daypart = daypartOf(atMs, user)
    const turned = context.isApp ? pair : -pair
    return sigmoid(
      c.cvrBase +
        conversionLift +
        c.cvrPairHeight * exactTanh((c.cvrPairSlope * wish) / latentWidth) +
        c.cvrTripleHeight * exactTanh(turned) -
        c.cvrTierCost * Math.abs((device?.tier ?? 0) - tier) +
        at(c.cvrLifecycleEffects, user.lifecycle) +
        (device?.type === 2 ? c.cvrComputerLift : 0) +
        at(this.#conversionDaypart, daypart * adCategories.length + category),
    )
  }

  /** Log odds of `ctr`. */
  // oxlint-disable-next-line max-params -- as above
  ctrLogit(user: User, context: Context, creative: number, atMs: number): number {
    const c = truthConstants
    const shown = known(this.#market.creatives[creative])
    const { category, tier } = advertiserOf(this.#market, shown)
    const { pair, triple } = this.#interest(user, context, shown)
    const day = (atMs - worldStartMs) / dayMs
    const categories = adCategories.length
    const weekDay = Math.floor(day) % weekDays
    const deviceTier = deviceKinds[user.device]?.tier ?? 0
    return (
      c.ctrBase +
      shown.quality -
      shown.wearPerDay * day +
      c.pairHeight * exactTanh(c.pairSlope * pair) +
      c.tripleHeight * exactTanh(c.tripleSlope * triple) +
      at(this.#places, context.inventory) +
      at(c.tagEffects, context.tag) +
      at(c.groupEffects, shown.group) +
      at(c.lifecycleEffects, user.lifecycle) +
      at(this.#topicOfAd, context.topic * categories + category) +
      at(this.#countryOfAd, user.country * categories + category) +
      at(this.#season, weekDay * categories + category) +
      this.#ofHour(user, atMs) -
      c.tierCost * Math.abs(deviceTier - tier)
    )
  }

  /** What user and ad have in common, and what is left of it among this place's topic. */
  #interest(user: User, context: Context, shown: WorldCreative): { pair: number; triple: number } {
    const { advertiser } = known(this.#market.campaigns[shown.campaign])
    const { vectors } = this.#market
    let pair = 0
    let triple = 0
    for (let i = 0; i < latentWidth; i++) {
      const common = (user.vector[i] ?? 0) * (vectors[advertiser * latentWidth + i] ?? 0)
      pair += common
      if (i < gateWidth) triple += common * (this.#gates[context.topic * gateWidth + i] ?? 0)
    }
    return { pair: pair / latentWidth, triple: triple / gateWidth }
  }

  #ofHour(user: User, atMs: number): number {
    const daypart = daypartOf(atMs, user)
    const tired = nightDayparts.includes(daypart) ? truthConstants.nightCost * (user.age / 5) : 0
    return at(this.#daypartOfAge, daypart * ageCount + user.age) - tired
  }
}

function daypartOf(atMs: number, user: User): number {
  return Math.floor(localHour(atMs, user) / 4)
}

/** +1.5 or -1.1: on average a topic leaves a fifth of a common interest, and none alike. */
function gatesOf(seed: number): Float64Array {
  const draws = new Draws(seed, 'truth/gates')
  return Float64Array.from({ length: topics.length * gateWidth }, (_, index) =>
    draws.uniform(index, 0) < 0.5 ? 1.5 : -1.1,
  )
}

/** Takes the mean of each row away: a week day moves demand, it does not make any. */
function centred(table: Float64Array, width: number): Float64Array {
  for (let first = 0; first < table.length; first += width) {
    const row = table.subarray(first, first + width)
    let mean = 0
    for (let i = 0; i < width; i++) mean += at(row, i) / width
    for (let i = 0; i < width; i++) row[i] = at(row, i) - mean
  }
  return table
}
