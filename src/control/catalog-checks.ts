/** Checks that several kinds of bid entities share: what only the rest of the catalog can tell. */
import { type Advertiser, advertiserKind, type CategorySet } from '../domain/advertiser.ts'
import { packKind } from '../domain/pack.ts'
import { onlyCurrency, type Rates, ratesId, ratesKind } from '../domain/rates.ts'
import type { CheckView } from './check-view.ts'
import type { Findings } from './findings.ts'

/** A stored form and what its author should know. */
export interface Checked<T> {
  readonly value: T
  readonly warnings: Findings['warnings']
}

/** The id in a body may be left out, but not differ. */
export function checkId(findings: Findings, id: string, given: string | undefined): void {
  if (given !== undefined && given !== id) findings.error('id', `differs from the path: ${id}`)
}

/**
 * The table of rates in force. Without one the compiler knows a single currency, the first
 * advertiser's; `own` is what stands in for it where there is no (other) advertiser.
 */
export function ratesIn(
  view: CheckView,
  own: { readonly id: string; readonly currency: string },
): Rates {
  const stored = view.get(ratesKind, ratesId)
  if (stored !== null) return JSON.parse(stored.json) as Rates
  for (const { id, json } of view.after(advertiserKind, '')) {
    if (id !== own.id) return onlyCurrency((JSON.parse(json) as Advertiser).currency)
  }
  return onlyCurrency(own.currency)
}

/** True for a currency that amounts can be converted from and to. */
export function hasRate({ base, rates }: Rates, currency: string): boolean {
  return currency === base || Object.hasOwn(rates, currency)
}

/** Warns of packs that do not exist (yet): nobody is in them. */
export function warnOfPacks(
  findings: Findings,
  path: string,
  packIds: readonly string[],
  view: CheckView,
): void {
  for (const [i, packId] of packIds.entries()) {
    if (view.get(packKind, packId) !== null) continue
    findings.warn(`${path}[${i}]`, `there is no pack '${packId}': nobody is in it`)
  }
}

/** Warns of ids that are not of the taxonomy they are said to be of. */
export function warnOfCategories(
  findings: Findings,
  path: string,
  sets: readonly CategorySet[],
): void {
  for (const [i, { taxonomy, ids }] of sets.entries()) {
    if (taxonomy !== 1) continue
    for (const [j, id] of ids.entries()) {
      if (/^IAB\d{1,2}(-\d{1,3})?$/.test(id)) continue
      findings.warn(`${path}[${i}].ids[${j}]`, 'taxonomy 1 has ids such as IAB3-1')
    }
  }
}
