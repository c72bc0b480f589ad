/** From well-formed settings of an exchange to stored ones. */
import { type Exchange, exchangeKind } from '../domain/exchange.ts'
import type { Rates } from '../domain/rates.ts'
import { type Checked, checkId, hasRate, ratesIn } from './catalog-checks.ts'
import type { CheckView } from './check-view.ts'
import { Findings } from './findings.ts'
import type { ExchangeInput } from './schemas/exchange-schema.ts'

/** As the schema's: what is bid in before there is any advertiser or rate. */
const currencyDefault = 'USD'

/** Less time than this decides nothing worth sending. */
const decisionMsMin = 3

/** The stored form and what its author should know. Throws 400 with the path of each bad field. */
export function checkedExchange(
  id: string,
  input: ExchangeInput,
  view: CheckView,
): Checked<Exchange> {
  const findings = new Findings()
  checkId(findings, id, input.id)
  const { id: _, live = isLive(id, view), ...settings } = input
  const value: Exchange = { id, live, ...settings }
  checkTimes(findings, value)
  checkModels(findings, value)
  warnOfCurrencies(findings, value, ratesIn(view, { id: '', currency: currencyDefault }))
  if (!value.macros.price.includes('PRICE')) {
    findings.warn('macros.price', 'does not look like a price macro: wins would have no price')
  }
  if (value.enabled && !value.live) {
    findings.warn('live', 'dry run: it decides and records, and answers with no bid')
  }
  findings.throwIfAny()
  return { value, warnings: findings.warnings }
}

/** Settings are changed without touching the switch; a new exchange starts in dry run. */
function isLive(id: string, view: CheckView): boolean {
  const stored = view.get(exchangeKind, id)
  return stored === null ? false : (JSON.parse(stored.json) as Exchange).live
}

function checkModels(findings: Findings, { plan }: Exchange): void {
  const { coarseModel, fineModel } = plan
  if (coarseModel !== '' && coarseModel === fineModel) {
    findings.error('plan.fineModel', 'is coarseModel: a coarse model is of another kind')
  }
  if (fineModel !== '' && coarseModel === '') {
    findings.warn('plan.coarseModel', 'none: fineModel scores the best by the prior')
  }
}

function warnOfCurrencies(findings: Findings, exchange: Exchange, rates: Rates): void {
  const warn = (path: string, currency: string): void => {
    if (hasRate(rates, currency)) return
    findings.warn(path, `no rate for ${currency}: there are no bids in it until there is one`)
  }
  warn('currency', exchange.currency)
  for (const [i, currency] of exchange.otherCurrencies.entries()) {
    warn(`otherCurrencies[${i}]`, currency)
    if (currency === exchange.currency) {
      findings.warn(`otherCurrencies[${i}]`, 'is currency already')
    }
  }
}

function checkTimes(findings: Findings, exchange: Exchange): void {
  const { tmaxDefaultMs, tmaxMaxMs, networkAllowanceMs, sendAllowanceMs } = exchange
  if (tmaxDefaultMs > tmaxMaxMs) findings.error('tmaxDefaultMs', `above tmaxMaxMs, ${tmaxMaxMs}`)
  const left = tmaxDefaultMs - networkAllowanceMs - sendAllowanceMs
  if (left < decisionMsMin) {
    findings.error('networkAllowanceMs', `leaves ${left} ms of tmaxDefaultMs to decide in`)
  }
}
