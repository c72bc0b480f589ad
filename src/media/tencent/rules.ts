/** Tencent Ads RTA: what its answers mean and which limits it honours. */
import type { MediumRules } from '../../domain/medium-rules.ts'
import { microsPerFen } from '../../domain/money.ts'

/**
 * The semantics row of Tencent. Budgets: rta-media.md §1.1, §1.6. Cache: at least an hour, and
 * the 7 days of the medium's protocol text rather than the 24 hours of its application form
 * (§1.10). Factor: §1.5. Prices in 分: §1.4. Target ids: §1.9. HTTP 200 always: §1.1.
 */
export const tencentRules: MediumRules = {
  budgetMs: 60,
  secondBudgetMs: 80,
  cacheSecondsMin: 3_600,
  cacheSecondsMax: 604_800,
  factorMin: 0.2,
  factorMax: 5,
  factorDecimals: 2,
  priceUnitMicros: microsPerFen,
  targetIdCharsMax: 32,
  numericTargets: false,
  refusalStatus: 200,
}

/** Bytes of a `dsp_tag_str` (§1.4). */
export const tagBytesMax = 20
