import { describe, expect, test } from 'vitest'
import { int, toBase64Url } from '../../../../test/support/consent-writer.ts'
import { PrivacyLimit } from '../../../domain/privacy.ts'
import { usSectionLimit } from './us-section.ts'

/**
 * Core segments by the specifications' own tables: one word a field, `xN` = N-Bitfield(2, N).
 * Written apart from the reader's table, which counts fields instead of naming them.
 */
const notices = 'SharingNotice SaleOptOutNotice TargetedAdvertisingOptOutNotice'
const optOuts = 'SaleOptOut TargetedAdvertisingOptOut'
const mspa = 'MspaCoveredTransaction MspaOptOutOptionMode MspaServiceProviderMode'
const state = (sensitive: number, children: number, more = '') =>
  `${notices} ${optOuts} SensitiveDataProcessing:x${sensitive} Child:x${children} ${more} ${mspa}`
const nationalHead =
  'SharingNotice SaleOptOutNotice SharingOptOutNotice TargetedAdvertisingOptOutNotice ' +
  'SensitiveDataProcessingOptOutNotice SensitiveDataLimitUseNotice ' +
  'SaleOptOut SharingOptOut TargetedAdvertisingOptOut'
const additional = 'AdditionalDataProcessingConsent'
const newest =
  'MspaCoveredTransaction MspaMode ProcessingNotice SaleOptOutNotice ' +
  `TargetedAdvertisingOptOutNotice ${optOuts}`

const sections: readonly { name: string; id: number; version: number; fields: string }[] = [
  {
    name: 'national of 2022',
    id: 7,
    version: 1,
    fields: `${nationalHead} SensitiveDataProcessing:x12 Child:x2 PersonalDataConsents ${mspa}`,
  },
  {
    name: 'national of 2024',
    id: 7,
    version: 2,
    fields: `${nationalHead} SensitiveDataProcessing:x16 Child:x3 PersonalDataConsents ${mspa}`,
  },
  {
    name: 'national of 2024 under version 1',
    id: 7,
    version: 1,
    fields: `${nationalHead} SensitiveDataProcessing:x16 Child:x3 PersonalDataConsents ${mspa}`,
  },
  {
    name: 'California',
    id: 8,
    version: 1,
    fields:
      'SaleOptOutNotice SharingOptOutNotice SensitiveDataLimitUseNotice SaleOptOut SharingOptOut ' +
      `SensitiveDataProcessing:x9 Child:x2 PersonalDataConsents ${mspa}`,
  },
  { name: 'Virginia', id: 9, version: 1, fields: state(8, 1) },
  { name: 'Colorado', id: 10, version: 1, fields: state(7, 1) },
  {
    name: 'Utah',
    id: 11,
    version: 1,
    fields:
      `${notices} SensitiveDataProcessingOptOutNotice ${optOuts} ` +
      `SensitiveDataProcessing:x8 Child:x1 ${mspa}`,
  },
  { name: 'Connecticut', id: 12, version: 1, fields: state(8, 3) },
  { name: 'Florida', id: 13, version: 1, fields: state(8, 3, additional) },
  { name: 'Montana', id: 14, version: 1, fields: state(8, 3, additional) },
  { name: 'Oregon', id: 15, version: 1, fields: state(11, 3, additional) },
  { name: 'Texas', id: 16, version: 1, fields: state(8, 1, additional) },
  { name: 'Delaware', id: 17, version: 1, fields: state(9, 5, additional) },
  {
    name: 'Iowa',
    id: 18,
    version: 1,
    fields:
      `${notices} SensitiveDataOptOutNotice ${optOuts} ` +
      `SensitiveDataProcessing:x8 Child:x1 ${mspa}`,
  },
  { name: 'Nebraska', id: 19, version: 1, fields: state(8, 1, additional) },
  { name: 'New Hampshire', id: 20, version: 1, fields: state(8, 3, additional) },
  { name: 'New Jersey', id: 21, version: 1, fields: state(10, 5, additional) },
  { name: 'Tennessee', id: 22, version: 1, fields: state(8, 1, additional) },
  { name: 'Minnesota', id: 23, version: 1, fields: state(8, 1, additional) },
  { name: 'Maryland', id: 24, version: 1, fields: `${newest} ${additional}` },
  { name: 'Indiana', id: 25, version: 2, fields: `${newest} Child:x1 ${additional}` },
  { name: 'Kentucky', id: 26, version: 1, fields: `${newest} Child:x1 ${additional}` },
  { name: 'Rhode Island', id: 27, version: 1, fields: `${newest} Child:x1 ${additional}` },
]

/** Names of the 2-bit fields, in order; `Child:x3` becomes Child1, Child2, Child3. */
function fieldNames(fields: string): string[] {
  return fields
    .split(' ')
    .filter((word) => word !== '')
    .flatMap((word) => {
      const [name = '', times] = word.split(':x')
      if (times === undefined) return [name]
      return Array.from({ length: Number(times) }, (_, at) => `${name}${at + 1}`)
    })
}

/** A core where every field says 2 (no, did not opt out, consent), except those of `values`. */
function core(
  { version, fields }: { version: number; fields: string },
  values: Readonly<Record<string, number>> = {},
): string {
  const bits = fieldNames(fields).map((name) => int(values[name] ?? 2, 2))
  return toBase64Url(int(version, 6) + bits.join(''))
}

describe.each(sections)('the $name section', (section) => {
  const { id, fields } = section
  const names = fieldNames(fields)
  const decisive = /^(SaleOptOut|SharingOptOut|TargetedAdvertisingOptOut|Child\d)$/

  test('allows where nobody opted out, also with all zeros', () => {
    const zeros = Object.fromEntries(names.map((name) => [name, 0]))
    expect(usSectionLimit(id, core(section))).toBe(PrivacyLimit.None)
    expect(usSectionLimit(id, core(section, zeros))).toBe(PrivacyLimit.None)
  })

  test('limits by each opt-out and each child consent alone, and by no other field', () => {
    for (const name of names) {
      const isChild = name.startsWith('Child')
      const limit = isChild ? PrivacyLimit.GppKnownChild : PrivacyLimit.GppOptOut
      const expected = decisive.test(name) ? limit : PrivacyLimit.None
      expect([name, usSectionLimit(id, core(section, { [name]: 1 }))]).toEqual([name, expected])
    }
  })

  test('is unreadable with an undefined value in a deciding field', () => {
    for (const name of names.filter((each) => decisive.test(each))) {
      expect(usSectionLimit(id, core(section, { [name]: 3 }))).toBe(PrivacyLimit.GppUnreadable)
    }
  })

  test('is unreadable when cut or of an unknown version', () => {
    const text = core(section)
    const needed = Math.ceil((6 + 2 * names.length) / 6)
    expect(text).toHaveLength(needed)
    // The national section of 2024 cut to the length of 2022 is a whole one of 2022.
    const shortest = id === 7 ? 10 : needed
    for (let length = 0; length < shortest; length++) {
      expect(usSectionLimit(id, text.slice(0, length))).toBe(PrivacyLimit.GppUnreadable)
    }
    const next = id === 7 ? 3 : id >= 24 ? 24 : 2
    for (const version of [0, next, 24, 25, 26, 27, 63]) {
      expect(usSectionLimit(id, core({ ...section, version }))).toBe(PrivacyLimit.GppUnreadable)
    }
  })

  test('knows Global Privacy Control where the law has it', () => {
    const has = ![9, 11, 13, 25, 26, 27].includes(id)
    const gpc = (value: number) => `${core(section)}.${toBase64Url(int(1, 2) + int(value, 1))}`
    expect(usSectionLimit(id, gpc(1))).toBe(has ? PrivacyLimit.Gpc : PrivacyLimit.None)
    expect(usSectionLimit(id, gpc(0))).toBe(PrivacyLimit.None)
  })
})

/** Strings that the tests and issues of IABTechLab/iabgpp-es and iabgpp-java state in full. */
test.each([
  [7, 'BAAAAAAAAABA.QA', PrivacyLimit.None],
  [7, 'BVVVkkkkkpFY.YA', PrivacyLimit.GppOptOut],
  [7, 'BVQqAAAACg', PrivacyLimit.None],
  [7, 'BVQVAAAAAg', PrivacyLimit.GppOptOut],
  [7, 'BVVKqqqqqoCA', PrivacyLimit.None],
  [24, 'BQAA.Q', PrivacyLimit.None],
  [24, 'BQAA.Y', PrivacyLimit.Gpc],
  [24, 'BVVV.Y', PrivacyLimit.GppOptOut],
  [25, 'BQAAAAA', PrivacyLimit.None],
  [25, 'BVVVkkk.YA', PrivacyLimit.GppOptOut],
])('published section %i %s means %i', (id, text, limit) => {
  expect(usSectionLimit(id, text)).toBe(limit)
})

test('a section we have no layout for is unreadable', () => {
  for (const id of [0, 1, 2, 6, 28, 255]) {
    expect(usSectionLimit(id, 'BAAAAAAAAABA.QA')).toBe(PrivacyLimit.GppUnreadable)
  }
})

test('a sub-section behind the core that is no base64url is unreadable, an empty one is not there', () => {
  expect(usSectionLimit(7, 'BAAAAAAAAABA.%')).toBe(PrivacyLimit.GppUnreadable)
  expect(usSectionLimit(7, 'BAAAAAAAAABA.')).toBe(PrivacyLimit.None)
  expect(usSectionLimit(7, 'BAAAAAAAAABA.AA.YA')).toBe(PrivacyLimit.Gpc)
})
