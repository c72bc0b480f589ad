/** `/api/v1/rates`: the one table of exchange rates; the audit log is its history. */
import { type Rates, ratesId, ratesKind } from '../domain/rates.ts'
import { type ControlApp, type ControlContext, callerOf } from './app.ts'
import { entityValue } from './catalog-desk.ts'
import { entityOf, putEntity } from './entity-resource.ts'
import { etagOf } from './etag.ts'
import { checkedRates } from './rates-checks.ts'
import { conditionHeaders, entityProblems, writeProblems } from './schemas/common.ts'
import { ratesInput, ratesView, ratesWritten } from './schemas/rates-schema.ts'

const url = '/api/v1/rates'
const tags = ['rates']
const of = { kind: ratesKind, countMax: 1 }

/** Registers the routes. */
export function ratesRoutes(app: ControlApp, { deps, desk }: ControlContext): void {
  app.get(
    url,
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'The table of rates, with its version as ETag; 404 before the first',
        tags,
        response: { 200: ratesView, ...entityProblems },
      },
    },
    async (_request, reply) => {
      const entity = entityOf(await desk.view(), ratesKind, ratesId)
      reply.header('etag', etagOf(entity.version))
      return shown(entityValue<Rates>(entity))
    },
  )
  app.put(
    url,
    {
      config: { access: 'marketer' },
      schema: {
        summary: 'Replaces the table of rates; If-Match guards against lost updates',
        tags,
        headers: conditionHeaders,
        body: ratesInput,
        response: { 200: ratesWritten, 201: ratesWritten, ...writeProblems },
      },
    },
    async (request, reply) => {
      const written = await putEntity<Rates>(desk, of, {
        id: ratesId,
        caller: callerOf(request),
        conditions: request.headers,
        mustBeNew: false,
        check: (view) => checkedRates(request.body, view, deps.clock.wallMs()),
      })
      const { version, isNew, warnings, value } = written
      reply.code(isNew ? 201 : 200).header('etag', etagOf(version))
      return { version, warnings, rates: shown(value) }
    },
  )
}

function shown({ base, asOf, rates }: Rates) {
  return { id: 'main' as const, base, asOf, rates: { ...rates } }
}
