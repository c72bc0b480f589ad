/** The stages that models add to a bid, each alone, and the whole road with and without them. */
import { askShared, fillAsk, packFactsOf } from '../../src/decision/bid/ask-facts.ts'
import type { BidDecider } from '../../src/decision/bid/bid-decide.ts'
import { BidScratch } from '../../src/decision/bid/bid-scratch.ts'
import { rankCoarse } from '../../src/decision/bid/coarse-rank.ts'
import { ListCut } from '../../src/decision/bid/cut-list.ts'
import { BidRankJob } from '../../src/decision/bid/rank-job.ts'
import type { Shortlist } from '../../src/decision/bid/shortlists.ts'
import { slotsOf } from '../../src/decision/bid/slot.ts'
import type { AdSide } from '../../src/domain/ad-side.ts'
import { type BidDecision, isBid } from '../../src/domain/bid-decision.ts'
import type { BidPlan } from '../../src/domain/exchange.ts'
import { emptyAskFacts } from '../../src/domain/feature-facts.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import { TopK } from '../../src/lib/top-k.ts'
import { FineRun } from '../../src/scoring/fine-run.ts'
import { RankSlot } from '../../src/scoring/rank-slot.ts'
import type { CoarseModel } from '../../src/scoring/ranking.ts'
import type { Stage } from '../stage/measure.ts'
import { coarseName, fineName } from './bench-models.ts'
import { type BiddingWorld, deciderOf } from './bidding-world.ts'
import type { WorldRequest } from './world-requests.ts'

/** Rows of the stages that issue 4 has bars for. */
export const stageRows = { coarse: 2_000, cut: 64, fine: 64 } as const

/** Requests of one turn of the loop that batching is measured with. */
export const turnSizes = [2, 4, 8, 16] as const

/** Milliseconds that every request of a bench has. */
const timeMs = 1_000

/** Stages of ranking over `requests`: encoding, graphs, arithmetic. */
export function rankStages(bidding: BiddingWorld, requests: readonly WorldRequest[]): Stage[] {
  const one = new OneRequest(bidding, requests)
  const stage = (name: string, steps: Steps): Stage => ({
    name,
    count: requests.length,
    prepare: steps.before,
    run: steps.run,
    digest: (hash) => hash.update(steps.result()),
  })
  const { coarseRows, fineRows } = one
  const rates = (): string => one.rates()
  return [
    stage('ask encoding, coarse', {
      before: (call) => one.begin(call),
      run: () => one.encodeAsk(),
      result: () => one.askRow(),
    }),
    stage('ask graph, one ask', {
      before: (call) => one.beginGraph(call),
      run: () => one.runAsk(),
      result: () => one.askVector(),
    }),
    stage(`coarse rank, ${coarseRows} rows`, {
      before: (call) => one.beginCoarse(call),
      run: () => one.coarse(),
      result: rates,
    }),
    stage(`coarse rank of ${coarseRows} rows and cut to ${stageRows.cut}`, {
      before: (call) => one.beginCoarse(call),
      run: () => one.coarseAndCut(),
      result: rates,
    }),
    stage(`fine graph alone, ${fineRows} rows`, {
      before: (call) => one.beginFineGraph(call),
      run: () => one.fineGraph(),
      result: () => one.fineOutput(),
    }),
    stage(`fine rank, ${fineRows} rows`, {
      before: (call) => one.beginFine(call),
      run: () => one.fine(),
      result: rates,
    }),
  ]
}

/** A stage of ranking: what is made before, what is timed, and what it came to. */
interface Steps {
  readonly before: (call: number) => void
  readonly run: () => void
  readonly result: () => string
}

/** The memory of the stages, and one request at a time in it. */
class OneRequest {
  readonly coarseRows: number
  readonly fineRows: number
  readonly #bidding: BiddingWorld
  readonly #requests: readonly WorldRequest[]
  readonly #scratch = new BidScratch()
  readonly #facts = emptyAskFacts()
  readonly #cut = new ListCut()
  readonly #top = new TopK(stageRows.coarse)
  readonly #coarseSide: AdSide
  readonly #fineSide: AdSide
  readonly #coarse: CoarseModel
  readonly #run: FineRun
  readonly #slot = new RankSlot()
  #creatives = 0

  constructor(bidding: BiddingWorld, requests: readonly WorldRequest[]) {
    const { snapshot, models, batcher } = bidding
    const { creativeCount } = snapshot.data
    this.#bidding = bidding
    this.#requests = requests
    this.coarseRows = Math.min(stageRows.coarse, creativeCount)
    this.fineRows = Math.min(stageRows.fine, creativeCount)
    this.#coarseSide = known(snapshot.adSide(coarseName))
    this.#fineSide = known(snapshot.adSide(fineName))
    this.#coarse = known(batcher.models.coarse(models.coarse.key))
    this.#run = new FineRun(models.fine, known(models.fine.runner.rank))
  }

  /** Decodes a request and fills the facts of its first slot. */
  begin(call: number): void {
    const { adapter, exchange, clock, view, audience } = this.#bidding
    const { opportunity, body } = known(this.#requests[call] ?? null)
    const { request, profile } = this.#scratch
    this.#scratch.clear()
    clock.set(opportunity.atMs)
    adapter.decode(body, true, exchange, request)
    profile.reset(view.packs.words)
    audience.read(request.devices, view, 0, profile)
    const packs = packFactsOf(profile, view.packs, request.privacyLimit)
    const [slot] = request.imps.flatMap(slotsOf)
    fillAsk(this.#facts, request, known(slot ?? null), askShared(request, packs, clock.wallMs()))
  }

  encodeAsk(): void {
    const { encoder, runner } = this.#bidding.models.coarse
    const { index, value } = known(runner.ask)
    encoder.ask(this.#facts, this.#bidding.clock.wallMs(), index, value, 0)
  }

  beginGraph(call: number): void {
    this.begin(call)
    this.encodeAsk()
  }

  runAsk(): void {
    known(this.#bidding.models.coarse.runner.ask).run(1)
  }

  /** A list of any creatives, from another place for each call, and the vector of its ask. */
  beginCoarse(call: number): void {
    this.beginGraph(call)
    this.#list(call, this.coarseRows)
    this.runAsk()
  }

  coarse(): void {
    const { snapshot, exchange, models } = this.#bidding
    const { shortlists } = this.#scratch
    rankCoarse(this.#shortlist(), shortlists.rows, {
      snapshot,
      side: this.#coarseSide,
      model: this.#coarse,
      platt: this.#coarse.plattOf(exchange.id),
      vectors: known(models.coarse.runner.ask).vectors,
      from: 0,
    })
  }

  coarseAndCut(): void {
    this.coarse()
    const { shortlists, funnel } = this.#scratch
    this.#cut.run(this.#shortlist(), shortlists.rows, stageRows.cut, funnel)
  }

  /** A job of one list, as the batcher has it when its rows are known. */
  beginFine(call: number): void {
    this.begin(call)
    this.#list(call, this.fineRows)
    const { snapshot, exchange, clock } = this.#bidding
    const { shortlists, stages, funnel } = this.#scratch
    stages.begin(shortlists, null)
    const job = new BidRankJob({
      ...{ exchange: exchange.id, deadlineMs: Number.POSITIVE_INFINITY, atMs: clock.wallMs() },
      ...{ snapshot, shortlists, stages, funnel, cut: this.#cut, trace: null, coarse: null },
      asks: [this.#facts],
      fine: this.#fineSide,
      fineMax: this.fineRows,
    })
    void this.#slot.begin(job, 0)
    this.#slot.rows = job.fineRows(this.#slot.creatives, this.#slot.asks, this.fineRows)
    this.#run.clear()
  }

  /** The same, its rows encoded. */
  beginFineGraph(call: number): void {
    this.beginFine(call)
    this.#run.add(this.#slot, known(this.#slot.job), this.#fineSide)
  }

  fineGraph(): void {
    this.#run.run()
  }

  /** Encodes ask and rows, runs, calibrates, and puts the rates into the list. */
  fine(): void {
    const job = known(this.#slot.job)
    this.#run.add(this.#slot, job, this.#fineSide)
    this.#run.run()
    this.#run.giveScores()
    job.onScores(this.#slot.ctr, this.#slot.cvr, 0, this.#slot.raw)
  }

  /** Results of the stages, as text. */
  askRow(): string {
    const { encoder, runner } = this.#bidding.models.coarse
    return known(runner.ask).index.slice(0, encoder.layout.askWidth).join()
  }

  askVector(): string {
    const { runner } = this.#bidding.models.coarse
    return known(runner.ask).vectors.slice(0, this.#coarse.vectorWidth).join()
  }

  fineOutput(): string {
    return known(this.#bidding.models.fine.runner.rank).ctr.slice(0, this.fineRows).join()
  }

  rates(): string {
    const { rows } = this.#scratch.shortlists
    const { from, count, rankedBy } = this.#shortlist()
    return `${rankedBy} ${count} ${rows.ctr.slice(from, from + count).join()}`
  }

  #list(call: number, rows: number): void {
    const { creativeCount } = this.#bidding.snapshot.data
    this.#top.reset(rows)
    this.#creatives = (call * 977) % creativeCount
    for (let row = 0; row < rows; row++) {
      this.#top.offer((this.#creatives + row) % creativeCount, rows - row)
    }
    const { shortlists, request } = this.#scratch
    const [slot] = request.imps.flatMap(slotsOf)
    shortlists.clear()
    shortlists.add({ slot: known(slot ?? null), offers: [], adsMax: 1 }, this.#top, () => 1)
  }

  #shortlist(): Shortlist {
    return known(this.#scratch.shortlists.lists[0] ?? null)
  }
}

/** Counts of a road, to prove that it was the one that was asked for. */
export interface RoadCounts {
  requests: number
  bids: number
  recalled: number
  coarse: number
  fine: number
  /** Decisions whose ranking was not as planned. */
  short: number
}

/** A road to be timed, with what it counted. */
export interface Road {
  readonly stage: Stage
  readonly counts: RoadCounts
}

/** How a road is asked: its plan, and how many requests come in one turn of the loop. */
export interface RoadSetting {
  readonly name: string
  readonly plan: BidPlan
  readonly turn: number
}

/** Decode, decide and encode, `turn` requests at once; the audience read is free. */
export function roadOf(
  bidding: BiddingWorld,
  requests: readonly WorldRequest[],
  { name, plan, turn }: RoadSetting,
): Road {
  const decider = deciderOf(bidding, plan)
  const scratches = Array.from({ length: turn }, () => new BidScratch())
  const counts: RoadCounts = { requests: 0, bids: 0, recalled: 0, coarse: 0, fine: 0, short: 0 }
  const answers: Uint8Array[] = Array.from({ length: turn }, () => noBytes)
  const ask = (scratch: BidScratch, place: number, number: number) => {
    const { opportunity, body } = known(requests[number] ?? null)
    return askOnce({ bidding, decider, scratch }, { opportunity, body }, (decision) => {
      count(counts, scratch, decision)
      answers[place] = isBid(decision)
        ? bidding.adapter.encode(scratch.request, decision)
        : bidding.adapter.encodeNoBid(scratch.request, decision.refusal)
    })
  }
  const stage: Stage = {
    name,
    count: Math.floor(requests.length / turn),
    prepare: () => {
      for (const scratch of scratches) scratch.clear()
    },
    run: (call) => {
      const [first] = scratches
      if (turn === 1 && first !== undefined) return ask(first, 0, call)
      const waiting = scratches.map((scratch, place) => ask(scratch, place, call * turn + place))
      return Promise.all(waiting.filter((one) => one !== undefined))
    },
    digest: (hash) => {
      for (const answer of answers) hash.update(answer)
    },
  }
  return { stage, counts }
}

const noBytes = new Uint8Array(0)

interface Asked {
  readonly bidding: BiddingWorld
  readonly decider: BidDecider
  readonly scratch: BidScratch
}

/** One request from its bytes to the decision; a promise only where something is waited for. */
export function askOnce(
  { bidding, decider, scratch }: Asked,
  { opportunity, body }: WorldRequest,
  use: (decision: BidDecision) => void,
): undefined | Promise<void> {
  const { adapter, exchange, clock } = bidding
  const { request } = scratch
  clock.set(opportunity.atMs)
  const refusal = adapter.decode(body, true, exchange, request)
  if (refusal !== Refusal.None) throw new Error(`row ${opportunity.row} is refused: ${refusal}`)
  request.deadlineMs = clock.monotonicMs() + timeMs
  const decision = decider.decide(request, scratch)
  if (decision instanceof Promise) return decision.then(use)
  use(decision)
  return undefined
}

function count(counts: RoadCounts, { funnel }: BidScratch, decision: BidDecision): void {
  counts.requests++
  if (isBid(decision)) counts.bids++
  if (decision.ranking.note !== 0) counts.short++
  counts.recalled += funnel.recalled
  counts.coarse += funnel.coarse
  counts.fine += funnel.fine
}

function known<T>(value: T | null): T {
  if (value === null) throw new Error('something that the bench needs is not there')
  return value
}
