/** Text made safe for the place in a markup that it goes to. */

/** Characters that XML 1.0 and HTML documents may not hold, escaped or not. */
const notText = /(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]|\p{Surrogate}/gu
const special = /[&<>"']/
const specials: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For text and quoted attribute values of HTML and XML alike. */
export function escapeMarkup(text: string): string {
  const clean = cleanText(text)
  return special.test(clean) ? clean.replace(/[&<>"']/g, (char) => specials[char] ?? '') : clean
}

/** A CDATA section that holds `text`: how VAST carries URLs. */
export function cdata(text: string): string {
  const clean = cleanText(text)
  const inside = clean.includes(']]>') ? clean.replaceAll(']]>', ']]]]><![CDATA[>') : clean
  return `<![CDATA[${inside}]]>`
}

/** For the inside of a quoted JavaScript string, in a script or in an event attribute. */
export function escapeScriptString(text: string): string {
  return text.replace(/[\\'"`<>&\u2028\u2029\n\r]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** An id as part of a URL. It is another's text: `encodeURIComponent` throws on half a pair. */
export function encodeId(text: string): string {
  return encodeURIComponent(cleanText(text))
}

function cleanText(text: string): string {
  return text.replace(notText, '')
}
