/** What authors of frequency caps and rules on converts should know. */
import { advertiserKind } from '../domain/advertiser.ts'
import type { ConvertedRule, FrequencyCap } from '../domain/frequency.ts'
import type { CheckView } from './check-view.ts'
import type { Findings } from './findings.ts'

/** Warns of caps that others leave nothing to do. */
export function warnOfCaps(findings: Findings, caps: readonly FrequencyCap[]): void {
  for (const [i, cap] of caps.entries()) {
    const other = caps.find((one, j) => coversMore(one, cap) || (j < i && isEqual(one, cap)))
    if (other === undefined) continue
    const { impressions, minutes } = other
    findings.warn(`caps[${i}]`, `never reached: ${impressions} in ${minutes} minutes comes first`)
  }
}

/** Warns of rules that let nobody in, or look at conversions that nobody reports. */
export function warnOfConverted(
  findings: Findings,
  rules: readonly ConvertedRule[],
  view: CheckView,
): void {
  for (const [i, rule] of rules.entries()) {
    const path = `converted[${i}]`
    if (view.get(advertiserKind, rule.advertiserId) === null) {
      const message = `there is no advertiser '${rule.advertiserId}': nobody has converted`
      findings.warn(`${path}.advertiserId`, message)
    }
    const isShut = rule.kind === 'require' && rules.some((one) => excludes(one, rule))
    if (isShut) findings.warn(path, 'lets nobody in: whom it wants is excluded as well')
  }
}

function isEqual(a: FrequencyCap, b: FrequencyCap): boolean {
  return a.impressions === b.impressions && a.minutes === b.minutes
}

/** True when `a` is always reached before `b`. */
function coversMore(a: FrequencyCap, b: FrequencyCap): boolean {
  return a.impressions <= b.impressions && a.minutes >= b.minutes && !isEqual(a, b)
}

function excludes(rule: ConvertedRule, wanted: ConvertedRule): boolean {
  const isSame = rule.action === wanted.action || rule.action === ''
  const isOfOne = rule.kind === 'exclude' && rule.advertiserId === wanted.advertiserId
  return isOfOne && isSame && rule.days >= wanted.days
}
