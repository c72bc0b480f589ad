/** Explains one bid request: the road of the bidding port with a trace, and nothing counted. */
import type { BidSnapshot } from '../catalog/bid/bid-snapshot.ts'
import { BidScratch } from '../decision/bid/bid-scratch.ts'
import { BidTrace } from '../decision/bid/bid-trace.ts'
import { osNames } from '../domain/ad-request.ts'
import { type BidDecision, isBid, noBid } from '../domain/bid-decision.ts'
import { type BidRequest, channelNames } from '../domain/bid-request.ts'
import { campaignKind } from '../domain/campaign.ts'
import { creativeKind } from '../domain/creative.ts'
import { type Exchange, exchangeKind } from '../domain/exchange.ts'
import { idTypeOf } from '../domain/id-type.ts'
import type { PackIndex } from '../domain/pack.ts'
import { privacyLimitNames } from '../domain/privacy.ts'
import { ProfileState } from '../domain/profile.ts'
import { ratesId, ratesKind } from '../domain/rates.ts'
import { Refusal, refusalNames } from '../domain/refusal.ts'
import type { ControlContext } from './app.ts'
import type { CatalogView } from './catalog-desk.ts'
import type { BidExplainPort } from './explain-port.ts'
import { whyAnswer } from './explain-why.ts'
import { explainBidBodyBytesMax, explainMsMax } from './limits.ts'
import { invalid, Problem } from './problem.ts'
import type { ExplainBidAnswer } from './schemas/explain-bid-schema.ts'
import type { ExplainInput } from './schemas/explain-schema.ts'

/** Milliseconds of the steps. */
interface Took {
  readonly decodeMs: number
  readonly decideMs: number
  readonly encodeMs: number
}

/** Everything that was found out about one request. */
export interface ExplainedBid {
  readonly snapshot: BidSnapshot
  readonly exchange: Exchange
  readonly refusal: Refusal
  readonly decision: BidDecision
  readonly trace: BidTrace
  readonly scratch: BidScratch
  readonly packs: PackIndex | null
}

/** Decodes, decides and encodes one bid request, and tells every step. */
export async function explainBid(
  { deps, desk }: ControlContext,
  input: ExplainInput,
): Promise<ExplainBidAnswer> {
  const port = deps.explain.bids
  if (port === null) throw invalid([{ path: 'medium', message: 'OpenRTB is not explained here' }])
  const view = await desk.view()
  const body = bytesOf(input)
  const snapshot = await port.snapshot(revisionOf(view, input))
  if (snapshot === null) {
    const sentence = 'the bid catalog is being compiled for explain; try again'
    throw new Problem('SLUICE_CONTROL_CATALOG_LOADING', sentence, { retryAfterSeconds: 2 })
  }
  const exchange = exchangeOf(snapshot, input.exchange ?? '')
  const { clock } = deps
  const scratch = new BidScratch()
  const { request } = scratch
  request.exchange = exchange.id
  const startedMs = clock.monotonicMs()
  const refusal = port.decode(body, contentTypeOf(input), exchange, request)
  const decodedMs = clock.monotonicMs()
  // Not the exchange's own: explain may wait for a slow store.
  request.receivedAtMs = decodedMs
  request.deadlineMs = decodedMs + explainMsMax
  const trace = new BidTrace(() => port.current())
  const decision =
    refusal === Refusal.None
      ? await port.decider.decide(request, scratch, trace)
      : noBid(refusal, exchange, snapshot.revision)
  const decidedMs = clock.monotonicMs()
  const packs = port.audienceView()?.packs ?? null
  const explained = { snapshot, exchange, refusal, decision, trace, scratch, packs }
  const why = refusal === Refusal.None ? await whyAnswer(view, port, input, explained) : null
  const encodingMs = clock.monotonicMs()
  const answer = answerOf(port, request, explained)
  const took = {
    decodeMs: decodedMs - startedMs,
    decideMs: decidedMs - decodedMs,
    encodeMs: clock.monotonicMs() - encodingMs,
  }
  return { ...told(port, explained, took), why, answer }
}

/** The bytes as they came, or the JSON that was given. */
function bytesOf(input: ExplainInput): Uint8Array {
  const bytes =
    input.bodyBase64 === undefined
      ? Buffer.from(input.bodyText ?? JSON.stringify(input.body))
      : Buffer.from(input.bodyBase64, 'base64')
  if (bytes.length > explainBidBodyBytesMax) {
    throw invalid([{ path: 'body', message: `longer than ${explainBidBodyBytesMax} bytes` }])
  }
  return bytes
}

/** Text is JSON whatever is said; bytes are what their header says, or '' = told by themselves. */
function contentTypeOf(input: ExplainInput): string {
  if (input.bodyBase64 === undefined) return 'application/json'
  for (const [name, value] of Object.entries(input.headers)) {
    if (name.toLowerCase() === 'content-type') return value
  }
  return ''
}

/** What the caller names must be in the catalog that explains: its own last write, above all. */
function revisionOf(view: CatalogView, input: ExplainInput): number {
  const named = [
    view.get(ratesKind, ratesId),
    view.get(exchangeKind, input.exchange ?? ''),
    view.get(campaignKind, input.campaignId ?? ''),
    view.get(creativeKind, input.creativeId ?? ''),
  ]
  return Math.max(0, ...named.map((entity) => entity?.version ?? 0))
}

/** Exchanges that a refusal names. */
const exchangesShownMax = 20

function exchangeOf(snapshot: BidSnapshot, id: string): Exchange {
  const exchange = snapshot.exchange(id)
  if (exchange !== null) return exchange
  const known = snapshot.data.exchanges.slice(0, exchangesShownMax).map((one) => one.id)
  const message = `no exchange '${id}'; there are: ${known.join(', ') || 'none'}`
  throw invalid([{ path: 'exchange', message }])
}

function told(
  port: BidExplainPort,
  { exchange, refusal, decision, trace, scratch, packs }: ExplainedBid,
  took: Took,
): Omit<ExplainBidAnswer, 'why' | 'answer'> {
  const { request } = scratch
  return {
    medium: 'openrtb',
    exchange: exchange.id,
    revision: decision.revision,
    decoded: decodedOf(request, refusal),
    privacy: {
      limit: privacyLimitNames.get(request.privacyLimit) ?? '',
      usedPersonalData: request.privacyLimit === 0,
    },
    profile: profileOf(scratch, packs, trace.profile),
    time: {
      tmaxMs: request.tmaxMs,
      budgetMs: port.timeMsOf(exchange, request.tmaxMs),
      ...took,
    },
    decision: {
      refusal: decision.refusal,
      refusalName: refusalNames.get(decision.refusal) ?? '',
      isDryRun: decision.isDryRun,
      bids: decision.bids.length,
    },
    trace: traceOf(trace),
  }
}

function decodedOf(request: BidRequest, refusal: Refusal): ExplainBidAnswer['decoded'] {
  const { inventory, device, geo } = request
  return {
    refusal,
    refusalName: refusalNames.get(refusal) ?? '',
    requestId: request.id,
    isJson: request.isJson,
    isTest: request.isTest,
    imps: request.imps.length,
    impsDropped: request.impsDropped,
    auctionType: request.auctionType,
    currencies: [...request.currencies],
    channel: channelNames[inventory.channel],
    domain: inventory.domain,
    bundle: inventory.bundle,
    publisherId: inventory.publisherId,
    country: geo.country,
    region: geo.region,
    city: geo.city,
    os: osNames[device.os],
    osVersion: device.osVersion,
    deviceType: device.type,
    language: device.language,
  }
}

function profileOf(
  { request: { devices }, profile }: BidScratch,
  packs: PackIndex | null,
  state: string,
): ExplainBidAnswer['profile'] {
  const isKnown = profile.state === ProfileState.Known
  const isIn = (number: number): boolean => isKnown && profile.has(number)
  const matched = (packs?.ids ?? []).flatMap((id, number) =>
    isIn(number) ? [{ id, score: profile.scores[number] ?? -1 }] : [],
  )
  const ids = Array.from({ length: devices.count }, (_, index) => ({
    type: idTypeOf(devices.type[index] ?? 0).name,
    key: devices.hex(index),
  }))
  return { state, ids, packs: matched }
}

function traceOf(trace: BidTrace): ExplainBidAnswer['trace'] {
  const { currency, ratesBase, ratesAsOf, isLive, campaigns, creatives, ranking } = trace
  // The trace is plain data made for this answer; a copy only frees it of `readonly`.
  const { droppedForRequest, heldBack, slots } = structuredClone({
    droppedForRequest: trace.droppedForRequest,
    heldBack: trace.heldBack,
    slots: trace.slots,
  }) as unknown as Pick<ExplainBidAnswer['trace'], 'droppedForRequest' | 'heldBack' | 'slots'>
  return {
    currency,
    ratesBase,
    ratesAsOf,
    isLive,
    campaigns,
    creatives,
    ranking: ranking === null ? null : { ...ranking },
    droppedForRequest,
    heldBack,
    slots,
  }
}

function answerOf(
  port: BidExplainPort,
  request: BidRequest,
  { exchange, refusal, decision }: ExplainedBid,
): ExplainBidAnswer['answer'] {
  const contentType = request.isJson ? 'application/json' : 'application/x-protobuf'
  if (isBid(decision)) {
    const bytes = port.adapter.encode(request, decision)
    const message = asJson(request, () => port.adapter.encode(request, decision))
    return { status: 200, contentType, base64: base64Of(bytes), message, ifLive: null }
  }
  const ifLive = decision.isDryRun
    ? asJson(request, () => port.adapter.encode(request, { ...decision, isDryRun: false }))
    : null
  const reason = decision.refusal === Refusal.None ? Refusal.DryRun : decision.refusal
  const isBad = refusal === Refusal.Malformed || refusal === Refusal.EmptyBody
  const status = isBad ? 400 : refusal === Refusal.BodyTooLarge ? 413 : 204
  if (status !== 204 || exchange.noBid === 'empty' || request.id === '') {
    return { status, contentType: '', base64: '', message: null, ifLive }
  }
  const bytes = port.adapter.encodeNoBid(request, reason)
  const message = asJson(request, () => port.adapter.encodeNoBid(request, reason))
  return { status: 200, contentType, base64: base64Of(bytes), message, ifLive }
}

/** The answer as its JSON reader would see it, whatever the wire of the request. */
function asJson(request: BidRequest, encode: () => Uint8Array): unknown {
  const { isJson } = request
  request.isJson = true
  try {
    return JSON.parse(Buffer.from(encode()).toString('utf8'))
  } finally {
    request.isJson = isJson
  }
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
