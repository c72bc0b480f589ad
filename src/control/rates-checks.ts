/** From a well-formed table of rates to a stored one. */
import { type Advertiser, advertiserKind } from '../domain/advertiser.ts'
import { type Exchange, exchangeKind } from '../domain/exchange.ts'
import { type Rates, ratesId } from '../domain/rates.ts'
import { type Checked } from './catalog-checks.ts'
import type { CheckView } from './check-view.ts'
import { Findings } from './findings.ts'
import { ratesDaysAheadMax, ratesDaysOldMax } from './limits.ts'
import type { RatesInput } from './schemas/rates-schema.ts'

const dayMs = 24 * 60 * 60 * 1_000

/**
 * The stored form and what its author should know: rates that are old, currencies in use that are
 * missing. Throws 400 with the path of each bad field.
 */
export function checkedRates(input: RatesInput, view: CheckView, nowMs: number): Checked<Rates> {
  const findings = new Findings()
  const { base, asOf, rates } = input
  const days = (nowMs - Date.parse(`${asOf}T00:00:00Z`)) / dayMs
  if (days < -ratesDaysAheadMax) findings.error('asOf', 'lies in the future')
  if (days > ratesDaysOldMax + 1) findings.warn('asOf', `${Math.floor(days)} days old`)
  const own = rates[base]
  if (own !== undefined && own !== 1) findings.error(`rates.${base}`, 'the rate of the base is 1')
  for (const [currency, users] of currenciesInUse(view)) {
    if (currency === base || Object.hasOwn(rates, currency)) continue
    findings.warn(`rates.${currency}`, `missing, but used by ${users}`)
  }
  findings.throwIfAny()
  return { value: { id: ratesId, base, asOf, rates }, warnings: findings.warnings }
}

/** Currencies of advertisers and exchanges, each with the first that uses it. */
function currenciesInUse(view: CheckView): Map<string, string> {
  const users = new Map<string, string>()
  const use = (currency: string, user: string): void => {
    if (!users.has(currency)) users.set(currency, user)
  }
  for (const { id, json } of view.after(advertiserKind, '')) {
    use((JSON.parse(json) as Advertiser).currency, `advertiser '${id}'`)
  }
  for (const { id, json } of view.after(exchangeKind, '')) {
    const { currency, otherCurrencies } = JSON.parse(json) as Exchange
    for (const one of [currency, ...otherCurrencies]) use(one, `exchange '${id}'`)
  }
  return users
}
