/** What one medium's wire can say and honours; each adapter states its own. */

/** What a medium's answers mean and which limits it honours: one row of the semantics table. */
export interface MediumRules {
  /** Milliseconds from the medium's send to its receipt of the answer (rta-media.md §1.1). */
  readonly budgetMs: number
  /** The same for a second request. */
  readonly secondBudgetMs: number
  /** Cache seconds the wire can say; 0/0 where it cannot say any. */
  readonly cacheSecondsMin: number
  readonly cacheSecondsMax: number
  /** Bid factors outside are ignored by the medium, so we clamp to them; decimals it honours. */
  readonly factorMin: number
  readonly factorMax: number
  readonly factorDecimals: number
  /** Micros in one unit of its price fields (分 = 10 000). */
  readonly priceUnitMicros: number
  /**
   * Longest target id the medium registers, in characters; decimal int64 where `numericTargets`.
   */
  readonly targetIdCharsMax: number
  readonly numericTargets: boolean
  /** HTTP status of an explicit refusal; 200 for every medium that treats others as an error. */
  readonly refusalStatus: number
}

/**
 * Cache seconds inside the medium's range; null or 0 is 0 (the field is left out and the medium's
 * own setting holds), and 0 is all there is where the wire cannot say any.
 */
export function insideCacheRange(seconds: number | null, rules: MediumRules): number {
  if (seconds === null || seconds <= 0 || rules.cacheSecondsMax === 0) return 0
  return Math.min(Math.max(Math.floor(seconds), rules.cacheSecondsMin), rules.cacheSecondsMax)
}
