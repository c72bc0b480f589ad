/** The US Privacy string, `1YNN` ("U.S. Privacy String", IAB, final version 1 of 2019-11). */
import { PrivacyLimit } from '../../../domain/privacy.ts'

/** Version, notice given, opted out of sale, covered by the LSPA; `-` = does not apply. */
const form = /^1[YN-][YN-][YN-]$/i

/**
 * The third letter decides: `Y` = opted out of sale. `1---` says that the law does not apply. A
 * text of another form is no permission: somebody meant to say something about privacy, and we
 * cannot know that it was not an opt-out.
 */
export function usPrivacyLimit(text: string): PrivacyLimit {
  if (!form.test(text)) return PrivacyLimit.UsPrivacyUnreadable
  return text[2] === 'Y' || text[2] === 'y' ? PrivacyLimit.UsPrivacyOptOut : PrivacyLimit.None
}
