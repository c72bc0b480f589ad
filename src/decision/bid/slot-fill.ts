/** From ranked shortlists to what every impression gets. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { BidScratch } from './bid-scratch.ts'
import type { BidTrace } from './bid-trace.ts'
import { CapsLeft } from './caps-left.ts'
import type { OfferContext } from './offers.ts'
import { PodFill } from './pod.ts'
import type { Choice, Pricing } from './pricing.ts'
import type { Shortlist } from './shortlists.ts'
import type { Slot } from './slot.ts'

/** What is filled. */
export interface FillTask {
  readonly context: OfferContext
  readonly scratch: BidScratch
  readonly trace: BidTrace | null
  readonly isLate: () => boolean
}

/**
 * Chooses for all impressions, in their order: a pod is filled by one after the other. The choices
 * stay in the scratch, for the record.
 */
export function fillSlots(pricing: Pricing, task: FillTask): Choice[] {
  const { context, scratch, isLate } = task
  const { snapshot } = context
  const pods = new Map<string, PodFill>()
  const choices: Choice[] = []
  const caps = capsOf(task)
  pricing.beginRequest(context)
  for (const lists of byImp(scratch.shortlists.lists)) {
    if (isLate()) break
    const byFormat = lists.map((list) => {
      return fillSlot(pricing, task, list, { pod: podOf(list.slot, pods, snapshot), caps })
    })
    for (const choice of dearest(byFormat)) {
      podOf(choice.slot, pods, snapshot)?.add(snapshot, choice.creative)
      caps?.add(choice.creative)
      choices.push(choice)
    }
  }
  scratch.choices = choices
  return choices
}

/** What earlier choices of a request leave to a slot. */
interface Taken {
  readonly pod: PodFill | null
  readonly caps: CapsLeft | null
}

/** Caps are counted only where somebody has any, and more than one ad may be chosen. */
function capsOf({ context: { snapshot }, scratch }: FillTask): CapsLeft | null {
  const { shortlists, profile, wallMs } = scratch
  const { lists } = shortlists
  const isOne = lists.length < 2 && (lists[0]?.adsMax ?? 1) === 1
  return isOne || !snapshot.asksHistory ? null : new CapsLeft({ snapshot, profile, wallMs })
}

function fillSlot(
  pricing: Pricing,
  { context, scratch, trace }: FillTask,
  list: Shortlist,
  taken: Taken,
): Choice[] {
  const { funnel, shortlists } = scratch
  const { rows } = shortlists
  trace?.enter(list.slot, funnel)
  const choices = chooseAds(pricing, { context, scratch }, { list, ...taken })
  trace?.priced(list, rows, choices)
  trace?.leave(list.slot, funnel)
  return choices
}

/** The best creative of a slot, or as many as its dynamic pod takes. */
function chooseAds(
  pricing: Pricing,
  { context, scratch }: Pick<FillTask, 'context' | 'scratch'>,
  { list, pod, caps }: Taken & { readonly list: Shortlist },
): Choice[] {
  const place = list.slot.media?.pod ?? null
  const { rows } = scratch.shortlists
  const choices: Choice[] = []
  let filled = pod
  let counted = caps
  let secondsLeft = place === null || place.durationSec === 0 ? Infinity : place.durationSec
  while (choices.length < list.adsMax) {
    const view = { context, list, rows, pod: filled, secondsLeft, caps: counted }
    const choice = pricing.choose(view, scratch.funnel)
    if (choice === null) break
    choices.push(choice)
    if (choices.length === list.adsMax || place === null) break
    secondsLeft -= choice.durationSec
    counted = counted?.with(choice.creative) ?? null
    // The pod itself is filled only when this format wins the impression; so with caps.
    const before = filled ?? new PodFill().require(context.snapshot, place.dedupe)
    filled = before.with(context.snapshot, choice.creative)
  }
  return choices
}

/** Lists of one impression stand side by side. */
function byImp(lists: readonly Shortlist[]): Shortlist[][] {
  const grouped: Shortlist[][] = []
  for (const list of lists) {
    const last = grouped.at(-1)
    if (last?.[0]?.slot.imp === list.slot.imp) last.push(list)
    else grouped.push([list])
  }
  return grouped
}

/** Of several formats of one impression, the one that brings most; one format answers it. */
function dearest(byFormat: readonly Choice[][]): readonly Choice[] {
  let best: readonly Choice[] = []
  let bestSum = 0
  for (const choices of byFormat) {
    let sum = 0
    for (const { price } of choices) sum += price
    if (sum > bestSum) {
      best = choices
      bestSum = sum
    }
  }
  return best
}

/** The pod that a slot belongs to; impressions with one pod id share it. */
function podOf(
  { imp, media }: Slot,
  pods: Map<string, PodFill>,
  snapshot: BidSnapshot,
): PodFill | null {
  const place = media?.pod ?? null
  if (place === null) return null
  const key = place.id === '' ? `imp ${imp.index}` : `pod ${place.id}`
  let pod = pods.get(key)
  if (pod === undefined) pods.set(key, (pod = new PodFill()))
  return pod.require(snapshot, place.dedupe)
}
