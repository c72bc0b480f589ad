/** `/api/v1/strategies`: RTA strategies. */
import { type Strategy, strategyKind } from '../domain/strategy.ts'
import type { Caller } from './api-keys.ts'
import { type ControlApp, type ControlContext, callerOf } from './app.ts'
import { entityValue } from './catalog-desk.ts'
import { deleteEntity, entityOf, pageOf, putEntity } from './entity-resource.ts'
import { etagOf, type WriteConditions } from './etag.ts'
import { strategiesMax } from './limits.ts'
import { invalid } from './problem.ts'
import {
  conditionHeaders,
  entityProblems,
  idParams,
  noContent,
  problemResponses,
  writeProblems,
} from './schemas/common.ts'
import {
  type StrategyInput,
  type StrategyShown,
  strategyInput,
  strategyListQuery,
  strategyPage,
  strategyView,
  strategyWriteQuery,
  strategyWritten,
} from './schemas/strategy-schema.ts'
import { checkedStrategy } from './strategy-checks.ts'

const url = '/api/v1/strategies'
const tags = ['strategies']
const of = { kind: strategyKind, countMax: strategiesMax }

/** Registers the routes. */
export function strategyRoutes(app: ControlApp, context: ControlContext): void {
  readRoutes(app, context)
  writeRoutes(app, context)
}

function readRoutes(app: ControlApp, { desk }: ControlContext): void {
  app.get(
    url,
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Lists strategies by id',
        tags,
        querystring: strategyListQuery,
        response: { 200: strategyPage, ...problemResponses },
      },
    },
    async (request) => {
      const { medium } = request.query
      const keep = (one: Strategy): boolean => medium === undefined || one.medium === medium
      const page = pageOf<Strategy>(await desk.view(), strategyKind, request.query, keep)
      const items = page.items.map(({ version, value }) => ({ version, strategy: shown(value) }))
      return { items, next: page.next }
    },
  )
  app.get(
    `${url}/:id`,
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'One strategy, with its version as ETag',
        tags,
        params: idParams,
        response: { 200: strategyView, ...entityProblems },
      },
    },
    async (request, reply) => {
      const entity = entityOf(await desk.view(), strategyKind, request.params.id)
      reply.header('etag', etagOf(entity.version))
      return shown(entityValue<Strategy>(entity))
    },
  )
}

function writeRoutes(app: ControlApp, context: ControlContext): void {
  const response = { 200: strategyWritten, 201: strategyWritten, ...writeProblems }
  const querystring = strategyWriteQuery
  const headers = conditionHeaders
  app.post(
    url,
    {
      config: { access: 'marketer' },
      schema: {
        summary: 'Creates a strategy; 409 if it exists',
        tags,
        querystring,
        body: strategyInput,
        response,
      },
    },
    async (request, reply) => {
      const { id } = request.body
      if (id === undefined) throw invalid([{ path: 'id', message: 'required' }])
      const options = { ...request.query, mustBeNew: true, conditions: {} }
      const written = await put(context, callerOf(request), { id, input: request.body, ...options })
      reply.code(201).header('location', `${url}/${id}`).header('etag', etagOf(written.version))
      return written
    },
  )
  app.put(
    `${url}/:id`,
    {
      config: { access: 'marketer' },
      schema: {
        summary: 'Creates or replaces a strategy; If-Match guards against lost updates',
        tags,
        params: idParams,
        querystring,
        headers,
        body: strategyInput,
        response,
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const options = { ...request.query, mustBeNew: false, conditions: request.headers }
      const written = await put(context, callerOf(request), { id, input: request.body, ...options })
      reply.code(written.isNew ? 201 : 200).header('etag', etagOf(written.version))
      return written
    },
  )
  app.delete(
    `${url}/:id`,
    {
      config: { access: 'marketer' },
      schema: {
        summary: 'Deletes a strategy',
        tags,
        params: idParams,
        headers,
        response: { 204: noContent, ...writeProblems },
      },
    },
    async (request, reply) => {
      const conditions = request.headers
      await deleteEntity(context.desk, of, {
        ...request.params,
        caller: callerOf(request),
        conditions,
      })
      return reply.code(204).send()
    },
  )
}

interface StrategyPut {
  readonly id: string
  readonly input: StrategyInput
  readonly allowUnknownPacks: 'true' | 'false'
  readonly mustBeNew: boolean
  readonly conditions: WriteConditions
}

async function put({ deps, desk }: ControlContext, caller: Caller, wanted: StrategyPut) {
  const { id, input, mustBeNew, conditions } = wanted
  const allowUnknownPacks = wanted.allowUnknownPacks === 'true'
  const written = await putEntity<Strategy>(desk, of, {
    id,
    caller,
    mustBeNew,
    conditions,
    check: (view) => {
      const { media } = deps
      const checked = checkedStrategy(id, input, { media, view, allowUnknownPacks })
      return { value: checked.strategy, warnings: checked.warnings }
    },
  })
  const { version, isNew, warnings, value } = written
  return { version, isNew, warnings, strategy: shown(value) }
}

/**
 * The stored JSON form: where the domain has NaN for "no score", JSON has null. What was stored
 * before there were rankings, caps and rules on converts has none.
 */
function shown(strategy: Strategy): StrategyShown {
  const none = { ranking: null, caps: [], converted: [] }
  return { ...none, ...(JSON.parse(JSON.stringify(strategy)) as StrategyShown) }
}
