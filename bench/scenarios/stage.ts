/** Each stage of a bid alone, at three sizes of catalog: what the road is made of. */
import { loadavg } from 'node:os'
import { asProtobuf, bidRequestBodies } from '../data/bid-requests.ts'
import { type Finding, median, type ScenarioResult } from '../harness/report.ts'
import { openBidBench } from '../stage/bid-bench.ts'
import { digestOf, type StageTimes, timesOf } from '../stage/measure.ts'
import { bidStages } from '../stage/stages.ts'
import type { ScenarioContext, Size } from './scenario.ts'

interface StageSize {
  readonly creatives: readonly number[]
  readonly requests: number
  readonly rounds: number
}

const stageSizes: Readonly<Record<Size, StageSize>> = {
  tiny: { creatives: [1_000], requests: 300, rounds: 1 },
  small: { creatives: [1_000, 10_000], requests: 2_000, rounds: 3 },
  full: { creatives: [1_000, 10_000, 100_000], requests: 5_000, rounds: 3 },
}

/** Devices that are in packs; the audience read is free here. */
const knownDevices = 100_000

/** One bar: a stage, at how many creatives, which figure and its limit in microseconds. */
interface Bar {
  readonly stage: string
  readonly creatives: number
  readonly figure: 'p50Us' | 'p99Us'
  readonly maxUs: number
}

const bars: readonly Bar[] = [
  { stage: 'eligibility + recall', creatives: 100_000, figure: 'p99Us', maxUs: 1_000 },
  { stage: 'decode JSON', creatives: 10_000, figure: 'p50Us', maxUs: 60 },
  { stage: 'decode protobuf', creatives: 10_000, figure: 'p50Us', maxUs: 60 },
  { stage: 'decode protobuf, Google layout', creatives: 10_000, figure: 'p50Us', maxUs: 60 },
  { stage: 'whole road, JSON', creatives: 10_000, figure: 'p50Us', maxUs: 300 },
  { stage: 'whole road, protobuf', creatives: 10_000, figure: 'p50Us', maxUs: 300 },
]

/** Runs the scenario. */
export async function stage(context: ScenarioContext): Promise<ScenarioResult> {
  const { creatives, requests, rounds } = stageSizes[context.size]
  const bodies = bidRequestBodies({ count: requests, knownDevices })
  const loadBefore = loadavg()
  const findings: Finding[] = [sizesFinding(bodies)]
  const data: Record<string, unknown> = {}
  for (const count of creatives) {
    context.say(`compiling ${count} creatives`)
    const bench = openBidBench(count)
    const stages = bidStages(bench, bodies)
    // All results before any time: the timed rounds draw random numbers of their own.
    const results: string[] = []
    for (const one of stages) results.push(await digestOf(one))
    const times: StageTimes[] = []
    for (const [index, one] of stages.entries()) {
      const measured = await timesOf(one, rounds, results[index] ?? '')
      context.say(`${count}: ${one.name}: p50 ${measured.p50Us} p99 ${measured.p99Us} µs`)
      times.push(measured)
      findings.push(finding(count, measured))
    }
    data[String(count)] = { compileMs: bench.compileMs, stages: times }
  }
  return {
    scenario: 'stage',
    size: context.size,
    findings,
    notes: [
      `Wall time of single calls in one process, ${rounds} rounds over ${requests} distinct requests after one warm-up; p50, p99, p99.9 and max are medians over the rounds, the longest is of all.`,
      'Garbage collection of the rounds is in the figures, what is made for the untimed preparation included; its count and time are in the JSON.',
      'Result: a digest of everything the stage came to. The same seed and code give the same one; the naive recall gives that of "eligibility and recall of a slot" for its calls.',
      'The audience read costs nothing here; half of the devices are in five packs.',
    ],
    data: { loadBefore, loadAfter: loadavg(), requestBytes: sizesOf(bodies), catalogs: data },
  }
}

function finding(creatives: number, times: StageTimes): Finding {
  const bar = bars.find((one) => one.stage === times.name && one.creatives === creatives)
  const { p50Us, p99Us, p999Us, maxUs, result, gcCount, gcMs } = times
  return {
    line: `${creatives} creatives: ${times.name}`,
    measured: `p50 ${p50Us} p99 ${p99Us} p99.9 ${p999Us} max ${maxUs} µs (gc ${gcCount} in ${gcMs} ms) ${result}`,
    bar: bar === undefined ? '' : `${bar.figure.slice(0, -2)} ≤ ${bar.maxUs} µs`,
    met: bar === undefined ? null : times[bar.figure] <= bar.maxUs,
  }
}

/** Bytes of the requests in each form. */
export function sizesOf(bodies: readonly Uint8Array[]): Record<string, Record<string, number>> {
  const forms = {
    json: bodies,
    protobuf: bodies.map((body) => asProtobuf(body, 'iab')),
  }
  return Object.fromEntries(
    Object.entries(forms).map(([form, all]) => {
      const sizes = all.map(({ length }) => length).sort((a, b) => a - b)
      const at = (share: number): number => sizes[Math.floor((sizes.length - 1) * share)] ?? 0
      return [form, { min: at(0), p10: at(0.1), p50: median(sizes), p90: at(0.9), max: at(1) }]
    }),
  )
}

/** The distribution of request sizes as a line of the report. */
export function sizesFinding(bodies: readonly Uint8Array[]): Finding {
  const texts = Object.entries(sizesOf(bodies)).map(
    ([form, { min, p10, p50, p90, max }]) =>
      `${form} min ${min} p10 ${p10} p50 ${p50} p90 ${p90} max ${max}`,
  )
  return {
    line: 'bytes of a request',
    measured: texts.join('; '),
    bar: 'p50 about 1.8 KB',
    met: null,
  }
}
