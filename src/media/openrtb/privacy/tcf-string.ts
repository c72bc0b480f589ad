/**
 * Transparency & Consent strings, core segment only: IAB Europe TCF v2 ("Consent string and vendor
 * list formats v2", TC String Format; unchanged in 2.1 to 2.3) and IAB Canada TCF v1 (GPP section
 * 5), whose "express" and "implied" consent take the places of consent and legitimate interest.
 */
import { PrivacyLimit, type PrivacyPolicy } from '../../../domain/privacy.ts'
import { BitText, consentCharsMax } from './bit-text.ts'

/** Where a framework's core segment has what we read, and the limits it reports. */
export interface TcfFramework {
  readonly version: number
  /** Bit of the purposes field, counted from the start of the version. */
  readonly purposesAt: number
  /** Bits between the purposes and the vendors. */
  readonly vendorsGap: number
  /** The core segment may end behind the vendors. */
  readonly restrictionsOptional: boolean
  /** Purposes that the framework does not use, as a mask. */
  readonly unusedPurposes: number
  readonly unreadable: PrivacyLimit
  readonly noVendor: PrivacyLimit
  readonly purpose: PrivacyLimit
}

/** Purposes of the purposes fields; also the width of those. */
const purposesMax = 24
const versionBits = 6

/**
 * Before the purposes: version 6, created 36, last updated 36, CMP id 12, CMP version 12, screen 6,
 * language 12, vendor list version 12, policy version 6, service specific 1, non-standard stacks 1,
 * special feature opt-ins 12. Between them and the vendors: purpose one treatment 1, country 12.
 */
export const tcfEu: TcfFramework = {
  version: 2,
  purposesAt: 152,
  vendorsGap: 13,
  restrictionsOptional: false,
  unusedPurposes: 0,
  unreadable: PrivacyLimit.GdprUnreadable,
  noVendor: PrivacyLimit.GdprNoVendor,
  purpose: PrivacyLimit.GdprPurpose,
}

/** Canada has no service-specific bit, no country, and leaves the bit of purpose 1 unused. */
export const tcfCanada: TcfFramework = {
  version: 1,
  purposesAt: 151,
  vendorsGap: 0,
  restrictionsOptional: true,
  unusedPurposes: purposeBit(1),
  unreadable: PrivacyLimit.GppUnreadable,
  noVendor: PrivacyLimit.TcfCaNoVendor,
  purpose: PrivacyLimit.TcfCaPurpose,
}

/**
 * Whether the string lets our vendor use personal data for every purpose of the policy. Total:
 * any text gets an answer, in time linear in its length. TCF v1 strings (version 1, not valid
 * since 2020) are unreadable. The disclosed-vendors and publisher segments are not looked at.
 */
export function tcfLimit(
  text: string,
  framework: TcfFramework,
  policy: PrivacyPolicy,
): PrivacyLimit {
  const vendorId = policy.tcfVendorId
  if (!(vendorId > 0)) return framework.noVendor
  if (text.length > consentCharsMax) return framework.unreadable
  const dot = text.indexOf('.')
  const bits = new BitText(text, 0, dot === -1 ? text.length : dot)
  if (bits.read(versionBits) !== framework.version) return framework.unreadable
  bits.skip(framework.purposesAt - versionBits)
  const consented = bits.read(purposesMax)
  const legitimate = bits.read(purposesMax)
  bits.skip(framework.vendorsGap)
  const vendorConsent = readVendors(bits, vendorId)
  const vendorLegitimate = readVendors(bits, vendorId)
  const restricted = readRestrictions(bits, vendorId, framework.restrictionsOptional)
  if (!bits.ok) return framework.unreadable
  if (!vendorConsent && !vendorLegitimate) return framework.noVendor
  // A basis that the publisher took away is no basis; with the other one it may still be allowed.
  const byConsent = vendorConsent ? consented & ~restricted.notByConsent : 0
  const byLegitimate = vendorLegitimate ? legitimate & ~restricted.notByLegitimate : 0
  return coversNeeds(policy, byConsent, byLegitimate, framework.unusedPurposes)
    ? PrivacyLimit.None
    : framework.purpose
}

function coversNeeds(
  policy: PrivacyPolicy,
  byConsent: number,
  byLegitimate: number,
  unused: number,
): boolean {
  const { consentOnly, consentOrLegitimateInterest } = policy.tcfPurposes
  const needConsent = purposesMask(consentOnly) & ~unused
  const needEither = purposesMask(consentOrLegitimateInterest) & ~unused
  return (needConsent & ~byConsent) === 0 && (needEither & ~(byConsent | byLegitimate)) === 0
}

function purposesMask(purposes: readonly number[]): number {
  let mask = 0
  for (const purpose of purposes) mask |= purposeBit(purpose)
  return mask
}

/** Purpose 1 is the first bit of 24; a purpose that no string can allow gets a bit beyond them. */
function purposeBit(purpose: number): number {
  const known = purpose >= 1 && purpose <= purposesMax
  return known ? 1 << (purposesMax - purpose) : 1 << purposesMax
}

/** One vendor section: the highest id, then one bit for each id or a list of ranges. */
function readVendors(bits: BitText, vendorId: number): boolean {
  const vendorIdMax = bits.read(16)
  if (bits.read(1) === 1) return readRanges(bits, vendorId)
  if (vendorId > vendorIdMax) {
    bits.skip(vendorIdMax)
    return false
  }
  bits.skip(vendorId - 1)
  const found = bits.read(1) === 1
  bits.skip(vendorIdMax - vendorId)
  return found
}

/**
 * A list of single ids and ranges. It is walked to its end even when the vendor was found: what
 * follows starts where it ends. Each entry takes at least 17 bits, so the text bounds the walk.
 */
function readRanges(bits: BitText, vendorId: number): boolean {
  const entries = bits.read(12)
  let found = false
  for (let entry = 0; entry < entries && bits.ok; entry++) {
    const head = bits.read(17)
    const first = head & 0xffff
    const last = head > 0xffff ? bits.read(16) : first
    if (last < first) bits.fail()
    if (vendorId >= first && vendorId <= last) found = true
  }
  return found
}

/** Purposes that the publisher took from our vendor, as masks by legal basis. */
interface Restrictions {
  notByConsent: number
  notByLegitimate: number
}

const noRestrictions: Restrictions = Object.freeze({ notByConsent: 0, notByLegitimate: 0 })

/**
 * Publisher restrictions: 0 forbids the purpose, 1 requires consent, 2 requires legitimate
 * interest. For a purpose that we claim by consent alone, 2 forbids it (spec, RestrictionType:
 * "should not process"). 3 is undefined: the publisher restricted something, so it forbids too.
 */
function readRestrictions(bits: BitText, vendorId: number, optional: boolean): Restrictions {
  if (optional && bits.left < 12) return noRestrictions
  const count = bits.read(12)
  if (count === 0) return noRestrictions
  const restricted: Restrictions = { notByConsent: 0, notByLegitimate: 0 }
  for (let at = 0; at < count && bits.ok; at++) {
    const purpose = purposeBit(bits.read(6))
    const type = bits.read(2)
    if (!readRanges(bits, vendorId)) continue
    if (type !== 1) restricted.notByConsent |= purpose
    if (type !== 2) restricted.notByLegitimate |= purpose
  }
  return restricted
}
