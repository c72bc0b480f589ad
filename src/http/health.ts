/** `/healthz` (the process lives) and `/readyz` (it may be sent traffic, or why not). */
import type { HttpResponse, TemplatedApp } from 'uWebSockets.js'
import type { ModelState } from '../telemetry/model-meter.ts'

/** What the health routes tell. */
export interface HealthReport {
  readonly isDraining: boolean
  /** Reasons; empty = ready. The meaning of each is in docs/runbook.md. */
  readonly notReady: readonly string[]
  /**
   * Which models decide; null where there is no bidder. Never a reason not to be ready: without a
   * model the prior order decides.
   */
  readonly models: readonly ModelState[] | null
}

/** Adds the two routes, for GET and HEAD. */
export function healthRoutes(app: TemplatedApp, report: () => HealthReport): void {
  const healthz = () => ({ ok: true, body: { status: 'ok' } })
  const readyz = () => {
    const { notReady, models } = report()
    const ok = notReady.length === 0
    const body = { ready: ok, reasons: notReady }
    return { ok, body: models === null ? body : { ...body, models } }
  }
  for (const [path, state] of [['/healthz', healthz] as const, ['/readyz', readyz] as const]) {
    app.get(path, (response) => {
      const { ok, body } = state()
      head(response, ok).end(JSON.stringify(body), report().isDraining)
    })
    app.head(path, (response) => {
      // No body: uWebSockets.js would send it, HEAD or not, and `endWithoutBody` kills the process
      // here ("returning without responding", 20.51.4).
      head(response, state().ok).end('', report().isDraining)
    })
  }
}

function head(response: HttpResponse, ok: boolean): HttpResponse {
  if (!ok) response.writeStatus('503 Service Unavailable')
  return response.writeHeader('content-type', 'application/json')
}
