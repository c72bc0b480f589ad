/** The whole road of a bid in one place for tests: body, decode, decide, encode, answer read back. */
import type { AudienceView } from '../../src/audience/audience-reader.ts'
import { BidDecider } from '../../src/decision/bid/bid-decide.ts'
import { BidScratch } from '../../src/decision/bid/bid-scratch.ts'
import { BidTrace } from '../../src/decision/bid/bid-trace.ts'
import { type BidDecision, isBid, noBid } from '../../src/domain/bid-decision.ts'
import { DecisionIds } from '../../src/domain/decision-id.ts'
import type { DecisionRecord } from '../../src/domain/decision-record.ts'
import { DeviceKeys } from '../../src/domain/device-keys.ts'
import { dropNames } from '../../src/domain/drop-reason.ts'
import type { Exchange } from '../../src/domain/exchange.ts'
import { type GeoSource, noGeo } from '../../src/domain/geo-port.ts'
import { idTypeNamed } from '../../src/domain/id-type.ts'
import { emptyLayout, indexPacks, type Pack } from '../../src/domain/pack.ts'
import { Refusal, refusalNames } from '../../src/domain/refusal.ts'
import { SignedLinks } from '../../src/feedback/links.ts'
import { newTokens } from '../../src/feedback/test-tokens.ts'
import { timeMsOf } from '../../src/http/bid-gate.ts'
import { ManualClock } from '../../src/lib/clock.ts'
import { createOpenRtbAdapter } from '../../src/media/openrtb/adapter.ts'
import {
  readBidResponseJson,
  readNativeResponseJson,
} from '../../src/media/openrtb/wire/json-reader.ts'
import type {
  OrtbBid,
  OrtbBidResponse,
  OrtbNativeResponse,
} from '../../src/media/openrtb/wire/openrtb.generated.ts'
import { readBidResponseProto } from '../../src/media/openrtb/wire/ortb-proto-reader.ts'
import { anExchange, type BidWorld, compileWorld } from '../support/bid-world.ts'
import { type Json, protoOf, testHasher } from '../support/openrtb-decode.ts'
import { MemoryAudience, packOf } from '../support/rta-fixtures.ts'

/** How a request travels. */
export type Wire = 'json' | 'iab' | 'google'

/** Every way in. */
export const wires: readonly Wire[] = ['json', 'iab', 'google']

/** A device that is in packs, named as the request names it. */
export interface Member {
  /** API name of the id type: `gaid`, `idfa`, `buyer_uid` … */
  readonly type: string
  readonly id: string
  readonly scope?: string
  /** Scores by pack id; -1 = without a score. */
  readonly packs: Readonly<Record<string, number>>
}

/** A world with its people, its map and its hour. */
export interface RoadWorld extends BidWorld {
  readonly members?: readonly Member[]
  readonly geo?: GeoSource
  /** Epoch milliseconds; Sunday 2026-11-22 12:00 UTC when not said. */
  readonly wallMs?: number
  /** The random stream of ties; 0.5 for ever when not said. */
  readonly random?: () => number
}

/** What became of one request. */
export interface Outcome {
  /** Kebab-case; `none` where there is a bid. */
  readonly refusal: string
  readonly decision: BidDecision
  /** The answer as its reader reads it: bids, or `nbr`. */
  readonly answer: OrtbBidResponse
  /** All bids of all seats. */
  readonly bids: readonly OrtbBid[]
  /** Loss funnel: reason to count. */
  readonly drops: Readonly<Record<string, number>>
  readonly eligible: number
  readonly recalled: number
  readonly priced: number
  /** Records that the decision left. */
  readonly records: readonly DecisionRecord[]
  readonly scratch: BidScratch
}

/** A compiled world that answers requests. */
export interface Road {
  /** What the compiler left out and why. */
  readonly problems: readonly unknown[]
  /** `trace`: filled with every step when given. */
  ask(body: Json, wire?: Wire, trace?: BidTrace | null): Promise<Outcome>
  /** A new trace of this world. */
  trace(): BidTrace
}

const sundayNoonMs = Date.UTC(2026, 10, 22, 12)
const utf8 = new TextEncoder()

/** Compiles a world; requests go to its first exchange, in Google's layout where that is asked. */
export async function openRoad(world: RoadWorld): Promise<Road> {
  const clock = new ManualClock(world.wallMs ?? sundayNoonMs)
  const exchanges = world.exchanges ?? [anExchange()]
  const [first] = exchanges
  if (first === undefined) throw new Error('a road needs an exchange')
  const compiled = await compileWorld({ ...world, exchanges }, clock)
  const records: DecisionRecord[] = []
  const { tokens } = newTokens()
  const links = new SignedLinks('https://bid.example', tokens, clock)
  const adapter = createOpenRtbAdapter({ hasher: testHasher, links })
  const { view, audience } = peopleOf(world.members ?? [])
  const decider = new BidDecider({
    catalog: compiled.catalog,
    audienceView: { current: () => view },
    audience,
    geo: world.geo ?? noGeo,
    clock,
    random: world.random ?? (() => 0.5),
    ids: new DecisionIds(() => 1),
    ranker: null,
    linksAreSecure: true,
    record: (record) => records.push(record),
  })
  const scratch = new BidScratch()
  return {
    problems: compiled.catalog.current()?.data.problems ?? [],
    trace: () => new BidTrace(() => compiled.catalog.current()),
    ask: async (body, wire = 'json', trace = null) => {
      records.length = 0
      scratch.clear()
      scratch.funnel.clear()
      const { request } = scratch
      const exchange = layoutOf(first, wire)
      const bytes = wire === 'json' ? utf8.encode(JSON.stringify(body)) : protoOf(body, wire)
      const read = adapter.decode(bytes, wire === 'json', exchange, request)
      request.receivedAtMs = clock.monotonicMs()
      request.deadlineMs = request.receivedAtMs + timeMsOf(exchange, request.tmaxMs)
      const decided =
        read === Refusal.None
          ? await decider.decide(request, scratch, trace)
          : noBid(read, exchange)
      const decision = { ...decided, exchange }
      const answer = answerOf(
        isBid(decision)
          ? adapter.encode(request, decision)
          : adapter.encodeNoBid(request, decision.refusal),
        wire,
      )
      const { eligible, recalled, priced } = scratch.funnel
      return {
        refusal: refusalNames.get(decision.refusal) ?? '',
        decision,
        answer,
        bids: answer.seatbid.flatMap(({ bid }) => bid),
        drops: dropsOf(scratch),
        ...{ eligible, recalled, priced },
        records: [...records],
        scratch,
      }
    },
  }
}

/** The native answer of a bid, whichever way it came, without the wrapper of old requests. */
export function nativeOf(bid: OrtbBid): OrtbNativeResponse | null {
  return bid.adm_native ?? (bid.adm === null ? null : readNativeResponseJson(bid.adm))
}

/** The decided exchange has the layout of the wire: everything else of it is the catalog's. */
function layoutOf(exchange: Exchange, wire: Wire): Exchange {
  return { ...exchange, protobufLayout: wire === 'google' ? 'google' : 'iab' }
}

function answerOf(bytes: Uint8Array, wire: Wire): OrtbBidResponse {
  const answer = wire === 'json' ? readBidResponseJson(bytes) : readBidResponseProto(bytes, wire)
  if (answer === null) throw new Error('the answer cannot be read back')
  return answer
}

function dropsOf({ funnel }: BidScratch): Record<string, number> {
  const drops: Record<string, number> = {}
  for (const [number, name] of dropNames) {
    const count = funnel.drops[number] ?? 0
    if (count > 0) drops[name] = count
  }
  return drops
}

function peopleOf(members: readonly Member[]): { view: AudienceView; audience: MemoryAudience } {
  const ids = [...new Set(members.flatMap(({ packs }) => Object.keys(packs)))]
  const packs: Pack[] = ids.map((id, slot) => packOf(id, slot))
  const audience = new MemoryAudience()
  for (const member of members) audience.put(lowWordOf(member), member.packs)
  return { view: { packs: indexPacks(packs, sundayNoonMs), layout: emptyLayout() }, audience }
}

function lowWordOf({ type, id, scope }: Member): number {
  const info = idTypeNamed(type)
  if (info === null) throw new Error(`no id type is called ${type}`)
  const devices = new DeviceKeys()
  testHasher.addText(devices, info.code, id, scope ?? '')
  if (devices.count !== 1) throw new Error(`${id} is no ${type}`)
  return devices.low[0] ?? 0
}
