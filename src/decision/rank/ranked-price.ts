/** The bid that follows from what the best candidate of a strategy is worth. */
import type { AdPrice } from '../../domain/ad-request.ts'
import { honouredFactor } from '../../domain/honoured-factor.ts'
import type { MediumRules } from '../../domain/medium-rules.ts'
import { type Micros, noPrice } from '../../domain/money.ts'
import type { RankedBid } from '../../domain/strategy.ts'
import type { Worth } from './rank-scratch.ts'

/**
 * The price or factor of a ranked bid, whole micros rounded down, inside its limits; null where the
 * rates cannot carry one (a click that is never expected has no price): the rules' bid stays.
 */
export function rankedPrice(
  bid: RankedBid,
  worth: Pick<Worth, 'valueMicros' | 'ctr' | 'cvr'>,
  rules: MediumRules,
): AdPrice | null {
  const { valueMicros, ctr, cvr } = worth
  if (bid.kind === 'factor') {
    const factor = within(valueMicros / bid.valueAtOneMicros, bid.min, bid.max)
    return { cpcMicros: noPrice, cpaMicros: noPrice, factor: honouredFactor(factor, rules) }
  }
  // Of a thousand impressions that are worth so much, so many are clicked, or convert.
  const events = 1_000 * (bid.kind === 'cpc' ? ctr : ctr * cvr)
  if (!(events > 0)) return null
  const price = Math.floor((valueMicros * bid.share) / events)
  const micros = within(price, bid.minMicros, bid.maxMicros) as Micros
  if (micros === noPrice) return null
  const isCpc = bid.kind === 'cpc'
  return {
    cpcMicros: isCpc ? micros : noPrice,
    cpaMicros: isCpc ? noPrice : micros,
    factor: Number.NaN,
  }
}

function within(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}
