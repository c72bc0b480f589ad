/** A JSON medium written as configuration: where its request's parts are, how it wants answers. */
import type { MonitorDescription } from './monitor.ts'

/**
 * A path into the request body: `device.oaid`, `ids[*].value`, `caids[0].id`. Keys cannot hold
 * dots or brackets; a path that meets another type than it expects finds nothing.
 */
type JsonPathText = string

/** One id in a place of its own. */
export interface DescribedIdField {
  readonly kind: 'field'
  /** Leads to a string (or several, through `[*]`). */
  readonly path: JsonPathText
  /** A name of `idTypes`, such as `oaid` or `imei_md5`: says whether it comes raw or hashed. */
  readonly type: string
  /** CAID version or appid where the medium fixes it; '' = none. */
  readonly scope: string
  /** Where the scope of a scoped id stands; null = fixed, or inside the text. */
  readonly scopePath: JsonPathText | null
  /** One text holding several ids (`a,b`) is split at this; '' = one id. */
  readonly separator: string
  /** `version_value` in one text: the part before the first of these is the scope; '' = no. */
  readonly scopeSeparator: string
}

/** A list of ids, each an object. Paths are relative to the element; '' is the element itself. */
export interface DescribedIdList {
  readonly kind: 'list'
  /** Leads to every element: ends in `[*]`. */
  readonly path: JsonPathText
  /** Where an element says its type; null = all are of the type under `*`. */
  readonly typePath: JsonPathText | null
  readonly valuePath: JsonPathText
  readonly scopePath: JsonPathText | null
  /**
   * The medium's type word to our id type name; `*` is every other word. Unlisted ones are skipped.
   */
  readonly types: Readonly<Record<string, string>>
  /** A sibling that says "this one is hashed": with one of these words, `oaid` means `oaid_md5`. */
  readonly md5: { readonly path: JsonPathText; readonly values: readonly string[] } | null
}

type DescribedId = DescribedIdField | DescribedIdList

/** True when the text at `path` is one of `values` (numbers and booleans by their text). */
export interface DescribedMarker {
  readonly path: JsonPathText
  readonly values: readonly string[]
}

/** Several words: an array, one word, or one text split at `separator` ('' = not split). */
export interface DescribedList {
  readonly path: JsonPathText
  readonly separator: string
}

/** Where the parts of a request are; null = the medium does not send it. */
interface DescribedRequest {
  readonly requestId: JsonPathText | null
  readonly ids: readonly DescribedId[]
  /** Id types in the order in which the medium picks its cache key; the first present one it is. */
  readonly cachedBy: readonly string[]
  /** The medium's word for each os to ours (`osNames`); others are unknown. */
  readonly os: {
    readonly path: JsonPathText
    readonly values: Readonly<Record<string, string>>
  } | null
  readonly osVersion: JsonPathText | null
  readonly geo: {
    readonly country: JsonPathText | null
    readonly city: JsonPathText | null
    readonly district: JsonPathText | null
    readonly latitude: JsonPathText | null
    readonly longitude: JsonPathText | null
  }
  readonly ip: JsonPathText | null
  readonly slotId: JsonPathText | null
  /** Strategies the medium asks about; null = it asks "which of all?". */
  readonly asked: DescribedList | null
  readonly experimentIds: DescribedList | null
  readonly ping: DescribedMarker | null
  readonly test: DescribedMarker | null
}

/** Where a signature or a time stands. */
export type DescribedPlace =
  | { readonly in: 'body'; readonly path: JsonPathText }
  | { readonly in: 'header' | 'query'; readonly name: string }

/** A signature that every request must carry; a wrong one is `Refusal.BadSignature`. */
export interface DescribedSignature {
  readonly algorithm: 'md5' | 'sha256' | 'hmac-sha256'
  /**
   * What is signed: text with `{path}` (body), `{$header.name}`, `{$query.name}`, `{$body}` (the
   * raw bytes) and `{$secret}`. An absent part is the empty text.
   */
  readonly template: string
  readonly place: DescribedPlace
  readonly hexCase: 'lower' | 'upper' | 'any'
  /** One, or two while rotating. */
  readonly secrets: readonly string[]
  /** Refuses requests whose time is further from ours than this; null = not looked at. */
  readonly freshness: {
    readonly place: DescribedPlace
    readonly unit: 's' | 'ms'
    readonly toleranceSeconds: number
  } | null
}

/** A JSON value with placeholders, see `describedPlaceholders`. */
export type AnswerTemplate =
  | string
  | number
  | boolean
  | null
  | readonly AnswerTemplate[]
  | { readonly [key: string]: AnswerTemplate }

/** How answers look. */
export interface DescribedAnswer {
  /**
   * `onlyAccepted`: `$strategies` lists what takes part. `everyAsked`: one element for every
   * asked strategy, in the order asked, `$accepted` true or false.
   */
  readonly mode: 'onlyAccepted' | 'everyAsked'
  readonly accept: AnswerTemplate
  readonly refuse: AnswerTemplate
  /** For failures of ours (`isFailure`); null = the refuse body, which is nearly always right. */
  readonly failure: AnswerTemplate | null
  readonly contentType: string
  readonly cacheUnit: 's' | 'min' | 'h'
  /** 元, 分 or micros; prices are rounded down to `priceDecimals` of the unit. */
  readonly priceUnit: 'yuan' | 'fen' | 'micros'
  readonly priceDecimals: number
}

/** What the medium honours: the configured half of `MediumRules`. */
interface DescribedRules {
  readonly budgetMs: number
  readonly cacheSecondsMin: number
  readonly cacheSecondsMax: number
  readonly factorMin: number
  readonly factorMax: number
  readonly factorDecimals: number
  readonly targetIdCharsMax: number
  readonly numericTargets: boolean
  readonly refusalStatus: number
}

/** A whole medium as data. Everything is present; `config/described-schema.ts` fills defaults. */
export interface DescribedMedium {
  readonly name: string
  readonly rules: DescribedRules
  readonly request: DescribedRequest
  readonly signature: DescribedSignature | null
  readonly answer: DescribedAnswer
  /** Its monitoring links; null = none, or those that are built in under this name. */
  readonly monitor: MonitorDescription | null
}

/** Where a placeholder of an answer template has a value. */
export const PlaceholderScope = {
  Answer: 'answer',
  Strategy: 'strategy',
  Product: 'product',
} as const
export type PlaceholderScope = (typeof PlaceholderScope)[keyof typeof PlaceholderScope]

/**
 * Placeholders of answer templates and where each may stand. A member whose placeholder has no
 * value (no factor, no price, no cache time) is left out, an array element likewise. Strategy
 * placeholders outside a `$strategies` list speak of the first strategy that takes part.
 */
export const describedPlaceholders: ReadonlyMap<string, PlaceholderScope> = new Map([
  ['$requestId', PlaceholderScope.Answer],
  ['$requestIdNumber', PlaceholderScope.Answer],
  ['$reason', PlaceholderScope.Answer],
  ['$reasonName', PlaceholderScope.Answer],
  ['$cacheTime', PlaceholderScope.Answer],
  ['$requestTag', PlaceholderScope.Answer],
  ['$targetIds', PlaceholderScope.Answer],
  ['$targetIdNumbers', PlaceholderScope.Answer],
  ['$targetIdsJoined', PlaceholderScope.Answer],
  ['$targetId', PlaceholderScope.Strategy],
  ['$targetIdNumber', PlaceholderScope.Strategy],
  ['$accepted', PlaceholderScope.Strategy],
  ['$acceptedNumber', PlaceholderScope.Strategy],
  ['$factor', PlaceholderScope.Strategy],
  ['$factorPercent', PlaceholderScope.Strategy],
  ['$cpcPrice', PlaceholderScope.Strategy],
  ['$cpaPrice', PlaceholderScope.Strategy],
  ['$pcvr', PlaceholderScope.Strategy],
  ['$tag', PlaceholderScope.Strategy],
  ['$score', PlaceholderScope.Strategy],
  ['$productIds', PlaceholderScope.Strategy],
  ['$libraryId', PlaceholderScope.Product],
  ['$productId', PlaceholderScope.Product],
  ['$productIdNumber', PlaceholderScope.Product],
  ['$productPriority', PlaceholderScope.Product],
  ['$productScore', PlaceholderScope.Product],
])

/** Objects with this only key are a list with one element for each strategy, or each product. */
export const strategiesKey = '$strategies'
export const productsKey = '$products'
