/** HTML of a banner: an image inside a link, or the creative's own document, with our pixels. */
import { escapeMarkup, escapeScriptString } from './escape.ts'
import type { MarkupParts } from './markup-parts.ts'
import { fillTemplate } from './template.ts'

/** The HTML; '' when the creative has no banner. */
export function bannerMarkup(parts: MarkupParts): string {
  const { banner } = parts.markup
  if (banner === null) return ''
  if (banner.html === null) return imageLink(banner.image, parts) + pixels(parts.impressions)
  const impressions = banner.needsImpressionPixel ? parts.impressions : parts.impressions.slice(1)
  const { head, tail } = banner.html
  const { values } = parts
  return fillTemplate(head, values) + pixels(impressions) + fillTemplate(tail, values)
}

function imageLink(image: string, parts: MarkupParts): string {
  const fired = parts.clickTrackers.map((url) => `new Image().src='${escapeScriptString(url)}'`)
  const onClick = fired.length === 0 ? '' : ` onclick="${fired.join(';')}"`
  const href = escapeMarkup(parts.click)
  return `<a href="${href}" target="_blank" rel="noopener"${onClick}>${image}</a>`
}

/** Out of the way of the layout, but loaded: `display:none` is not loaded everywhere. */
function pixels(urls: readonly string[]): string {
  let html = ''
  for (const url of urls) {
    html +=
      `<img src="${escapeMarkup(url)}" width="1" height="1" alt=""` +
      ' style="position:absolute;left:-9999px">'
  }
  return html
}
