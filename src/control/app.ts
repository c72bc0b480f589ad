/** The Fastify application's type, and what this room adds to its routes and requests. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Role } from '../domain/api-key.ts'
import type { Caller } from './api-keys.ts'
import type { CatalogDesk } from './catalog-desk.ts'
import type { ControlDeps } from './control-deps.ts'
import { Problem } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Least role of the caller; `public` needs no key. A route that says nothing needs `admin`. */
    access?: Role | 'public'
  }
  interface FastifyRequest {
    /** Set by the authentication hook on every route that is not public. */
    caller: Caller | null
  }
}

/** A Fastify instance whose schemas are zod's. */
export type ControlApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** What every resource gets. */
export interface ControlContext {
  readonly deps: ControlDeps
  readonly desk: CatalogDesk
}

/** The caller of an authenticated request. */
export function callerOf(request: { readonly caller: Caller | null }): Caller {
  if (request.caller === null) throw new Problem('SLUICE_CONTROL_INTERNAL', 'no caller')
  return request.caller
}
