/** How much of what the fine model would choose of everything survives the stages before it. */

import type { BidDecider } from '../../src/decision/bid/bid-decide.ts'
import { BidScratch } from '../../src/decision/bid/bid-scratch.ts'
import type { BidDecision } from '../../src/domain/bid-decision.ts'
import { bootstrapIntervals } from '../../src/training/bootstrap.ts'
import { deciderOf, planOf } from './bidding-world.ts'
import { askOnce } from './funnel-stages.ts'
import type { FunnelWorld } from './funnel-world.ts'
import { AllScorer, type Judged } from './score-all.ts'
import type { WorldRequest } from './world-requests.ts'

/** The best by the fine model that must survive. */
export const topSize = 10

/** A figure over all requests: a share, and 95 % of its bootstrap draws. */
export interface Share {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** A plan that is compared. */
export interface PlanSize {
  readonly recallMax: number
  readonly fineMax: number
}

/** What one plan comes to. */
export interface PlanQuality extends PlanSize {
  /** Share of fine's best of all eligible that recall keeps, and that coarse rank keeps of them. */
  readonly afterRecall: Share
  readonly afterCoarse: Share
  /** True value of what is bid, as a share of the best possible. */
  readonly worth: Share
}

/** What a run comes to. */
export interface Quality {
  readonly requests: number
  /** Creatives eligible for a request, on average. */
  readonly eligible: number
  readonly plans: readonly PlanQuality[]
  /** True value, as a share of the best possible, of other ways to choose. */
  readonly priorWorth: Share
  readonly coarseWorth: Share
  readonly fineOverAllWorth: Share
  /** Decisions of roads with models that were not as planned. */
  readonly short: number
}

/** Asks every road every request. */
export async function qualityOf(
  { world, bidding }: Pick<FunnelWorld, 'world' | 'bidding'>,
  requests: readonly WorldRequest[],
  sizes: readonly PlanSize[],
): Promise<Quality> {
  const scorer = new AllScorer(world, bidding)
  const recalls = [...new Set(sizes.map(({ recallMax }) => recallMax))]
  const widest = Math.max(...recalls)
  const roads = new Roads((plan) => deciderOf(bidding, plan), bidding)
  const tally = new Tally(requests.length)
  let eligible = 0
  for (const [row, request] of requests.entries()) {
    const prior = await roads.ask(planOf(widest, 1, 'prior'), request)
    const judged = scorer.judge(request.opportunity, roads.scratch)
    eligible += judged.creatives.length
    const best = Math.max(0, ...judged.truth)
    const worth = (name: string, creative: number): void =>
      tally.add(name, row, valueOf(judged, creative), best)
    worth('prior', prior.chosen)
    worth('all', bestOf(judged.creatives, judged.fine))
    const coarse = await roads.ask(planOf(widest, 1, 'coarse'), request)
    worth('coarse', coarse.chosen)
    const top = topOf(judged)
    for (const recallMax of recalls) {
      const { kept } = await roads.ask(planOf(recallMax, 1, 'prior'), request)
      tally.add(`recall ${recallMax}`, row, survivors(top, kept), top.count)
    }
    for (const { recallMax, fineMax } of sizes) {
      const { kept, chosen } = await roads.ask(planOf(recallMax, fineMax), request)
      tally.add(`kept ${recallMax} ${fineMax}`, row, survivors(top, kept), top.count)
      worth(`bid ${recallMax} ${fineMax}`, chosen)
    }
  }
  const share = tally.shares()
  return {
    requests: requests.length,
    eligible: eligible / requests.length,
    plans: sizes.map(({ recallMax, fineMax }) => ({
      ...{ recallMax, fineMax },
      afterRecall: share(`recall ${recallMax}`),
      afterCoarse: share(`kept ${recallMax} ${fineMax}`),
      worth: share(`bid ${recallMax} ${fineMax}`),
    })),
    priorWorth: share('prior'),
    coarseWorth: share('coarse'),
    fineOverAllWorth: share('all'),
    short: roads.short,
  }
}

type Plan = ReturnType<typeof planOf>

/** What a road left of a request. */
interface RoadEnd {
  /** Creatives that stand in the shortlists at the end. */
  readonly kept: ReadonlySet<number>
  /** The creative that is bid; -1 = none. */
  readonly chosen: number
}

/** The real road under several plans, one request after the other in one scratch. */
class Roads {
  readonly scratch = new BidScratch()
  short = 0
  readonly #open: (plan: Plan) => BidDecider
  readonly #bidding: FunnelWorld['bidding']
  readonly #deciders = new Map<string, BidDecider>()
  readonly #numbers = new Map<string, number>()

  constructor(open: (plan: Plan) => BidDecider, bidding: FunnelWorld['bidding']) {
    const { snapshot } = bidding
    this.#open = open
    this.#bidding = bidding
    for (let number = 0; number < snapshot.data.creativeCount; number++) {
      this.#numbers.set(snapshot.creative(number).id, number)
    }
  }

  async ask(plan: Plan, request: WorldRequest): Promise<RoadEnd> {
    const key = JSON.stringify(plan)
    const decider = this.#deciders.get(key) ?? this.#open(plan)
    this.#deciders.set(key, decider)
    const { scratch } = this
    scratch.clear()
    const end: { decision: BidDecision | null } = { decision: null }
    await askOnce({ bidding: this.#bidding, decider, scratch }, request, (decision) => {
      end.decision = decision
    })
    if (end.decision?.ranking.note !== 0) this.short++
    const [bid] = end.decision?.bids ?? []
    const chosen = bid === undefined ? -1 : (this.#numbers.get(bid.creative.id) ?? -1)
    const { rows, lists } = scratch.shortlists
    const kept = new Set<number>()
    for (const { from, count } of lists) {
      for (let row = from; row < from + count; row++) kept.add(rows.creatives[row] ?? -1)
    }
    return { kept, chosen }
  }
}

/** The best by the fine model: those above the last place, and those that share it. */
interface Top {
  readonly count: number
  readonly above: readonly number[]
  readonly tied: readonly number[]
}

/** Whoever shares the last place is as good as the others there, such as creatives of a CPM campaign. */
function topOf({ creatives, fine }: Judged): Top {
  const count = Math.min(topSize, creatives.length)
  const last = fine.toSorted().at(-count) ?? 0
  const where = (holds: (value: number) => boolean): number[] =>
    [...creatives].filter((_, row) => holds(fine[row] ?? 0))
  return { count, above: where((value) => value > last), tied: where((value) => value === last) }
}

function survivors({ count, above, tied }: Top, kept: ReadonlySet<number>): number {
  const here = (creatives: readonly number[]): number =>
    creatives.filter((one) => kept.has(one)).length
  return here(above) + Math.min(count - above.length, here(tied))
}

function valueOf({ creatives, truth }: Judged, creative: number): number {
  return creative < 0 ? 0 : (truth[creatives.indexOf(creative)] ?? 0)
}

function bestOf(creatives: Int32Array, values: Float64Array): number {
  let best = -1
  for (const row of creatives.keys()) {
    if (best < 0 || (values[row] ?? 0) > (values[best] ?? 0)) best = row
  }
  return creatives[best] ?? -1
}

/** Parts and wholes of named shares, request by request. */
class Tally {
  readonly #rows: number
  readonly #columns = new Map<string, { readonly part: Float64Array; readonly of: Float64Array }>()

  constructor(rows: number) {
    this.#rows = rows
  }

  // oxlint-disable-next-line max-params -- one entry of a table
  add(name: string, row: number, part: number, of: number): void {
    let column = this.#columns.get(name)
    if (column === undefined) {
      column = { part: new Float64Array(this.#rows), of: new Float64Array(this.#rows) }
      this.#columns.set(name, column)
    }
    column.part[row] = part
    column.of[row] = of
  }

  /** Every share with its interval; the draws are of requests, the same for all of them. */
  shares(): (name: string) => Share {
    const names = [...this.#columns.keys()]
    const once = new Uint8Array(this.#rows).fill(1)
    const values = this.#figures(once)
    const draw = (times: Uint8Array): readonly number[] => this.#figures(times)
    const intervals = bootstrapIntervals(this.#rows, 'funnel-quality', draw)
    return (name) => {
      const at = names.indexOf(name)
      const [low, high] = intervals[at] ?? [Number.NaN, Number.NaN]
      return { value: values[at] ?? Number.NaN, low, high }
    }
  }

  #figures(times: Uint8Array): number[] {
    return [...this.#columns.values()].map((column) => {
      let part = 0
      let of = 0
      for (const [row, count] of times.entries()) {
        part += count * (column.part[row] ?? 0)
        of += count * (column.of[row] ?? 0)
      }
      return part / of
    })
  }
}
