/** `/healthz`, `/readyz`, `/metrics` and the landing page: open, on the control port only. */
import type { Registry } from 'prom-client'
import { z } from 'zod'
import type { PresenceRecord } from '../store/ports.ts'
import type { ControlApp, ControlContext } from './app.ts'
import type { ControlMetrics } from './control-metrics.ts'
import { landingPage } from './landing-page.ts'
import { mergedMetrics } from './merge-metrics.ts'

const config = { access: 'public' } as const
const tags = ['health']
const readiness = z.object({
  ready: z.boolean(),
  reasons: z.array(z.string()).describe('Why not ready; empty when ready'),
})

/** Registers the routes. */
export function healthRoutes(
  app: ControlApp,
  context: ControlContext,
  metrics: { readonly registry: Registry; readonly own: ControlMetrics },
): void {
  const text = (description: string) => ({
    200: { description, content: { 'text/plain': { schema: z.string() } } },
  })
  app.get(
    '/healthz',
    {
      config,
      schema: { summary: 'Alive', tags, response: { 200: z.object({ ok: z.boolean() }) } },
    },
    async () => ({ ok: true }),
  )
  app.get(
    '/readyz',
    {
      config,
      schema: {
        summary: 'Able to serve: 200, or 503 with reasons',
        tags,
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_request, reply) => {
      const reasons = await notReady(context)
      reply.code(reasons.length === 0 ? 200 : 503)
      return { ready: reasons.length === 0, reasons }
    },
  )
  app.get(
    '/metrics',
    {
      config,
      serializerCompiler: () => (body) => String(body),
      schema: {
        summary: 'Prometheus metrics of all processes',
        tags,
        response: text('Prometheus text format 0.0.4'),
      },
    },
    async (_request, reply) => {
      reply.type('text/plain; version=0.0.4; charset=utf-8')
      return scrape(context, metrics)
    },
  )
  app.get('/', { config, schema: { hide: true } }, async (_request, reply) => {
    reply.type('text/html; charset=utf-8')
    reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
    return landingPage(context.deps.version)
  })
}

async function notReady({ deps, desk }: ControlContext): Promise<string[]> {
  const problem = deps.store.problem()
  if (problem !== null) return [problem]
  try {
    await desk.view()
    return []
  } catch {
    return ['the catalog cannot be read']
  }
}

/** A store that is down costs the others' metrics, never our own. */
async function scrape(
  { deps, desk }: ControlContext,
  metrics: { readonly registry: Registry; readonly own: ControlMetrics },
): Promise<string> {
  const presence = await orElse<readonly PresenceRecord[]>(deps.store.presence.list(), [])
  const revision = await orElse<number | null>(
    desk.view().then((view) => view.revision),
    null,
  )
  metrics.own.refresh({ presence, revision })
  const others = presence.filter((record) => record.id !== deps.presenceId)
  return mergedMetrics(await metrics.registry.getMetricsAsJSON(), others)
}

async function orElse<T>(work: Promise<T>, fallback: T): Promise<T> {
  try {
    return await work
  } catch {
    return fallback
  }
}
