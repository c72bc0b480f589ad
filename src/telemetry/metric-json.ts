/** Metrics in the form of prom-client's JSON, made from plain counters and histograms. */
import type { Histogram } from './histogram.ts'

/** Label names and values of one series. */
export type Labels = Readonly<Record<string, string | number>>

/**
 * One metric in the form of prom-client's `getMetricsAsJSON`; travels in `PresenceRecord.metrics`.
 */
export interface MetricJson {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly aggregator: 'sum'
  readonly values: readonly {
    readonly labels: Labels
    readonly value: number
    /** Histograms only: `<name>_bucket`, `<name>_sum`, `<name>_count`. */
    readonly metricName?: string
  }[]
}

/** Bounds told to Prometheus for RTA: one a doubling, 16 µs to 131 ms; p99 lies well inside. */
const boundsUs: readonly number[] = Array.from({ length: 14 }, (_, i) => 2 ** (i + 4))

/** A counter, or a gauge. */
export function metric(
  name: string,
  help: string,
  values: MetricJson['values'],
  type: MetricJson['type'] = 'counter',
): MetricJson {
  return { name, help, type, aggregator: 'sum', values }
}

/** A histogram; rows that have seen nothing are left out. `bounds` in microseconds. */
export function histogramJson(
  name: string,
  help: string,
  rows: readonly { readonly labels: Labels; readonly of: Histogram | undefined }[],
  bounds: readonly number[] = boundsUs,
): MetricJson {
  const values = rows.flatMap(({ labels, of }) => {
    if (of === undefined || of.total === 0) return []
    const buckets = bounds.map((us) => ({
      labels: { ...labels, le: us / 1e6 },
      value: of.countBelow(us),
      metricName: `${name}_bucket`,
    }))
    return [
      ...buckets,
      { labels: { ...labels, le: '+Inf' }, value: of.total, metricName: `${name}_bucket` },
      { labels, value: of.sumMs / 1000, metricName: `${name}_sum` },
      { labels, value: of.total, metricName: `${name}_count` },
    ]
  })
  return { name, help, type: 'histogram', aggregator: 'sum', values }
}
