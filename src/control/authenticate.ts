/** Who calls, and whether that key may use the route: before any byte of a body is read. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ApiKey, bearerOf, isKey, keyIdOf, keyKind, mayDo } from '../domain/api-key.ts'
import type { Caller } from './api-keys.ts'
import { type CatalogDesk, type CatalogView, entityValue } from './catalog-desk.ts'
import { Problem } from './problem.ts'
import type { WrongKeyLimit } from './wrong-key-limit.ts'

/** Makes the `onRequest` hook. */
export function makeAuthenticate(desk: CatalogDesk, wrongKeys: WrongKeyLimit) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.is404) return
    const needed = request.routeOptions.config.access ?? 'admin'
    if (needed === 'public') return
    try {
      const caller = await identify(desk, wrongKeys, request)
      if (!mayDo(caller.role, needed)) {
        const message = `this needs a key of role ${needed}; yours is ${caller.role}`
        throw new Problem('SLUICE_CONTROL_FORBIDDEN', message)
      }
      request.caller = caller
    } catch (error) {
      // Without this a stranger could make us read gigabytes to the end for a 401.
      reply.header('connection', 'close')
      throw error
    }
  }
}

async function identify(
  desk: CatalogDesk,
  wrongKeys: WrongKeyLimit,
  request: FastifyRequest,
): Promise<Caller> {
  const waitSeconds = wrongKeys.blockedSeconds(request.ip)
  if (waitSeconds > 0) {
    throw new Problem('SLUICE_CONTROL_TOO_MANY_ATTEMPTS', 'too many wrong keys from this address', {
      retryAfterSeconds: waitSeconds,
    })
  }
  const text = bearerOf(request.headers.authorization)
  if (text === null) {
    throw new Problem('SLUICE_CONTROL_UNAUTHENTICATED', 'send Authorization: Bearer <key>')
  }
  const key = keyOf(await viewForKeys(desk), text)
  if (key === null) {
    wrongKeys.miss(request.ip)
    throw new Problem('SLUICE_CONTROL_UNAUTHENTICATED', 'this key is not known')
  }
  return { keyId: key.id, role: key.role }
}

/** With the store down the keys last seen still open the routes that need no store. */
async function viewForKeys(desk: CatalogDesk): Promise<CatalogView> {
  try {
    return await desk.view()
  } catch (error) {
    const last = desk.lastView()
    if (last === null) throw error
    return last
  }
}

function keyOf(view: CatalogView, text: string): ApiKey | null {
  const entity = view.get(keyKind, keyIdOf(text))
  if (entity === null) return null
  const key = entityValue<ApiKey>(entity)
  return isKey(key, text) ? key : null
}
