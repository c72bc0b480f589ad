/** Fields that advertisers, campaigns, creatives and exchanges share. */
import { z } from 'zod'
import { categoryIdsMax, categorySetsMax, priceMicrosMax, urlCharsMax } from '../limits.ts'
import { pricePattern } from '../price.ts'

/** The shape of an ISO 4217 code; whether there is a rate for it is a warning's business. */
export const currencySchema = z
  .string()
  .regex(/^[A-Z]{3}$/, 'an ISO 4217 code in capitals, such as "USD"')

const noControls = /^\P{Cc}*$/u

const domainPattern = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}$/

/** A domain, stored in lower case and without `www.`, which is how requests are read too. */
export const domainSchema = z
  .string()
  .max(253)
  .overwrite((text) =>
    text
      .trim()
      .toLowerCase()
      .replace(/^www\./, '')
      .replace(/\.$/, ''),
  )
  .regex(domainPattern, 'a domain such as "shop.example" (punycode for other alphabets)')

/** Any short text without control characters, stored without blanks around it. */
export function wordSchema(charsMax: number) {
  return z
    .string()
    .overwrite((text) => text.trim())
    .min(1)
    .max(charsMax)
    .regex(noControls, 'has control characters')
}

/** The same in lower case. */
export function lowerWordSchema(charsMax: number) {
  return wordSchema(charsMax).overwrite((text) => text.toLowerCase())
}

/** A text of one line; may be empty. */
export function lineSchema(charsMax: number) {
  return z.string().max(charsMax).regex(noControls, 'has control characters')
}

/** A language tag, stored in lower case with dashes. */
export const languageSchema = anyLanguage().min(1)

/** The same, or '' for none. */
export const languageOrNone = anyLanguage()

function anyLanguage() {
  return z
    .string()
    .max(35)
    .overwrite((text) => text.trim().toLowerCase().replaceAll('_', '-'))
    .regex(/^([a-z]{2,3}(-[a-z0-9]{1,8})*)?$/, 'a language such as "en" or "zh-hans"')
}

/** A URL, of which the creative's own check says whether it can be used. */
export const urlSchema = z.string().min(1).max(urlCharsMax)

/** The same, or '' for none. */
export const urlOrNone = z.string().max(urlCharsMax)

/** Numbers of an AdCOM list: 1 to `last`, or a vendor's own from 500. */
export function codeSchema(first: number, last: number) {
  return z
    .int()
    .refine((code) => (code >= first && code <= last) || (code >= 500 && code <= 9_999), {
      error: `${first} to ${last}, or an exchange's own from 500`,
    })
}

/** The highest number of AdCOM's list of taxonomies. */
const taxonomyLast = 9

/** A taxonomy as OpenRTB `cattax`. */
export const taxonomySchema = codeSchema(1, taxonomyLast).describe(
  '`cattax`: 1 IAB Content 1.0, 6 IAB Content 2.2, 7 IAB Content 3.0 …',
)

/** An id of a taxonomy. */
export const categoryIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, 'a category such as "IAB3-1" or "210"')

/** Categories, one set a taxonomy. */
export const categoriesSchema = z
  .array(
    z.strictObject({
      taxonomy: taxonomySchema.default(1),
      ids: z.array(categoryIdSchema).min(1).max(categoryIdsMax),
    }),
  )
  .max(categorySetsMax)
  .refine((sets) => new Set(sets.map((set) => set.taxonomy)).size === sets.length, {
    error: 'two sets of one taxonomy; write them as one',
  })
  .default([])

/** Integer micros of a price that must be there. */
export const microsSchema = z.int().min(1).max(priceMicrosMax)

/** Integer micros of a limit; 0 = none. */
export const limitMicrosSchema = z.int().min(0).max(priceMicrosMax)

/** A decimal amount as text, beside the micros. */
export const decimalSchema = z
  .string()
  .regex(pricePattern, 'a decimal with at most six places, such as "1.25"')

/** A refinement: exactly one spelling of an amount. The message stands at the micros. */
export function oneSpelling(microsName: string, decimalName: string, isRequired: boolean) {
  return (
    value: Readonly<Record<string, unknown>>,
    context: {
      addIssue(issue: { code: 'custom'; path: string[]; message: string }): void
    },
  ): void => {
    const given = [value[microsName], value[decimalName]].filter((one) => one !== undefined).length
    if (given === 1 || (given === 0 && !isRequired)) return
    const message =
      given === 0 ? `required, or ${decimalName}` : `the same as ${decimalName}; give one of them`
    context.addIssue({ code: 'custom', path: [microsName], message })
  }
}
