/** OpenRTB 2.5 and 2.6, JSON and protobuf: one adapter for every exchange of the catalog. */
import type { NoticeLinks } from '../../domain/notice-links.ts'
import type { DeviceHasher } from '../../identity/device-hasher.ts'
import type { BidAdapter } from '../bid-adapter.ts'
import { decodeBidRequest } from './decode.ts'
import { encodeBidResponse } from './encode.ts'
import { encodeNoBid } from './nbr.ts'

/** What the adapter works with. */
export interface OpenRtbContext {
  readonly hasher: DeviceHasher
  readonly links: NoticeLinks
}

/** Builds the adapter; called once per process. */
export function createOpenRtbAdapter(context: OpenRtbContext): BidAdapter {
  return {
    decode: (body, isJson, exchange, request) =>
      decodeBidRequest(body, isJson, exchange, context, request),
    encode: (request, decision) => encodeBidResponse(request, decision, context),
    encodeNoBid,
  }
}
