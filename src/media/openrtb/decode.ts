/** Bytes of an exchange to a `BidRequest`, or the reason why not. */
import type { BidRequest } from '../../domain/bid-request.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { DeviceHasher } from '../../identity/device-hasher.ts'
import { translateRequest } from './translate/request.ts'
import { readBidRequestJson } from './wire/json-reader.ts'
import { readBidRequestProto } from './wire/ortb-proto-reader.ts'

/** What decoding needs besides the bytes. */
export interface OpenRtbDecodeContext {
  readonly hasher: DeviceHasher
}

/**
 * Fills a cleared `request` from a body that is already inflated. `isJson` is what the content type
 * says. Answers `None`; `Malformed` for a body that cannot be parsed, lacks `id` or has no
 * impression (HTTP 400); `NoUsableImp` when it has impressions and none of them can be bid for (a
 * no-bid). Nothing else refuses: not `ext`, not unknown fields or numbers. Never throws.
 */
// oxlint-disable-next-line max-params -- bytes, how to read them, and what to fill
export function decodeBidRequest(
  body: Uint8Array,
  isJson: boolean,
  exchange: Exchange,
  context: OpenRtbDecodeContext,
  request: BidRequest,
): Refusal {
  request.isJson = isJson
  const wire = isJson
    ? readBidRequestJson(body)
    : readBidRequestProto(body, exchange.protobufLayout)
  if (wire === null) return Refusal.Malformed
  return translateRequest(wire, exchange, context.hasher, request)
}
