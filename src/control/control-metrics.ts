/** What control itself measures: packs, catalog, presence, jobs, its own requests. */
import { Counter, collectDefaultMetrics, Gauge, type Registry } from 'prom-client'
import type { PresenceRecord } from '../store/ports.ts'
import type { ControlContext } from './app.ts'
import { withRate } from './packs.ts'
import type { WrongKeyLimit } from './wrong-key-limit.ts'

/** Control's metrics; docs/metrics.md lists each. */
export interface ControlMetrics {
  /** Counts one answered admin request; `route` is the pattern, so its values are few. */
  countRequest(route: string, method: string, status: number): void
  /** Sets every gauge from the present state; called before each scrape. */
  refresh(state: ScrapeState): void
}

/** What a scrape knows of the others. */
export interface ScrapeState {
  readonly presence: readonly PresenceRecord[]
  /** Catalog revision, or null when the store does not answer. */
  readonly revision: number | null
}

/** Registers control's metrics and the default process metrics in `registry`. */
export function createControlMetrics(
  registry: Registry,
  context: ControlContext,
  wrongKeys: WrongKeyLimit,
): ControlMetrics {
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'sluice_control_requests_total',
    help: 'Admin requests by route pattern, method and status',
    labelNames: ['route', 'method', 'status'],
    registers: [registry],
  })
  new Counter({
    name: 'sluice_control_wrong_keys_total',
    help: 'Admin requests with a key that is not known',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(wrongKeys.total)
    },
  })
  const refreshStore = storeGauges(registry, context)
  const refreshPresence = presenceGauges(registry, context)
  const refreshPacks = packGauges(registry, context)
  const refreshJobs = jobGauges(registry, context)
  return {
    countRequest: (route, method, status) => requests.inc({ route, method, status }),
    refresh: (state) => {
      refreshStore(state)
      refreshPresence(state)
      refreshPacks()
      refreshJobs()
    },
  }
}

function storeGauges(registry: Registry, { deps }: ControlContext) {
  const gauge = gaugesOf(registry)
  const up = gauge('sluice_control_store_up', '1 while control can use the store', ['kind'])
  const revision = gauge('sluice_catalog_revision', 'Number of the last catalog change', [])
  return (state: ScrapeState): void => {
    const isUp = deps.store.problem() === null && state.revision !== null
    up.set({ kind: deps.store.kind }, isUp ? 1 : 0)
    revision.reset()
    if (state.revision !== null) revision.set(state.revision)
  }
}

function presenceGauges(registry: Registry, { deps }: ControlContext) {
  const labels = ['host', 'role', 'worker']
  const gauge = gaugesOf(registry)
  const up = gauge('sluice_process_up', '1 for each process that reports', labels)
  const ready = gauge('sluice_process_ready', '1 while the process is ready', labels)
  const age = gauge('sluice_process_report_age_seconds', 'Age of its last report', labels)
  const lag = gauge('sluice_process_catalog_lag', 'Catalog changes not yet in force there', labels)
  const p99 = gauge('sluice_process_latency_p99_seconds', 'p99 since the report before', labels)
  const rate = gauge('sluice_process_requests_per_second', 'Requests answered there', labels)
  return ({ presence, revision }: ScrapeState): void => {
    for (const one of [up, ready, age, lag, p99, rate]) one.reset()
    for (const record of presence) {
      const at = { host: record.host, role: record.role, worker: String(record.index) }
      up.set(at, 1)
      ready.set(at, record.ready ? 1 : 0)
      age.set(at, Math.max(0, deps.clock.wallMs() - record.atMs) / 1_000)
      // A projector follows no catalog.
      const follows = revision !== null && record.role !== 'project'
      if (follows) lag.set(at, Math.max(0, revision - record.revision))
      p99.set(at, record.latencyP99Us / 1e6)
      rate.set(at, record.requestsPerSecond)
    }
  }
}

function packGauges(registry: Registry, { deps }: ControlContext) {
  const gauge = gaugesOf(registry)
  const devices = gauge('sluice_pack_devices', 'Devices in the active version', ['pack'])
  const version = gauge('sluice_pack_version', 'Active version', ['pack'])
  const layers = gauge('sluice_pack_layers', 'Layers of the active version', ['pack'])
  const expiry = gauge('sluice_pack_expiry_timestamp_seconds', 'When it ends, if it does', ['pack'])
  return (): void => {
    for (const one of [devices, version, layers, expiry]) one.reset()
    for (const pack of deps.packs.list()) {
      devices.set({ pack: pack.id }, pack.devices)
      version.set({ pack: pack.id }, pack.version)
      layers.set({ pack: pack.id }, pack.layers)
      if (pack.expiresAtMs !== null) expiry.set({ pack: pack.id }, pack.expiresAtMs / 1_000)
    }
  }
}

/** By pack and kind, not by job id: ids would make a new series with every upload. */
function jobGauges(registry: Registry, { deps }: ControlContext) {
  const labels = ['pack', 'kind']
  const gauge = gaugesOf(registry)
  const running = gauge('sluice_jobs_running', 'Jobs that run', labels)
  const lines = gauge('sluice_job_lines', 'Lines read by running jobs', labels)
  const rate = gauge('sluice_job_lines_per_second', 'Lines a second of running jobs', labels)
  return (): void => {
    for (const one of [running, lines, rate]) one.reset()
    const nowMs = deps.clock.wallMs()
    for (const job of deps.packs.progress()) {
      if (job.endedAtMs !== null) continue
      const at = { pack: job.packId, kind: job.kind }
      running.inc(at)
      lines.inc(at, job.lines)
      rate.inc(at, withRate(job, nowMs).linesPerSecond)
    }
  }
}

function gaugesOf(registry: Registry) {
  return (name: string, help: string, labelNames: string[]): Gauge =>
    new Gauge({ name, help, labelNames, registers: [registry] })
}
