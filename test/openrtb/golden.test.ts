/**
 * Golden fixtures of OpenRTB: bytes in, our request out; a decision in, the wire's answer out.
 * `UPDATE_GOLDEN=openrtb` rewrites what is expected; review the diff like code.
 */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { BidDecision } from '../../src/domain/bid-decision.ts'
import { isBid, noBid, priorRanking } from '../../src/domain/bid-decision.ts'
import { BidRequest } from '../../src/domain/bid-request.ts'
import type { Exchange } from '../../src/domain/exchange.ts'
import { type Format, type FormatName, formatNames } from '../../src/domain/format.ts'
import type { Micros } from '../../src/domain/money.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import { echoOf, refusalAnswer } from '../../src/http/bid-answer.ts'
import { createOpenRtbAdapter } from '../../src/media/openrtb/adapter.ts'
import { readBidResponseJson } from '../../src/media/openrtb/wire/json-reader.ts'
import { readBidResponseProto } from '../../src/media/openrtb/wire/ortb-proto-reader.ts'
import {
  type GoldenId,
  goldenHasher,
  keysOf,
  keysOfIds,
  RecordingHasher,
  refusalFrom,
} from '../golden/canonical.ts'
import {
  bodyOf,
  encodeWithProtoc,
  type GoldenFixture,
  hasProtoc,
  loadFixtures,
  saveFixture,
} from '../golden/fixture.ts'
import {
  aBanner,
  aCampaign,
  aNative,
  anAdvertiser,
  anAudio,
  anExchange,
  aVideo,
} from '../support/bid-world.ts'
import { links } from '../support/slot-fixtures.ts'
import type { Wire } from './road.ts'

/** A bid of a case: which creative of the test catalog, where, and for how much. */
interface GoldenBid {
  readonly imp: string
  readonly creative: FormatName
  readonly priceMicros: number
  readonly floorMicros?: number
  readonly deal?: string
  readonly slotInPod?: number
}

/** What is decided, what the exchange is like, and what is answered. */
interface BidCase {
  readonly about: string
  readonly decision: { readonly refusal?: string; readonly bids?: readonly GoldenBid[] }
  /** Settings other than those of the test catalog's exchange. */
  readonly exchange?: Partial<Exchange>
  readonly status: number
  /** The answer, without what is absent. */
  response?: unknown
}

type BidFixture = Omit<GoldenFixture, 'cases'> & { wire: Wire; cases?: BidCase[] }

const folder = join(import.meta.dirname, '../../src/media/openrtb/golden')
const toUpdate = ['1', 'openrtb'].includes(process.env['UPDATE_GOLDEN'] ?? '')
const isProtocHere = hasProtoc()

interface BidFile {
  readonly name: string
  readonly path: string
  readonly fixture: BidFixture
}

const exemplary = loadFixtures(folder, 'exemplary') as unknown as BidFile[]
const hostile = loadFixtures(folder, 'hostile') as unknown as BidFile[]
function update(file: BidFile): void {
  const { fixture } = file
  if (fixture.encoder !== undefined && isProtocHere) {
    fixture.bodyBase64 = encodeWithProtoc(file as never)
  }
  const recorder = new RecordingHasher()
  const { refusal, request } = decode(fixture, recorder)
  if (file.path.includes('hostile')) {
    fixture.refusal = Object.entries(Refusal).find(([, code]) => code === refusal)?.[0] ?? refusal
  } else fixture.canonical = { ...canonicalOf(request), devices: [...recorder.ids] }
  for (const golden of fixture.cases ?? []) golden.response = answerOf(fixture, golden).response
  saveFixture(file as never)
}

function exchangeOf({ wire }: BidFixture, own: Partial<Exchange> = {}): Exchange {
  return anExchange({ protobufLayout: wire === 'google' ? 'google' : 'iab', ...own })
}

function decode(fixture: BidFixture, hasher = goldenHasher) {
  const adapter = createOpenRtbAdapter({ hasher, links })
  const request = new BidRequest()
  const body = bodyOf(fixture as GoldenFixture)
  const refusal = adapter.decode(body, fixture.wire === 'json', exchangeOf(fixture), request)
  return { refusal, request }
}

/** The request as plain JSON, without its keys: '∞' stands for an open end, null for unknown. */
function canonicalOf(request: BidRequest): Record<string, unknown> {
  const { devices, ...rest } = request
  const plain = { ...rest, doubtful: devices.doubtful, overflow: devices.overflow }
  const text = JSON.stringify(plain, (_, value: unknown) => (value === Infinity ? '∞' : value))
  return JSON.parse(text) as Record<string, unknown>
}

const creatives = {
  banner: aBanner(),
  video: aVideo(),
  audio: anAudio(),
  native: aNative(),
}

function decisionOf(request: BidRequest, golden: BidCase, exchange: Exchange): BidDecision {
  const { bids, refusal } = golden.decision
  if (bids === undefined) return noBid(refusalFrom(refusal), exchange)
  return {
    refusal: Refusal.None,
    bids: bids.map((one, at) => bidOf(request, one, String(at + 1))),
    currency: 'USD',
    decisionId: '00000001000000ff',
    exchange,
    isTest: false,
    isDryRun: false,
    revision: 1,
    ranking: priorRanking,
  }
}

function bidOf(request: BidRequest, one: GoldenBid, id: string): BidDecision['bids'][number] {
  const imp = request.imps.find((candidate) => candidate.id === one.imp)
  if (imp === undefined) throw new Error(`no impression ${one.imp}`)
  const creative = creatives[one.creative]
  const { banner, video, audio } = creative
  return {
    id,
    imp,
    format: formatNames.indexOf(one.creative) as Format,
    advertiser: anAdvertiser({ seat: 'seat-1' }),
    campaign: aCampaign(),
    creative,
    seat: 'seat-1',
    priceMicros: one.priceMicros as Micros,
    floorMicros: (one.floorMicros ?? 0) as Micros,
    deal: imp.deals.find(({ id: deal }) => deal === one.deal) ?? null,
    size: banner ?? video?.files[0] ?? { w: 0, h: 0 },
    durationSec: (video ?? audio)?.durationSec ?? 0,
    slotInPod: one.slotInPod ?? 0,
    valueMicros: one.priceMicros as Micros,
    ctr: 0.005,
    cvr: 0.02,
    rankedBy: 'prior',
    propensity: 1,
  }
}

/** Status and answer of a case, by the adapter and the road of the edge. */
function answerOf(fixture: BidFixture, golden: BidCase): { status: string; response: unknown } {
  const exchange = exchangeOf(fixture, golden.exchange)
  const adapter = createOpenRtbAdapter({ hasher: goldenHasher, links })
  const { request } = decode(fixture)
  const decision = decisionOf(request, golden, exchange)
  if (!isBid(decision) && exchange.noBid === 'empty') {
    return {
      status: Buffer.from(refusalAnswer(decision.refusal, echoOf('')).status ?? []).toString(),
      response: null,
    }
  }
  const encode = () =>
    isBid(decision)
      ? adapter.encode(request, decision)
      : adapter.encodeNoBid(request, decision.refusal)
  const bytes = encode()
  expect(encode()).toEqual(bytes)
  const read =
    fixture.wire === 'json' ? readBidResponseJson(bytes) : readBidResponseProto(bytes, fixture.wire)
  return { status: '200', response: withoutAbsent(read) }
}

function withoutAbsent(value: unknown): unknown {
  const isAbsent = (one: unknown) => one === null || (Array.isArray(one) && one.length === 0)
  return JSON.parse(JSON.stringify(value, (_, one: unknown) => (isAbsent(one) ? undefined : one)))
}

describe('openrtb', () => {
  if (toUpdate) for (const file of [...exemplary, ...hostile]) update(file)

  test('has fixtures of every wire, and cases', () => {
    for (const wire of ['json', 'iab', 'google']) {
      expect(exemplary.some(({ fixture }) => fixture.wire === wire)).toBe(true)
      expect(hostile.some(({ fixture }) => fixture.wire === wire)).toBe(true)
    }
    for (const { fixture } of exemplary) expect(fixture.cases?.length).toBeGreaterThan(0)
  })

  test.each(exemplary)('reads $name', ({ fixture }) => {
    const { refusal, request } = decode(fixture)
    expect(refusal).toBe(Refusal.None)
    const { devices, ...expected } = fixture.canonical as { devices: GoldenId[] }
    expect(canonicalOf(request)).toEqual(expected)
    expect(keysOf(request.devices)).toEqual(keysOfIds(devices))
  })

  const cases = exemplary.flatMap(({ name, fixture }) =>
    (fixture.cases ?? []).map((golden) => ({ name, about: golden.about, golden, fixture })),
  )
  test.each(cases)('answers $name: $about', ({ golden, fixture }) => {
    const { status, response } = answerOf(fixture, golden)
    expect(response).toEqual(golden.response)
    expect(status).toContain(String(golden.status))
  })

  test.each(hostile)('refuses $name with its number', ({ fixture }) => {
    const { refusal } = decode(fixture)
    expect(refusal).not.toBe(Refusal.None)
    expect(refusal).toBe(refusalFrom(fixture.refusal))
  })

  test.each([...exemplary, ...hostile])('leaves the bytes of $name as they were', ({ fixture }) => {
    const body = bodyOf(fixture as GoldenFixture)
    const adapter = createOpenRtbAdapter({ hasher: goldenHasher, links })
    adapter.decode(body, fixture.wire === 'json', exchangeOf(fixture), new BidRequest())
    expect(body).toEqual(bodyOf(fixture as GoldenFixture))
  })

  test.each(exemplary)('reads $name into a used request as into a new one', ({ fixture }) => {
    const first = decode(fixture).request
    const { request } = decode(exemplary[0]?.fixture ?? fixture)
    request.clear()
    const adapter = createOpenRtbAdapter({ hasher: goldenHasher, links })
    const body = bodyOf(fixture as GoldenFixture)
    adapter.decode(body, fixture.wire === 'json', exchangeOf(fixture), request)
    expect(canonicalOf(request)).toEqual(canonicalOf(first))
    expect(keysOf(request.devices)).toEqual(keysOf(first.devices))
  })

  const encoded = exemplary.filter(({ fixture }) => fixture.encoder !== undefined)
  test.runIf(isProtocHere)('has the bodies protoc makes of its texts', () => {
    expect(encoded.length).toBeGreaterThan(5)
    for (const file of encoded)
      expect(encodeWithProtoc(file as never)).toBe(file.fixture.bodyBase64)
  })
})
