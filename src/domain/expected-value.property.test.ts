/** The formula taken apart is the formula: whatever the goal, the rates and the weights. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Goal } from './campaign.ts'
import { expectedCpmMicros, valueTerms } from './expected-value.ts'
import { micros } from './money.ts'

const amount = fc.integer({ min: 0, max: 10_000_000_000 }).map(micros)
const rate = fc.double({ min: 0, max: 1, noNaN: true })
const weight = fc.double({ min: 0, max: 100, noNaN: true })
const byScore = fc.option(fc.record({ packId: fc.constant('p'), low: weight, high: weight }))
const aboveZero = fc.double({ min: 0.01, max: 100, noNaN: true })
const goals: fc.Arbitrary<Goal> = fc.oneof(
  fc.record({ kind: fc.constant('cpm' as const), bidMicros: amount }),
  fc.record({ kind: fc.constant('cpc' as const), bidMicros: amount }),
  fc.record({ kind: fc.constant('cpa' as const), bidMicros: amount, byScore }),
  fc.record({
    kind: fc.constant('roas' as const),
    targetRoas: aboveZero,
    valueMicros: amount,
    byScore,
  }),
  fc.record({
    kind: fc.constant('ltv' as const),
    valueMicros: amount,
    share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    byScore,
  }),
)

/** Doubles differ in their sixteenth digit when factors are multiplied in another order. */
const orderShare = 1e-12

test('the terms of a goal price every pair of rates as the formula does, to within a micro', () => {
  fc.assert(
    fc.property(goals, rate, rate, (goal, ctr, cvr) => {
      const { base, perClick, perAction } = valueTerms(goal)
      const value = base + perClick * ctr + perAction * ctr * cvr
      const whole = expectedCpmMicros(goal, ctr, cvr)
      expect(value).toBeGreaterThanOrEqual(whole - whole * orderShare)
      expect(value).toBeLessThan(whole + 1 + whole * orderShare + orderShare)
    }),
    { numRuns: 2_000 },
  )
})
