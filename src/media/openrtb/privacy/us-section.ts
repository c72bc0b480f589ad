/**
 * US sections of a GPP string, 7 (national) to 27 (Rhode Island): who opted out, and known
 * children. Layouts: InteractiveAdvertisingBureau/Global-Privacy-Platform, `Sections/US-National`
 * and `Sections/US-States/*`. All have one shape, which is what makes this table possible: a
 * version of 6 bits, then fields of 2 bits, grouped in the same order everywhere.
 */
import { PrivacyLimit } from '../../../domain/privacy.ts'
import { BitText, consentCharsMax } from './bit-text.ts'

/** Counts are numbers of 2-bit fields, in the order in which they stand in the core segment. */
interface UsLayout {
  readonly versionMax: number
  /** In front of the opt-outs: notices, and in the newest sections the MSPA's fields. */
  readonly notices: number
  /** Sale, sharing, targeted advertising: as many as the law knows. */
  readonly optOuts: number
  /** Consents for sensitive data. We use none, so they decide nothing. */
  readonly sensitive: number
  /** Consents for known children. */
  readonly children: number
  /** Behind them: consent for other purposes, and in the older sections the MSPA's fields. */
  readonly tail: number
  /** The section has a sub-section for Global Privacy Control. */
  readonly gpc: boolean
}

const common = { versionMax: 1, notices: 3, optOuts: 2, sensitive: 8, tail: 4, gpc: true }
const oneChild: UsLayout = { ...common, children: 1 }
const threeChildren: UsLayout = { ...common, children: 3 }
/** Sections of 2025 begin with the version of the MSPA, not of the section. */
const since2025 = { versionMax: 23, notices: 5, optOuts: 2, sensitive: 0, tail: 1 }
const withoutGpc: UsLayout = { ...since2025, children: 1, gpc: false }

const national = { versionMax: 2, notices: 6, optOuts: 3, tail: 4, gpc: true }
const nationalNow: UsLayout = { ...national, sensitive: 16, children: 3 }
const nationalFirst: UsLayout = { ...national, sensitive: 12, children: 2 }
/**
 * The national section grew in 2024, and CMPs wrote the longer one with version 1 as well. Length
 * tells: the first has 60 bits, 66 with the reference library's padding (iabgpp-es, pull 110).
 */
const nationalFirstBitsMax = 66

/** By section id. Built at load; an id that is not here has no layout we know. */
const layouts: ReadonlyMap<number, UsLayout> = new Map<number, UsLayout>([
  [7, nationalNow],
  [8, { ...common, notices: 3, sensitive: 9, children: 2 }], // California: sale and sharing
  [9, { ...oneChild, tail: 3, gpc: false }], // Virginia
  [10, { ...oneChild, sensitive: 7, tail: 3 }], // Colorado
  [11, { ...oneChild, notices: 4, tail: 3, gpc: false }], // Utah
  [12, { ...threeChildren, tail: 3 }], // Connecticut
  [13, { ...threeChildren, gpc: false }], // Florida
  [14, threeChildren], // Montana
  [15, { ...threeChildren, sensitive: 11 }], // Oregon
  [16, oneChild], // Texas
  [17, { ...common, sensitive: 9, children: 5 }], // Delaware
  [18, { ...oneChild, notices: 4, tail: 3 }], // Iowa
  [19, oneChild], // Nebraska
  [20, threeChildren], // New Hampshire
  [21, { ...common, sensitive: 10, children: 5 }], // New Jersey
  [22, oneChild], // Tennessee
  [23, oneChild], // Minnesota
  [24, { ...since2025, children: 0, gpc: true }], // Maryland
  [25, withoutGpc], // Indiana
  [26, withoutGpc], // Kentucky
  [27, withoutGpc], // Rhode Island
])

/** First of each pair of bits: where a 2-bit field has its lower bit. */
const lowBits = 0x555555
const nationalId = 7
const gpcSubsection = 1

/**
 * What the section says: an opt-out of sale, sharing or targeted advertising (value 1), a known
 * child without consent (value 1), or Global Privacy Control. A section that is cut, garbled, of
 * an unknown id or version, or with the undefined value 3 is `GppUnreadable`.
 */
export function usSectionLimit(id: number, text: string): PrivacyLimit {
  const found = layouts.get(id)
  if (found === undefined || text.length > consentCharsMax) return PrivacyLimit.GppUnreadable
  const dot = text.indexOf('.')
  const core = new BitText(text, 0, dot === -1 ? text.length : dot)
  const isFirst = id === nationalId && core.bits <= nationalFirstBitsMax
  const limit = coreLimit(core, isFirst ? nationalFirst : found)
  if (limit !== PrivacyLimit.None || !found.gpc || dot === -1) return limit
  return gpcLimit(text, dot + 1)
}

function coreLimit(core: BitText, layout: UsLayout): PrivacyLimit {
  const version = core.read(6)
  if (version < 1 || version > layout.versionMax) return PrivacyLimit.GppUnreadable
  core.skip(2 * layout.notices)
  const optOuts = core.read(2 * layout.optOuts)
  core.skip(2 * layout.sensitive)
  const children = layout.children === 0 ? 0 : core.read(2 * layout.children)
  core.skip(2 * layout.tail)
  if (!core.ok || hasThree(optOuts) || hasThree(children)) return PrivacyLimit.GppUnreadable
  if (hasOne(optOuts)) return PrivacyLimit.GppOptOut
  return hasOne(children) ? PrivacyLimit.GppKnownChild : PrivacyLimit.None
}

/** Some 2-bit field is 01. */
function hasOne(fields: number): boolean {
  return (fields & ~(fields >> 1) & lowBits) !== 0
}

/** Some 2-bit field is 11. */
function hasThree(fields: number): boolean {
  return (fields & (fields >> 1) & lowBits) !== 0
}

/** The sub-sections behind the core: a type of 2 bits, then for GPC one bit. */
function gpcLimit(text: string, from: number): PrivacyLimit {
  for (let start = from; start > 0 && start < text.length; ) {
    const dot = text.indexOf('.', start)
    const bits = new BitText(text, start, dot === -1 ? text.length : dot)
    if (bits.read(2) === gpcSubsection && bits.read(1) === 1) return PrivacyLimit.Gpc
    if (!bits.ok) return PrivacyLimit.GppUnreadable
    start = dot + 1
  }
  return PrivacyLimit.None
}
