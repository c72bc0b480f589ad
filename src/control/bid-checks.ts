/** Bids of the API as domain bids, checked against what a medium honours. */
import { honouredFactor } from '../domain/honoured-factor.ts'
import type { MediumRules } from '../domain/medium-rules.ts'
import { type Micros, micros, toUnitFloor } from '../domain/money.ts'
import type { BidAction, SecondPriceRule } from '../domain/strategy.ts'
import type { Findings } from './findings.ts'
import { microsOfDecimal } from './price.ts'
import type { BidInput, SecondBidInput } from './schemas/bid-schema.ts'

/** A bid as it is stored; prices in micros whatever spelling came in. */
export function bidOf(bid: BidInput): BidAction {
  if (bid.kind === 'cpc' || bid.kind === 'cpa') {
    return { kind: bid.kind, priceMicros: priceOf(bid) }
  }
  return bid
}

/** The same for a price rule of a second request. */
export function secondBidOf(bid: SecondBidInput): SecondPriceRule['bid'] {
  if (bid.kind === 'cpc' || bid.kind === 'cpa') {
    return { kind: bid.kind, priceMicros: priceOf(bid) }
  }
  return bid
}

/** What the medium will make of a bid: clamped factors are told, unpayable prices refused. */
export function checkBid(
  findings: Findings,
  path: string,
  bid: BidAction | SecondPriceRule['bid'],
  medium: { readonly name: string; readonly rules: MediumRules },
): void {
  switch (bid.kind) {
    case 'factor':
      return checkFactor(findings, `${path}.factor`, bid.factor, medium)
    case 'factorByScore':
      checkFactor(findings, `${path}.low`, bid.low, medium)
      return checkFactor(findings, `${path}.high`, bid.high, medium)
    case 'cpc':
    case 'cpa':
      return checkPrice(findings, `${path}.priceMicros`, bid.priceMicros, medium)
    case 'none':
    case 'ignore':
      return
  }
}

/** What the medium will make of a factor. */
export function checkFactor(
  findings: Findings,
  path: string,
  factor: number,
  medium: { readonly name: string; readonly rules: MediumRules },
): void {
  const { name, rules } = medium
  const honoured = honouredFactor(factor, rules)
  if (honoured === factor) return
  const isInside = factor >= rules.factorMin && factor <= rules.factorMax
  const range = `${rules.factorMin} to ${rules.factorMax}`
  const why = isInside ? `keeps ${rules.factorDecimals} decimals` : `takes ${range}`
  const verb = isInside ? 'rounded' : 'clamped'
  findings.warn(path, `${name} ${why}; it will be ${verb} to ${honoured}`)
}

/** What the medium will make of a price. */
export function checkPrice(
  findings: Findings,
  path: string,
  price: Micros,
  medium: { readonly name: string; readonly rules: MediumRules },
): void {
  const unit = medium.rules.priceUnitMicros
  const paid = toUnitFloor(price, unit) * unit
  if (paid === 0) {
    findings.error(path, `below the smallest price of ${medium.name}, ${unit} micros`)
  } else if (paid !== price) {
    findings.warn(path, `${medium.name} counts in ${unit} micros; it will be ${paid}`)
  }
}

/** The schema has made sure that exactly one spelling is there and that it is above zero. */
function priceOf(bid: { priceMicros?: number | undefined; price?: string | undefined }): Micros {
  if (bid.priceMicros !== undefined) return micros(bid.priceMicros)
  const price = microsOfDecimal(bid.price ?? '')
  if (price === null) throw new RangeError('the schema let a bad price through')
  return price
}
