/** What the fine model and the truth say of every eligible creative, not only of a shortlist. */

import { askShared, fillAsk, packFactsOf } from '../../src/decision/bid/ask-facts.ts'
import { AudienceRules } from '../../src/decision/bid/audience-rules.ts'
import type { BidScratch } from '../../src/decision/bid/bid-scratch.ts'
import { putRates } from '../../src/decision/bid/model-value.ts'
import { Recall } from '../../src/decision/bid/recall.ts'
import { type CandidateRows, columnsOf } from '../../src/decision/bid/shortlists.ts'
import { slotsOf } from '../../src/decision/bid/slot.ts'
import type { AdSide } from '../../src/domain/ad-side.ts'
import { type AskFacts, emptyAskFacts } from '../../src/domain/feature-facts.ts'
import { formatNames } from '../../src/domain/format.ts'
import { calibrate, calibrationOf } from '../../src/scoring/calibration.ts'
import type { Target } from '../../src/scoring/manifest.ts'
import type { RankRows } from '../../src/scoring/rank-graph.ts'
import type { Opportunity } from '../../src/world/opportunities.ts'
import type { World } from '../../src/world/world.ts'
import { fineName } from './bench-models.ts'
import type { BiddingWorld } from './bidding-world.ts'

/** Creatives of the snapshot with what they are worth here: CPM micros of the reference currency. */
export interface Judged {
  readonly creatives: Int32Array
  /** At the fine model's calibrated rates, and at the true ones. */
  readonly fine: Float64Array
  readonly truth: Float64Array
}

/** Judges requests one after the other, by encoder, graph and calibration of serving. */
export class AllScorer {
  readonly #world: World
  readonly #bidding: BiddingWorld
  readonly #side: AdSide
  readonly #recall: Recall
  /** Number in the snapshot of the world's creatives; -1 = not in the catalog. */
  readonly #numberOf: Int32Array
  readonly #formatOf: Uint8Array

  constructor(world: World, bidding: BiddingWorld) {
    const { snapshot, view } = bidding
    const side = snapshot.adSide(fineName)
    if (side === null) throw new Error('the snapshot has no side of the fine model')
    const audiences = new AudienceRules()
    audiences.use(snapshot, view.packs)
    this.#world = world
    this.#bidding = bidding
    this.#side = side
    this.#recall = new Recall(audiences)
    this.#formatOf = new Uint8Array(snapshot.data.creativeCount)
    const byId = new Map<string, number>()
    for (let number = 0; number < snapshot.data.creativeCount; number++) {
      const { id, format } = snapshot.creative(number)
      byId.set(id, number)
      this.#formatOf[number] = formatNames.indexOf(format)
    }
    this.#numberOf = Int32Array.from(world.market.creatives, ({ id }) => byId.get(id) ?? -1)
  }

  /** Judges every creative that the world has eligible; `scratch` has the decided request. */
  judge(opportunity: Opportunity, scratch: BidScratch): Judged {
    const { eligibility, truth } = this.#world
    eligibility.select(opportunity)
    const all = eligibility.all().filter((one) => (this.#numberOf[one] ?? -1) >= 0)
    const rows = columnsOf(all.length)
    const { snapshot } = this.#bidding
    const { profile } = scratch
    for (const [row, one] of all.entries()) {
      const creative = this.#numberOf[one] ?? 0
      rows.creatives[row] = creative
      const campaign = snapshot.campaignOf(creative)
      rows.shares[row] = this.#recall.shareOf({ snapshot, profile }, campaign)
    }
    const rates = this.#rates(rows.creatives, opportunity.atMs, scratch)
    const fine = this.#values(rows, (row) => ({
      ctr: rates.ctr[row] ?? Number.NaN,
      cvr: rates.cvr[row] ?? Number.NaN,
    }))
    const { user, context, atMs } = opportunity
    const real = this.#values(rows, (row) => ({
      ctr: truth.ctr(user, context, all[row] ?? 0, atMs),
      cvr: truth.cvr(user, context, all[row] ?? 0, atMs),
    }))
    return { creatives: rows.creatives, fine, truth: real }
  }

  #values(
    rows: CandidateRows,
    ratesOf: (row: number) => { readonly ctr: number; readonly cvr: number },
  ): Float64Array {
    for (const row of rows.creatives.keys()) {
      putRates(rows, row, this.#bidding.snapshot, ratesOf(row))
    }
    return rows.bounds.slice()
  }

  /** Calibrated rates of creatives in the slot of their format. */
  #rates(
    creatives: Int32Array,
    atMs: number,
    scratch: BidScratch,
  ): { readonly ctr: Float64Array; readonly cvr: Float64Array } {
    const { manifest, runner } = this.#bidding.models.fine
    const { request } = scratch
    const raw = runner.runRank(this.#encoded(creatives, this.#asks(scratch, atMs), atMs))
    const calibrated = (target: Target, values: Float32Array): Float64Array => {
      const calibration = calibrationOf(manifest, request.exchange, target)
      return Float64Array.from(values, (value) => calibrate(calibration, value))
    }
    const priors = this.#bidding.snapshot.data.creatives.cvr
    const cvr =
      raw.cvr === null
        ? Float64Array.from(creatives, (one) => priors[one] ?? 0)
        : calibrated('cvr', raw.cvr)
    return { ctr: calibrated('ctr', raw.ctr), cvr }
  }

  /** Facts of the request's slots by format. */
  #asks({ request, profile }: BidScratch, atMs: number): ReadonlyMap<number, AskFacts> {
    const { view } = this.#bidding
    const packs = packFactsOf(profile, view.packs, request.privacyLimit)
    const shared = askShared(request, packs, atMs)
    return new Map(
      request.imps.flatMap(slotsOf).map((slot) => {
        const facts = emptyAskFacts()
        fillAsk(facts, request, slot, shared)
        return [slot.format, facts]
      }),
    )
  }

  #encoded(creatives: Int32Array, asks: ReadonlyMap<number, AskFacts>, atMs: number): RankRows {
    const { encoder } = this.#bidding.models.fine
    const { askWidth, adWidth, pairWidth, momentWidth } = encoder.layout
    const places = [...asks.keys()]
    const askIndex = new Int32Array(asks.size * askWidth)
    const askValue = new Float32Array(asks.size * askWidth)
    for (const [place, facts] of [...asks.values()].entries()) {
      encoder.ask(facts, atMs, askIndex, askValue, place * askWidth)
    }
    const rows = creatives.length
    const adIndex = new Int32Array(rows * adWidth)
    const adValue = new Float32Array(rows * adWidth)
    const pairIndex = new Int32Array(rows * pairWidth)
    const pairValue = new Float32Array(rows * pairWidth)
    const askOf = Int32Array.from(creatives, (one) => places.indexOf(this.#formatOf[one] ?? 0))
    if (askOf.includes(-1))
      throw new Error('an eligible creative has a format that nobody asks for')
    const { index, value, moments } = this.#side
    for (const [row, creative] of creatives.entries()) {
      const from = creative * adWidth
      adIndex.set(index.subarray(from, from + adWidth), row * adWidth)
      adValue.set(value.subarray(from, from + adWidth), row * adWidth)
      if (pairWidth === 0) continue
      const at = { askFrom: (askOf[row] ?? 0) * askWidth, adFrom: row * adWidth }
      const momentsFrom = creative * momentWidth
      encoder.pair(
        { ...{ askIndex, askValue, adIndex, adValue, moments, momentsFrom, atMs }, ...at },
        { index: pairIndex, value: pairValue, from: row * pairWidth },
      )
    }
    return {
      ...{ asks: asks.size, askIndex, askValue, rows, adIndex, adValue, askOf },
      ...{ pairIndex, pairValue },
    }
  }
}
