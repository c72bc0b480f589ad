/** Which creatives may be shown for an impression, by the rules of the world's own catalog. */
import { exactExp, exactLn } from './exact-math.ts'
import type { Market, TargetingBits } from './market.ts'
import { localHour, type Opportunity } from './opportunities.ts'
import type { LoggingPolicy } from './settings.ts'
import { deviceKinds, formatGroups } from './world-words.ts'

/** Micros below which a prior value counts as this much: its logarithm must exist. */
const valueMicrosMin = 1

/**
 * Eligible creatives of one impression after another, in columns that are used again. Same rules as
 * the engine's eligibility (a test holds them against each other); floors are not looked at, since
 * whether a bid reaches one depends on who predicts.
 */
export class Eligibility {
  /** How many are eligible; valid until the next `select`. */
  count = 0
  /** Numbers of the creatives, ascending, in the first `count` places. */
  readonly creatives: Int32Array
  /** By place: sum of the policy's weights up to and with it. */
  readonly #sums: Float64Array
  readonly #weights: Float64Array
  /** By campaign and group: the first creative of it; the next entry is one past the last. */
  readonly #firsts: Int32Array
  /** Targeting by campaign, `targetingWidth` words each. */
  readonly #targeting: Int32Array
  readonly #randomShare: number

  constructor(market: Market, policy: LoggingPolicy) {
    const { creatives } = market
    this.#targeting = Int32Array.from(market.campaigns.flatMap(({ targeting }) => words(targeting)))
    this.#randomShare = policy.randomShare
    this.creatives = new Int32Array(creatives.length)
    this.#sums = new Float64Array(creatives.length)
    this.#firsts = firstsOf(market)
    this.#weights = Float64Array.from(creatives, ({ priorValueMicros }) =>
      exactExp(policy.sharpness * exactLn(Math.max(valueMicrosMin, priorValueMicros) / 1e6)),
    )
  }

  /** Finds what is eligible. */
  select(opportunity: Opportunity): void {
    const asked = Int32Array.from(words(askedBits(opportunity)))
    const { groups } = opportunity.context
    const targeting = this.#targeting
    this.count = 0
    for (let first = 0, campaign = 0; first < targeting.length; campaign++) {
      if (meets(targeting, first, asked)) this.#take(campaign, groups)
      first += targetingWidth
    }
  }

  /** Appends the creatives of a campaign that fit. Typed arrays are read in place: it is hot. */
  #take(campaign: number, groups: number): void {
    const firsts = this.#firsts
    let { count } = this
    let sum = count === 0 ? 0 : (this.#sums[count - 1] ?? 0)
    for (let left = groups; left !== 0; left &= left - 1) {
      const entry = campaign * formatGroups.length + 31 - Math.clz32(left & -left)
      const end = firsts[entry + 1] ?? 0
      for (let creative = firsts[entry] ?? 0; creative < end; creative++) {
        sum += this.#weights[creative] ?? 0
        this.creatives[count] = creative
        this.#sums[count++] = sum
      }
    }
    this.count = count
  }

  /** The logging policy's choice: the place of a creative, by two uniform draws; -1 for none. */
  choose(which: number, where: number): number {
    const { count } = this
    if (count === 0) return -1
    if (which < this.#randomShare) return Math.floor(where * count)
    const wanted = where * (this.#sums[count - 1] ?? 0)
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sums[middle] ?? 0) > wanted) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Chance of the creative at a place under the policy; over all places they add up to 1. */
  propensity(place: number): number {
    const weight = this.#weights[this.creatives[place] ?? 0] ?? 0
    const share = weight / (this.#sums[this.count - 1] ?? 1)
    return this.#randomShare / this.count + (1 - this.#randomShare) * share
  }
}

/** Creatives of a campaign are numbered by group: each group is a range. */
function firstsOf({ campaigns, creatives }: Market): Int32Array {
  const firsts = new Int32Array(campaigns.length * formatGroups.length + 1)
  for (const { campaign, group } of creatives) {
    const entry = campaign * formatGroups.length + group + 1
    firsts[entry] = (firsts[entry] ?? 0) + 1
  }
  for (let entry = 1; entry < firsts.length; entry++) {
    firsts[entry] = (firsts[entry] ?? 0) + (firsts[entry - 1] ?? 0)
  }
  return firsts
}

/** What an impression says, as bits of each part of targeting. */
function askedBits({ user, context, atMs }: Opportunity): TargetingBits {
  return {
    countries: 1 << user.country,
    systems: 1 << (deviceKinds[user.device]?.system ?? 0),
    topics: 1 << context.topic,
    packs: user.isLimited ? 0 : user.packs,
    hours: 1 << localHour(atMs, user),
  }
}

/** Parts of `TargetingBits`. */
const targetingWidth = 5

function words({ countries, systems, topics, packs, hours }: TargetingBits): number[] {
  return [countries, systems, topics, packs, hours]
}

/** True when each part of a campaign's targeting is empty or has a bit of what is asked. */
function meets(targeting: Int32Array, first: number, asked: Int32Array): boolean {
  for (let part = 0; part < targetingWidth; part++) {
    const wanted = targeting[first + part] ?? 0
    if (wanted !== 0 && (wanted & (asked[part] ?? 0)) === 0) return false
  }
  return true
}
