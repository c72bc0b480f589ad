/** `/api/v1/audit`: who changed what, newest first. */
import { type ControlApp, type ControlContext } from './app.ts'
import { auditEntries } from './audit-ring.ts'
import { problemResponses } from './schemas/common.ts'
import { auditPage, auditQuery } from './schemas/key-schema.ts'

/** Registers the route. */
export function auditRoutes(app: ControlApp, { desk }: ControlContext): void {
  app.get(
    '/api/v1/audit',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'The last writes, newest first',
        tags: ['audit'],
        querystring: auditQuery,
        response: { 200: auditPage, ...problemResponses },
      },
    },
    async (request) => {
      const { limit, before, kind, id } = request.query
      const wanted = auditEntries(await desk.view()).filter(
        (entry) =>
          (before === undefined || entry.seq < before) &&
          (kind === undefined || entry.kind === kind) &&
          (id === undefined || entry.id === id),
      )
      const page = wanted.slice(0, limit)
      const next = wanted.length > limit ? (page.at(-1)?.seq ?? null) : null
      const items = page.map((entry) => ({
        ...entry,
        changed: [...entry.changed],
        detail: entry.detail === null ? null : { ...entry.detail },
      }))
      return { items, next }
    },
  )
}
