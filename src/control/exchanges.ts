/** `/api/v1/exchanges`: how each exchange is talked to, and the switch between dry run and live. */
import { type Exchange, exchangeKind } from '../domain/exchange.ts'
import type { Caller } from './api-keys.ts'
import { type ControlApp, type ControlContext, callerOf } from './app.ts'
import { entityValue } from './catalog-desk.ts'
import { type CatalogResource, writtenSchema } from './catalog-resource.ts'
import { entityOf } from './entity-resource.ts'
import { checkConditions, etagOf, type WriteConditions } from './etag.ts'
import { checkedExchange } from './exchange-checks.ts'
import { exchangesMax } from './limits.ts'
import {
  conditionHeaders,
  entityProblems,
  idParams,
  pageQuery,
  writeProblems,
} from './schemas/common.ts'
import {
  type ExchangeInput,
  exchangeInput,
  exchangeView,
  liveInput,
} from './schemas/exchange-schema.ts'

/** Exchanges as a resource of the API. */
export const exchanges: CatalogResource<ExchangeInput, Exchange> = {
  kind: exchangeKind,
  plural: 'exchanges',
  countMax: exchangesMax,
  input: exchangeInput,
  view: exchangeView,
  listQuery: pageQuery,
  keeps: () => true,
  check: checkedExchange,
  shown: withoutSecrets,
}

/** Registers `POST /api/v1/exchanges/{id}/live`. */
export function liveRoute(app: ControlApp, { desk }: ControlContext): void {
  const written = writtenSchema(exchanges)
  app.post(
    '/api/v1/exchanges/:id/live',
    {
      config: { access: 'marketer' },
      schema: {
        summary: 'Switches between dry run and live; nothing else is changed',
        tags: ['exchanges'],
        params: idParams,
        headers: conditionHeaders,
        body: liveInput,
        response: { 200: written, ...entityProblems, ...writeProblems },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { live } = request.body
      const conditions: WriteConditions = request.headers
      const { version, result } = await desk.change(caller, (view) => {
        const stored = entityOf(view, exchangeKind, request.params.id)
        checkConditions(conditions, stored.version)
        const value = { ...entityValue<Exchange>(stored), live }
        const action = live ? 'live' : 'dry-run'
        return { write: { kind: exchangeKind, id: value.id, value, action }, result: value }
      })
      reply.header('etag', etagOf(version))
      return { version, warnings: [], exchange: withoutSecrets(result, caller) }
    },
  )
}

/** Whoever may only read gets no secret to write with. */
function withoutSecrets(exchange: Exchange, caller: Caller): Exchange {
  const { secretHeader } = exchange
  if (secretHeader === null || caller.role !== 'viewer') return exchange
  const values = secretHeader.values.map(() => '***')
  return { ...exchange, secretHeader: { name: secretHeader.name, values } }
}
