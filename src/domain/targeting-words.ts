/**
 * The words that targeting is indexed and asked by: the campaign's side writes one word for what it
 * names, the request's side asks for every word that would stand for it.
 */
import type { Place } from './campaign.ts'

const nothing: readonly string[] = []

/** The word of a targeted place: as coarse as the place is. */
export function placeWord({ country, region, city }: Place): string {
  if (city !== '') return `${country}/${region}/${city}`.toLowerCase()
  return (region === '' ? country : `${country}/${region}`).toLowerCase()
}

/** Words of all places that contain this one; a city is known with and without its region. */
export function placeWords({ country, region, city }: Place): readonly string[] {
  if (country === '') return nothing
  const inCountry = country.toLowerCase()
  const inRegion = region.toLowerCase()
  const words = [inCountry]
  if (inRegion !== '') words.push(`${inCountry}/${inRegion}`)
  if (city === '') return words
  const inCity = city.toLowerCase()
  words.push(`${inCountry}//${inCity}`)
  if (inRegion !== '') words.push(`${inCountry}/${inRegion}/${inCity}`)
  return words
}

/**
 * Longest name of the DNS (RFC 1035 §3.1, as text). What is longer is no domain: a body of dots
 * would have as many domains above it as it has dots, each as long as the body.
 */
export const domainCharsMax = 253

/** A domain and the domains above it, without the last label: `a.b.com`, `b.com`. */
export function domainWords(domain: string): readonly string[] {
  if (domain === '' || domain.length > domainCharsMax) return nothing
  const words = [domain]
  for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1)) {
    if (domain.indexOf('.', dot + 1) !== -1) words.push(domain.slice(dot + 1))
  }
  return words
}

/** A language and the one it is a kind of: `en-us`, `en`. */
export function languageWords(language: string): readonly string[] {
  if (language === '') return nothing
  const dash = language.indexOf('-')
  return dash === -1 ? [language] : [language, language.slice(0, dash)]
}

/** AdCOM device types that stand for this one: 1 is "phone or tablet, not told which". */
export function deviceTypeWords(type: number): readonly string[] {
  switch (type) {
    case 0:
      return nothing
    case 1:
      return ['1', '4', '5']
    case 4:
    case 5:
      return [String(type), '1']
    default:
      return [String(type)]
  }
}

/** A category and, in IAB Content 1.0 (taxonomy 1), the tier above: `1:IAB7-39`, `1:IAB7`. */
export function categoryWords(taxonomy: number, category: string): readonly string[] {
  const word = categoryWord(taxonomy, category)
  const dash = taxonomy === 1 ? word.indexOf('-') : -1
  return dash === -1 ? [word] : [word, word.slice(0, dash)]
}

/** The word of one category. */
export function categoryWord(taxonomy: number, category: string): string {
  return `${taxonomy}:${category.toLowerCase()}`
}

/** Words of the one inventory list that sites and apps share. */
export function siteWord(domain: string): string {
  return `s:${domain}`
}

/** Bundles differ by case on Android, but never mean two apps. */
export function appWord(bundle: string): string {
  return `a:${bundle.toLowerCase()}`
}

/** Part of the content that a start delay (2.6, "Start Delay Modes") belongs to; '' = not said. */
export function startDelayWord(startDelaySec: number | null): string {
  if (startDelaySec === null) return ''
  if (startDelaySec === 0) return 'pre'
  return startDelaySec === -2 ? 'post' : 'mid'
}

/** The word of a flag of the impression. */
export function flagWord(isSet: boolean): string {
  return isSet ? 'yes' : 'no'
}

/** The word of "any deal at all". */
export const anyDealWord = '*'

/** Words stand in the index under their dimension's `Drop` number; denied ones so much higher. */
export const denySpace = 100
