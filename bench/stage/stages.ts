/** The stages of a bid, each alone over the made-up world and requests. */
import type { Hash } from 'node:crypto'

import { AudienceRules } from '../../src/decision/bid/audience-rules.ts'
import { BidScratch } from '../../src/decision/bid/bid-scratch.ts'
import { BidCaps } from '../../src/decision/bid/caps.ts'
import { allowedSeats, currencyOf } from '../../src/decision/bid/gate.ts'
import { type OfferContext, offersOf } from '../../src/decision/bid/offers.ts'
import { type Choice, Pricing } from '../../src/decision/bid/pricing.ts'
import { Recall } from '../../src/decision/bid/recall.ts'
import { ScheduleRules } from '../../src/decision/bid/schedule-rules.ts'
import { CampaignSelector, type RequestFacts } from '../../src/decision/bid/select-campaigns.ts'
import { type Slot, slotsOf } from '../../src/decision/bid/slot.ts'
import { type BidDecision, isBid } from '../../src/domain/bid-decision.ts'
import type { BidRequest } from '../../src/domain/bid-request.ts'
import { type Format, formatNames } from '../../src/domain/format.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import { type Blocks, prepareBlocks } from '../../src/domain/slot-fit/brand-fit.ts'
import { asProtobuf } from '../data/bid-requests.ts'
import { benchExchange, benchGoogleExchange } from '../data/bid-words.ts'
import { type BidBench, exchangeOf } from './bid-bench.ts'
import type { Stage } from './measure.ts'
import { type NaiveCreative, naiveCreatives, naiveRecall } from './naive-recall.ts'

/** Decisions of one format that the encoding is timed with. */
const decisionsMax = 2_000

/** Calls of the naive recall: each is some milliseconds. */
const naiveCallsMax = 100

/** All stages over these JSON bodies. */
export function bidStages(bench: BidBench, bodies: readonly Uint8Array[]): Stage[] {
  const steps = new Steps(bench, bodies)
  const protobuf = bodies.map((body) => asProtobuf(body, 'iab'))
  const google = bodies.map((body) => asProtobuf(body, 'google'))
  return [
    decodeStage(bench, 'decode JSON', { bodies, isJson: true, exchange: benchExchange }),
    decodeStage(bench, 'decode protobuf', {
      bodies: protobuf,
      isJson: false,
      exchange: benchExchange,
    }),
    decodeStage(bench, 'decode protobuf, Google layout', {
      bodies: google,
      isJson: false,
      exchange: benchGoogleExchange,
    }),
    ...steps.stages(),
    ...answerStages(bench, bodies),
    roadStage(bench, 'whole road, JSON', { bodies, isJson: true, exchange: benchExchange }),
    roadStage(bench, 'whole road, protobuf', {
      bodies: protobuf,
      isJson: false,
      exchange: benchExchange,
    }),
  ]
}

interface WireBodies {
  readonly bodies: readonly Uint8Array[]
  readonly isJson: boolean
  readonly exchange: string
}

const noBytes = new Uint8Array(0)

function decodeStage(bench: BidBench, name: string, wire: WireBodies): Stage {
  const { bodies, isJson } = wire
  const exchange = exchangeOf(bench, wire.exchange)
  const scratch = new BidScratch()
  const { request } = scratch
  let refusal: Refusal = Refusal.None
  return {
    name,
    count: bodies.length,
    prepare: () => request.clear(),
    run: (call) => {
      refusal = bench.adapter.decode(bodies[call] ?? noBytes, isJson, exchange, request)
    },
    digest: (hash) => hash.update(`${refusal} ${summaryOf(request)}`),
  }
}

/** What a decode came to, as far as later stages look at it. */
function summaryOf(request: BidRequest): string {
  const { imps, devices, blockedDomains, blockedCategories, inventory, geo } = request
  const keys = Array.from({ length: devices.count }, (_, index) => devices.hex(index))
  return JSON.stringify([request.id, imps, keys, blockedDomains, blockedCategories, inventory, geo])
}

/** Decodes body `call` into a cleared scratch, with the audience read; for `prepare`. */
function decoded(bench: BidBench, body: Uint8Array, scratch: BidScratch): BidRequest {
  scratch.clear()
  scratch.funnel.clear()
  const { request, profile } = scratch
  bench.adapter.decode(body, true, exchangeOf(bench), request)
  request.deadlineMs = bench.clock.monotonicMs() + 1_000
  profile.reset(bench.view.packs.words)
  void bench.audience.read(request.devices, bench.view, request.deadlineMs, profile)
  return request
}

/** Eligibility, recall and pricing, with memory of their own, as the decider has it. */
class Steps {
  readonly #bench: BidBench
  readonly #bodies: readonly Uint8Array[]
  readonly #scratch = new BidScratch()
  readonly #audiences = new AudienceRules()
  readonly #caps = new BidCaps()
  readonly #selector = new CampaignSelector(this.#audiences, new ScheduleRules(), this.#caps)
  readonly #recall = new Recall(this.#audiences)
  readonly #pricing: Pricing
  readonly #naive: readonly NaiveCreative[]
  #facts: RequestFacts | null = null
  #slot: Slot | null = null
  #blocks: Blocks | null = null
  #context: OfferContext | null = null
  #eligible = 0
  #naiveTop: readonly NaiveCreative[] = []
  #choice: Choice | null = null

  constructor(bench: BidBench, bodies: readonly Uint8Array[]) {
    this.#bench = bench
    this.#bodies = bodies
    this.#pricing = new Pricing(bench.random)
    this.#naive = naiveCreatives(bench.snapshot)
  }

  stages(): Stage[] {
    const count = this.#bodies.length
    const digest: Stage['digest'] = (hash) => this.#digest(hash)
    const stage = (name: string, before: () => void, run: () => void): Stage => ({
      name,
      count,
      prepare: (call) => {
        this.#decode(call)
        before()
      },
      run,
      digest,
    })
    const nothing = (): void => undefined
    const eligible = (): void => this.#ofRequest()
    const recalled = (): void => this.#eligibleAndRecalled()
    return [
      stage('block lists', nothing, () => this.#prepareBlocks()),
      stage('eligibility of a request', nothing, eligible),
      stage('eligibility and recall of a slot', eligible, () => this.#recallSlot()),
      stage('eligibility + recall', nothing, recalled),
      { ...stage('naive recall', eligible, () => this.#recallNaively()), count: naiveCalls(count) },
      stage('pricing', recalled, () => this.#price()),
    ]
  }

  #decode(call: number): void {
    const bench = this.#bench
    const { snapshot } = bench
    const request = decoded(bench, this.#bodies[call] ?? noBytes, this.#scratch)
    const exchange = exchangeOf(bench)
    const user = {
      wallMs: bench.clock.wallMs(),
      utcOffsetMin: request.geo.utcOffsetMin,
      timeZone: '',
    }
    const seats = allowedSeats(request, exchange, snapshot)
    const currency = currencyOf(request, exchange, snapshot) ?? exchange.currency
    const [imp] = request.imps
    this.#audiences.use(snapshot, bench.view.packs)
    this.#facts = { request, profile: this.#scratch.profile, user, seats }
    this.#slot = imp === undefined ? null : (slotsOf(imp)[0] ?? null)
    this.#context = { snapshot, request, exchange, currency }
    this.#eligible = 0
    this.#recall.top.reset(0)
    this.#naiveTop = []
    this.#choice = null
    this.#prepareBlocks()
  }

  #prepareBlocks(): void {
    const { request } = this.#scratch
    this.#blocks = prepareBlocks(request, exchangeOf(this.#bench))
  }

  #ofRequest(): void {
    if (this.#facts === null) return
    const { funnel } = this.#scratch
    this.#eligible = this.#selector.ofRequest(this.#bench.snapshot, this.#facts, funnel)
  }

  #recallSlot(): void {
    const { snapshot } = this.#bench
    const { profile, funnel } = this.#scratch
    if (this.#slot === null || this.#blocks === null) return
    this.#recall.beginRequest(snapshot)
    const campaignCount = this.#selector.ofSlot(snapshot, this.#slot, funnel)
    if (campaignCount === 0) return
    const { bits } = this.#selector
    const capped = this.#caps.creatives
    const view = { snapshot, slot: this.#slot, campaigns: bits, campaignCount, capped }
    const max = exchangeOf(this.#bench).plan.recallMax
    this.#recall.run({ ...view, profile, blocks: this.#blocks, max }, funnel)
  }

  #eligibleAndRecalled(): void {
    this.#ofRequest()
    if (this.#eligible > 0) this.#recallSlot()
  }

  #recallNaively(): void {
    const { snapshot } = this.#bench
    if (this.#slot === null || this.#blocks === null || this.#eligible === 0) return
    this.#selector.ofSlot(snapshot, this.#slot, this.#scratch.funnel)
    this.#naiveTop = naiveRecall(this.#naive, {
      slot: this.#slot,
      blocks: this.#blocks,
      campaigns: this.#selector.bits,
      shareOf: (campaign) =>
        this.#recall.shareOf({ snapshot, profile: this.#scratch.profile }, campaign),
      max: exchangeOf(this.#bench).plan.recallMax,
    })
  }

  #price(): void {
    if (this.#slot === null || this.#context === null || this.#recall.top.count === 0) return
    this.#pricing.beginRequest(this.#context)
    const { snapshot } = this.#bench
    const { profile, funnel, shortlists } = this.#scratch
    const offers = offersOf(this.#slot, this.#context)
    shortlists.add({ slot: this.#slot, offers, adsMax: 1 }, this.#recall.top, (creative) =>
      this.#recall.shareOf({ snapshot, profile }, snapshot.campaignOf(creative)),
    )
    const [list] = shortlists.lists
    if (list === undefined) return
    const view = { context: this.#context, list, rows: shortlists.rows }
    this.#choice = this.#pricing.choose(
      { ...view, pod: null, secondsLeft: Infinity, caps: null },
      funnel,
    )
  }

  /** The same for the naive recall and for ours: the slots that it keeps, in their order. */
  #digest(hash: Hash): void {
    const { top } = this.#recall
    const naive = Int32Array.from(this.#naiveTop, ({ slot }) => slot)
    const kept = top.count > 0 ? top.items.slice(0, top.count) : naive
    hash.update(kept.sort())
    hash.update(`${this.#eligible} ${this.#choice?.creative} ${this.#choice?.price};`)
  }
}

function naiveCalls(count: number): number {
  return Math.min(count, naiveCallsMax)
}

interface Decided {
  readonly call: number
  readonly decision: BidDecision
}

/** Encoding by format, and the links of a bid. */
function answerStages(bench: BidBench, bodies: readonly Uint8Array[]): Stage[] {
  const scratch = new BidScratch()
  const byFormat = new Map<Format, Decided[]>()
  for (const [call, body] of bodies.entries()) {
    const decision = bench.decider.decide(decoded(bench, body, scratch), scratch)
    if (decision instanceof Promise || !isBid(decision)) continue
    const [bid] = decision.bids
    if (bid === undefined) continue
    const list = byFormat.get(bid.format) ?? []
    byFormat.set(bid.format, list)
    if (list.length < decisionsMax) list.push({ call, decision })
  }
  const stage = (
    name: string,
    list: readonly Decided[],
    run: (request: BidRequest, decision: BidDecision) => Uint8Array | string,
  ): Stage => {
    let answer: Uint8Array | string = ''
    return {
      name,
      count: list.length,
      prepare: (at) => void decoded(bench, bodies[list[at]?.call ?? 0] ?? noBytes, scratch),
      run: (at) => {
        const decision = list[at]?.decision
        if (decision !== undefined) answer = run(scratch.request, decision)
      },
      digest: (hash) => hash.update(answer),
    }
  }
  const encode = (request: BidRequest, decision: BidDecision) =>
    bench.adapter.encode(request, decision)
  const linksOf = (request: BidRequest, decision: BidDecision): string => {
    const [bid] = decision.bids
    return bid === undefined ? '' : bench.links.of(request, decision, bid).bill
  }
  const encodes = [...byFormat]
    .sort(([a], [b]) => a - b)
    .map(([format, list]) => stage(`encode ${formatNames[format]}`, list, encode))
  return [...encodes, stage('links of a bid', [...byFormat.values()].flat(), linksOf)]
}

/** Decode, decide and encode as one, the audience read free. */
function roadStage(bench: BidBench, name: string, wire: WireBodies): Stage {
  const { bodies, isJson } = wire
  const exchange = exchangeOf(bench, wire.exchange)
  const scratch = new BidScratch()
  const { request } = scratch
  let answer: Uint8Array = noBytes
  const road = (body: Uint8Array): Uint8Array => {
    const refusal = bench.adapter.decode(body, isJson, exchange, request)
    request.deadlineMs = bench.clock.monotonicMs() + 1_000
    if (refusal !== Refusal.None) return noBytes
    const decision = bench.decider.decide(request, scratch)
    if (decision instanceof Promise || !isBid(decision)) return noBytes
    return bench.adapter.encode(request, decision)
  }
  return {
    name,
    count: bodies.length,
    prepare: () => scratch.clear(),
    run: (call) => {
      answer = road(bodies[call] ?? noBytes)
    },
    digest: (hash) => hash.update(answer),
  }
}
