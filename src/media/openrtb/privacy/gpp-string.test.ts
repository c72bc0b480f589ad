import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gppString, int, toBase64Url } from '../../../../test/support/consent-writer.ts'
import { consentCharsMax } from './bit-text.ts'
import { gppSectionAt, gppSectionsMax, readGppSectionIds } from './gpp-string.ts'

/** Examples of the specification, of iabgpp-es's tests, and of iabgpp-java's issue 58. */
test.each([
  ['DBABM', [2]],
  ['DBABMA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA', [2]],
  ['DBACNY', [2, 6]],
  ['DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN', [2, 6]],
  ['DBABjw', [5, 6]],
  ['DBACOeA~A~B~1YNN', [2, 5, 6]],
  ['DBACOaw', [2, 5, 6, 7, 8, 9, 10, 11, 12]],
  ['DBABTA~1YNN', [6]],
  ['DBABzw~1YYN~BVQVAAAAAg', [6, 7]],
  ['DBAA', []],
])('the header of %s lists %j', (gpp, ids) => {
  expect(readGppSectionIds(gpp)).toEqual(ids)
})

test.each([
  ['empty', ''],
  ['a word', 'gppString'],
  ['a TCF string', 'COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA'],
  ['of another version', 'DCABM'],
  ['cut in its list', 'DBAB'],
  ['foreign in its list', 'DBAB%'],
  [
    'with more items than bits',
    toBase64Url(int(3, 6) + int(1, 6) + int(4095, 12) + '011'.repeat(9)),
  ],
  ['too long', `DBABM~${'A'.repeat(consentCharsMax)}`],
])('%s is not a GPP string', (_, gpp) => {
  expect(readGppSectionIds(gpp)).toBeNull()
})

describe('sections of a GPP string', () => {
  test('any ids come back, each with its text', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 255 }), {
      maxLength: gppSectionsMax,
    })
    fc.assert(
      fc.property(ids, (unsorted) => {
        const sorted = unsorted.sort((a, b) => a - b)
        const gpp = gppString(sorted.map((id) => [id, `s${id}.A`]))
        expect(readGppSectionIds(gpp)).toEqual(sorted)
        for (const [at, id] of sorted.entries()) expect(gppSectionAt(gpp, at)).toBe(`s${id}.A`)
        expect(gppSectionAt(gpp, sorted.length)).toBeNull()
      }),
    )
  })

  test('ids beyond the limit, or more of them than it, are garbage', () => {
    expect(readGppSectionIds(gppString([[256, 'A']]))).toBeNull()
    const many = Array.from({ length: gppSectionsMax + 1 }, (_, at) => [at + 1, 'A'] as const)
    expect(readGppSectionIds(gppString(many))).toBeNull()
    expect(readGppSectionIds(gppString(many.slice(1)))).toHaveLength(gppSectionsMax)
  })
})
