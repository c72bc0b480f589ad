import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gppString, tcfEuString } from '../../../../test/support/consent-writer.ts'
import {
  defaultTcfPurposes,
  PrivacyLimit,
  type PrivacyPolicy,
  type PrivacySignals,
  privacyLimitNames,
} from '../../../domain/privacy.ts'
import { assessPrivacy } from './assess-privacy.ts'

const policy: PrivacyPolicy = { tcfVendorId: 52, tcfPurposes: defaultTcfPurposes }

const wellFormed = [
  tcfEuString({ purposesConsent: [1, 2, 3, 4], vendorConsent: [52] }),
  tcfEuString({ purposesConsent: [1, 2, 3, 4], vendorConsent: [40, 52], encoding: 'range' }),
  gppString([
    [2, tcfEuString({ vendorLegitimate: [52], restrictions: [[2, 0, [52]]] })],
    [5, 'BPSG_8APSG_8AAAAAAENAACAAAAAAAAAAAAAAAAACCgBwABAAOAAoADgAJA.YAAAAAAAAAA'],
    [6, '1YNN'],
    [7, 'BVVVkkkkkpFY.YA'],
    [24, 'BVVV.Y'],
  ]),
]

/** A well-formed string with characters replaced, dropped or doubled. */
const mutated = fc
  .tuple(
    fc.constantFrom(...wellFormed),
    fc.array(
      fc.tuple(fc.nat(400), fc.constantFrom('', 'A', '_', '~', '.', '%', '中', '=', 'zzzz')),
      {
        maxLength: 6,
      },
    ),
  )
  .map(([text, edits]) =>
    edits.reduce((now, [at, by]) => now.slice(0, at) + by + now.slice(at + 1), text),
  )

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.stringMatching(/^[DC][A-Za-z0-9_-]{0,300}$/),
  mutated,
)
const flag = fc.option(fc.boolean())
const anySignals: fc.Arbitrary<PrivacySignals> = fc.record({
  coppa: fc.constantFrom(null, false),
  gdpr: flag,
  consent: fc.option(anyText),
  usPrivacy: fc.option(anyText),
  gpp: fc.option(anyText),
  gppSid: fc.array(fc.oneof(fc.integer({ min: -2, max: 40 }), fc.integer(), fc.double()), {
    maxLength: 80,
  }),
  gpc: fc.option(fc.string({ maxLength: 4 })),
  lmt: fc.constantFrom(null, false),
  dnt: fc.constantFrom(null, false),
  atts: fc.option(fc.integer()),
})

test('whatever a request says, there is a verdict with a name', () => {
  fc.assert(
    fc.property(anySignals, (signals) => {
      expect(privacyLimitNames.has(assessPrivacy(signals, policy))).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('the same request gets the same verdict twice', () => {
  fc.assert(
    fc.property(anySignals, (signals) => {
      expect(assessPrivacy(signals, policy)).toBe(assessPrivacy(signals, policy))
    }),
  )
})

test('one more reason to limit never opens what was closed', () => {
  const reasons: Partial<PrivacySignals>[] = [
    { coppa: true },
    { lmt: true },
    { dnt: true },
    { atts: 2 },
    { usPrivacy: '1YYN' },
    { gpc: '1' },
  ]
  fc.assert(
    fc.property(anySignals, fc.constantFrom(...reasons), (signals, reason) => {
      expect(assessPrivacy({ ...signals, ...reason }, policy)).not.toBe(PrivacyLimit.None)
    }),
  )
})

test('under GDPR nothing is allowed to a vendor without an id, by any text', () => {
  fc.assert(
    fc.property(anySignals, (signals) => {
      const verdict = assessPrivacy({ ...signals, gdpr: true }, { ...policy, tcfVendorId: 0 })
      expect(verdict).not.toBe(PrivacyLimit.None)
    }),
  )
})
