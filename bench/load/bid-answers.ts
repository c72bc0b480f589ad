/**
 * Whether an answer can be one to its bid request: bids on impressions that were offered, at or
 * above their floors. Reads requests and answers by itself, from the numbers and names of the
 * specification, so that it shares nothing with the code that wrote them but the protobuf framing.
 */
import { gunzipSync } from 'node:zlib'
import { ProtoReader, WireType } from '../../src/lib/proto-reader.ts'
import { AnswerKind, type AnswerReader } from './answer-kinds.ts'

/** Lowest price of each impression, and of each deal of it under `<imp> <deal>`. */
type Floors = ReadonlyMap<string, number>

interface WireBid {
  readonly impid: string
  readonly price: number
  readonly dealid: string
}

/** Prices are decimals of micros: what is below a floor by less was rounded, not underbid. */
const roundingShare = 1e-9

/** A reader for one form of the wire; it remembers the floors of the requests it has seen. */
export function bidAnswerReader(isJson: boolean): AnswerReader {
  const known = new WeakMap<Uint8Array, Floors>()
  const floorsIn = isJson ? floorsOfJson : floorsOfProtobuf
  const bidsIn = isJson ? bidsOfJson : bidsOfProtobuf
  return ({ status, body, from, to }, request) => {
    if (status === 204) return to === from ? AnswerKind.Refuse : AnswerKind.Invalid
    if (status !== 200) return AnswerKind.BadStatus
    let floors = known.get(request)
    if (floors === undefined) {
      floors = floorsIn(plain(request))
      known.set(request, floors)
    }
    const bids = bidsIn(plain(body.subarray(from, to)))
    return bids !== null && areRight(bids, floors) ? AnswerKind.Accept : AnswerKind.Invalid
  }
}

/** Statuses that bytes of any kind may be answered with; whatever a body says is not looked at. */
export const anyBidAnswer: AnswerReader = ({ status, from, to }) => {
  if (status === 200) return to > from ? AnswerKind.Accept : AnswerKind.Invalid
  return status === 204 || status === 400 || status === 413
    ? AnswerKind.Refuse
    : AnswerKind.BadStatus
}

function plain(body: Uint8Array): Uint8Array {
  return body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body
}

function areRight(bids: readonly WireBid[], floors: Floors): boolean {
  for (const { impid, price, dealid } of bids) {
    const floor = floors.get(dealid === '' ? impid : `${impid} ${dealid}`)
    if (floor === undefined || !(price >= floor * (1 - roundingShare)) || price <= 0) return false
  }
  return bids.length > 0
}

interface JsonRequest {
  readonly imp: readonly {
    readonly id: string
    readonly bidfloor?: number
    readonly pmp?: {
      readonly deals: readonly { readonly id: string; readonly bidfloor?: number }[]
    }
  }[]
}

function floorsOfJson(body: Uint8Array): Floors {
  const { imp } = JSON.parse(Buffer.from(body).toString('utf8')) as JsonRequest
  const floors = new Map<string, number>()
  for (const { id, bidfloor, pmp } of imp) {
    floors.set(id, bidfloor ?? 0)
    for (const deal of pmp?.deals ?? []) floors.set(`${id} ${deal.id}`, deal.bidfloor ?? 0)
  }
  return floors
}

interface JsonResponse {
  readonly seatbid?: readonly { readonly bid: readonly Partial<WireBid>[] }[]
}

function bidsOfJson(body: Uint8Array): WireBid[] | null {
  try {
    const { seatbid } = JSON.parse(Buffer.from(body).toString('utf8')) as JsonResponse
    return (seatbid ?? []).flatMap(({ bid }) =>
      bid.map(({ impid = '', price = 0, dealid = '' }) => ({ impid, price, dealid })),
    )
  } catch {
    return null
  }
}

const outer = new ProtoReader()
const middle = new ProtoReader()
const inner = new ProtoReader()
const innermost = new ProtoReader()

/** `BidRequest.imp` 2; `Imp.id` 1, `bidfloor` 8, `pmp` 11; `Pmp.deals` 2; `Deal.id` 1, `bidfloor` 2. */
function floorsOfProtobuf(body: Uint8Array): Floors {
  const floors = new Map<string, number>()
  outer.reset(body)
  eachMessage(outer, 2, middle, () => {
    let id = ''
    let floor = 0
    const deals = new Map<string, number>()
    while (middle.next()) {
      if (middle.field === 1) id = middle.text()
      else if (middle.field === 8) floor = middle.double()
      else if (middle.field === 11) {
        middle.message(inner)
        eachMessage(inner, 2, innermost, () => {
          const deal = twoFields(innermost)
          deals.set(deal.id, deal.number)
        })
      } else middle.skip()
    }
    floors.set(id, floor)
    for (const [deal, dealFloor] of deals) floors.set(`${id} ${deal}`, dealFloor)
  })
  return floors
}

/** `BidResponse.seatbid` 2; `SeatBid.bid` 1; `Bid.impid` 2, `price` 3, `dealid` 13. */
function bidsOfProtobuf(body: Uint8Array): WireBid[] | null {
  const bids: WireBid[] = []
  outer.reset(body)
  eachMessage(outer, 2, middle, () => {
    eachMessage(middle, 1, inner, () => {
      let impid = ''
      let price = 0
      let dealid = ''
      while (inner.next()) {
        if (inner.field === 2) impid = inner.text()
        else if (inner.field === 3) price = inner.double()
        else if (inner.field === 13) dealid = inner.text()
        else inner.skip()
      }
      bids.push({ impid, price, dealid })
    })
  })
  return outer.ok && middle.ok && inner.ok ? bids : null
}

/** Calls `visit` with `part` on every message of a field. */
function eachMessage(
  reader: ProtoReader,
  field: number,
  part: ProtoReader,
  visit: () => void,
): void {
  while (reader.next()) {
    if (reader.field !== field || !reader.is(WireType.Bytes)) reader.skip()
    else {
      reader.message(part)
      visit()
    }
  }
}

/** A message of which 1 is a text and 2 a double. */
function twoFields(reader: ProtoReader): { readonly id: string; readonly number: number } {
  let id = ''
  let number = 0
  while (reader.next()) {
    if (reader.field === 1) id = reader.text()
    else if (reader.field === 2) number = reader.double()
    else reader.skip()
  }
  return { id, number }
}
