/** `/api/v1/keys`: API keys, for admins. */
import { type ApiKey, keyKind } from '../domain/api-key.ts'
import { adminKeys } from './admin-key.ts'
import { newKeyId, newKeyText, sealKey } from './api-keys.ts'
import { type ControlApp, type ControlContext, callerOf } from './app.ts'
import { entityValue } from './catalog-desk.ts'
import { keysMax } from './limits.ts'
import { notFound, Problem } from './problem.ts'
import {
  entityProblems,
  idParams,
  noContent,
  problemResponses,
  writeProblems,
} from './schemas/common.ts'
import { keyInput, keyList, keyMade } from './schemas/key-schema.ts'

const url = '/api/v1/keys'
const tags = ['keys']

/** Registers the routes. */
export function keyRoutes(app: ControlApp, { deps, desk }: ControlContext): void {
  app.get(
    url,
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Lists the keys, without their secrets',
        tags,
        response: { 200: keyList, ...problemResponses },
      },
    },
    async () => {
      const view = await desk.view()
      return { items: view.all(keyKind).map((entity) => shown(entityValue<ApiKey>(entity))) }
    },
  )
  app.post(
    url,
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Makes a key; the answer is the only place where it is shown',
        tags,
        body: keyInput,
        response: { 201: keyMade, ...writeProblems },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const id = newKeyId()
      const text = newKeyText(id)
      const createdAtMs = deps.clock.wallMs()
      const value = sealKey({ id, ...request.body, createdAtMs, createdBy: caller.keyId }, text)
      await desk.change(caller, (view) => {
        if (view.count(keyKind) >= keysMax) {
          throw new Problem('SLUICE_CONTROL_LIMIT', `there are ${keysMax} keys; delete some`)
        }
        return { write: { kind: keyKind, id, value, action: 'create' }, result: null }
      })
      reply.code(201).header('location', `${url}/${id}`)
      return { ...shown(value), key: text }
    },
  )
  app.delete(
    `${url}/:id`,
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Revokes a key at once; the last admin key stays',
        tags,
        params: idParams,
        response: { 204: noContent, ...entityProblems, 409: writeProblems[409] },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await desk.change(callerOf(request), (view) => {
        if (view.get(keyKind, id) === null) throw notFound(keyKind, id)
        const admins = adminKeys(view)
        if (admins.length === 1 && admins[0]?.id === id) {
          throw new Problem('SLUICE_CONTROL_LAST_ADMIN', 'this is the last admin key')
        }
        return { write: { kind: keyKind, id, value: null, action: 'delete' }, result: null }
      })
      return reply.code(204).send()
    },
  )
}

function shown({ id, name, role, createdAtMs, createdBy }: ApiKey) {
  return { id, name, role, createdAtMs, createdBy }
}
