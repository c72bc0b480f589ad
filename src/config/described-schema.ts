/** Checks the configuration of a described medium and fills in what it leaves out. */
import { z } from 'zod'
import { osNames } from '../domain/ad-request.ts'
import {
  type AnswerTemplate,
  type DescribedMedium,
  describedPlaceholders,
  PlaceholderScope,
  productsKey,
  strategiesKey,
} from '../domain/described-medium.ts'
import { idTypeNamed } from '../domain/id-type.ts'
import { monitorSchema } from './monitor-schema.ts'

/** One complaint: where (`answer.accept.data`), and what is wrong there. */
interface DescribedProblem {
  readonly path: string
  readonly message: string
}

/** A checked description, or everything that is wrong with it. */
export type DescribedResult =
  | { readonly ok: true; readonly medium: DescribedMedium }
  | { readonly ok: false; readonly problems: readonly DescribedProblem[] }

/** A route is `POST /rta/<name>`. */
const namePattern = /^[a-z][a-z0-9-]{0,31}$/
const pathPattern = /^(?:[^.[\]]+|\[(?:\d{1,4}|\*)\])(?:\.[^.[\]]+|\[(?:\d{1,4}|\*)\])*$/
/** Steps of a path: the same bound as lib/json-paths.ts. */
const pathStepsMax = 16
/** Nested levels of a template: answers of real media have four. */
const templateDepthMax = 16
/** Longest texts in a description; anything longer is a mistake. */
const textCharsMax = 512
/** Entries of any list in a description. */
const entriesMax = 200
/** A secret that is `env:NAME` is read from the environment, so that files hold none. */
const environmentPrefix = 'env:'
const millisecondsMax = 10_000
/** Longest cache any medium is known to keep: 7 days (rta-media.md §1.10). */
const cacheSecondsMax = 604_800
const signatureToken = /\{([^{}]*)\}/g

const text = z.string().max(textCharsMax)
const path = text
  .refine((value) => pathPattern.test(value), 'is no path such as device.oaid or ids[*].value')
  .refine((value) => value.split(/[.[]/).length <= pathStepsMax, 'has too many steps')
const pathOrNull = path.nullable().default(null)
/** Within a list element the empty path is the element itself. */
const elementPath = z.union([z.literal(''), path])
const idTypeName = text.refine((value) => idTypeNamed(value) !== null, 'is no id type')
const osName = z.enum(osNames)
const headerName = text.regex(/^[a-z0-9-]+$/i, 'is no header or parameter name')

const idField = z.strictObject({
  kind: z.literal('field').default('field'),
  path,
  type: idTypeName,
  scope: text.default(''),
  scopePath: pathOrNull,
  separator: text.default(''),
  scopeSeparator: text.default(''),
})

const idList = z.strictObject({
  kind: z.literal('list'),
  path: path.refine((value) => value.endsWith('[*]'), 'must end in [*]'),
  typePath: elementPath.nullable().default(null),
  valuePath: elementPath,
  scopePath: elementPath.nullable().default(null),
  types: z
    .record(text, idTypeName)
    .refine((types) => Object.keys(types).length > 0, 'names no type'),
  md5: z
    .strictObject({ path: elementPath, values: z.array(text).min(1).max(entriesMax) })
    .nullable()
    .default(null),
})

/** `kind` may be left out of a field. */
const id = z.preprocess(
  (value) => (isObject(value) && !('kind' in value) ? { ...value, kind: 'field' } : value),
  z.discriminatedUnion('kind', [idField, idList]),
)

const marker = z.strictObject({ path, values: z.array(text).min(1).max(entriesMax) })
const wordList = z.strictObject({ path, separator: text.default('') })

const noGeo = { country: null, city: null, district: null, latitude: null, longitude: null }
const request = z.strictObject({
  requestId: pathOrNull,
  ids: z.array(id).min(1).max(entriesMax),
  cachedBy: z.array(idTypeName).max(entriesMax).default([]),
  os: z
    .strictObject({ path, values: z.record(text, osName) })
    .nullable()
    .default(null),
  osVersion: pathOrNull,
  geo: z
    .strictObject({
      country: pathOrNull,
      city: pathOrNull,
      district: pathOrNull,
      latitude: pathOrNull,
      longitude: pathOrNull,
    })
    .default(noGeo),
  ip: pathOrNull,
  slotId: pathOrNull,
  asked: wordList.nullable().default(null),
  experimentIds: wordList.nullable().default(null),
  ping: marker.nullable().default(null),
  test: marker.nullable().default(null),
})

const place = z.discriminatedUnion('in', [
  z.strictObject({ in: z.literal('body'), path }),
  z.strictObject({ in: z.literal('header'), name: headerName }),
  z.strictObject({ in: z.literal('query'), name: headerName }),
])

const signature = z
  .strictObject({
    algorithm: z.enum(['md5', 'sha256', 'hmac-sha256']),
    template: text.min(1),
    place,
    hexCase: z.enum(['lower', 'upper', 'any']).default('any'),
    secrets: z.array(text.min(1)).min(1).max(2),
    freshness: z
      .strictObject({
        place,
        unit: z.enum(['s', 'ms']),
        toleranceSeconds: z.number().int().positive().max(86_400),
      })
      .nullable()
      .default(null),
  })
  .superRefine(({ algorithm, template }, context) => {
    for (const [, token = ''] of template.matchAll(signatureToken)) {
      if (isSignatureToken(token)) continue
      context.addIssue({ code: 'custom', path: ['template'], message: `{${token}} is no part` })
    }
    if (algorithm !== 'hmac-sha256' && !template.includes('{$secret}')) {
      const message = 'must hold {$secret}: without it anybody can sign'
      context.addIssue({ code: 'custom', path: ['template'], message })
    }
  })

const template: z.ZodType<AnswerTemplate> = z.json()

const answer = z
  .strictObject({
    mode: z.enum(['onlyAccepted', 'everyAsked']).default('onlyAccepted'),
    accept: template,
    refuse: template,
    failure: template.nullable().default(null),
    contentType: text.min(1).default('application/json'),
    cacheUnit: z.enum(['s', 'min', 'h']).default('s'),
    priceUnit: z.enum(['yuan', 'fen', 'micros']).default('fen'),
    priceDecimals: z.number().int().min(0).max(6).default(0),
  })
  .superRefine((value, context) => {
    const checked = ['accept', 'refuse', 'failure'] as const
    for (const name of checked) {
      for (const problem of templateProblems(value[name], [name])) context.addIssue(problem)
    }
    const decimalsMax = { yuan: 6, fen: 4, micros: 0 }[value.priceUnit]
    if (value.priceDecimals > decimalsMax) {
      const message = `is over ${decimalsMax}, where a micro is the smallest part`
      context.addIssue({ code: 'custom', path: ['priceDecimals'], message })
    }
    for (const name of ['refuse', 'failure'] as const) {
      if (!isSameAnswer(value.accept, value[name])) continue
      const message = 'cannot be told from accept: it would open the gate'
      context.addIssue({ code: 'custom', path: [name], message })
    }
  })

const rules = z
  .strictObject({
    budgetMs: z.number().int().positive().max(millisecondsMax).default(60),
    cacheSecondsMin: z.number().int().min(0).max(cacheSecondsMax).default(0),
    cacheSecondsMax: z.number().int().min(0).max(cacheSecondsMax).default(cacheSecondsMax),
    factorMin: z.number().min(0).max(1_000).default(0.2),
    factorMax: z.number().positive().max(1_000).default(5),
    factorDecimals: z.number().int().min(0).max(6).default(2),
    targetIdCharsMax: z.number().int().positive().max(128).default(32),
    numericTargets: z.boolean().default(false),
    refusalStatus: z.number().int().min(200).max(599).default(200),
  })
  .refine((value) => value.cacheSecondsMin <= value.cacheSecondsMax, {
    path: ['cacheSecondsMin'],
    message: 'is over cacheSecondsMax',
  })
  .refine((value) => value.factorMin <= value.factorMax, {
    path: ['factorMin'],
    message: 'is over factorMax',
  })
  .prefault({})

/** The configuration of one described medium; its output is a `DescribedMedium`. */
const describedMediumSchema = z
  .strictObject({
    /** Ignored: what a file wants to tell its readers. */
    about: z.string().optional(),
    name: z.string().regex(namePattern, 'must be a-z, digits and dashes, at most 32'),
    rules,
    request,
    signature: signature.nullable().default(null),
    answer,
    monitor: monitorSchema.nullable().default(null),
  })
  .superRefine((medium, context) => {
    const { mode, accept, refuse } = medium.answer
    const add = (at: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path: at, message })
    if (mode === 'everyAsked') {
      if (medium.request.asked === null) add(['request', 'asked'], 'is needed by everyAsked')
      const isAnswering = (value: AnswerTemplate) => uses(value, /"\$accepted(?:Number)?"/)
      if (!isAnswering(accept)) add(['answer', 'accept'], 'needs $accepted in its $strategies')
      if (!uses(accept, /"\$strategies":/)) add(['answer', 'accept'], 'has no $strategies list')
    }
    const isNumeric = uses(accept, /"\$targetIdNumbers?"/) || uses(refuse, /"\$targetIdNumbers?"/)
    if (isNumeric && !medium.rules.numericTargets) {
      add(['rules', 'numericTargets'], 'must be true where $targetIdNumber is used')
    }
  })

/**
 * Checks one description. `env` supplies secrets written as `env:NAME`; all problems are told at
 * once, each with its path.
 */
export function parseDescribedMedium(
  value: unknown,
  env: Readonly<Record<string, string | undefined>> = {},
): DescribedResult {
  const parsed = describedMediumSchema.safeParse(value)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: issue.message,
    }))
    return { ok: false, problems }
  }
  const { about: _, ...data } = parsed.data
  const monitor = data.monitor === null ? null : { ...data.monitor, name: data.name }
  const medium = { ...data, monitor }
  if (medium.signature === null) return { ok: true, medium: { ...medium, signature: null } }
  const problems: DescribedProblem[] = []
  const secrets = medium.signature.secrets.map((secret, index) => {
    if (!secret.startsWith(environmentPrefix)) return secret
    const name = secret.slice(environmentPrefix.length)
    const found = env[name] ?? ''
    const at = `signature.secrets.${index}`
    if (found === '') problems.push({ path: at, message: `variable ${name} is not set` })
    return found
  })
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, medium: { ...medium, signature: { ...medium.signature, secrets } } }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSignatureToken(token: string): boolean {
  if (token === '$secret' || token === '$body') return true
  if (/^\$(?:header|query)\.[a-z0-9-_]+$/i.test(token)) return true
  return !token.startsWith('$') && pathPattern.test(token)
}

function uses(value: AnswerTemplate, pattern: RegExp): boolean {
  return pattern.test(JSON.stringify(value))
}

/** Two templates that answer alike, with nothing in them that says who takes part. */
function isSameAnswer(accept: AnswerTemplate, other: AnswerTemplate): boolean {
  const tells = /"\$(?:targetId|accepted|strategies)/
  return JSON.stringify(accept) === JSON.stringify(other) && !uses(accept, tells)
}

type TemplateProblem = { code: 'custom'; path: (string | number)[]; message: string }

/** Everything wrong with the placeholders of a template. */
function templateProblems(
  value: AnswerTemplate,
  at: (string | number)[],
  scopes: readonly PlaceholderScope[] = [PlaceholderScope.Answer, PlaceholderScope.Strategy],
): TemplateProblem[] {
  const problem = (message: string): TemplateProblem => ({ code: 'custom', path: at, message })
  if (at.length > templateDepthMax) return [problem('is nested too deep')]
  if (typeof value === 'string') {
    if (!value.startsWith('$') || value.startsWith('$$')) return []
    const scope = describedPlaceholders.get(value)
    if (scope === undefined) return [problem(`${value} is no placeholder (write $$ for a dollar)`)]
    return scopes.includes(scope) ? [] : [problem(`${value} has no value here`)]
  }
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) {
    const items = value as readonly AnswerTemplate[]
    return items.flatMap((item, index) => templateProblems(item, [...at, index], scopes))
  }
  const members = Object.entries(value)
  const { Product } = PlaceholderScope
  return members.flatMap(([key, inner]) => {
    const below = [...at, key]
    const isList = key === strategiesKey || key === productsKey
    if (isList && members.length > 1) return [problem(`${key} must be the only key of its object`)]
    return templateProblems(inner, below, key === productsKey ? [...scopes, Product] : scopes)
  })
}
