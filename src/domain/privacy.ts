/** Whether a request's personal data may be used, and if not, why: stable numbers. */

/**
 * Why personal data may not be used; `None` = it may. The first limit that holds is reported, in
 * the order of docs/privacy.md. Numbers are stable for ever and listed there; they go into decision
 * records and metrics.
 */
export const PrivacyLimit = {
  None: 0,
  /** `regs.coppa`: directed at children. */
  Coppa: 1,
  /** `device.lmt`. */
  LimitAdTracking: 2,
  /** `device.dnt`. */
  DoNotTrack: 3,
  /** GDPR applies and no consent string came. */
  GdprNoConsentString: 4,
  /** GDPR applies and the consent string is cut, garbled or of a version that is not TCF 2. */
  GdprUnreadable: 5,
  /** GDPR applies and our vendor id is not configured, or not allowed for any purpose. */
  GdprNoVendor: 6,
  /** GDPR applies and a purpose we need is not allowed (by the user or the publisher). */
  GdprPurpose: 7,
  /** `us_privacy` (or its GPP section) says that the user opted out of sale. */
  UsPrivacyOptOut: 8,
  /** An applicable GPP section says that the user opted out of sale, sharing or targeting. */
  GppOptOut: 9,
  /** An applicable GPP section is missing, garbled or of a layout we do not know. */
  GppUnreadable: 10,
  /** Global Privacy Control, beside (`regs.ext.gpc`) or inside the GPP string. */
  Gpc: 11,
  /** Apple's App Tracking Transparency: restricted or denied. */
  AttsDenied: 12,
  /** A `us_privacy` value is present that is not of its form. */
  UsPrivacyUnreadable: 13,
  /** An applicable GPP section says: known child, without consent. */
  GppKnownChild: 14,
  /** IAB Canada TCF applies and our vendor id is not configured or not allowed. */
  TcfCaNoVendor: 15,
  /** IAB Canada TCF applies and a purpose we need is not allowed. */
  TcfCaPurpose: 16,
} as const
export type PrivacyLimit = (typeof PrivacyLimit)[keyof typeof PrivacyLimit]

/** Name of a limit for metrics and explain, in kebab-case: `gdpr-no-vendor`. */
export const privacyLimitNames: ReadonlyMap<number, string> = new Map(
  Object.entries(PrivacyLimit).map(([name, code]) => [
    code,
    name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase(),
  ]),
)

/**
 * Everything a request said about privacy. `null` = not said. Each was taken from its OpenRTB 2.6
 * place, else from its 2.5 `ext` place (docs/privacy.md has the table); texts are as received.
 */
export interface PrivacySignals {
  readonly coppa: boolean | null
  readonly gdpr: boolean | null
  /** TCF consent string. */
  readonly consent: string | null
  readonly usPrivacy: string | null
  readonly gpp: string | null
  /** GPP sections that apply, by id; empty = not said. */
  readonly gppSid: readonly number[]
  /** `regs.ext.gpc`: `"1"` when the browser sends Global Privacy Control. */
  readonly gpc: string | null
  readonly lmt: boolean | null
  readonly dnt: boolean | null
  /** `device.ext.atts`: 0 not determined, 1 restricted, 2 denied, 3 authorised. */
  readonly atts: number | null
}

/** What we need allowed before we use personal data. */
export interface PrivacyPolicy {
  /** Our id on the IAB Global Vendor List; 0 = we have none, so under TCF nothing is allowed. */
  readonly tcfVendorId: number
  readonly tcfPurposes: TcfPurposes
}

/** TCF purposes (1-11) that must all be allowed, by the legal bases we claim for them. */
export interface TcfPurposes {
  readonly consentOrLegitimateInterest: readonly number[]
  readonly consentOnly: readonly number[]
}

/**
 * The purposes of what Sluice does with a device key (TCF policies, appendix A):
 * 1 store and access information on a device: ids are read from it; consent is the only basis.
 * 2 select ads with limited data: frequency caps, context; consent or legitimate interest.
 * 3 create profiles for advertising: exposures and clicks become user state; since TCF 2.2
 *   consent is the only basis.
 * 4 use profiles to select advertising: audience packs; likewise consent only since TCF 2.2.
 */
export const defaultTcfPurposes: TcfPurposes = {
  consentOrLegitimateInterest: [2],
  consentOnly: [1, 3, 4],
}
