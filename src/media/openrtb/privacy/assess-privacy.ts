/** The verdict "may personal data be used" from everything a request says about privacy. */
import { PrivacyLimit, type PrivacyPolicy, type PrivacySignals } from '../../../domain/privacy.ts'
import { gppLimit, tcfEuSection } from './gpp-limit.ts'
import { tcfEu, tcfLimit } from './tcf-string.ts'
import { usPrivacyLimit } from './us-privacy-string.ts'

/** `device.ext.atts` (App Tracking Transparency): the two values that refuse. */
const attsRestricted = 1
const attsDenied = 2

/**
 * The first limit that holds, or `None`. The order, from the plainest signal to the one that takes
 * reading (docs/privacy.md): COPPA, limit ad tracking, do not track, App Tracking Transparency,
 * GDPR, GPP, US Privacy, Global Privacy Control. All are looked at until one limits, so the order
 * decides what is reported, never whether data may be used. Never throws; nothing waits.
 */
export function assessPrivacy(signals: PrivacySignals, policy: PrivacyPolicy): PrivacyLimit {
  const flagged = flagLimit(signals)
  if (flagged !== PrivacyLimit.None) return flagged
  const european = gdprLimit(signals, policy)
  if (european !== PrivacyLimit.None) return european
  const platform = gppLimit(signals, policy)
  if (platform !== PrivacyLimit.None) return platform
  if (signals.usPrivacy !== null && signals.usPrivacy !== '') {
    const american = usPrivacyLimit(signals.usPrivacy)
    if (american !== PrivacyLimit.None) return american
  }
  return signals.gpc === '1' || signals.gpc === 'true' ? PrivacyLimit.Gpc : PrivacyLimit.None
}

function flagLimit(signals: PrivacySignals): PrivacyLimit {
  if (signals.coppa === true) return PrivacyLimit.Coppa
  if (signals.lmt === true) return PrivacyLimit.LimitAdTracking
  if (signals.dnt === true) return PrivacyLimit.DoNotTrack
  const denied = signals.atts === attsRestricted || signals.atts === attsDenied
  return denied ? PrivacyLimit.AttsDenied : PrivacyLimit.None
}

/**
 * GDPR applies when the request says so, and also when it says nothing but carries a consent
 * string: a CMP asked this user. Where it says 0, the string is not read.
 */
function gdprLimit(signals: PrivacySignals, policy: PrivacyPolicy): PrivacyLimit {
  const { consent, gdpr } = signals
  const hasConsent = consent !== null && consent !== ''
  if (gdpr === false || (gdpr === null && !hasConsent)) return PrivacyLimit.None
  const text = hasConsent ? consent : tcfEuSection(signals.gpp)
  if (text === null || text === '') return PrivacyLimit.GdprNoConsentString
  return tcfLimit(text, tcfEu, policy)
}
