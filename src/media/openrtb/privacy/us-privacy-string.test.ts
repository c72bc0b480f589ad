import { expect, test } from 'vitest'
import { PrivacyLimit } from '../../../domain/privacy.ts'
import { usPrivacyLimit } from './us-privacy-string.ts'

/** The first four are the examples of the specification. */
test.each([
  ['1YNN', PrivacyLimit.None],
  ['1NYY', PrivacyLimit.UsPrivacyOptOut],
  ['1---', PrivacyLimit.None],
  ['1-Y-', PrivacyLimit.UsPrivacyOptOut],
  ['1YYN', PrivacyLimit.UsPrivacyOptOut],
  ['1ynn', PrivacyLimit.None],
  ['1yyn', PrivacyLimit.UsPrivacyOptOut],
  ['2YNN', PrivacyLimit.UsPrivacyUnreadable],
  ['1YN', PrivacyLimit.UsPrivacyUnreadable],
  ['1YNNN', PrivacyLimit.UsPrivacyUnreadable],
  ['1', PrivacyLimit.UsPrivacyUnreadable],
  ['1Y N', PrivacyLimit.UsPrivacyUnreadable],
  ['1YNN\n', PrivacyLimit.UsPrivacyUnreadable],
])('the US Privacy string %j means %i', (text, limit) => {
  expect(usPrivacyLimit(text)).toBe(limit)
})
