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
import type { LossFunnel } from './loss-funnel.ts'
import type { Choice } from './pricing.ts'
import type { Slot } from './slot.ts'

/** How many fell out for one reason. */
export interface DroppedCount {
  readonly reason: string
  readonly number: number
  readonly count: number
}

/** One impression in one format. */
export interface SlotTrace {
  readonly impId: string
  readonly format: string
  readonly eligibleCampaigns: number
  readonly recalled: number
  readonly priced: number
  readonly dropped: readonly DroppedCount[]
  /** The best of recall, and what would be paid for those that were chosen. */
  readonly candidates: readonly {
    readonly creativeId: string
    readonly campaignId: string
    readonly priorMicros: number
  }[]
  readonly chosen: readonly {
    readonly creativeId: string
    readonly priceMicros: number
    readonly floorMicros: number
    readonly valueMicros: number
    readonly dealId: string
    readonly equals: number
  }[]
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
  /** What fell out before any slot was looked at. */
  droppedForRequest: readonly DroppedCount[] = []
  readonly slots: SlotTrace[] = []
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
  endSlot(funnel: LossFunnel, top: TopK, choices: readonly Choice[]): void {
    const slot = this.#slot
    const snapshot = this.#snapshot()
    if (slot === null || snapshot === null) return
    const recalled = funnel.recalled - this.#counts.recalled
    this.slots.push({
      impId: slot.imp.id,
      format: formatNames[slot.format],
      eligibleCampaigns: funnel.eligible - this.#counts.eligible,
      recalled,
      priced: funnel.priced - this.#counts.priced,
      dropped: counts(funnel.drops, this.#before),
      candidates: recalled === 0 ? [] : bestOf(snapshot, top),
      chosen: choices.map((choice) => ({
        creativeId: snapshot.creative(choice.creative).id,
        priceMicros: choice.price,
        floorMicros: choice.floor,
        valueMicros: choice.value,
        dealId: choice.offer.deal?.id ?? '',
        equals: choice.equals,
      })),
    })
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
    this.campaigns = snapshot?.data.campaignCount ?? 0
    this.creatives = snapshot?.data.creativeCount ?? 0
  }
}

const profileNames = {
  [ProfileState.Known]: 'known',
  [ProfileState.NoId]: 'no-id',
  [ProfileState.Unavailable]: 'unavailable',
} as const

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
