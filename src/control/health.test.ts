/** What is open: health, metrics of all processes, the API's description. */
import { Counter, Histogram, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { fakeDeps, newHarness, packStatus } from '../../test/support/control-harness.ts'
import type { PresenceRecord } from '../store/ports.ts'
import { mergedMetrics } from './merge-metrics.ts'
import { startControl } from './server.ts'

const open = { role: null }

function record(index: number, metrics: readonly unknown[]): PresenceRecord {
  return {
    id: `decide-h-${index}`,
    role: 'decide',
    pid: 1,
    host: 'h',
    index,
    revision: 1,
    usesSnapshot: true,
    atMs: 1_700_000_000_000 - 500,
    latencyP99Us: 1_500,
    requestsPerSecond: 10,
    ready: index === 0,
    notReady: [],
    metrics,
  }
}

/** The JSON of a worker's registry with one counter and one histogram. */
async function workerMetrics(requests: number): Promise<unknown[]> {
  const registry = new Registry()
  const registers = [registry]
  new Counter({ name: 'c_total', help: 'c', labelNames: ['medium'], registers }).inc(
    { medium: 'tencent' },
    requests,
  )
  new Histogram({ name: 'h_seconds', help: 'h', buckets: [0.1], registers }).observe(0.05)
  return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as unknown[]
}

test('/metrics joins the metrics of every process under labels that keep them apart', async () => {
  const harness = await newHarness()
  harness.presence.records = [
    record(0, await workerMetrics(3)),
    record(1, await workerMetrics(4)),
    { ...record(2, await workerMetrics(99)), id: 'control-self' },
  ]
  harness.packs.packs.set('e', packStatus('e', { expiresAtMs: 9_000 }))
  const { status, text, headers } = await harness.call('GET', '/metrics', open)
  expect([status, headers['content-type']]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ])
  const at = (worker: number) => `host="h",role="decide",worker="${worker}"`
  const lines = text.split('\n')
  for (const line of [
    `c_total{medium="tencent",${at(0)}} 3`,
    `c_total{medium="tencent",${at(1)}} 4`,
    `h_seconds_bucket{le="0.1",${at(1)}} 1`,
    `h_seconds_count{${at(0)}} 1`,
    `sluice_process_up{${at(0)}} 1`,
    `sluice_process_ready{${at(1)}} 0`,
    `sluice_process_catalog_lag{${at(0)}} 5`,
    `sluice_process_report_age_seconds{${at(0)}} 0.5`,
    'sluice_catalog_revision 6',
    'sluice_control_store_up{kind="memory"} 1',
    'sluice_pack_devices{pack="vip"} 1000',
    'sluice_pack_version{pack="vip"} 3',
    'sluice_pack_expiry_timestamp_seconds{pack="e"} 9',
  ]) {
    expect(lines).toContain(line)
  }
  expect(text).toMatch(/^process_cpu_seconds_total /m)
  expect(text).not.toContain(`c_total{medium="tencent",${at(2)}}`)
  const types = lines.filter((line) => line.startsWith('# TYPE'))
  expect(new Set(types).size).toBe(types.length)
})

test('/metrics counts requests by route pattern, and shows the jobs that run', async () => {
  const harness = await newHarness()
  const job = { id: 'j', kind: 'upload', packId: 'vip', stage: 'reading', bytesRead: 1, lines: 500 }
  const startedAtMs = harness.clock.wallMs() - 1_000
  const running = { ...job, startedAtMs, endedAtMs: null, accepted: 0, rejected: 0, share: null }
  harness.packs.jobs = [running, { ...running, id: 'k', endedAtMs: startedAtMs + 1 }]
  await harness.call('GET', '/api/v1/packs/vip')
  await harness.call('GET', '/api/v1/packs/nope')
  await harness.call('GET', '/api/v1/packs', { headers: { authorization: 'Bearer no' } })
  const { text } = await harness.call('GET', '/metrics', open)
  const route = 'route="/api/v1/packs/:id",method="GET"'
  expect(text).toContain(`sluice_control_requests_total{${route},status="200"} 1`)
  expect(text).toContain(`sluice_control_requests_total{${route},status="404"} 1`)
  expect(text).toContain('sluice_control_wrong_keys_total 1')
  expect(text).toContain('sluice_job_lines_per_second{pack="vip",kind="upload"} 500')
  expect(text).toContain('sluice_jobs_running{pack="vip",kind="upload"} 1')
})

test('/metrics goes on with its own when the store is down', async () => {
  const harness = await newHarness()
  harness.presence.failure = new Error('down')
  harness.catalog.failure = new Error('down')
  const { status, text } = await harness.call('GET', '/metrics', open)
  expect(status).toBe(200)
  expect(text).toContain('sluice_control_store_up{kind="memory"} 0')
})

test('metrics of another form, or of one name and two types, are left out', async () => {
  const value = { value: 1, labels: {} }
  const odd = [null, 7, {}, { name: 'no name', help: '', type: 'gauge', values: [] }]
  const gauge = { name: 'x', help: 'x', type: 'gauge', aggregator: 'omit', values: [value, null] }
  const counter = { ...gauge, type: 'counter' }
  const text = await mergedMetrics([gauge], [record(0, [...odd, counter]), record(1, [gauge])])
  expect(text).toBe('# HELP x x\n# TYPE x gauge\nx 1\nx{host="h",role="decide",worker="1"} 1\n')
})

test('/healthz is alive, /readyz says why it is not ready', async () => {
  const harness = await newHarness()
  expect((await harness.call('GET', '/healthz', open)).body).toEqual({ ok: true })
  expect((await harness.call('GET', '/readyz', open)).body).toEqual({ ready: true, reasons: [] })
  harness.catalog.failure = new Error('down')
  const down = await harness.call('GET', '/readyz', open)
  expect([down.status, down.body['reasons']]).toEqual([503, ['the catalog cannot be read']])
  const { deps } = fakeDeps()
  const store = { ...deps.store, problem: () => 'no connection' }
  const other = await newHarness({ store })
  expect((await other.call('GET', '/readyz', open)).body['reasons']).toEqual(['no connection'])
})

test('the landing page and the docs are open, an unknown route is a JSON 404', async () => {
  const harness = await newHarness()
  const landing = await harness.call('GET', '/', open)
  expect(landing.text).toContain('<h1>Sluice 0.1.0</h1>')
  expect((await harness.call('GET', '/api/docs/', open)).text).toContain('swagger-ui')
  const unknown = await harness.call('GET', '/api/v2/x?secret=1', open)
  expect([unknown.status, unknown.body['code']]).toEqual([404, 'SLUICE_CONTROL_NOT_FOUND'])
  expect(unknown.text).not.toContain('secret')
})

test('the OpenAPI 3.1 document names every route, its least role and resolvable schemas', async () => {
  const harness = await newHarness()
  const { body, text } = await harness.call('GET', '/api/openapi.json', open)
  expect(body['openapi']).toBe('3.1.0')
  const paths = body['paths'] as Record<string, Record<string, Record<string, unknown>>>
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(routes.sort()).toEqual([
    'DELETE /api/v1/advertisers/{id}',
    'DELETE /api/v1/campaigns/{id}',
    'DELETE /api/v1/creatives/{id}',
    'DELETE /api/v1/exchanges/{id}',
    'DELETE /api/v1/experiments/{id}',
    'DELETE /api/v1/keys/{id}',
    'DELETE /api/v1/packs/{id}',
    'DELETE /api/v1/strategies/{id}',
    'GET /api/v1/advertisers',
    'GET /api/v1/advertisers/{id}',
    'GET /api/v1/audit',
    'GET /api/v1/campaigns',
    'GET /api/v1/campaigns/{id}',
    'GET /api/v1/creatives',
    'GET /api/v1/creatives/{id}',
    'GET /api/v1/events/dead',
    'GET /api/v1/exchanges',
    'GET /api/v1/exchanges/{id}',
    'GET /api/v1/experiments',
    'GET /api/v1/experiments/{id}',
    'GET /api/v1/jobs',
    'GET /api/v1/keys',
    'GET /api/v1/links',
    'GET /api/v1/models',
    'GET /api/v1/packs',
    'GET /api/v1/packs/{id}',
    'GET /api/v1/rates',
    'GET /api/v1/reports/invalid',
    'GET /api/v1/reports/totals',
    'GET /api/v1/strategies',
    'GET /api/v1/strategies/{id}',
    'GET /healthz',
    'GET /metrics',
    'GET /readyz',
    'POST /api/v1/advertisers',
    'POST /api/v1/campaigns',
    'POST /api/v1/creatives',
    'POST /api/v1/events/dead/replay',
    'POST /api/v1/exchanges',
    'POST /api/v1/exchanges/{id}/live',
    'POST /api/v1/experiments',
    'POST /api/v1/explain',
    'POST /api/v1/import',
    'POST /api/v1/keys',
    'POST /api/v1/models/{name}/activate',
    'POST /api/v1/packs/{id}/rollback',
    'POST /api/v1/strategies',
    'PUT /api/v1/advertisers/{id}',
    'PUT /api/v1/campaigns/{id}',
    'PUT /api/v1/creatives/{id}',
    'PUT /api/v1/exchanges/{id}',
    'PUT /api/v1/experiments/{id}',
    'PUT /api/v1/packs/{id}',
    'PUT /api/v1/rates',
    'PUT /api/v1/strategies/{id}',
  ])
  expect(paths['/metrics']!['get']!['security']).toEqual([])
  expect(paths['/api/v1/keys']!['get']!['x-least-role']).toBe('admin')
  for (const methods of Object.values(paths)) {
    for (const operation of Object.values(methods)) {
      expect(operation['summary']).toBeTypeOf('string')
      expect(Object.keys(operation['responses'] as object).length).toBeGreaterThan(0)
    }
  }
  const put = JSON.stringify(paths['/api/v1/strategies/{id}']!['put']!['requestBody'])
  for (const field of ['audience', 'outTargetId', 'secondPrices', 'timeZone', 'priceMicros']) {
    expect(put).toContain(`"${field}"`)
  }
  expect(text).not.toContain('$ref')
})

test('a server shows the first key once, answers on its port and closes', async () => {
  const shown: string[] = []
  const { deps } = fakeDeps({ onFirstKey: (key) => shown.push(key) })
  const server = await startControl(deps)
  expect(shown).toHaveLength(1)
  const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1/keys`, {
    headers: { authorization: `Bearer ${shown[0]!}` },
  })
  expect(answer.status).toBe(200)
  await server.close()
  const again = await startControl({ ...deps, registry: new Registry() })
  await again.close()
  expect(shown).toHaveLength(1)
})
