/** Why we do not bid, in the numbers of the IAB (OpenRTB 3.0, "No-Bid Reason Codes"). */
import type { BidRequest } from '../../domain/bid-request.ts'
import { Refusal } from '../../domain/refusal.ts'
import { writeBidResponseJson } from './wire/json-writer.ts'
import { newOrtbBidResponse } from './wire/openrtb.generated.ts'
import { writeBidResponseProto } from './wire/ortb-proto-writer.ts'

/** The reasons of the list that we give. */
export const NoBidReason = {
  Unknown: 0,
  TechnicalError: 1,
  InvalidRequest: 2,
  KnownCrawler: 3,
  BlockedInventory: 7,
  UnmatchedUser: 8,
  InsufficientTime: 15,
  IncompleteSchain: 16,
  BlockedSchainNode: 17,
} as const
export type NoBidReason = (typeof NoBidReason)[keyof typeof NoBidReason]

/**
 * Refusals that the list has a word for; every other one, such as "nothing fits", is 0. Shedding
 * is `InsufficientTime`: the request could not be looked at in the time it had.
 */
const reasons: ReadonlyMap<Refusal, NoBidReason> = new Map([
  [Refusal.Malformed, NoBidReason.InvalidRequest],
  [Refusal.BodyTooLarge, NoBidReason.InvalidRequest],
  [Refusal.EmptyBody, NoBidReason.InvalidRequest],
  [Refusal.NoUsableImp, NoBidReason.InvalidRequest],
  [Refusal.Crawler, NoBidReason.KnownCrawler],
  [Refusal.BlockedInventory, NoBidReason.BlockedInventory],
  [Refusal.NoDeviceId, NoBidReason.UnmatchedUser],
  [Refusal.UnknownProfile, NoBidReason.UnmatchedUser],
  [Refusal.AudienceMismatch, NoBidReason.UnmatchedUser],
  [Refusal.IncompleteSchain, NoBidReason.IncompleteSchain],
  [Refusal.BlockedSchain, NoBidReason.BlockedSchainNode],
  [Refusal.Deadline, NoBidReason.InsufficientTime],
  [Refusal.Overload, NoBidReason.InsufficientTime],
  [Refusal.AudienceUnavailable, NoBidReason.TechnicalError],
  [Refusal.CatalogUnavailable, NoBidReason.TechnicalError],
  [Refusal.Draining, NoBidReason.TechnicalError],
  [Refusal.Internal, NoBidReason.TechnicalError],
])

/** The IAB's number for a refusal. */
export function noBidReason(refusal: Refusal): NoBidReason {
  return reasons.get(refusal) ?? NoBidReason.Unknown
}

/** `id` and `nbr`, for an exchange that wants reasons; same wire as the request. */
export function encodeNoBid(request: BidRequest, refusal: Refusal): Uint8Array {
  const response = newOrtbBidResponse()
  response.id = request.id
  response.nbr = noBidReason(refusal)
  // No extension is sent, so both protobuf layouts are the same bytes.
  return request.isJson ? writeBidResponseJson(response) : writeBidResponseProto(response, 'iab')
}
