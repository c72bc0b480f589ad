/** Creatives as the API takes and shows them. */
import { z } from 'zod'
import {
  codesMax,
  domainsMax,
  durationSecMax,
  htmlCharsMax,
  mediaFilesMax,
  nativePartsMax,
  nativeTextCharsMax,
  sizePxMax,
  trackersMax,
} from '../limits.ts'
import {
  categoriesSchema,
  codeSchema,
  domainSchema,
  languageOrNone,
  lineSchema,
  urlOrNone,
  urlSchema,
} from './catalog-fields.ts'
import { idSchema, nameSchema, pageQuery } from './common.ts'
import { capsSchema } from './guard-schema.ts'

const formatSchema = z.enum(['banner', 'video', 'audio', 'native'])

function codes(first: number, last: number) {
  return z.array(codeSchema(first, last)).max(codesMax).default([])
}

const px = z.int().min(1).max(sizePxMax)
const responsivePx = z.int().min(0).max(sizePxMax).describe('w and h 0 = fills its slot')
const anyPx = z.int().min(0).max(sizePxMax).default(0)
const mimeSchema = z
  .string()
  .max(127)
  .overwrite((text) => text.trim().toLowerCase())
  .regex(/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/, 'a MIME type such as "image/png"')

/** What can be told from the rest is optional in, and always there out. */
const bannerShape = {
  w: responsivePx,
  h: responsivePx,
  html: z.string().max(htmlCharsMax).default('').describe('With the macros of docs/creatives.md'),
  imageUrl: urlOrNone.default('').describe('Instead of html'),
  expands: codes(1, 6).describe('`expdir`; empty = it does not expand'),
}
const bannerType = codeSchema(1, 4).describe('As `btype`: 1 text, 2 XHTML, 3 JavaScript, 4 iframe')

const fileShape = {
  url: urlSchema,
  w: anyPx,
  h: anyPx,
  bitrateKbps: z.int().min(0).max(1_000_000).default(0).describe('0 = not known'),
}
const delivery = z.int().min(1).max(2).describe('1 streaming, 2 progressive')

const mediaShape = {
  durationSec: z.number().min(0).max(durationSecMax),
  isSkippable: z.boolean().default(false),
  linearity: z.int().min(1).max(2).default(1).describe('1 linear, 2 non-linear'),
  tagUrl: urlOrNone.default('').describe("Another server's VAST; instead of files"),
  protocols: codes(1, 16).describe('VAST versions as `video.protocols`; empty = all of ours'),
  verifications: z
    .array(
      z.strictObject({
        vendor: lineSchema(128).min(1).describe('As registered: `company.com-omid`'),
        scriptUrl: urlSchema,
        parameters: lineSchema(4_096).default(''),
      }),
    )
    .max(trackersMax)
    .default([])
    .describe('Measurement scripts; needed where apis names OMID (7)'),
}
const skipAfterSec = z.number().min(0).max(durationSecMax)

const mediaInput = z.strictObject({
  ...mediaShape,
  skipAfterSec: skipAfterSec.optional().describe('Default 5 where it is skippable, else 0'),
  files: z
    .array(
      z.strictObject({
        ...fileShape,
        mime: mimeSchema.optional().describe('Default by the extension of the URL'),
        delivery: delivery.optional().describe('Default 1 for HLS and DASH, else 2'),
      }),
    )
    .max(mediaFilesMax)
    .default([]),
})

const mediaView = z.object({
  ...mediaShape,
  skipAfterSec,
  files: z.array(z.object({ ...fileShape, mime: z.string(), delivery: z.int() })),
})

const nativeText = lineSchema(nativeTextCharsMax).min(1)
const imageShape = {
  type: codeSchema(1, 3).describe('1 icon, 3 main'),
  url: urlSchema,
  w: px,
  h: px,
}
const nativeShape = {
  titles: z
    .array(nativeText)
    .max(nativePartsMax)
    .default([])
    .describe('Variants; the longest that fits is used'),
  data: z
    .array(
      z.strictObject({
        type: codeSchema(1, 12).describe('1 sponsored by, 2 description, 12 call to action …'),
        value: nativeText,
      }),
    )
    .max(nativePartsMax)
    .default([]),
  fallbackUrl: urlOrNone.default('').describe('For clients that cannot follow a deep link'),
}

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0)

const shape = {
  campaignId: idSchema,
  name: nameSchema.default(''),
  enabled: z.boolean().default(true),
  clickUrl: urlSchema.describe('Landing page'),
  domains: z.array(domainSchema).max(domainsMax).default([]).describe("Empty = the advertiser's"),
  categories: categoriesSchema.describe("Empty = the advertiser's"),
  bundle: lineSchema(256).default('').describe('Of the advertised app'),
  language: languageOrNone.default('').describe('"" = without words'),
  attributes: codes(1, 23).describe('AdCOM creative attributes, compared with `battr`'),
  apis: codes(1, 9).describe('API frameworks that the markup needs'),
  previewUrl: urlOrNone.default('').describe('`bid.iurl`'),
  impressionTrackers: z.array(urlSchema).max(trackersMax).default([]),
  clickTrackers: z.array(urlSchema).max(trackersMax).default([]),
  caps: capsSchema,
  history: z
    .strictObject({ impressions: count, clicks: count, conversions: count })
    .prefault({})
    .describe('What it has done so far, for its smoothed rates'),
}

const mediaOrNone = mediaInput.nullable().default(null)

/** A creative in. */
export const creativeInput = z.strictObject({
  id: idSchema.optional(),
  ...shape,
  format: formatSchema.optional().describe('Default: that of the part that is given'),
  banner: z
    .strictObject({
      ...bannerShape,
      mime: mimeSchema.optional().describe('Default text/html, or by the extension of imageUrl'),
      type: bannerType.optional().describe('Default by the markup'),
    })
    .nullable()
    .default(null),
  video: mediaOrNone,
  audio: mediaOrNone,
  native: z
    .strictObject({
      ...nativeShape,
      images: z
        .array(z.strictObject({ ...imageShape, mime: mimeSchema.optional() }))
        .max(nativePartsMax)
        .default([]),
      video: mediaOrNone,
    })
    .nullable()
    .default(null),
})
export type CreativeInput = z.output<typeof creativeInput>
export type BannerInput = NonNullable<CreativeInput['banner']>
export type MediaInput = NonNullable<CreativeInput['video']>
export type NativeInput = NonNullable<CreativeInput['native']>

/** A creative out: exactly the stored form, which is also a valid input. */
export const creativeView = z.object({
  id: idSchema,
  ...shape,
  format: formatSchema,
  banner: z.object({ ...bannerShape, mime: z.string(), type: z.int() }).nullable(),
  video: mediaView.nullable(),
  audio: mediaView.nullable(),
  native: z
    .object({
      ...nativeShape,
      images: z.array(z.object({ ...imageShape, mime: z.string() })),
      video: mediaView.nullable(),
    })
    .nullable(),
})

/** Query of the list. */
export const creativeListQuery = pageQuery.extend({
  campaignId: idSchema.optional(),
  format: formatSchema.optional(),
  enabled: z.enum(['true', 'false']).optional(),
})
