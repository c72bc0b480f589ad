/** A JSON medium made of configuration: the adapter that a `DescribedMedium` becomes. */
import type { AdRequest } from '../../domain/ad-request.ts'
import { isAccept, type RtaDecision, type Verdict } from '../../domain/decision.ts'
import type { DescribedMedium } from '../../domain/described-medium.ts'
import { isFailure, Refusal } from '../../domain/refusal.ts'
import type {
  AdapterContext,
  AnswerSummary,
  MediumAdapter,
  MediumRules,
  WireRequest,
} from '../adapter.ts'
import { DescribedReader } from './decode.ts'
import { describeByTemplates } from './describe.ts'
import { signatureHeaders } from './signature.ts'
import {
  type AnswerRender,
  type AnswerStrategy,
  compileTemplate,
  isWholeText,
  priceUnitMicros,
} from './template.ts'

const utf8 = new TextEncoder()
const nothing: readonly AnswerStrategy[] = []

/**
 * Builds the adapter of a description that `config/described-schema.ts` has accepted; throws on
 * one that it would refuse (an unknown id type, placeholder or path), and when a signature asks
 * for freshness but the context has no clock.
 */
export function createDescribedAdapter(
  description: DescribedMedium,
  context: AdapterContext,
): MediumAdapter {
  return new DescribedAdapter(description, context)
}

/** The whole `MediumRules` of a description: what it says, and what follows from it. */
export function describedRules(description: DescribedMedium): MediumRules {
  return {
    ...description.rules,
    secondBudgetMs: description.rules.budgetMs,
    priceUnitMicros: priceUnitMicros[description.answer.priceUnit],
  }
}

class DescribedAdapter implements MediumAdapter {
  readonly name: string
  readonly rules: MediumRules
  readonly wantedHeaders: readonly string[]
  readonly #description: DescribedMedium
  readonly #reader: DescribedReader
  readonly #accept: AnswerRender
  readonly #refuse: AnswerRender
  readonly #failure: AnswerRender
  readonly #refusals = new Map<number, Uint8Array>()

  constructor(description: DescribedMedium, context: AdapterContext) {
    const { answer, signature } = description
    this.name = description.name
    this.rules = describedRules(description)
    this.wantedHeaders = signature === null ? [] : signatureHeaders(signature)
    this.#description = description
    const { hasher, clock = null } = context
    this.#reader = new DescribedReader(description, { hasher, clock })
    this.#accept = compileTemplate(answer.accept, answer)
    this.#refuse = compileTemplate(answer.refuse, answer)
    this.#failure = compileTemplate(answer.failure ?? answer.refuse, answer)
    for (const reason of Object.values(Refusal)) {
      const isOurs = isFailure(reason)
      const cacheSeconds = isOurs ? context.cacheFailureSeconds : context.cacheRefuseSeconds
      const values = { requestId: '', reason, cacheSeconds, tag: '', strategies: nothing }
      const render = isOurs ? this.#failure : this.#refuse
      this.#refusals.set(reason, utf8.encode(render(values)))
    }
  }

  decode(wire: WireRequest, request: AdRequest): Refusal {
    return this.#reader.read(wire, request)
  }

  encode(request: AdRequest, decision: RtaDecision): Uint8Array {
    const verdicts = isAccept(decision) ? this.#sayable(request, decision) : []
    const isAccepted = verdicts.length > 0
    // An accept none of whose strategies this wire can name is a refusal, not an open gate.
    const reason = isAccepted ? Refusal.None : decision.refusal || Refusal.NoStrategy
    const values = {
      requestId: request.requestId,
      reason,
      cacheSeconds: decision.cacheSeconds,
      tag: decision.tag,
      strategies: this.#strategies(request, verdicts),
    }
    if (isAccepted) return utf8.encode(this.#accept(values))
    return utf8.encode(isFailure(reason) ? this.#failure(values) : this.#refuse(values))
  }

  refusal(reason: Refusal): Uint8Array {
    return this.#refusals.get(reason) ?? utf8.encode(this.#refuse(internalRefusal))
  }

  /** Templates of signatures may name query parameters. */
  readonly wantsQuery = true

  contentType(): string {
    return this.#description.answer.contentType
  }

  describeAnswer(body: Uint8Array): AnswerSummary {
    return describeByTemplates(this.#description.answer, body)
  }

  /** Verdicts this wire can say: numeric where it wants numbers, asked about where it asks. */
  #sayable(request: AdRequest, decision: RtaDecision): readonly Verdict[] {
    const { asked } = request
    const { numericTargets } = this.rules
    return decision.verdicts.filter(({ targetId }) => {
      if (numericTargets && !isWholeText(targetId)) return false
      return asked === null || asked.includes(targetId)
    })
  }

  /**
   * Strategies the answer speaks of, in its order; the first accepted one leads where none is
   * asked.
   */
  #strategies(request: AdRequest, verdicts: readonly Verdict[]): readonly AnswerStrategy[] {
    const { asked } = request
    if (this.#description.answer.mode === 'onlyAccepted' || asked === null) {
      return verdicts.map((verdict) => ({ targetId: verdict.targetId, verdict }))
    }
    const byTarget = new Map(verdicts.map((verdict) => [verdict.targetId, verdict]))
    const sayable = this.rules.numericTargets ? asked.filter(isWholeText) : asked
    return sayable.map((targetId) => ({ targetId, verdict: byTarget.get(targetId) ?? null }))
  }
}

const internalRefusal = {
  requestId: '',
  reason: Refusal.Internal,
  cacheSeconds: 0,
  tag: '',
  strategies: nothing,
}
