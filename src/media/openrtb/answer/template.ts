/** Texts with `{{PLACEHOLDERS}}` (docs/creatives.md), split once and filled per bid. */
import {
  type HtmlPlaceholder,
  placeholderPattern,
  type UrlPlaceholder,
} from '../../../domain/placeholders.ts'
import { encodeId, escapeMarkup, escapeScriptString } from './escape.ts'

/** What placeholders stand for in one bid. */
export interface TemplateValues {
  /** With the exchange's click macro before it, if it has one. */
  readonly click: string
  readonly landing: string
  readonly impression: string
  readonly cachebuster: string
  readonly width: number
  readonly height: number
  readonly creativeId: string
  readonly campaignId: string
  readonly exchange: string
  readonly impId: string
  readonly auctionId: string
  /** Domain of the site or bundle of the app; '' unknown. */
  readonly inventory: string
}

/** Literals with a placeholder's fill function between each two of them. */
export interface Template {
  readonly literals: readonly string[]
  readonly fills: readonly Fill[]
}

type Fill = (values: TemplateValues) => string

const urlValues: Readonly<Record<UrlPlaceholder, Fill>> = {
  CLICK_URL_ENC: ({ click }) => encodeURIComponent(click),
  LANDING_URL_ENC: ({ landing }) => encodeURIComponent(landing),
  CACHEBUSTER: ({ cachebuster }) => cachebuster,
  WIDTH: ({ width }) => String(width),
  HEIGHT: ({ height }) => String(height),
  CREATIVE_ID: ({ creativeId }) => encodeId(creativeId),
  CAMPAIGN_ID: ({ campaignId }) => encodeId(campaignId),
  EXCHANGE: ({ exchange }) => encodeId(exchange),
  IMP_ID: ({ impId }) => encodeId(impId),
  AUCTION_ID: ({ auctionId }) => encodeId(auctionId),
  INVENTORY: ({ inventory }) => encodeId(inventory),
}

const htmlValues: Readonly<Record<HtmlPlaceholder, Fill>> = {
  ...urlValues,
  CLICK_URL: ({ click }) => escapeMarkup(click),
  CLICK_URL_JS: ({ click }) => escapeScriptString(click),
  LANDING_URL: ({ landing }) => escapeMarkup(landing),
  IMPRESSION_URL: ({ impression }) => escapeMarkup(impression),
}

const urlFills = new Map<string, Fill>(Object.entries(urlValues))
const htmlFills = new Map<string, Fill>(Object.entries(htmlValues))
const nothing: Fill = () => ''

/** A template of HTML: values are safe in quoted attributes, in text and in URLs. */
export function htmlTemplate(text: string): Template {
  return templateOf(text, htmlFills)
}

/** A template of a URL: values are percent-encoded. */
export function urlTemplate(text: string): Template {
  return templateOf(text, urlFills)
}

/** The filled text. Nothing of ours stays unresolved: an unknown placeholder becomes ''. */
export function fillTemplate(template: Template, values: TemplateValues): string {
  const { literals, fills } = template
  let text = literals[0] ?? ''
  for (let i = 0; i < fills.length; i += 1)
    text += (fills[i]?.(values) ?? '') + (literals[i + 1] ?? '')
  return text
}

function templateOf(text: string, known: ReadonlyMap<string, Fill>): Template {
  // `split` with one group: literal, name, literal, name, … literal.
  const parts = text.split(placeholderPattern)
  const names = parts.filter((_, index) => index % 2 === 1)
  return {
    literals: parts.filter((_, index) => index % 2 === 0),
    fills: names.map((name) => known.get(name.toUpperCase()) ?? nothing),
  }
}
