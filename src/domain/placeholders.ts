/** Placeholders that own HTML, trackers and VAST tags may hold (docs/creatives.md). */

/** Those whose values are safe inside a URL. */
export const urlPlaceholders = [
  'CLICK_URL_ENC',
  'LANDING_URL_ENC',
  'CACHEBUSTER',
  'WIDTH',
  'HEIGHT',
  'CREATIVE_ID',
  'CAMPAIGN_ID',
  'EXCHANGE',
  'IMP_ID',
  'AUCTION_ID',
  'INVENTORY',
] as const
export type UrlPlaceholder = (typeof urlPlaceholders)[number]

/** Those of HTML. */
export const htmlPlaceholders = [
  ...urlPlaceholders,
  'CLICK_URL',
  'CLICK_URL_JS',
  'LANDING_URL',
  'IMPRESSION_URL',
] as const
export type HtmlPlaceholder = (typeof htmlPlaceholders)[number]

/** A placeholder, known or not, with its name as the one group. */
export const placeholderPattern = /\{\{\s*([A-Za-z][A-Za-z_]*)\s*\}\}/g

/** Names of all placeholders in a text, upper case, as often as they occur. */
export function placeholdersOf(text: string): string[] {
  return Array.from(text.matchAll(placeholderPattern), ([, name]) => (name ?? '').toUpperCase())
}

/** True when a text holds this placeholder. */
export function holdsPlaceholder(text: string, name: HtmlPlaceholder): boolean {
  return placeholdersOf(text).includes(name)
}
