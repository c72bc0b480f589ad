/** What models may look at of a request being decided. */
import type { BidRequest, Imp } from '../../domain/bid-request.ts'
import type { AskFacts } from '../../domain/feature-facts.ts'
import { localHour, localWeekday } from '../../domain/local-time.ts'
import type { PackIndex } from '../../domain/pack.ts'
import { PrivacyLimit } from '../../domain/privacy.ts'
import { type Profile, ProfileState } from '../../domain/profile.ts'
import { truncateIp } from '../../lib/truncate-ip.ts'
import type { Slot } from './slot.ts'

/** Packs of a device by id, and its scores there (-1 = none) in the same order. */
export interface PackFacts {
  readonly ids: readonly string[]
  readonly scores: readonly number[]
}

/** What all slots of a request share and its request does not say. Made once a request. */
export interface AskShared {
  readonly packs: PackFacts
  /** Epoch milliseconds of the decision. */
  readonly wallMs: number
  /** `truncateIp` of the request's address. */
  readonly network: string
}

const noPacks: PackFacts = { ids: [], scores: [] }

/**
 * The packs that a profile holds, by their ids in the index it was read through (null: none was).
 * Empty where personal data may not be used. Fresh lists: facts and record may keep them.
 */
export function packFactsOf(
  profile: Profile,
  index: PackIndex | null,
  limit: PrivacyLimit,
): PackFacts {
  if (index === null || limit !== PrivacyLimit.None) return noPacks
  if (profile.state !== ProfileState.Known) return noPacks
  const ids: string[] = []
  const scores: number[] = []
  for (let word = 0; word < index.words; word++) {
    let bits = profile.packs[word] ?? 0
    while (bits !== 0) {
      const number = word * 32 + 31 - Math.clz32(bits & -bits)
      bits &= bits - 1
      const id = index.ids[number]
      if (id === undefined) continue
      ids.push(id)
      scores.push(profile.scores[number] ?? -1)
    }
  }
  return { ids, scores }
}

/** Shared facts of a request, read once for all of its slots. */
export function askShared(request: BidRequest, packs: PackFacts, wallMs: number): AskShared {
  return { packs, wallMs, network: truncateIp(request.ip) }
}

/** Fills the facts of one slot; what was in them goes. The place must be complete (`userTimeOf`). */
export function fillAsk(facts: AskFacts, request: BidRequest, slot: Slot, shared: AskShared): void {
  facts.exchange = request.exchange
  facts.network = shared.network
  facts.packIds = shared.packs.ids
  facts.packScores = shared.packs.scores
  fillInventory(facts, request)
  fillDevice(facts, request)
  fillPlace(facts, request, shared.wallMs)
  fillSlot(facts, slot)
}

/** `pos` of an impression, whatever its formats; 0 unknown. Records have this one too. */
export function positionOf({ banner, video, audio }: Imp): number {
  return (banner ?? video ?? audio)?.position ?? 0
}

function fillSlot(facts: AskFacts, { imp, format }: Slot): void {
  facts.tagId = imp.tagId
  facts.position = positionOf(imp)
  facts.format = format
  facts.isInterstitial = imp.isInterstitial
  facts.isRewarded = imp.isRewarded
  facts.floorMicros = imp.floor.cpmMicros
}

function fillInventory(facts: AskFacts, { inventory }: BidRequest): void {
  facts.channel = inventory.channel
  facts.inventoryId = inventory.id
  facts.domain = inventory.domain
  facts.bundle = inventory.bundle
  facts.publisherId = inventory.publisherId
  facts.contentCategories = inventory.categories
}

function fillDevice(facts: AskFacts, { device }: BidRequest): void {
  facts.os = device.os
  facts.osVersion = device.osVersion
  facts.deviceType = device.type
  facts.connectionType = device.connectionType
  facts.make = device.make
  facts.model = device.model
  facts.language = device.language
  facts.carrier = device.carrier
}

function fillPlace(facts: AskFacts, { geo }: BidRequest, wallMs: number): void {
  facts.country = geo.country
  facts.region = geo.region
  // An address file writes it otherwise than exchanges do.
  facts.city = geo.city.toLowerCase()
  facts.localHour = localHour(wallMs, geo.utcOffsetMin)
  facts.weekday = localWeekday(wallMs, geo.utcOffsetMin)
}
