import { describe, expect, test } from 'vitest'
import {
  gppString,
  int,
  tcfCanadaString,
  tcfEuString,
  toBase64Url,
} from '../../../../test/support/consent-writer.ts'
import { sourceText } from '../../../../test/support/source-tree.ts'
import {
  defaultTcfPurposes,
  PrivacyLimit,
  type PrivacyPolicy,
  type PrivacySignals,
  privacyLimitNames,
} from '../../../domain/privacy.ts'
import { assessPrivacy } from './assess-privacy.ts'

const policy: PrivacyPolicy = { tcfVendorId: 52, tcfPurposes: defaultTcfPurposes }
const silent: PrivacySignals = {
  coppa: null,
  gdpr: null,
  consent: null,
  usPrivacy: null,
  gpp: null,
  gppSid: [],
  gpc: null,
  lmt: null,
  dnt: null,
  atts: null,
}

function assess(signals: Partial<PrivacySignals>, by: PrivacyPolicy = policy): string {
  return privacyLimitNames.get(assessPrivacy({ ...silent, ...signals }, by)) ?? 'unnamed'
}

const allowing = tcfEuString({ purposesConsent: [1, 2, 3, 4], vendorConsent: [52] })
const withoutPurpose3 = tcfEuString({ purposesConsent: [1, 2, 4], vendorConsent: [52] })
const withoutVendor = tcfEuString({ purposesConsent: [1, 2, 3, 4], vendorConsent: [51] })
const canadian = tcfCanadaString({ purposesConsent: [2, 3, 4], vendorConsent: [52] })
const canadianNo = tcfCanadaString({ purposesConsent: [2, 3], vendorConsent: [52] })
/** Virginia: three notices, sale, targeted advertising, sensitive 8, child 1, MSPA 3. */
const virginia = (sale: number) =>
  toBase64Url(int(1, 6) + '101010' + int(sale, 2) + '10'.repeat(13))

test('a silent request may use personal data', () => {
  expect(assess({})).toBe('none')
  expect(assess({ consent: '', usPrivacy: '', gpp: '', gpc: '' })).toBe('none')
})

test('a request that says no to every limit may use personal data', () => {
  const no = { coppa: false, gdpr: false, lmt: false, dnt: false, gpc: '0' }
  expect(assess({ ...no, atts: 3, usPrivacy: '1YNN', gppSid: [-1] })).toBe('none')
})

describe('flags', () => {
  test.each([
    ['coppa', { coppa: true }, 'coppa'],
    ['lmt', { lmt: true }, 'limit-ad-tracking'],
    ['dnt', { dnt: true }, 'do-not-track'],
    ['atts restricted', { atts: 1 }, 'atts-denied'],
    ['atts denied', { atts: 2 }, 'atts-denied'],
    ['atts not determined', { atts: 0 }, 'none'],
    ['gpc', { gpc: '1' }, 'gpc'],
  ])('%s', (_, signals, limit) => {
    expect(assess(signals)).toBe(limit)
  })
})

describe('GDPR', () => {
  test.each([
    ['applies, allowed', { gdpr: true, consent: allowing }, 'none'],
    ['applies, a purpose is missing', { gdpr: true, consent: withoutPurpose3 }, 'gdpr-purpose'],
    ['applies, our vendor is missing', { gdpr: true, consent: withoutVendor }, 'gdpr-no-vendor'],
    ['applies, no string', { gdpr: true }, 'gdpr-no-consent-string'],
    ['applies, empty string', { gdpr: true, consent: '' }, 'gdpr-no-consent-string'],
    ['applies, garbage', { gdpr: true, consent: 'dummy' }, 'gdpr-unreadable'],
    ['does not apply, whatever the string', { gdpr: false, consent: withoutPurpose3 }, 'none'],
    ['unknown, a string came: it counts', { consent: withoutPurpose3 }, 'gdpr-purpose'],
    ['unknown, an allowing string', { consent: allowing }, 'none'],
    ['applies, string in GPP', { gdpr: true, gpp: gppString([[2, allowing]]) }, 'none'],
    [
      'applies, string in GPP forbids',
      { gdpr: true, gpp: gppString([[2, withoutPurpose3]]), gppSid: [-1] },
      'gdpr-purpose',
    ],
    ['applies, GPP without it', { gdpr: true, gpp: 'DBABTA~1YNN' }, 'gdpr-no-consent-string'],
    ['applies, GPP is garbage', { gdpr: true, gpp: 'gppString' }, 'gdpr-no-consent-string'],
  ])('%s', (_, signals, limit) => {
    expect(assess(signals)).toBe(limit)
  })

  test('without a vendor id of ours nothing is allowed', () => {
    expect(assess({ gdpr: true, consent: allowing }, { ...policy, tcfVendorId: 0 })).toBe(
      'gdpr-no-vendor',
    )
  })
})

describe('GPP', () => {
  const us = (sale: number) => gppString([[9, virginia(sale)]])

  test.each([
    ['Virginia, not opted out', { gpp: us(2), gppSid: [9] }, 'none'],
    ['Virginia, opted out', { gpp: us(1), gppSid: [9] }, 'gpp-opt-out'],
    ['opted out where it does not apply', { gpp: us(1), gppSid: [-1] }, 'none'],
    ['-1 beside a real section says nothing', { gpp: us(1), gppSid: [-1, 9] }, 'gpp-opt-out'],
    ['no sections named: all count', { gpp: us(1) }, 'gpp-opt-out'],
    ['0 = not determined: all count', { gpp: us(1), gppSid: [0] }, 'gpp-opt-out'],
    ['no sections named, none limits', { gpp: us(2) }, 'none'],
    ['only another section applies', { gpp: us(1), gppSid: [7] }, 'gpp-unreadable'],
    ['a section without a string', { gppSid: [9] }, 'gpp-unreadable'],
    ['a list with nothing real', { gppSid: [-1, 0] }, 'none'],
    ['a garbled string', { gpp: 'gppString', gppSid: [6] }, 'gpp-unreadable'],
    ['a garbled string, nothing named', { gpp: 'gppString' }, 'gpp-unreadable'],
    ['a garbled string, none applies', { gpp: 'gppString', gppSid: [-1] }, 'none'],
    ['a string that ends early', { gpp: 'DBACNYA~', gppSid: [6] }, 'gpp-unreadable'],
    ['an unknown section', { gpp: gppString([[28, 'BAAA']]), gppSid: [28] }, 'gpp-unreadable'],
    ['an unknown section, unnamed', { gpp: gppString([[28, 'BAAA']]) }, 'gpp-unreadable'],
    ['a TCF v1 section', { gpp: gppString([[1, 'BOJ']]), gppSid: [1] }, 'gpp-unreadable'],
    ['header and integrity are no laws', { gpp: 'DBAA', gppSid: [3, 4] }, 'none'],
    ['TCF EU allows', { gpp: gppString([[2, allowing]]), gppSid: [2] }, 'none'],
    ['TCF EU forbids', { gpp: gppString([[2, withoutPurpose3]]), gppSid: [2] }, 'gdpr-purpose'],
    [
      'TCF EU named, though gdpr = 0',
      { gdpr: false, gpp: gppString([[2, withoutPurpose3]]), gppSid: [2] },
      'gdpr-purpose',
    ],
    [
      'TCF EU unnamed, and gdpr = 0',
      { gdpr: false, gpp: gppString([[2, withoutPurpose3]]) },
      'none',
    ],
    ['TCF EU named, string at the old place', { gppSid: [2], consent: allowing }, 'none'],
    ['TCF EU named, no string', { gppSid: [2] }, 'gdpr-no-consent-string'],
    ['TCF Canada allows', { gpp: gppString([[5, canadian]]), gppSid: [5] }, 'none'],
    ['TCF Canada forbids', { gpp: gppString([[5, canadianNo]]), gppSid: [5] }, 'tcf-ca-purpose'],
    ['US Privacy allows', { gpp: 'DBABTA~1YNN', gppSid: [6] }, 'none'],
    ['US Privacy forbids', { gpp: 'DBABTA~1YYN', gppSid: [6] }, 'us-privacy-opt-out'],
    ['US Privacy named, at the old place', { gppSid: [6], usPrivacy: '1YNN' }, 'none'],
    ['US Privacy named, opted out there', { gppSid: [6], usPrivacy: '1YYN' }, 'us-privacy-opt-out'],
    ['too many sections', { gpp: us(2), gppSid: new Array(65).fill(9) }, 'gpp-unreadable'],
  ])('%s', (_, signals, limit) => {
    expect(assess(signals)).toBe(limit)
  })

  test('every section that applies has a say', () => {
    const gpp = gppString([
      [6, '1YNN'],
      [9, virginia(2)],
      [24, 'BQAA.Y'],
    ])
    expect(assess({ gpp, gppSid: [6, 9] })).toBe('none')
    expect(assess({ gpp, gppSid: [6, 9, 24] })).toBe('gpc')
    expect(assess({ gpp })).toBe('gpc')
  })
})

describe('US Privacy', () => {
  test.each([
    ['1YNN', 'none'],
    ['1---', 'none'],
    ['1YYN', 'us-privacy-opt-out'],
    ['uspConsentString', 'us-privacy-unreadable'],
  ])('%s', (usPrivacy, limit) => {
    expect(assess({ usPrivacy })).toBe(limit)
  })
})

test('the limit reported is the first in the documented order', () => {
  const limits: [Partial<PrivacySignals>, string][] = [
    [{ coppa: true }, 'coppa'],
    [{ lmt: true }, 'limit-ad-tracking'],
    [{ dnt: true }, 'do-not-track'],
    [{ atts: 2 }, 'atts-denied'],
    [{ gdpr: true, consent: withoutPurpose3 }, 'gdpr-purpose'],
    [{ gpp: gppString([[9, virginia(1)]]), gppSid: [9] }, 'gpp-opt-out'],
    [{ usPrivacy: '1YYN' }, 'us-privacy-opt-out'],
    [{ gpc: '1' }, 'gpc'],
  ]
  for (let first = 0; first < limits.length; first++) {
    const rest = limits.slice(first)
    const all = Object.assign({}, ...rest.map(([signals]) => signals))
    expect(assess(all)).toBe(rest[0]?.[1])
  }
})

test('every limit has a number of its own and a name', () => {
  const numbers = Object.values(PrivacyLimit)
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(numbers.map((number) => privacyLimitNames.get(number))).not.toContain(undefined)
  expect(privacyLimitNames.get(PrivacyLimit.GdprNoVendor)).toBe('gdpr-no-vendor')
})

test('docs/privacy.md lists exactly these limits', () => {
  const rows = sourceText('docs/privacy.md').matchAll(/^\| *(\d+) *\| *`([a-z-]+)` *\|/gm)
  const listed = [...rows].map(([, number, name]) => `${number} ${name}`)
  const real = [...privacyLimitNames].map(([number, name]) => `${number} ${name}`)
  expect(listed.sort()).toEqual(real.sort())
})
