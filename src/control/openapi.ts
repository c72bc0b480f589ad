/** The API's description, made from the same schemas that check requests, and a page to read it. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import type { ControlApp } from './app.ts'

/** Where the readable page is. */
const docsPath = '/api/docs'

/** Registers the collector of routes; must come before any route. */
export async function registerOpenapi(app: ControlApp, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sluice admin API',
        description: 'Packs, strategies, experiments, campaigns, explain. Errors: docs/errors.md.',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    transform: ({ schema, url, route, ...rest }) => {
      const transformed = jsonSchemaTransform({ schema, url, route, ...rest })
      const access = route.config?.access ?? 'admin'
      // Public routes say so; the others name the least role, which OpenAPI has no word for.
      const extra = access === 'public' ? { security: [] } : { 'x-least-role': access }
      return { ...transformed, schema: { ...transformed.schema, ...extra } }
    },
  })
  await app.register(swaggerUi, {
    routePrefix: docsPath,
    staticCSP: true,
    uiConfig: { persistAuthorization: true, docExpansion: 'list' },
  })
}

/** Registers `/api/openapi.json`. */
export function openapiRoute(app: ControlApp): void {
  app.get(
    '/api/openapi.json',
    { config: { access: 'public' }, schema: { hide: true } },
    async (_request, reply) => {
      reply.type('application/json; charset=utf-8')
      return app.swagger()
    },
  )
}

/** True for the page's own files, which hold nothing secret and need no key. */
export function isDocsUrl(routeUrl: string | undefined): boolean {
  return routeUrl !== undefined && (routeUrl === docsPath || routeUrl.startsWith(`${docsPath}/`))
}
