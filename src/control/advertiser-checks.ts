/** From a well-formed advertiser to a stored one. */
import type { Advertiser } from '../domain/advertiser.ts'
import { type Checked, checkId, hasRate, ratesIn, warnOfCategories } from './catalog-checks.ts'
import type { CheckView } from './check-view.ts'
import { Findings } from './findings.ts'
import { warnOfCaps } from './guard-checks.ts'
import type { AdvertiserInput } from './schemas/advertiser-schema.ts'

/** The stored form and what its author should know. Throws 400 with the path of each bad field. */
export function checkedAdvertiser(
  id: string,
  input: AdvertiserInput,
  view: CheckView,
): Checked<Advertiser> {
  const findings = new Findings()
  checkId(findings, id, input.id)
  const { name, enabled, currency, domains, categories, seat, caps } = input
  if (!hasRate(ratesIn(view, { id, currency }), currency)) {
    findings.warn(
      'currency',
      `no rate for ${currency}: its campaigns do not bid until there is one`,
    )
  }
  warnOfCategories(findings, 'categories', categories)
  warnOfCaps(findings, caps)
  findings.throwIfAny()
  const value = { id, name, enabled, currency, domains, categories, seat, caps }
  return { value, warnings: findings.warnings }
}
