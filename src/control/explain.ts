/** `POST /api/v1/explain`: the same decode, decide and encode as on the bidding port, in words. */
import { z } from 'zod'
import { Scratch } from '../decision/scratch.ts'
import { type DecisionTrace, newTrace } from '../decision/trace.ts'
import { AdRequest, osNames } from '../domain/ad-request.ts'
import { campaignKind } from '../domain/campaign.ts'
import type { RtaDecision } from '../domain/decision.ts'
import { idTypeOf } from '../domain/id-type.ts'
import { Refusal, refusalNames } from '../domain/refusal.ts'
import { type Strategy, strategyKind } from '../domain/strategy.ts'
import type { MediumAdapter } from '../media/adapter.ts'
import type { ControlApp, ControlContext } from './app.ts'
import type { CatalogView } from './catalog-desk.ts'
import { explainBid } from './explain-bid.ts'
import type { ExplainPort, ExplainRevisions } from './explain-port.ts'
import { explainBodyBytesMax, explainMsMax } from './limits.ts'
import { invalid } from './problem.ts'
import { problemResponses, writeProblems } from './schemas/common.ts'
import { explainBidAnswer } from './schemas/explain-bid-schema.ts'
import {
  type ExplainAnswer,
  type ExplainInput,
  explainAnswer,
  explainInput,
} from './schemas/explain-schema.ts'

/** The medium that is all exchanges. */
const openRtb = 'openrtb'

const kindNames = ['decide', 'ping', 'second'] as const

/** Registers the route. */
export function explainRoutes(app: ControlApp, context: ControlContext): void {
  app.post(
    '/api/v1/explain',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Explains one request of a medium, step by step; nothing is counted',
        tags: ['explain'],
        body: explainInput,
        response: {
          200: z.union([explainBidAnswer, explainAnswer]),
          ...problemResponses,
          404: writeProblems[404],
          413: writeProblems[413],
        },
      },
    },
    async ({ body }) =>
      body.medium === openRtb ? explainBid(context, body) : explain(context, body),
  )
}

/** Decodes, decides and encodes one request, and tells every step. */
async function explain(
  { deps, desk }: ControlContext,
  input: ExplainInput,
): Promise<ExplainAnswer> {
  const adapter = deps.explain.adapters.get(input.medium)
  if (adapter === undefined) {
    const names = [...deps.explain.adapters.keys()]
    if (deps.explain.bids !== null) names.push(openRtb)
    const known = names.join(', ')
    throw invalid([{ path: 'medium', message: `no medium '${input.medium}'; there are: ${known}` }])
  }
  const request = new AdRequest()
  request.medium = adapter.name
  const wire = wireOf(deps.explain, adapter, input)
  const refusal = adapter.decode(wire, request)
  // A store that is down explains by what was seen last, as it decides.
  const view = await desk.view().catch(() => desk.lastView())
  await deps.explain.prepare(adapter.name, revisionsOf(view, adapter.name))
  // Set after decode: an adapter may put in the medium's own deadline, which explain does not have.
  request.receivedAtMs = deps.clock.monotonicMs()
  request.deadlineMs = request.receivedAtMs + explainMsMax
  if (refusal !== Refusal.None) {
    return told(adapter, request, { refusal, decision: null, trace: newTrace() })
  }
  const trace = newTrace()
  // A scratch of its own, not of a pool: explain may keep it for seconds.
  const scratch = new Scratch()
  scratch.isTaken = true
  const decision = await deps.explain.decider.decide(request, scratch, trace)
  return told(adapter, request, { refusal, decision, trace })
}

/** The last changes of a medium's strategies and of the campaigns behind them; 0 = there is none. */
function revisionsOf(view: CatalogView | null, medium: string): ExplainRevisions {
  let strategies = 0
  let campaigns = 0
  for (const { json, version } of view?.all(strategyKind) ?? []) {
    const strategy = JSON.parse(json) as Pick<Strategy, 'medium'> & Partial<Strategy>
    if (strategy.medium !== medium) continue
    strategies = Math.max(strategies, version)
    for (const id of strategy.ranking?.campaigns ?? []) {
      campaigns = Math.max(campaigns, view?.get(campaignKind, id)?.version ?? 0)
    }
  }
  return { strategies, campaigns }
}

function wireOf(port: ExplainPort, adapter: MediumAdapter, input: ExplainInput) {
  const { bytes, isJson } = bytesOf(port, input)
  if (bytes.length > explainBodyBytesMax) {
    throw invalid([{ path: 'body', message: `longer than ${explainBodyBytesMax} bytes` }])
  }
  const given = new Map(
    Object.entries(input.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  if (isJson && !given.has('content-type')) given.set('content-type', 'application/json')
  const headers = adapter.wantedHeaders.map((name) => given.get(name) ?? '')
  return { body: bytes, headers, query: input.query }
}

function bytesOf(port: ExplainPort, input: ExplainInput): { bytes: Uint8Array; isJson: boolean } {
  if (input.bodyBase64 !== undefined) {
    return { bytes: Buffer.from(input.bodyBase64, 'base64'), isJson: false }
  }
  if (input.bodyText !== undefined) return { bytes: Buffer.from(input.bodyText), isJson: true }
  const encoded = encodedMessage(port, input)
  if (encoded !== null) return { bytes: encoded, isJson: false }
  return { bytes: Buffer.from(JSON.stringify(input.body)), isJson: true }
}

function encodedMessage(port: ExplainPort, input: ExplainInput): Uint8Array | null {
  try {
    return port.encodeRequest(input.medium, input.body)
  } catch (error) {
    const message = error instanceof Error ? error.message : 'does not fit the medium'
    throw invalid([{ path: 'body', message }])
  }
}

interface Outcome {
  /** Why the bytes could not be decided; None when they were. */
  readonly refusal: Refusal
  readonly decision: RtaDecision | null
  readonly trace: DecisionTrace
}

function told(adapter: MediumAdapter, request: AdRequest, outcome: Outcome): ExplainAnswer {
  const { refusal, decision, trace } = outcome
  const bytes = decision === null ? adapter.refusal(refusal) : adapter.encode(request, decision)
  const { valid, accepted, targetIds, message } = adapter.describeAnswer(bytes)
  // Ids and the decision stand beside the trace, completed: no need to say them twice.
  const { ids: _ids, decision: _decision, ranks, ...steps } = trace
  return {
    medium: adapter.name,
    decoded: decodedOf(request, refusal),
    ids: idsOf(request, trace),
    idsDoubtful: request.devices.doubtful,
    idsBeyondLimit: request.devices.overflow,
    trace: decision === null ? null : { ...steps, ranking: ranks.ranking },
    decision,
    answer: {
      base64: Buffer.from(bytes).toString('base64'),
      contentType: adapter.contentType(request),
      valid,
      accepted,
      targetIds: [...targetIds],
      message,
    },
  }
}

function decodedOf(request: AdRequest, refusal: Refusal): ExplainAnswer['decoded'] {
  return {
    refusal,
    refusalName: refusalNames.get(refusal) ?? String(refusal),
    kind: kindNames[request.kind],
    requestId: request.requestId,
    isTest: request.isTest,
    os: osNames[request.os],
    osVersion: request.osVersion,
    experimentIds: [...request.experimentIds],
    asked: request.asked === null ? null : [...request.asked],
    country: request.geo.country,
    city: request.geo.city,
    district: request.geo.district,
    slotId: request.slotId,
    ads: request.ads.length,
  }
}

/** Every id of the request, also when the road ended before the store was asked for it. */
function idsOf(request: AdRequest, trace: DecisionTrace): ExplainAnswer['ids'] {
  const { devices } = request
  const traced = new Map(trace.ids.map((id) => [id.key, id]))
  return Array.from({ length: devices.count }, (_, index) => {
    const key = devices.hex(index)
    const seen = traced.get(key)
    return {
      type: idTypeOf(devices.type[index] ?? 0).name,
      key,
      cachedBy: index === devices.cachedBy,
      bucketsBy: seen?.bucketsBy ?? false,
      found: seen?.found ?? null,
      packs: (seen?.packs ?? []).map(({ id, score }) => ({ id, score })),
    }
  })
}
