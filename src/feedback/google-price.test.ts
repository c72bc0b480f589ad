import { describe, expect, test } from 'vitest'
import { looksSealed, openGooglePrice } from './google-price.ts'

/** Google's public sample, and that of google/openrtb-doubleclick (facts/openrtb.md §4.9). */
const sample = {
  encryption: Buffer.from('skU7Ax_NL5pPAFyKdkfZjZz2-VhIN8bjj1rVFOaJ_5o=', 'base64url'),
  integrity: Buffer.from('arO23ykdNqUQ5LEoQ0FVmPkBd7xB5CO89PDZlSjpFxo=', 'base64url'),
}
const doubleClick = {
  encryption: Buffer.from('sIxwz7yw62yrfoLGt12lIHKuYrK/S5kLuApI2BQe7Ac=', 'base64'),
  integrity: Buffer.from('v3fsVcMBMMHYzRhi7SpM0sdqwzvAxM6KPTu9OtVod5I=', 'base64'),
}
const doubleClickText = 'OG46wAAMCggBI0VniavN7-mNy0VTKPbB3o5CMQ=='
const doubleClickMs = 946_748_096_789

describe('openGooglePrice', () => {
  test.each([
    ['YWJjMTIzZGVmNDU2Z2hpN7fhCuPemCce_6msaw', 100],
    ['YWJjMTIzZGVmNDU2Z2hpN7fhCuPemCAWJRxOgA', 1_900],
    ['YWJjMTIzZGVmNDU2Z2hpN7fhCuPemC32prpWWw', 2_700],
  ])('opens the public sample %s', (text, micros) => {
    expect(openGooglePrice(text, sample)).toBe(micros)
  })

  test('opens the public vector of openrtb-doubleclick, padded', () => {
    expect(openGooglePrice(doubleClickText, doubleClick)).toBe(1_200_000)
    expect(openGooglePrice(doubleClickText.slice(0, -2), doubleClick)).toBe(1_200_000)
  })

  test('opens nothing with another account’s keys', () => {
    expect(openGooglePrice(doubleClickText, sample)).toBeNull()
    const swapped = { encryption: doubleClick.integrity, integrity: doubleClick.encryption }
    expect(openGooglePrice(doubleClickText, swapped)).toBeNull()
  })

  test('opens nothing of which one bit was changed, wherever it stands', () => {
    const cipher = Buffer.from(doubleClickText, 'base64url')
    for (let bit = 0; bit < cipher.length * 8; bit++) {
      const changed = Buffer.from(cipher)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(openGooglePrice(changed.toString('base64url'), doubleClick)).toBeNull()
    }
  })

  test.each([
    ['an hour later', doubleClickMs + 3_600_000, 1_200_000],
    ['too late', doubleClickMs + 3_600_001, null],
    ['an hour before', doubleClickMs - 3_600_000, 1_200_000],
    ['long before it was made', doubleClickMs - 3_600_001, null],
  ])('with an age limit of an hour, %s', (_, nowMs, micros) => {
    expect(openGooglePrice(doubleClickText, doubleClick, { nowMs, ageMsMax: 3_600_000 })).toBe(
      micros,
    )
  })

  test.each(['', '1.5', 'AUDIT', doubleClickText.slice(1), `${doubleClickText}=`])(
    'takes %s for no encrypted price',
    (text) => {
      expect(looksSealed(text)).toBe(false)
      expect(openGooglePrice(text, doubleClick)).toBeNull()
    },
  )
})
