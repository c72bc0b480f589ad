/** Which sections of a GPP string apply to a request, and what they say together. */
import { PrivacyLimit, type PrivacyPolicy, type PrivacySignals } from '../../../domain/privacy.ts'
import { gppSectionAt, gppSectionsMax, readGppSectionIds } from './gpp-string.ts'
import { tcfCanada, tcfEu, tcfLimit } from './tcf-string.ts'
import { usPrivacyLimit } from './us-privacy-string.ts'
import { usSectionLimit } from './us-section.ts'

/** Section ids of GPP that are not of the US states (`Sections/Section Information.md`). */
const Section = { TcfEu: 2, Header: 3, Integrity: 4, TcfCanada: 5, UsPrivacy: 6 } as const
/** In `gpp_sid`: the sender decided that no section applies. */
const noneApplies = -1

/**
 * The strictest reading of the sections that apply: the first limit in their order.
 *
 * `gpp_sid` names them; -1 says none, and beside real ids it is ignored. Where it is absent, empty
 * or 0 ("not determined"), every section of the string applies, except the one of TCF EU when the
 * request says that GDPR does not apply: a CMP that wrote an opt-out meant it, and we cannot know
 * the user's place better than it did.
 */
export function gppLimit(signals: PrivacySignals, policy: PrivacyPolicy): PrivacyLimit {
  const gpp = signals.gpp ?? ''
  const said = signals.gppSid
  if (gpp === '' && said.length === 0) return PrivacyLimit.None
  if (said.length > gppSectionsMax) return PrivacyLimit.GppUnreadable
  const named = said.filter((id) => id > 0)
  if (named.length === 0 && (gpp === '' || said.includes(noneApplies))) return PrivacyLimit.None
  const ids = gpp === '' ? [] : readGppSectionIds(gpp)
  if (ids === null) return PrivacyLimit.GppUnreadable
  if (named.length > 0) return sectionsLimit(named, ids, signals, policy)
  const present = signals.gdpr === false ? ids.filter((id) => id !== Section.TcfEu) : ids
  return sectionsLimit(present, ids, signals, policy)
}

function sectionsLimit(
  applicable: readonly number[],
  ids: readonly number[],
  signals: PrivacySignals,
  policy: PrivacyPolicy,
): PrivacyLimit {
  for (const [at, id] of applicable.entries()) {
    // A repeated id would only cost time, which a hostile list could buy a lot of.
    if (applicable.indexOf(id) < at) continue
    const limit = sectionLimit(id, sectionText(signals, ids, id), policy)
    if (limit !== PrivacyLimit.None) return limit
  }
  return PrivacyLimit.None
}

/** The TCF EU section of a GPP string, for a request that has its consent nowhere else. */
export function tcfEuSection(gpp: string | null): string | null {
  if (gpp === null || gpp === '') return null
  const index = readGppSectionIds(gpp)?.indexOf(Section.TcfEu) ?? -1
  return index === -1 ? null : gppSectionAt(gpp, index)
}

/**
 * Text of the section; else the older field that says the same; else null. Senders in transition
 * name section 2 or 6 and still send the string at its old place.
 */
function sectionText(signals: PrivacySignals, ids: readonly number[], id: number): string | null {
  const index = ids.indexOf(id)
  if (index !== -1) return gppSectionAt(signals.gpp ?? '', index)
  if (id === Section.TcfEu) return signals.consent
  return id === Section.UsPrivacy ? signals.usPrivacy : null
}

function sectionLimit(id: number, text: string | null, policy: PrivacyPolicy): PrivacyLimit {
  // Neither describes a law: one is the header itself, the other signs the rest.
  if (id === Section.Header || id === Section.Integrity) return PrivacyLimit.None
  const isMissing = text === null || text === ''
  if (id === Section.TcfEu) {
    return isMissing ? PrivacyLimit.GdprNoConsentString : tcfLimit(text, tcfEu, policy)
  }
  if (isMissing) return PrivacyLimit.GppUnreadable
  if (id === Section.TcfCanada) return tcfLimit(text, tcfCanada, policy)
  return id === Section.UsPrivacy ? usPrivacyLimit(text) : usSectionLimit(id, text)
}
