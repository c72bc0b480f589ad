/** `/api/v1/experiments`: deterministic splits of devices. */
import { type Experiment, experimentKind } from '../domain/strategy.ts'
import type { Caller } from './api-keys.ts'
import { type ControlApp, type ControlContext, callerOf } from './app.ts'
import { entityValue } from './catalog-desk.ts'
import { deleteEntity, entityOf, pageOf, putEntity } from './entity-resource.ts'
import { etagOf, type WriteConditions } from './etag.ts'
import { checkedExperiment } from './experiment-checks.ts'
import { experimentsMax } from './limits.ts'
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
  type ExperimentInput,
  type ExperimentShown,
  experimentInput,
  experimentListQuery,
  experimentPage,
  experimentView,
  experimentWritten,
} from './schemas/experiment-schema.ts'

const url = '/api/v1/experiments'
const tags = ['experiments']
const of = { kind: experimentKind, countMax: experimentsMax }

/** Registers the routes. */
export function experimentRoutes(app: ControlApp, context: ControlContext): void {
  readRoutes(app, context)
  writeRoutes(app, context)
}

function readRoutes(app: ControlApp, { desk }: ControlContext): void {
  app.get(
    url,
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Lists experiments by id',
        tags,
        querystring: experimentListQuery,
        response: { 200: experimentPage, ...problemResponses },
      },
    },
    async (request) => {
      const page = pageOf<ExperimentShown>(await desk.view(), experimentKind, request.query)
      const items = page.items.map(({ version, value }) => ({ version, experiment: value }))
      return { items, next: page.next }
    },
  )
  app.get(
    `${url}/:id`,
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'One experiment, with its version as ETag',
        tags,
        params: idParams,
        response: { 200: experimentView, ...entityProblems },
      },
    },
    async (request, reply) => {
      const entity = entityOf(await desk.view(), experimentKind, request.params.id)
      reply.header('etag', etagOf(entity.version))
      return entityValue<ExperimentShown>(entity)
    },
  )
}

function writeRoutes(app: ControlApp, context: ControlContext): void {
  const response = { 200: experimentWritten, 201: experimentWritten, ...writeProblems }
  const body = experimentInput
  const headers = conditionHeaders
  app.post(
    url,
    {
      config: { access: 'marketer' },
      schema: { summary: 'Creates an experiment; 409 if it exists', tags, body, response },
    },
    async (request, reply) => {
      const { id } = request.body
      if (id === undefined) throw invalid([{ path: 'id', message: 'required' }])
      const wanted = { id, input: request.body, mustBeNew: true, conditions: {} }
      const written = await put(context, callerOf(request), wanted)
      reply.code(201).header('location', `${url}/${id}`).header('etag', etagOf(written.version))
      return written
    },
  )
  app.put(
    `${url}/:id`,
    {
      config: { access: 'marketer' },
      schema: {
        summary: 'Creates or replaces an experiment; If-Match guards against lost updates',
        tags,
        params: idParams,
        headers,
        body,
        response,
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const wanted = { id, input: request.body, mustBeNew: false, conditions: request.headers }
      const written = await put(context, callerOf(request), wanted)
      reply.code(written.isNew ? 201 : 200).header('etag', etagOf(written.version))
      return written
    },
  )
  app.delete(
    `${url}/:id`,
    {
      config: { access: 'marketer' },
      schema: {
        summary: 'Deletes an experiment',
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

interface ExperimentPut {
  readonly id: string
  readonly input: ExperimentInput
  readonly mustBeNew: boolean
  readonly conditions: WriteConditions
}

async function put({ deps, desk }: ControlContext, caller: Caller, wanted: ExperimentPut) {
  const { id, input, mustBeNew, conditions } = wanted
  const written = await putEntity<Experiment>(desk, of, {
    id,
    caller,
    mustBeNew,
    conditions,
    check: (view) => {
      const checked = checkedExperiment(id, input, { media: deps.media, view })
      return { value: checked.experiment, warnings: checked.warnings }
    },
  })
  const { version, isNew, warnings, value } = written
  return { version, isNew, warnings, experiment: value as unknown as ExperimentShown }
}
