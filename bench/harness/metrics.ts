/** Figures that a Sluice tells about itself, from `/metrics` of its control port. */
import type { SluiceServer } from './sluice-server.ts'

/** One sample: its labels as they are written, and its value. */
export interface Sample {
  readonly labels: string
  readonly value: number
}

/** All samples of a metric; workers announce theirs once a second. */
export async function samplesOf(server: SluiceServer, name: string): Promise<Sample[]> {
  const response = await fetch(`http://127.0.0.1:${server.admin.port}/metrics`)
  const samples: Sample[] = []
  for (const line of (await response.text()).split('\n')) {
    const found = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (found?.[1] === name) samples.push({ labels: found[2] ?? '', value: Number(found[3]) })
  }
  return samples
}

/** Bid requests so far that an overload, a deadline or a fault of ours left without a decision. */
export async function failedBids(server: SluiceServer): Promise<number> {
  const samples = await samplesOf(server, 'sluice_bid_requests_total')
  return samples
    .filter(({ labels }) => labels.includes('outcome="failed"'))
    .reduce((sum, { value }) => sum + value, 0)
}
