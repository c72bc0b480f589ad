/** Everything one bid decision looked at, for explain: filled only when somebody asks. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { BidDecision } from '../../domain/bid-decision.ts'
import { dropNames, dropRow } from '../../domain/drop-reason.ts'
import { formatNames } from '../../domain/format.ts'
import { privacyLimitNames } from '../../domain/privacy.ts'
import { ProfileState } from '../../domain/profile.ts'
import { refusalNames } from '../../domain/refusal.ts'
import type { TopK } from '../../lib/top-k.ts'
import type { BidScratch } from './bid-scratch.ts'
import { currencyOf } from './gate.ts'
import type { LossFunnel } from './loss-funnel.ts'
import type { Choice } from './pricing.ts'
import type { Recall } from './recall.ts'
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
  readonly recalled: number
  readonly priced: number
  readonly dropped: readonly DroppedCount[]
  /** The best of recall: CPM micros of the rates table's base currency. */
  readonly candidates: readonly {
    readonly creativeId: string
    readonly campaignId: string
    readonly priorMicros: number
  }[]
  readonly chosen: readonly TracedChoice[]
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
  slots: readonly SlotTrace[] = []
  readonly #before = new Uint32Array(dropRow)
  readonly #snapshot: () => BidSnapshot | null
  #slot: Slot | null = null
  #counts = { eligible: 0, recalled: 0, priced: 0 }

  /** `snapshot`: the one in force, to name creatives by. */
  constructor(snapshot: () => BidSnapshot | null) {
    this.#snapshot = snapshot
  }

  /** A slot is about to be looked at. */
  beginSlot(slot: Slot, funnel: LossFunnel): void {
    if (this.slots.length === 0) this.droppedForRequest = counts(funnel.drops, null)
    this.#slot = slot
    this.#before.set(funnel.drops)
    this.#counts = {
      eligible: funnel.eligible,
      recalled: funnel.recalled,
      priced: funnel.priced,
    }
  }

  /** A slot was looked at. */
  endSlot(scratch: BidScratch, recall: Recall, choices: readonly Choice[]): void {
    const slot = this.#slot
    const snapshot = this.#snapshot()
    if (slot === null || snapshot === null) return
    const { funnel } = scratch
    const { imp } = slot
    const recalled = funnel.recalled - this.#counts.recalled
    const traced: SlotTrace = {
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
      eligibleCampaigns: funnel.eligible - this.#counts.eligible,
      recalled,
      priced: funnel.priced - this.#counts.priced,
      dropped: counts(funnel.drops, this.#before),
      candidates: recalled === 0 ? [] : bestOf(snapshot, recall.top),
      chosen: choices.map((choice) => tracedChoice(choice, snapshot, scratch, recall)),
    }
    this.slots = [...this.slots, traced]
  }

  /** The decision is made. */
  end(decision: BidDecision, { request, profile, funnel }: BidScratch): void {
    const snapshot = this.#snapshot()
    if (this.slots.length === 0) this.droppedForRequest = counts(funnel.drops, null)
    this.refusal = refusalNames.get(decision.refusal) ?? ''
    this.privacyLimit = privacyLimitNames.get(request.privacyLimit) ?? ''
    this.usedPersonalData = request.privacyLimit === 0
    this.profile = profileNames[profile.state]
    this.devices = request.devices.count
    this.revision = decision.revision
    if (snapshot !== null) this.#tellCatalog(snapshot)
    const { exchange } = decision
    if (exchange === null || snapshot === null) return
    this.currency = currencyOf(request, exchange, snapshot) ?? ''
    this.isLive = exchange.live
    this.slots = this.slots.map((slot) => withBids(slot, decision))
  }

  #tellCatalog({ data }: BidSnapshot): void {
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

function tracedChoice(
  choice: Choice,
  snapshot: BidSnapshot,
  { request, profile }: BidScratch,
  recall: Recall,
): TracedChoice {
  const { id, campaignId } = snapshot.creative(choice.creative)
  const exchange = snapshot.exchange(request.exchange)
  const currency = exchange === null ? null : currencyOf(request, exchange, snapshot)
  const share = recall.shareOf({ snapshot, profile }, snapshot.campaignOf(choice.creative))
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
        : partsOf({ snapshot, request, exchange, currency }, choice.slot, choice.creative, share),
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

/** The best few of recall, by looking for the next best again and again: there are ten of them. */
function bestOf(snapshot: BidSnapshot, { items, scores, count }: TopK): SlotTrace['candidates'] {
  const shown = new Set<number>()
  const best: SlotTrace['candidates'][number][] = []
  while (best.length < Math.min(count, candidatesMax)) {
    let next = -1
    for (let at = 0; at < count; at++) {
      if (!shown.has(at) && (next < 0 || (scores[at] ?? 0) > (scores[next] ?? 0))) next = at
    }
    shown.add(next)
    const { id, campaignId } = snapshot.creative(items[next] ?? 0)
    best.push({ creativeId: id, campaignId, priorMicros: scores[next] ?? 0 })
  }
  return best
}

function counts(drops: Uint32Array, before: Uint32Array | null): DroppedCount[] {
  const counted: DroppedCount[] = []
  for (const [number, reason] of dropNames) {
    const count = (drops[number] ?? 0) - (before?.[number] ?? 0)
    if (count > 0) counted.push({ reason, number, count })
  }
  return counted
}
