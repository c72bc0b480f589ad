/** The admin API as one server: what is registered, in which order, under which limits. */
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { ensureAdminKey } from './admin-key.ts'
import { advertisers } from './advertisers.ts'
import type { ControlApp, ControlContext } from './app.ts'
import { auditRoutes } from './audit.ts'
import { makeAuthenticate } from './authenticate.ts'
import { campaigns } from './campaigns.ts'
import { CatalogDesk } from './catalog-desk.ts'
import { catalogRoutes } from './catalog-resource.ts'
import type { ControlDeps } from './control-deps.ts'
import { createControlMetrics } from './control-metrics.ts'
import { creatives } from './creatives.ts'
import { eventRoutes } from './events.ts'
import { exchanges, liveRoute } from './exchanges.ts'
import { experimentRoutes } from './experiments.ts'
import { explainRoutes } from './explain.ts'
import { healthRoutes } from './health.ts'
import { importRoute } from './import.ts'
import { keyRoutes } from './keys.ts'
import { drainMsMax, idleSocketMsMax, idleSweepMs, jsonBytesMax, requestMsMax } from './limits.ts'
import { linkRoutes } from './links.ts'
import { modelRoutes } from './models.ts'
import { isDocsUrl, openapiRoute, registerOpenapi } from './openapi.ts'
import { packRoutes } from './packs.ts'
import { makeErrorHandler, Problem } from './problem.ts'
import { ratesRoutes } from './rates.ts'
import { reportRoutes } from './reports.ts'
import { strategyRoutes } from './strategies.ts'
import { WrongKeyLimit } from './wrong-key-limit.ts'

/** A running admin API. */
export interface ControlServer {
  readonly port: number
  /**
   * Stops listening, lets requests under way finish, and resolves. What still runs after
   * `drainMsMax` is cut off: an upload cut off activates nothing.
   */
  close(): Promise<void>
}

/**
 * Starts the admin API. Makes the first admin key when the store has none (`deps.onFirstKey` gets
 * it). Rejects with `AdminKeyError` for an unusable configured key, with a `Problem` of 503 when
 * the store does not answer, and with the socket's error when the port is taken.
 */
export async function startControl(deps: ControlDeps): Promise<ControlServer> {
  const desk = new CatalogDesk(deps.store.catalog, deps.clock)
  const firstKey = await ensureAdminKey(desk, deps.clock, deps.adminKey)
  if (firstKey !== null) deps.onFirstKey(firstKey)
  const app = await buildControl({ deps, desk })
  await app.listen({ host: deps.listen.host, port: deps.listen.port })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : deps.listen.port
  return { port, close: () => drain(app) }
}

/** The application without a socket, ready for `inject`. */
export async function buildControl(context: ControlContext): Promise<ControlApp> {
  const { deps, desk } = context
  const app = newApp()
  const wrongKeys = new WrongKeyLimit(deps.clock)
  const own = createControlMetrics(deps.registry, context, wrongKeys)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(makeErrorHandler(deps.log))
  app.setNotFoundHandler((request) => {
    throw new Problem('SLUICE_CONTROL_NOT_FOUND', `no route ${request.method} ${pathOf(request)}`)
  })
  app.decorateRequest('caller', null)
  app.addHook('onRoute', (route) => {
    if (isDocsUrl(route.url)) route.config = { ...route.config, access: 'public' }
  })
  app.addHook('onRequest', setSafetyHeaders)
  app.addHook('onRequest', makeAuthenticate(desk, wrongKeys))
  app.addHook('onResponse', async (request, reply) => {
    own.countRequest(request.routeOptions.url ?? 'none', request.method, reply.statusCode)
  })
  await registerOpenapi(app, deps.version)
  strategyRoutes(app, context)
  experimentRoutes(app, context)
  await packRoutes(app, context)
  catalogRoutes(app, context, advertisers)
  catalogRoutes(app, context, campaigns)
  catalogRoutes(app, context, creatives)
  catalogRoutes(app, context, exchanges)
  liveRoute(app, context)
  ratesRoutes(app, context)
  linkRoutes(app, context)
  await importRoute(app, context)
  keyRoutes(app, context)
  auditRoutes(app, context)
  modelRoutes(app, context)
  reportRoutes(app, context)
  eventRoutes(app, context)
  explainRoutes(app, context)
  healthRoutes(app, context, { registry: deps.registry, own })
  openapiRoute(app)
  await app.ready()
  return app
}

/** A connection that turns idle while closing is not noticed by Node, so it is looked for. */
async function drain(app: ControlApp): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), idleSweepMs)
  const cutOff = setTimeout(() => app.server.closeAllConnections(), drainMsMax)
  try {
    await app.close()
  } finally {
    clearInterval(sweep)
    clearTimeout(cutOff)
  }
}

function newApp(): ControlApp {
  return Fastify({
    logger: false,
    bodyLimit: jsonBytesMax,
    requestTimeout: requestMsMax,
    connectionTimeout: idleSocketMsMax,
    // A drain waits for uploads under way, not for idle keep-alive connections.
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>()
}

async function setSafetyHeaders(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store')
}

/** Without the query, which may hold anything. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? ''
}
