/** Sends a bid request as an exchange does, and puts the answer into words. */
import { formatNames } from '../domain/format.ts'
import { systemClock } from '../lib/clock.ts'
import { NoBidReason } from '../media/openrtb/nbr.ts'
import { readBidResponseJson } from '../media/openrtb/wire/json-reader.ts'
import type { OrtbBid, OrtbBidResponse } from '../media/openrtb/wire/openrtb.generated.ts'
import { readBidResponseProto } from '../media/openrtb/wire/ortb-proto-reader.ts'
import type { BuiltBidRequest } from './openrtb-request.ts'

/** One bid of an answer, as far as people care. */
export interface DescribedBid {
  readonly impId: string
  readonly price: number
  readonly campaignId: string
  readonly creativeId: string
  readonly domain: string
  readonly format: string
  readonly size: string
  readonly dealId: string
}

/** An answer with what it took. */
export interface BidExchange {
  readonly status: number
  readonly bytes: number
  readonly milliseconds: number
  readonly contentType: string
  readonly isGzip: boolean
  /** Null where there is no body; undefined where it cannot be read. */
  readonly answer: OrtbBidResponse | null | undefined
  readonly bids: readonly DescribedBid[]
}

/** Posts to `<url>/openrtb2/<exchange>`; rejects when the server cannot be reached. */
export async function exchangeBids(
  url: string,
  exchange: string,
  request: BuiltBidRequest,
  headers: Readonly<Record<string, string>> = {},
): Promise<BidExchange> {
  const startMs = systemClock.monotonicMs()
  const response = await fetch(new URL(`/openrtb2/${encodeURIComponent(exchange)}`, url), {
    method: 'POST',
    headers: { ...request.headers, 'accept-encoding': 'gzip', ...headers },
    body: Buffer.from(request.body),
  })
  const body = new Uint8Array(await response.arrayBuffer())
  const contentType = response.headers.get('content-type') ?? ''
  const answer = body.length === 0 ? null : (read(body, contentType) ?? undefined)
  return {
    status: response.status,
    bytes: body.length,
    milliseconds: systemClock.monotonicMs() - startMs,
    contentType,
    isGzip: response.headers.get('content-encoding') === 'gzip',
    answer,
    bids: answer?.seatbid.flatMap(({ bid }) => bid.map(described)) ?? [],
  }
}

/** What the exchange will make of the answer: a line a bid, or why there is none. */
export function bidSentences({ status, answer, bids }: BidExchange): string[] {
  if (status === 204) return ['No bid']
  if (status !== 200) return [statusWords.get(status) ?? `An error for the exchange: ${status}`]
  if (answer === undefined) return ['An error for the exchange: it cannot read these bytes']
  if (answer === null || bids.length === 0) return [`No bid${reasonOf(answer?.nbr ?? null)}`]
  return bids.map((bid) => {
    const deal = bid.dealId === '' ? '' : ` through deal ${bid.dealId}`
    const shown = bid.size === '' ? bid.format : `${bid.format} ${bid.size}`
    const what = `creative ${bid.creativeId} (${shown}) of campaign ${bid.campaignId}`
    return `Bids ${bid.price} ${answer.cur ?? 'USD'} CPM for impression ${bid.impId}${deal}: ${what}`
  })
}

const statusWords = new Map([
  [400, 'Refused with 400: the request is malformed'],
  [403, 'Refused with 403: the secret header is missing or wrong'],
  [404, 'Refused with 404: the catalog has no exchange of this name'],
  [413, 'Refused with 413: the request is too large'],
])

/** Words of the IAB's numbers that we use. */
const reasonWords = new Map<number, string>([
  [
    NoBidReason.Unknown,
    'no reason of the list: nothing fits, too dear, or the exchange is in dry run',
  ],
  [NoBidReason.TechnicalError, 'technical error'],
  [NoBidReason.InvalidRequest, 'invalid request'],
  [NoBidReason.KnownCrawler, 'known crawler'],
  [NoBidReason.BlockedInventory, 'blocked publisher or site'],
  [NoBidReason.UnmatchedUser, 'unmatched user'],
  [NoBidReason.InsufficientTime, 'not enough time'],
  [NoBidReason.IncompleteSchain, 'supply chain incomplete'],
  [NoBidReason.BlockedSchainNode, 'blocked supply chain node'],
])

function reasonOf(nbr: number | null): string {
  return nbr === null ? '' : ` (nbr ${nbr}: ${reasonWords.get(nbr) ?? 'unknown'})`
}

function read(body: Uint8Array, contentType: string): OrtbBidResponse | null {
  return contentType.includes('json')
    ? readBidResponseJson(body)
    : readBidResponseProto(body, 'iab')
}

function described(bid: OrtbBid): DescribedBid {
  const { w, h } = bid
  return {
    impId: bid.impid ?? '',
    price: bid.price ?? 0,
    campaignId: bid.cid ?? '',
    creativeId: bid.crid ?? '',
    domain: bid.adomain[0] ?? '',
    format: formatNames[bid.mtype ?? 0] ?? '',
    size: w === null || h === null || w * h === 0 ? '' : `${w}x${h}`,
    dealId: bid.dealid ?? '',
  }
}
