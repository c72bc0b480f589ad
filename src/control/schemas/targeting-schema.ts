/** Targeting of a campaign; an empty list means "does not matter". */
import { z } from 'zod'
import { osNames } from '../../domain/ad-request.ts'
import { countryAlpha3 } from '../../domain/countries.ts'
import {
  audiencePacksMax,
  codesMax,
  dealsMax,
  exchangesMax,
  placesMax,
  scheduleWindowsMax,
  sizePxMax,
  targetingWordsMax,
} from '../limits.ts'
import {
  categoryIdSchema,
  codeSchema,
  domainSchema,
  languageSchema,
  lowerWordSchema,
  taxonomySchema,
  wordSchema,
} from './catalog-fields.ts'
import { idSchema } from './common.ts'
import { isTimeZone, windowSchema } from './schedule-schema.ts'

const place = z.strictObject({
  country: z
    .string()
    .overwrite((text) => countryAlpha3(text.trim()))
    .min(3, 'an ISO 3166-1 country of two or three letters')
    .describe('Two or three letters; stored as three'),
  region: z
    .string()
    .max(64)
    .overwrite((text) => text.trim())
    .default('')
    .describe('ISO 3166-2 part after the country, such as "CA"; "" = all'),
  city: z
    .string()
    .max(128)
    .overwrite((text) => text.trim())
    .default('')
    .describe('Name as requests or the geo database have it, any case; "" = all'),
})

const versionText = z
  .string()
  .regex(/^(\d{1,9}(\.\d{1,9}){0,3})?$/, 'a version such as "17.4", or ""')
  .default('')

const osRange = z.strictObject({
  os: z.enum(osNames),
  minVersion: versionText.describe('"" = open'),
  maxVersion: versionText.describe('"" = open; "17" has 17.4 in it'),
})

function wordList<S extends z.ZodType>(word: S, countMax = targetingWordsMax) {
  return z.array(word).max(countMax).default([])
}

function allowDeny<S extends z.ZodType>(word: S) {
  return z.strictObject({ allow: wordList(word), deny: wordList(word) }).prefault({})
}

const codes = (first: number, last: number) => wordList(codeSchema(first, last), codesMax)
const px = z.int().min(1).max(sizePxMax)
const packs = wordList(idSchema, audiencePacksMax)
const wish = z.enum(['any', 'only', 'never']).default('any')

const schedule = z.strictObject({
  zone: z
    .string()
    .max(64)
    .default('user')
    .refine((name) => name === 'user' || isTimeZone(name), 'not "user" nor an IANA time zone')
    .describe('IANA name, or "user" for the user\'s own zone'),
  fallbackZone: z
    .string()
    .max(64)
    .default('')
    .refine((name) => name === '' || isTimeZone(name), 'not an IANA time zone')
    .describe('Where the user\'s zone is unknown; "" = the campaign is off then'),
  windows: z.array(windowSchema).min(1).max(scheduleWindowsMax),
})

/** Targeting in and out. */
export const targetingSchema = z.strictObject({
  exchanges: wordList(idSchema, exchangesMax),
  channels: wordList(z.enum(['site', 'app', 'dooh']), 3),
  places: wordList(place, placesMax),
  excludedPlaces: wordList(place, placesMax),
  os: wordList(osRange, codesMax),
  deviceTypes: codes(1, 8).describe('1 phone or tablet, 2 PC, 3 TV, 4 phone, 5 tablet …'),
  makes: wordList(lowerWordSchema(64)),
  models: wordList(lowerWordSchema(128)),
  languages: wordList(languageSchema, 200).describe('`en` matches `en-us`'),
  carriers: wordList(lowerWordSchema(64)).describe('Name, or MCC-MNC such as "460-00"'),
  connectionTypes: codes(0, 7).describe('0 unknown, 1 wired, 2 Wi-Fi, 3-7 cellular'),
  sites: allowDeny(domainSchema).describe('Domains; subdomains are included'),
  apps: allowDeny(wordSchema(256)).describe('Bundles'),
  publishers: allowDeny(wordSchema(128)),
  contentCategories: z
    .strictObject({
      taxonomy: taxonomySchema.default(1),
      allow: wordList(categoryIdSchema),
      deny: wordList(categoryIdSchema),
    })
    .prefault({}),
  positions: codes(0, 17).describe('`pos`: 0 unknown, 1 above the fold, 3 below, 7 full screen …'),
  placements: codes(1, 9).describe('`video.plcmt`'),
  startDelays: wordList(z.enum(['pre', 'mid', 'post']), 3),
  podSlots: wordList(z.enum(['first', 'last']), 2).describe('Place in the pod: `slotinpod`'),
  podSequences: wordList(z.enum(['first', 'last']), 2).describe('Pod of the content: `podseq`'),
  formats: wordList(z.enum(['banner', 'video', 'audio', 'native']), 4),
  sizes: wordList(z.strictObject({ w: px, h: px }), 500).describe('Of banner creatives'),
  interstitial: wish,
  rewarded: wish,
  schedule: schedule.nullable().default(null),
  audience: z
    .strictObject({ all: packs, any: packs, none: packs })
    .prefault({})
    .describe('In every pack of all, in at least one of any (if any), in none of none'),
  deals: wordList(wordSchema(256), dealsMax).describe('"*" = any deal'),
  openAuction: z.boolean().default(true).describe('Whether it also buys outside of deals'),
})
