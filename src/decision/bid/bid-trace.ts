/** Everything one bid decision looked at, for explain: filled only when somebody asks. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import { type BidDecision, rankNoteNames } from '../../domain/bid-decision.ts'
import type { RankedBy } from '../../domain/decision-record.ts'
import { dropNames, dropRow } from '../../domain/drop-reason.ts'
import { formatNames } from '../../domain/format.ts'
import { privacyLimitNames } from '../../domain/privacy.ts'
import { ProfileState } from '../../domain/profile.ts'
import { refusalNames } from '../../domain/refusal.ts'
import type { BidScratch } from './bid-scratch.ts'
import { currencyOf } from './gate.ts'
import { type HeldBack, heldBackOf } from './held-back.ts'
import type { LossFunnel } from './loss-funnel.ts'
import type { Choice } from './pricing.ts'
import type { CandidateRows, Shortlist } from './shortlists.ts'
import type { Slot } from './slot.ts'
import { type PriceParts, partsOf } from './why-price.ts'

/** How many fell out for one reason. */
export interface DroppedCount {
  readonly reason: string
  readonly number: number
  readonly count: number
}

/** A deal on offer, as it was sent. */
export interface TracedDeal {
  readonly id: string
  readonly floorMicros: number
  readonly floorCurrency: string
  /** 0 = as the request. */
  readonly auctionType: number
}

/** A creative that a slot would get. CPM micros of the answer's currency. */
export interface TracedChoice {
  readonly creativeId: string
  readonly campaignId: string
  readonly priceMicros: number
  readonly floorMicros: number
  readonly valueMicros: number
  /** '' = the open auction. */
  readonly dealId: string
  /** Creatives that could as well have been chosen, itself included. */
  readonly equals: number
  /** False: another format of the impression brings more. */
  readonly isBid: boolean
  /** Null where no currency was agreed on. */
  readonly parts: PriceParts | null
}

/** One impression in one format. */
export interface SlotTrace {
  readonly impId: string
  readonly format: string
  /** As it was sent. */
  readonly floorMicros: number
  readonly floorCurrency: string
  readonly isPrivate: boolean
  readonly deals: readonly TracedDeal[]
  readonly eligibleCampaigns: number
  /** Creatives that each stage took in; 0 = the stage did not run. */
  readonly recalled: number
  readonly coarseRanked: number
  readonly fineRanked: number
  readonly priced: number
  /** The last stage that ranked them. */
  readonly rankedBy: RankedBy
  readonly dropped: readonly DroppedCount[]
  /** The best of those that were priced, best first. */
  readonly candidates: readonly TracedCandidate[]
  readonly chosen: readonly TracedChoice[]
}

/** A candidate with what each stage said of it; null = the stage did not look at it. */
export interface TracedCandidate {
  readonly creativeId: string
  readonly campaignId: string
  /** Value by its own history: CPM micros of the rates table's base currency. */
  readonly priorMicros: number
  readonly prior: TracedRates
  readonly coarse: TracedRates | null
  readonly fine: TracedRates | null
  /** What it could bid at most by the last stage, same unit as `priorMicros`. */
  readonly boundMicros: number
}

/** Predicted rates, calibrated. */
export interface TracedRates {
  readonly ctr: number
  readonly cvr: number
}

/** How the candidates of a decision were put in order. */
export interface TracedRanking {
  readonly by: RankedBy
  readonly note: string
  readonly coarseModel: string
  readonly fineModel: string
}

/** Candidates shown of each slot. */
const candidatesMax = 10

/** The trace of one decision. */
export class BidTrace {
  refusal = ''
  privacyLimit = ''
  usedPersonalData = false
  profile = ''
  devices = 0
  revision = 0
  campaigns = 0
  creatives = 0
  /** Of the answer; '' = none could be agreed on. */
  currency = ''
  ratesBase = ''
  ratesAsOf = ''
  /** Whether what is decided would leave the house. */
  isLive = false
  /** What fell out before any slot was looked at. */
  droppedForRequest: readonly DroppedCount[] = []
  /** Caps that are reached and rules on converts that keep the device out. */
  heldBack: readonly HeldBack[] = []
  slots: readonly SlotTrace[] = []
  /** How the candidates were put in order; null before the end. */
  ranking: TracedRanking | null = null
  readonly #before = new Uint32Array(dropRow)
  readonly #snapshot: () => BidSnapshot | null
  #counts = noCounts
  #drafts = new Map<Slot, Draft>()

  /** `snapshot`: the one in force, to name creatives by. */
  constructor(snapshot: () => BidSnapshot | null) {
    this.#snapshot = snapshot
  }

  /** The request is looked at from here on; once more when the catalog changed meanwhile. */
  begin(): void {
    this.#drafts = new Map()
    this.slots = []
  }

  /** What happens from here to `leave` is about this slot. */
  enter(slot: Slot, funnel: LossFunnel): void {
    if (this.#drafts.size === 0) this.droppedForRequest = counts(funnel.drops, null)
    if (!this.#drafts.has(slot)) this.#drafts.set(slot, newDraft())
    this.#before.set(funnel.drops)
    this.#counts = countsOf(funnel)
  }

  /** Adds what fell out and what went on since `enter`. */
  leave(slot: Slot, funnel: LossFunnel): void {
    const draft = this.#drafts.get(slot)
    if (draft === undefined) return
    for (let drop = 0; drop < dropRow; drop++) {
      draft.drops[drop] = (draft.drops[drop] ?? 0) + (funnel.drops[drop] ?? 0)
      draft.drops[drop] = (draft.drops[drop] ?? 0) - (this.#before[drop] ?? 0)
    }
    const now = countsOf(funnel)
    draft.eligible += now.eligible - this.#counts.eligible
    draft.recalled += now.recalled - this.#counts.recalled
    draft.coarse += now.coarse - this.#counts.coarse
    draft.fine += now.fine - this.#counts.fine
    draft.priced += now.priced - this.#counts.priced
  }

  /** A model has put its rates into a list. */
  ranked({ slot, from, count, rankedBy }: Shortlist, rows: CandidateRows): void {
    const draft = this.#drafts.get(slot)
    if (draft === undefined || rankedBy === 'prior') return
    for (let row = from; row < from + count; row++) {
      const rates = { ctr: rows.ctr[row] ?? 0, cvr: rows.cvr[row] ?? 0 }
      draft[rankedBy === 'coarse' ? 'coarseRates' : 'fineRates'].set(
        rows.creatives[row] ?? 0,
        rates,
      )
    }
  }

  /** A list was priced: notes the best of it. */
  priced(list: Shortlist, rows: CandidateRows, choices: readonly Choice[]): void {
    const draft = this.#drafts.get(list.slot)
    const snapshot = this.#snapshot()
    if (draft === undefined || snapshot === null) return
    draft.rankedBy = list.rankedBy
    draft.candidates = bestOf(snapshot, list, rows, draft)
    draft.choices = choices
  }

  /** The decision is made. */
  end(decision: BidDecision, scratch: BidScratch): void {
    const { request, profile, funnel } = scratch
    const snapshot = this.#snapshot()
    if (this.#drafts.size === 0) this.droppedForRequest = counts(funnel.drops, null)
    const { by, note, coarseModel, fineModel } = decision.ranking
    this.ranking = { by, note: rankNoteNames[note] ?? '', coarseModel, fineModel }
    this.refusal = refusalNames.get(decision.refusal) ?? ''
    this.privacyLimit = privacyLimitNames.get(request.privacyLimit) ?? ''
    this.usedPersonalData = request.privacyLimit === 0
    this.profile = profileNames[profile.state]
    this.devices = request.devices.count
    this.revision = decision.revision
    if (snapshot !== null) this.#tellCatalog(snapshot, scratch)
    const { exchange } = decision
    if (exchange === null || snapshot === null) return
    this.currency = currencyOf(request, exchange, snapshot) ?? ''
    this.isLive = exchange.live
    this.slots = [...this.#drafts].map(([slot, draft]) =>
      withBids(tracedSlot(slot, draft, snapshot, scratch), decision),
    )
  }

  #tellCatalog(snapshot: BidSnapshot, { profile, wallMs }: BidScratch): void {
    const { data } = snapshot
    this.heldBack = heldBackOf(snapshot, profile, wallMs)
    this.campaigns = data.campaignCount
    this.creatives = data.creativeCount
    this.ratesBase = data.rates.base
    this.ratesAsOf = data.rates.asOf
  }
}

const profileNames = {
  [ProfileState.Known]: 'known',
  [ProfileState.NoId]: 'no-id',
  [ProfileState.Unavailable]: 'unavailable',
} as const

/** Counts of the stages. */
interface StageCounts {
  eligible: number
  recalled: number
  coarse: number
  fine: number
  priced: number
}

/** A slot while it is being looked at. */
interface Draft extends StageCounts {
  readonly drops: Uint32Array
  readonly coarseRates: Map<number, TracedRates>
  readonly fineRates: Map<number, TracedRates>
  rankedBy: RankedBy
  candidates: readonly TracedCandidate[]
  choices: readonly Choice[]
}

const noCounts: Readonly<StageCounts> = { eligible: 0, recalled: 0, coarse: 0, fine: 0, priced: 0 }

function newDraft(): Draft {
  return {
    ...noCounts,
    drops: new Uint32Array(dropRow),
    coarseRates: new Map(),
    fineRates: new Map(),
    rankedBy: 'prior',
    candidates: [],
    choices: [],
  }
}

function countsOf({ eligible, recalled, coarse, fine, priced }: LossFunnel): StageCounts {
  return { eligible, recalled, coarse, fine, priced }
}

// oxlint-disable-next-line max-params -- a slot, what was noted of it, and what names it
function tracedSlot(
  slot: Slot,
  draft: Draft,
  snapshot: BidSnapshot,
  scratch: BidScratch,
): SlotTrace {
  const { imp } = slot
  return {
    impId: imp.id,
    format: formatNames[slot.format],
    floorMicros: imp.floor.cpmMicros,
    floorCurrency: imp.floor.currency,
    isPrivate: imp.isPrivate,
    deals: imp.deals.map(({ id, floor, auctionType }) => ({
      id,
      floorMicros: floor.cpmMicros,
      floorCurrency: floor.currency,
      auctionType,
    })),
    eligibleCampaigns: draft.eligible,
    recalled: draft.recalled,
    coarseRanked: draft.coarse,
    fineRanked: draft.fine,
    priced: draft.priced,
    rankedBy: draft.rankedBy,
    dropped: counts(draft.drops, null),
    candidates: draft.candidates,
    chosen: draft.choices.map((choice) => tracedChoice(choice, snapshot, scratch)),
  }
}

function tracedChoice(
  choice: Choice,
  snapshot: BidSnapshot,
  { request }: BidScratch,
): TracedChoice {
  const { id, campaignId } = snapshot.creative(choice.creative)
  const exchange = snapshot.exchange(request.exchange)
  const currency = exchange === null ? null : currencyOf(request, exchange, snapshot)
  return {
    creativeId: id,
    campaignId,
    priceMicros: choice.price,
    floorMicros: choice.floor,
    valueMicros: choice.value,
    dealId: choice.offer.deal?.id ?? '',
    equals: choice.equals,
    isBid: false,
    parts:
      exchange === null || currency === null
        ? null
        : partsOf({ snapshot, request, exchange, currency }, choice.slot, choice.creative, choice),
  }
}

/** Marks what became a bid: of several formats of an impression one is bid. */
function withBids(slot: SlotTrace, { bids }: BidDecision): SlotTrace {
  const chosen = slot.chosen.map((choice) => ({
    ...choice,
    isBid: bids.some(
      ({ imp, format, creative }) =>
        imp.id === slot.impId &&
        formatNames[format] === slot.format &&
        creative.id === choice.creativeId,
    ),
  }))
  return { ...slot, chosen }
}

/** The best few of a list, by looking for the next best again and again: there are ten of them. */
// oxlint-disable-next-line max-params -- a list in its rows, what names it, and what stages said
function bestOf(
  snapshot: BidSnapshot,
  { from, count }: Shortlist,
  { creatives, bounds }: CandidateRows,
  draft: Draft,
): TracedCandidate[] {
  const shown = new Set<number>()
  const best: TracedCandidate[] = []
  while (best.length < Math.min(count, candidatesMax)) {
    let next = -1
    for (let row = from; row < from + count; row++) {
      if (!shown.has(row) && (next < 0 || (bounds[row] ?? 0) > (bounds[next] ?? 0))) next = row
    }
    shown.add(next)
    best.push(tracedCandidate(snapshot, creatives[next] ?? 0, bounds[next] ?? 0, draft))
  }
  return best
}

// oxlint-disable-next-line max-params -- as above
function tracedCandidate(
  snapshot: BidSnapshot,
  creative: number,
  boundMicros: number,
  { coarseRates, fineRates }: Draft,
): TracedCandidate {
  const { id, campaignId } = snapshot.creative(creative)
  const { ctr, cvr } = snapshot.data.creatives
  return {
    creativeId: id,
    campaignId,
    priorMicros: snapshot.priorOf(creative),
    prior: { ctr: ctr[creative] ?? 0, cvr: cvr[creative] ?? 0 },
    coarse: coarseRates.get(creative) ?? null,
    fine: fineRates.get(creative) ?? null,
    boundMicros,
  }
}

function counts(drops: Uint32Array, before: Uint32Array | null): DroppedCount[] {
  const counted: DroppedCount[] = []
  for (const [number, reason] of dropNames) {
    const count = (drops[number] ?? 0) - (before?.[number] ?? 0)
    if (count > 0) counted.push({ reason, number, count })
  }
  return counted
}
