/** Which creatives may be shown for an impression, by the rules of the world's own catalog. */
import { exactExp, exactLn } from './exact-math.ts'
import type { Market, TargetingBits } from './market.ts'
import { localHour, type Opportunity } from './opportunities.ts'
import type { LoggingPolicy } from './settings.ts'
import { packsOf } from './users.ts'
import { countries, deviceKinds, formatGroups, packIds, systems, topics } from './world-words.ts'

/** Micros below which a prior value counts as this much: its logarithm must exist. */
const valueMicrosMin = 1

/** What a campaign has in the groups of one slot: counts and weights by campaign. */
interface GroupSums {
  readonly counts: Uint16Array
  readonly weights: Float64Array
}

/**
 * Eligible creatives of one impression after another, in columns that are used again. Same rules as
 * the engine's eligibility (a test holds them against each other); floors are not looked at, since
 * whether a bid reaches one depends on who predicts.
 */
export class Eligibility {
  /** How many are eligible; all of this is valid until the next `select`. */
  count = 0
  readonly #market: Market
  readonly #randomShare: number
  readonly #index: TargetingIndex
  /** By campaign and group: the first creative of it; the next entry is one past the last. */
  readonly #firsts: Int32Array
  readonly #weights: Float64Array
  readonly #sumsOfGroups = new Map<number, GroupSums>()
  /** Eligible campaigns with something that fits, and running sums up to and with each. */
  #campaignCount = 0
  readonly #campaigns: Int32Array
  readonly #countSums: Int32Array
  readonly #weightSums: Float64Array
  #groups = 0

  constructor(market: Market, policy: LoggingPolicy) {
    const { campaigns, creatives } = market
    this.#market = market
    this.#randomShare = policy.randomShare
    this.#index = new TargetingIndex(campaigns.map(({ targeting }) => targeting))
    this.#firsts = firstsOf(market)
    this.#weights = Float64Array.from(creatives, ({ priorValueMicros }) =>
      exactExp(policy.sharpness * exactLn(Math.max(valueMicrosMin, priorValueMicros) / 1e6)),
    )
    this.#campaigns = new Int32Array(campaigns.length)
    this.#countSums = new Int32Array(campaigns.length)
    this.#weightSums = new Float64Array(campaigns.length)
  }

  /** Finds what is eligible. */
  select(opportunity: Opportunity): void {
    this.#groups = opportunity.context.groups
    const { counts, weights } = this.#sumsOf(this.#groups)
    const bits = this.#index.select(opportunity)
    let found = 0
    let countSum = 0
    let weightSum = 0
    for (let word = 0; word < bits.length; word++) {
      for (let left = bits[word] ?? 0; left !== 0; left &= left - 1) {
        const campaign = word * 32 + 31 - Math.clz32(left & -left)
        const count = counts[campaign] ?? 0
        if (count === 0) continue
        countSum += count
        weightSum += weights[campaign] ?? 0
        this.#campaigns[found] = campaign
        this.#countSums[found] = countSum
        this.#weightSums[found++] = weightSum
      }
    }
    this.#campaignCount = found
    this.count = countSum
  }

  /** Numbers of all eligible creatives, ascending: for evaluations. */
  all(): Int32Array {
    return Int32Array.from({ length: this.count }, (_, place) => this.creativeAt(place))
  }

  /** The creative at a place of [0, count). */
  creativeAt(place: number): number {
    const at = this.#search(this.#countSums, place)
    const before = at === 0 ? 0 : (this.#countSums[at - 1] ?? 0)
    let left = place - before
    for (const [first, end] of this.#rangesOf(this.#campaigns[at] ?? 0, this.#groups)) {
      if (left < end - first) return first + left
      left -= end - first
    }
    throw new RangeError(`${place} of ${this.count} is no place`)
  }

  /** The logging policy's choice by two uniform draws: the number of a creative, -1 for none. */
  choose(which: number, where: number): number {
    if (this.count === 0) return -1
    if (which < this.#randomShare) return this.creativeAt(Math.floor(where * this.count))
    const wanted = where * this.#weightTotal
    const at = this.#search(this.#weightSums, wanted)
    let left = wanted - (at === 0 ? 0 : (this.#weightSums[at - 1] ?? 0))
    let chosen = -1
    for (const [first, end] of this.#rangesOf(this.#campaigns[at] ?? 0, this.#groups)) {
      for (let creative = first; creative < end && left >= 0; creative++) {
        left -= this.#weights[creative] ?? 0
        chosen = creative
      }
    }
    return chosen
  }

  /** Chance of an eligible creative under the policy; over all of them they add up to 1. */
  propensity(creative: number): number {
    const share = (this.#weights[creative] ?? 0) / this.#weightTotal
    return this.#randomShare / this.count + (1 - this.#randomShare) * share
  }

  get #weightTotal(): number {
    return this.#weightSums[this.#campaignCount - 1] ?? 0
  }

  /** First of the campaigns whose running sum is above a value. */
  #search(sums: Int32Array | Float64Array, value: number): number {
    let low = 0
    let high = this.#campaignCount - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sums[middle] ?? 0) > value) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Creatives of a campaign that fit: a range [first, end) a group. */
  #rangesOf(campaign: number, groups: number): [first: number, end: number][] {
    return packsOf(groups).map((group) => {
      const entry = campaign * formatGroups.length + group
      return [this.#firsts[entry] ?? 0, this.#firsts[entry + 1] ?? 0]
    })
  }

  /** Slots have a dozen combinations of groups: each is summed up once. */
  #sumsOf(groups: number): GroupSums {
    const known = this.#sumsOfGroups.get(groups)
    if (known !== undefined) return known
    const { campaigns } = this.#market
    const counts = new Uint16Array(campaigns.length)
    const weights = new Float64Array(campaigns.length)
    for (let campaign = 0; campaign < campaigns.length; campaign++) {
      for (const [first, end] of this.#rangesOf(campaign, groups)) {
        counts[campaign] = (counts[campaign] ?? 0) + end - first
        for (let creative = first; creative < end; creative++) {
          weights[campaign] = (weights[campaign] ?? 0) + (this.#weights[creative] ?? 0)
        }
      }
    }
    const sums = { counts, weights }
    this.#sumsOfGroups.set(groups, sums)
    return sums
  }
}

/** Campaigns by what they target, as bitsets: one per value, those without a wish in all. */
class TargetingIndex {
  readonly #places: readonly Int32Array[]
  readonly #systems: readonly Int32Array[]
  readonly #topics: readonly Int32Array[]
  readonly #hours: readonly Int32Array[]
  readonly #packs: readonly Int32Array[]
  readonly #anyAudience: Int32Array
  readonly #bits: Int32Array

  constructor(targeting: readonly TargetingBits[]) {
    const words = Math.ceil(targeting.length / 32)
    const sets = (count: number, wish: (bits: TargetingBits) => number): Int32Array[] =>
      Array.from({ length: count }, (_, value) =>
        bitsetOf(
          words,
          targeting,
          (bits) => wish(bits) === 0 || ((wish(bits) >>> value) & 1) === 1,
        ),
      )
    this.#places = sets(countries.length, (bits) => bits.countries)
    this.#systems = sets(systems.length, (bits) => bits.systems)
    this.#topics = sets(topics.length, (bits) => bits.topics)
    this.#hours = sets(24, (bits) => bits.hours)
    this.#packs = sets(packIds.length, (bits) => bits.packs)
    this.#anyAudience = bitsetOf(words, targeting, (bits) => bits.packs === 0)
    this.#bits = new Int32Array(words)
  }

  /** Campaigns of an impression; valid until the next call. */
  select({ user, context, atMs }: Opportunity): Int32Array {
    const bits = this.#bits
    bits.set(this.#anyAudience)
    if (!user.isLimited) for (const pack of packsOf(user.packs)) unite(bits, this.#packs[pack])
    keep(bits, this.#places[user.country])
    keep(bits, this.#systems[deviceKinds[user.device]?.system ?? 0])
    keep(bits, this.#topics[context.topic])
    keep(bits, this.#hours[localHour(atMs, user)])
    return bits
  }
}

function bitsetOf(
  words: number,
  targeting: readonly TargetingBits[],
  holds: (bits: TargetingBits) => boolean,
): Int32Array {
  const set = new Int32Array(words)
  for (const [campaign, bits] of targeting.entries()) {
    const word = campaign >>> 5
    if (holds(bits)) set[word] = (set[word] ?? 0) | (1 << (campaign & 31))
  }
  return set
}

function unite(bits: Int32Array, more: Int32Array | undefined): void {
  for (let word = 0; word < bits.length; word++) {
    bits[word] = (bits[word] ?? 0) | (more?.[word] ?? 0)
  }
}

function keep(bits: Int32Array, these: Int32Array | undefined): void {
  for (let word = 0; word < bits.length; word++) {
    bits[word] = (bits[word] ?? 0) & (these?.[word] ?? 0)
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
