/** Refusals of the admin API: one JSON shape, stable codes, and the path of each bad field. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'

/**
 * One bad field: where (`audience.all[0]`, `query.idType`, `header.if-match`) and what is wrong.
 */
export interface FieldError {
  readonly path: string
  readonly message: string
}

/** Codes of this room, with their HTTP status; all of them are the caller's to act on below 500. */
const problemStatus = {
  SLUICE_CONTROL_INVALID: 400,
  SLUICE_CONTROL_MALFORMED_JSON: 400,
  SLUICE_CONTROL_BAD_GZIP: 400,
  SLUICE_CONTROL_UPLOAD_ABORTED: 400,
  SLUICE_CONTROL_UNAUTHENTICATED: 401,
  SLUICE_CONTROL_FORBIDDEN: 403,
  SLUICE_CONTROL_NOT_FOUND: 404,
  SLUICE_CONTROL_TIMEOUT: 408,
  SLUICE_CONTROL_EXISTS: 409,
  SLUICE_CONTROL_TARGET_TAKEN: 409,
  SLUICE_CONTROL_BUCKETS_TAKEN: 409,
  SLUICE_CONTROL_IMPORT_STOPPED: 400,
  SLUICE_CONTROL_IN_USE: 409,
  SLUICE_CONTROL_PACK_IN_USE: 409,
  SLUICE_CONTROL_LAST_ADMIN: 409,
  SLUICE_CONTROL_LIMIT: 409,
  SLUICE_CONTROL_BUSY: 409,
  SLUICE_CONTROL_PRECONDITION: 412,
  SLUICE_CONTROL_BODY_TOO_LARGE: 413,
  SLUICE_CONTROL_MEDIA_TYPE: 415,
  SLUICE_CONTROL_TOO_MANY_ATTEMPTS: 429,
  SLUICE_CONTROL_INTERNAL: 500,
  SLUICE_CONTROL_STORE_UNAVAILABLE: 503,
  SLUICE_CONTROL_CATALOG_LOADING: 503,
} as const
export type ProblemCode = keyof typeof problemStatus

/** The body of every answer that is not a success; some codes add fields of their own. */
export const problemSchema = z
  .looseObject({
    code: z.string().describe('Stable; listed in docs/errors.md'),
    message: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })),
  })
  .describe('A refusal, with the path of each bad field')

/** What a problem may say beside its code and message. */
export interface ProblemExtra {
  readonly errors?: readonly FieldError[]
  /** Further fields of the answer, such as counts of a refused upload. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** Status of a code of another room. */
  readonly status?: number
  readonly retryAfterSeconds?: number
}

/** A refusal on its way to the error handler. Thrown: the admin API is not the hot path. */
export class Problem extends Error {
  readonly code: string
  readonly status: number
  readonly extra: ProblemExtra

  constructor(code: ProblemCode | (string & {}), message: string, extra: ProblemExtra = {}) {
    super(message)
    this.name = 'Problem'
    this.code = code
    this.status = extra.status ?? statusOf(code)
    this.extra = extra
  }
}

/** 400 with the path of each bad field. */
export function invalid(errors: readonly FieldError[]): Problem {
  const first = errors[0]
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  const message = first === undefined ? 'invalid request' : `${first.path}: ${first.message}${more}`
  return new Problem('SLUICE_CONTROL_INVALID', message, { errors })
}

/** 404 for one thing of a kind. */
export function notFound(kind: string, id: string): Problem {
  return new Problem('SLUICE_CONTROL_NOT_FOUND', `there is no ${kind} '${id}'`)
}

/** 503: the store cannot be used now. */
export function storeUnavailable(): Problem {
  return new Problem('SLUICE_CONTROL_STORE_UNAVAILABLE', 'the store does not answer; try again', {
    retryAfterSeconds: 1,
  })
}

/** What the store answers; 503 when it does not. */
export async function storeAnswer<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const problem = storeUnavailable()
    problem.cause = error
    throw problem
  }
}

/** Where faults of ours are reported; pino has this shape. */
export interface ControlLog {
  error(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** Answers any error in the problem shape; only faults of ours are logged. */
export function makeErrorHandler(log: ControlLog) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = toProblem(error)
    if (problem.status >= 500) {
      // The route's pattern, not its URL: a URL may carry what does not belong in a log.
      log.error({ err: error, route: request.routeOptions.url ?? '' }, 'admin request failed')
    }
    const { retryAfterSeconds } = problem.extra
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="sluice"')
    void reply
      .code(problem.status)
      .type('application/json; charset=utf-8')
      .serializer(JSON.stringify)
    void reply.send(problemBody(problem))
  }
}

/** The JSON of a problem. */
function problemBody(problem: Problem): Record<string, unknown> {
  const { errors = [], fields = {} } = problem.extra
  return { code: problem.code, message: problem.message, errors, ...fields }
}

function statusOf(code: string): number {
  return code in problemStatus ? problemStatus[code as ProblemCode] : 500
}

/** Fastify's own errors by code (`FST_ERR_…`) or, for unnamed ones, by status. */
const fastifyProblems: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'SLUICE_CONTROL_BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'SLUICE_CONTROL_MEDIA_TYPE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'SLUICE_CONTROL_MALFORMED_JSON',
  FST_ERR_CTP_INVALID_JSON_BODY: 'SLUICE_CONTROL_MALFORMED_JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'SLUICE_CONTROL_MALFORMED_JSON',
}

function toProblem(error: FastifyError): Problem {
  if (error instanceof Problem) return error
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(fieldErrorsOf(error))
  const named = fastifyProblems[error.code]
  if (named !== undefined) return new Problem(named, error.message)
  if (error.statusCode === 400) {
    return new Problem('SLUICE_CONTROL_MALFORMED_JSON', error.message)
  }
  return new Problem('SLUICE_CONTROL_INTERNAL', 'an internal fault; it has been logged')
}

/** Prefix of a path by the part of the request that was validated; the body has none. */
const partPrefixes: Readonly<Record<string, string>> = {
  querystring: 'query.',
  params: 'path.',
  headers: 'header.',
}

function fieldErrorsOf(error: FastifyError): FieldError[] {
  const prefix = partPrefixes[error.validationContext ?? ''] ?? ''
  const found: FieldError[] = []
  for (const issue of error.validation ?? []) {
    const path = dotted(issue.instancePath)
    const keys = issue.keyword === 'unrecognized_keys' ? issue.params['keys'] : null
    if (Array.isArray(keys)) {
      for (const key of keys) {
        found.push({ path: prefix + joined(path, String(key)), message: 'unknown field' })
      }
    } else {
      found.push({ path: prefix + path || 'body', message: issue.message ?? 'invalid' })
    }
  }
  return found
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** `/audience/all/0` as `audience.all[0]`. */
function dotted(pointer: string): string {
  let path = ''
  for (const part of pointer.split('/').slice(1)) {
    if (part === '') continue
    path = /^\d+$/.test(part) ? `${path}[${part}]` : joined(path, part)
  }
  return path
}
