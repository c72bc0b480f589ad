/** The routes that advertisers, campaigns, creatives and exchanges have alike. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Caller } from './api-keys.ts'
import { type ControlApp, type ControlContext, callerOf } from './app.ts'
import type { Checked } from './catalog-checks.ts'
import { entityValue } from './catalog-desk.ts'
import type { CheckView } from './check-view.ts'
import { Dependents } from './dependents.ts'
import { entityOf, pageOf, putEntity } from './entity-resource.ts'
import { checkConditions, etagOf, type WriteConditions } from './etag.ts'
import { invalid, notFound } from './problem.ts'
import {
  conditionHeaders,
  entityProblems,
  idParams,
  noContent,
  problemResponses,
  warningsSchema,
  writeProblems,
} from './schemas/common.ts'

/** One kind of entity with an id of its own. */
export interface CatalogResource<Input extends { id?: string | undefined }, Value extends object> {
  /** Catalog kind, and the name of the entity in answers. */
  readonly kind: string
  /** Last part of the URL, and the tag in the API's description. */
  readonly plural: string
  readonly countMax: number
  readonly input: z.ZodType<Input>
  readonly view: z.ZodType
  readonly listQuery: z.ZodType<PageQuery>
  /** Whether a list with this query shows the entity. */
  keeps(value: Value, query: Readonly<Record<string, unknown>>): boolean
  check(id: string, input: Input, view: CheckView): Checked<Value>
  /** What the caller may see of it. */
  shown(value: Value, caller: Caller): Value
}

interface PageQuery {
  readonly limit: number
  readonly after: string
}

/** A resource whatever its types: its own schemas stand before its own functions. */
export type AnyCatalogResource = CatalogResource<{ id?: string | undefined }, object>

/** Registers GET (one and list), POST, PUT and DELETE. */
export function catalogRoutes<Input extends { id?: string | undefined }, Value extends object>(
  controlApp: ControlApp,
  context: ControlContext,
  resource: CatalogResource<Input, Value>,
): void {
  // The provider cannot infer types from schemas that are parameters; the casts below say them.
  const app = controlApp as unknown as FastifyInstance
  readRoutes(app, context, resource)
  putRoutes(app, context, resource)
  deleteRoute(app, context, resource)
}

/** The schema of an answer to a write of this resource. */
export function writtenSchema(resource: Pick<AnyCatalogResource, 'kind' | 'view'>) {
  return z.object({ version: z.int(), warnings: warningsSchema, [resource.kind]: resource.view })
}

function urlOf({ plural }: Pick<AnyCatalogResource, 'plural'>): string {
  return `/api/v1/${plural}`
}

function readRoutes<Input extends { id?: string | undefined }, Value extends object>(
  app: FastifyInstance,
  { desk }: ControlContext,
  resource: CatalogResource<Input, Value>,
): void {
  const { kind, plural, view } = resource
  const url = urlOf(resource)
  const page = z.object({
    items: z.array(z.object({ version: z.int(), [kind]: view })),
    next: z.string().nullable().describe('Pass as `after` for the next page; null at the end'),
  })
  app.get(
    url,
    {
      config: { access: 'viewer' },
      schema: {
        summary: `Lists ${plural} by id; a filtered page may be short and still have a next one`,
        tags: [plural],
        querystring: resource.listQuery,
        response: { 200: page, ...problemResponses },
      },
    },
    async (request) => {
      const query = request.query as PageQuery & Record<string, unknown>
      const keep = (value: Value): boolean => resource.keeps(value, query)
      const found = pageOf<Value>(await desk.view(), kind, query, keep)
      const caller = callerOf(request)
      const items = found.items.map(({ version, value }) => ({
        version,
        [kind]: resource.shown(value, caller),
      }))
      return { items, next: found.next }
    },
  )
  app.get(
    `${url}/:id`,
    {
      config: { access: 'viewer' },
      schema: {
        summary: `One ${kind}, with its version as ETag`,
        tags: [plural],
        params: idParams,
        response: { 200: view, ...entityProblems },
      },
    },
    async (request, reply) => {
      const entity = entityOf(await desk.view(), kind, idOf(request))
      reply.header('etag', etagOf(entity.version))
      return resource.shown(entityValue<Value>(entity), callerOf(request))
    },
  )
}

function putRoutes<Input extends { id?: string | undefined }, Value extends object>(
  app: FastifyInstance,
  context: ControlContext,
  resource: CatalogResource<Input, Value>,
): void {
  const { kind, plural } = resource
  const url = urlOf(resource)
  const config = { access: 'marketer' } as const
  const written = writtenSchema(resource)
  const common = {
    tags: [plural],
    body: resource.input,
    response: { 200: written, 201: written, ...writeProblems },
  }
  app.post(
    url,
    { config, schema: { summary: `Creates ${articled(kind)}; 409 if it exists`, ...common } },
    async (request, reply) => {
      const input = request.body as Input
      const { id } = input
      if (id === undefined) throw invalid([{ path: 'id', message: 'required' }])
      reply.header('location', `${url}/${id}`)
      const wanted = { id, input, mustBeNew: true, conditions: {} }
      return answer(reply, await put(context, resource, wanted, callerOf(request)))
    },
  )
  app.put(
    `${url}/:id`,
    {
      config,
      schema: {
        summary: `Creates or replaces ${articled(kind)}; If-Match guards against lost updates`,
        params: idParams,
        headers: conditionHeaders,
        ...common,
      },
    },
    async (request, reply) => {
      const conditions = request.headers as WriteConditions
      const input = request.body as Input
      const wanted = { id: idOf(request), input, mustBeNew: false, conditions }
      return answer(reply, await put(context, resource, wanted, callerOf(request)))
    },
  )
}

function deleteRoute<Input extends { id?: string | undefined }, Value extends object>(
  app: FastifyInstance,
  { desk }: ControlContext,
  resource: CatalogResource<Input, Value>,
): void {
  const { kind, plural } = resource
  app.delete(
    `${urlOf(resource)}/:id`,
    {
      config: { access: 'marketer' },
      schema: {
        summary: `Deletes ${articled(kind)}; 409 while something hangs on it`,
        tags: [plural],
        params: idParams,
        headers: conditionHeaders,
        response: { 204: noContent, ...writeProblems },
      },
    },
    async (request, reply) => {
      const id = idOf(request)
      await desk.change(callerOf(request), (view) => {
        const present = view.get(kind, id)
        if (present === null) throw notFound(kind, id)
        checkConditions(request.headers as WriteConditions, present.version)
        new Dependents(view).refuseDeletion(kind, id)
        return { write: { kind, id, value: null, action: 'delete' }, result: null }
      })
      return reply.code(204).send()
    },
  )
}

interface Wanted<Input> {
  readonly id: string
  readonly input: Input
  readonly mustBeNew: boolean
  readonly conditions: WriteConditions
}

/** A finished write as it is answered. */
interface Put {
  readonly version: number
  readonly isNew: boolean
  readonly body: object
}

async function put<Input extends { id?: string | undefined }, Value extends object>(
  { desk }: ControlContext,
  resource: CatalogResource<Input, Value>,
  wanted: Wanted<Input>,
  caller: Caller,
): Promise<Put> {
  const { id, input, mustBeNew, conditions } = wanted
  const written = await putEntity<Value>(desk, resource, {
    id,
    caller,
    mustBeNew,
    conditions,
    check: (view) => resource.check(id, input, view),
  })
  const { version, isNew, warnings, value } = written
  const body = { version, warnings, [resource.kind]: resource.shown(value, caller) }
  return { version, isNew, body }
}

function answer(reply: FastifyReply, { version, isNew, body }: Put): object {
  reply.code(isNew ? 201 : 200).header('etag', etagOf(version))
  return body
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id
}

function articled(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`
}
