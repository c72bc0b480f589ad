/** Metrics of other processes, as their presence records carry them, in one Prometheus text. */
import { AggregatorRegistry } from 'prom-client'
import type { PresenceRecord } from '../store/ports.ts'

/** prom-client's JSON form of one metric, with what its types leave out. */
export interface MetricJson {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly aggregator: string
  readonly values: readonly MetricValueJson[]
}

/** One value; histograms and summaries give the name of their series apart. */
export interface MetricValueJson {
  readonly value: number
  readonly labels: Readonly<Record<string, string | number>>
  readonly metricName?: string
}

/**
 * One text of all metrics; every value of a record gets the labels `host`, `role` and `worker`,
 * so that series of two processes never collide. Records come from other processes, maybe of
 * another version: a metric that is not in prom-client's form is left out.
 */
export function mergedMetrics(
  own: readonly unknown[],
  records: readonly PresenceRecord[],
): Promise<string> {
  const typeByName = new Map<string, string>()
  const sets = [wellFormed(own, {}, typeByName)]
  for (const record of records) {
    const labels = { host: record.host, role: record.role, worker: String(record.index) }
    sets.push(wellFormed(record.metrics, labels, typeByName))
  }
  return AggregatorRegistry.aggregate(sets).metrics()
}

function wellFormed(
  metrics: readonly unknown[],
  labels: Readonly<Record<string, string>>,
  typeByName: Map<string, string>,
): MetricJson[] {
  const kept: MetricJson[] = []
  for (const metric of metrics) {
    if (!isMetric(metric)) continue
    // One name with two types would make the whole text unreadable to Prometheus: the first stays.
    const type = typeByName.get(metric.name) ?? metric.type
    typeByName.set(metric.name, type)
    if (type !== metric.type) continue
    const values = metric.values.filter(isValue).map((value) => labelled(value, labels))
    // Labels make every series unique, so summing is keeping; `omit` and `first` would drop some.
    kept.push({ name: metric.name, help: metric.help, type, aggregator: 'sum', values })
  }
  return kept
}

function labelled(
  value: MetricValueJson,
  labels: Readonly<Record<string, string>>,
): MetricValueJson {
  return { ...value, labels: { ...value.labels, ...labels } }
}

function isMetric(metric: unknown): metric is MetricJson {
  if (typeof metric !== 'object' || metric === null) return false
  const { name, help, type, values } = metric as Partial<MetricJson>
  return (
    typeof name === 'string' &&
    /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) &&
    typeof help === 'string' &&
    typeof type === 'string' &&
    Array.isArray(values)
  )
}

function isValue(value: unknown): value is MetricValueJson {
  if (typeof value !== 'object' || value === null) return false
  const { value: number, labels } = value as Partial<MetricValueJson>
  return typeof number === 'number' && typeof labels === 'object' && labels !== null
}
