import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  int,
  type TcfParts,
  tcfCanadaString,
  tcfEuString,
  toBase64Url,
} from '../../../../test/support/consent-writer.ts'
import { defaultTcfPurposes, PrivacyLimit, type PrivacyPolicy } from '../../../domain/privacy.ts'
import { consentCharsMax } from './bit-text.ts'
import { tcfCanada, tcfEu, tcfLimit } from './tcf-string.ts'

const vendorId = 52
const policy: PrivacyPolicy = { tcfVendorId: vendorId, tcfPurposes: defaultTcfPurposes }

function needing(consentOnly: number[], either: number[] = [], vendor = vendorId): PrivacyPolicy {
  const tcfPurposes = { consentOnly, consentOrLegitimateInterest: either }
  return { tcfVendorId: vendor, tcfPurposes }
}

/** Consent for all our purposes and for us, among others. */
const granted: TcfParts = {
  purposesConsent: [1, 2, 3, 4, 7],
  vendorConsent: [1, 12, vendorId, 100, 101, 102, 755],
  vendorLegitimate: [3, 4, 5, 800],
}

function limitOf(parts: TcfParts, by: PrivacyPolicy = policy): PrivacyLimit {
  return tcfLimit(tcfEuString(parts), tcfEu, by)
}

describe.each(['bitfield', 'range'] as const)('a TCF v2 string with vendors as %s', (encoding) => {
  const base = { ...granted, encoding }

  test('allows what the user allowed', () => {
    expect(limitOf(base)).toBe(PrivacyLimit.None)
  })

  test.each([1, 2, 3, 4])('forbids when purpose %i alone is missing', (missing) => {
    const purposesConsent = [1, 2, 3, 4, 7].filter((purpose) => purpose !== missing)
    expect(limitOf({ ...base, purposesConsent })).toBe(PrivacyLimit.GdprPurpose)
  })

  test('forbids when our vendor alone is missing', () => {
    const vendorConsent = [1, 12, vendorId - 1, vendorId + 1, 755]
    expect(limitOf({ ...base, vendorConsent })).toBe(PrivacyLimit.GdprNoVendor)
  })

  test('forbids when the highest vendor is below ours', () => {
    expect(limitOf({ ...base, vendorConsent: [1, 2], vendorLegitimate: [] })).toBe(
      PrivacyLimit.GdprNoVendor,
    )
  })

  test('takes legitimate interest for purpose 2 and for no other', () => {
    const parts = { ...base, vendorLegitimate: [vendorId], purposesLegitimate: [1, 2, 3, 4] }
    expect(limitOf({ ...parts, purposesConsent: [1, 3, 4] })).toBe(PrivacyLimit.None)
    for (const missing of [1, 3, 4]) {
      const purposesConsent = [1, 3, 4].filter((purpose) => purpose !== missing)
      expect(limitOf({ ...parts, purposesConsent })).toBe(PrivacyLimit.GdprPurpose)
    }
  })

  test('takes no legitimate interest from a vendor the user objected to', () => {
    const parts = { ...base, purposesConsent: [1, 3, 4], purposesLegitimate: [2] }
    expect(limitOf({ ...parts, vendorLegitimate: [vendorId] })).toBe(PrivacyLimit.None)
    expect(limitOf({ ...parts, vendorLegitimate: [vendorId + 1] })).toBe(PrivacyLimit.GdprPurpose)
  })

  test.each([
    ['0 forbids purpose 2', 2, 0, PrivacyLimit.GdprPurpose],
    ['0 forbids purpose 1', 1, 0, PrivacyLimit.GdprPurpose],
    ['1 leaves a purpose with consent', 2, 1, PrivacyLimit.None],
    ['1 leaves a purpose of consent alone', 3, 1, PrivacyLimit.None],
    ['2 forbids a purpose of consent alone', 3, 2, PrivacyLimit.GdprPurpose],
    ['2 forbids a purpose without legitimate interest', 2, 2, PrivacyLimit.GdprPurpose],
    ['3 is unknown and forbids', 2, 3, PrivacyLimit.GdprPurpose],
    ['0 for a purpose we do not need', 7, 0, PrivacyLimit.None],
    ['0 for a purpose no string has', 63, 0, PrivacyLimit.None],
  ] as const)('publisher restriction %s', (_, purpose, type, limit) => {
    const ours = [[purpose, type, [10, 11, vendorId]]] as const
    const others = [[purpose, type, [10, 11, vendorId + 1]]] as const
    expect(limitOf({ ...base, restrictions: ours })).toBe(limit)
    expect(limitOf({ ...base, restrictions: others })).toBe(PrivacyLimit.None)
  })

  test('restriction 1 takes legitimate interest away, restriction 2 leaves it', () => {
    const parts = {
      ...base,
      purposesConsent: [1, 3, 4],
      purposesLegitimate: [2],
      vendorLegitimate: [vendorId],
    }
    expect(limitOf({ ...parts, restrictions: [[2, 1, [vendorId]]] })).toBe(PrivacyLimit.GdprPurpose)
    expect(limitOf({ ...parts, restrictions: [[2, 2, [vendorId]]] })).toBe(PrivacyLimit.None)
  })

  test('the last of many restrictions counts', () => {
    const many = Array.from({ length: 40 }, (_, at) => [(at % 10) + 1, 0, [200, 300]] as const)
    const last = [...many, [4, 0, [vendorId]]] as const
    expect(limitOf({ ...base, restrictions: many })).toBe(PrivacyLimit.None)
    expect(limitOf({ ...base, restrictions: last })).toBe(PrivacyLimit.GdprPurpose)
  })

  test('cut anywhere it is unreadable', () => {
    const restrictions = [[2, 1, [vendorId, 60, 61]]] as const
    const whole = tcfEuString({ ...base, restrictions })
    expect(tcfLimit(whole, tcfEu, policy)).toBe(PrivacyLimit.None)
    // The last character may be nothing but the writer's zeros.
    for (let length = 0; length < whole.length - 1; length++) {
      expect(tcfLimit(whole.slice(0, length), tcfEu, policy)).toBe(PrivacyLimit.GdprUnreadable)
    }
  })
})

describe('a TCF v2 string', () => {
  test('allows nothing while no vendor id is configured', () => {
    expect(limitOf(granted, { ...policy, tcfVendorId: 0 })).toBe(PrivacyLimit.GdprNoVendor)
    expect(limitOf(granted, { ...policy, tcfVendorId: Number.NaN })).toBe(PrivacyLimit.GdprNoVendor)
  })

  test.each([0, 1, 3])('of version %i is unreadable', (version) => {
    expect(limitOf({ ...granted, version })).toBe(PrivacyLimit.GdprUnreadable)
  })

  test('is read without its other segments', () => {
    const text = `${tcfEuString(granted)}.IFoEUQQgAIQwgIwQABAEAAAAOIAACA.YAAAAAAAAAA`
    expect(tcfLimit(text, tcfEu, policy)).toBe(PrivacyLimit.None)
  })

  test('allows a policy without purposes as soon as the vendor is allowed', () => {
    expect(limitOf({ vendorConsent: [vendorId] }, needing([]))).toBe(PrivacyLimit.None)
    expect(limitOf({ vendorLegitimate: [vendorId] }, needing([]))).toBe(PrivacyLimit.None)
  })

  test('never allows a purpose that no string can hold', () => {
    const purposesConsent = Array.from({ length: 24 }, (_, at) => at + 1)
    expect(limitOf({ ...granted, purposesConsent }, needing([24]))).toBe(PrivacyLimit.None)
    for (const purpose of [0, 25, -1]) {
      expect(limitOf({ ...granted, purposesConsent }, needing([purpose]))).toBe(
        PrivacyLimit.GdprPurpose,
      )
    }
  })

  test('with a range that runs backwards is unreadable', () => {
    const right = tcfEuString({ ...granted, encoding: 'range', vendorConsent: [3, 4, vendorId] })
    const bits = right.replace(/./g, sextet)
    const range = `1${int(3, 16)}${int(4, 16)}`
    expect(bits.split(range)).toHaveLength(2)
    const wrong = toBase64Url(bits.replace(range, `1${int(9, 16)}${int(4, 16)}`))
    expect(tcfLimit(right, tcfEu, policy)).toBe(PrivacyLimit.None)
    expect(tcfLimit(wrong, tcfEu, policy)).toBe(PrivacyLimit.GdprUnreadable)
  })

  test('longer than the limit is unreadable', () => {
    const text = `${tcfEuString(granted)}.`.padEnd(consentCharsMax, 'A')
    expect(tcfLimit(text, tcfEu, policy)).toBe(PrivacyLimit.None)
    expect(tcfLimit(`${text}A`, tcfEu, policy)).toBe(PrivacyLimit.GdprUnreadable)
  })

  test('says of any vendor what the writer wrote, in both encodings', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 1200 }), { maxLength: 60 })
    fc.assert(
      fc.property(ids, ids, fc.integer({ min: 1, max: 1300 }), (consent, legitimate, probe) => {
        const parts = {
          purposesConsent: [1],
          purposesLegitimate: [2],
          vendorConsent: consent,
          vendorLegitimate: legitimate,
        }
        for (const encoding of ['bitfield', 'range'] as const) {
          const text = { ...parts, encoding }
          const has = consent.includes(probe)
          const hasEither = has || legitimate.includes(probe)
          const denied = hasEither ? PrivacyLimit.GdprPurpose : PrivacyLimit.GdprNoVendor
          expect(limitOf(text, needing([1], [], probe))).toBe(has ? PrivacyLimit.None : denied)
          const viaInterest = legitimate.includes(probe) ? PrivacyLimit.None : denied
          expect(limitOf(text, needing([], [2], probe))).toBe(viaInterest)
        }
      }),
    )
  })

  test('says of any restriction what a naive reading says', () => {
    const restriction = fc.tuple(
      fc.integer({ min: 1, max: 11 }),
      fc.integer({ min: 0, max: 2 }),
      fc.uniqueArray(fc.integer({ min: 48, max: 56 }), { minLength: 1, maxLength: 6 }),
    )
    const purposes = fc.uniqueArray(fc.integer({ min: 1, max: 11 }), { maxLength: 11 })
    fc.assert(
      fc.property(
        fc.array(restriction, { maxLength: 8 }),
        purposes,
        purposes,
        fc.integer({ min: 1, max: 11 }),
        (restrictions, consented, legitimate, purpose) => {
          const text = tcfEuString({
            purposesConsent: consented,
            purposesLegitimate: legitimate,
            vendorConsent: [vendorId],
            vendorLegitimate: [vendorId],
            restrictions,
          })
          const types = restrictions
            .filter(([of, , ids]) => of === purpose && ids.includes(vendorId))
            .map(([, type]) => type)
          const byConsent = consented.includes(purpose) && !types.includes(0) && !types.includes(2)
          const byInterest =
            legitimate.includes(purpose) && !types.includes(0) && !types.includes(1)
          const verdict = (allowed: boolean) =>
            allowed ? PrivacyLimit.None : PrivacyLimit.GdprPurpose
          expect(tcfLimit(text, tcfEu, needing([purpose]))).toBe(verdict(byConsent))
          expect(tcfLimit(text, tcfEu, needing([], [purpose]))).toBe(
            verdict(byConsent || byInterest),
          )
        },
      ),
    )
  })
})

/**
 * Published strings. The first is the example of the TCF specification; the others are from the
 * tests of IABTechLab/iabgpp-es (`TcfEuV2.test.ts`), with the contents those tests state.
 */
describe('published TCF strings', () => {
  const specified = 'COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA'

  test.each([2, 6, 8])('the example of the specification has vendor %i, purposes 1 to 3', (id) => {
    const withSegment = `${specified}.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAA`
    for (const text of [specified, withSegment]) {
      expect(tcfLimit(text, tcfEu, needing([1, 2, 3], [], id))).toBe(PrivacyLimit.None)
      expect(tcfLimit(text, tcfEu, needing([4], [], id))).toBe(PrivacyLimit.GdprPurpose)
      expect(tcfLimit(text, tcfEu, needing([1], [], id + 1))).toBe(PrivacyLimit.GdprNoVendor)
    }
  })

  test('a long one has purposes 1 to 10 and 772 vendors by consent', () => {
    const text =
      'CPi8wgAPi8wgAAOACBENCuCoAP_AAEfAACiQJHNd_H__bX9n-f7_6ft0eY1f9_r37uQzDhfNk-8F3L_W_LwX_2E7NF36tq4KmR4ku1LBIUNtHMnUDUmxaokVrzHsak2cpzNKJ_BkknsZe2dYGF9vm5tj-QKZ7_5_d3f52T_9_9v-39z33913v3d93-_13LjdV5_9H_v9fR_b8_Kf9_5-_4v8_____3_e______8AEEggCTDVuIAuxLHAm0DCKBECMKwkKoFABBQDC0QGADg4KdlYBPrCBAAgFAEYEQIcAUYEAgAAAgCQiACQIsEAAAIgEAAIAEQiEABAwCCgAsDAIAAQDQMUQoABAkIMiAiKUwICIEggJbKhBKC6Q0wgCrLACgkRsFAAiAAAUgACAsHAMESAlYsECTFG-QAjBCgFEqFaAGGgAwABBI4RABgACCRwqADAAEEjgA'
    let consenting = 0
    for (let id = 1; id <= 1500; id++) {
      if (tcfLimit(text, tcfEu, needing([1, 10], [], id)) === PrivacyLimit.None) consenting++
    }
    expect(consenting).toBe(772)
    expect(tcfLimit(text, tcfEu, needing([11], [], 1))).toBe(PrivacyLimit.GdprPurpose)
  })

  test('one that grants nothing grants nothing', () => {
    const text = 'CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA'
    expect(tcfLimit(text, tcfEu, policy)).toBe(PrivacyLimit.GdprNoVendor)
  })

  test('a TCF v1 string is unreadable', () => {
    const text = 'BOJObISOJObISAABAAENAA4AAAAAoAAA'
    expect(tcfLimit(text, tcfEu, policy)).toBe(PrivacyLimit.GdprUnreadable)
  })
})

describe.each(['bitfield', 'range'] as const)('a TCF Canada string with %s', (encoding) => {
  const base = { ...granted, purposesConsent: [2, 3, 4], encoding }
  const limit = (parts: TcfParts) => tcfLimit(tcfCanadaString(parts), tcfCanada, policy)

  test('allows by express consent, for which purpose 1 has no bit', () => {
    expect(limit(base)).toBe(PrivacyLimit.None)
    expect(limit({ ...base, restrictions: [] })).toBe(PrivacyLimit.None)
  })

  test.each([2, 3, 4])('forbids when purpose %i alone is missing', (missing) => {
    const purposesConsent = [2, 3, 4].filter((purpose) => purpose !== missing)
    expect(limit({ ...base, purposesConsent })).toBe(PrivacyLimit.TcfCaPurpose)
  })

  test('takes implied consent where the policy takes legitimate interest', () => {
    const parts = { ...base, purposesConsent: [3, 4], purposesLegitimate: [2] }
    expect(limit({ ...parts, vendorLegitimate: [vendorId] })).toBe(PrivacyLimit.None)
    expect(limit({ ...parts, vendorLegitimate: [] })).toBe(PrivacyLimit.TcfCaPurpose)
  })

  test('forbids without our vendor, and by the publisher', () => {
    expect(limit({ ...base, vendorConsent: [51, 53] })).toBe(PrivacyLimit.TcfCaNoVendor)
    expect(limit({ ...base, restrictions: [[3, 0, [vendorId]]] })).toBe(PrivacyLimit.TcfCaPurpose)
    expect(limit({ ...base, restrictions: [[3, 0, [51, 53]]] })).toBe(PrivacyLimit.None)
  })

  test('of another version is unreadable', () => {
    expect(limit({ ...base, version: 2 })).toBe(PrivacyLimit.GppUnreadable)
  })
})

test('the restriction of a published Canadian string is read', () => {
  // iabgpp-es `TcfCaV1.test.ts`: restriction 1 on purpose 1 for vendors 1-3, 5-7 and 9, no consent.
  const text = 'BPSG_8APSG_8AAAAAAENAACAAAAAAAAAAAAAAAAACCgBwABAAOAAoADgAJA.YAAAAAAAAAA'
  expect(tcfLimit(text, tcfCanada, policy)).toBe(PrivacyLimit.TcfCaNoVendor)
  expect(tcfLimit(text.slice(0, 50), tcfCanada, policy)).toBe(PrivacyLimit.GppUnreadable)
})

function sextet(char: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet.indexOf(char).toString(2).padStart(6, '0')
}
