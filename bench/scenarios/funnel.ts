/** What models add to the road of a bid: coarse and fine rank alone, the whole road, and batching. */
import { loadavg } from 'node:os'
import { planOf } from '../funnel/bidding-world.ts'
import { type Road, rankStages, roadOf, stageRows, turnSizes } from '../funnel/funnel-stages.ts'
import { type FunnelWorld, openFunnelWorld, settingsOf } from '../funnel/funnel-world.ts'
import { modelWords } from '../funnel/open-models.ts'
import { introduce, type WorldRequest, worldRequests } from '../funnel/world-requests.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { digestOf, type StageTimes, timesOf } from '../stage/measure.ts'
import type { FunnelOptions, ScenarioContext, Size } from './scenario.ts'

interface FunnelSize {
  readonly creatives: number
  readonly requests: number
  readonly rounds: number
}

const funnelSizes: Readonly<Record<Size, FunnelSize>> = {
  tiny: { creatives: 3_000, requests: 64, rounds: 1 },
  small: { creatives: 10_000, requests: 1_000, rounds: 2 },
  full: { creatives: 10_000, requests: 4_000, rounds: 3 },
}

/** The road that issue 4 has a bar for. */
const road = { recallMax: 1_000, fineMax: 64 } as const

/** Requests of the bench are of the last part of the world's time. */
const requestsFromShare = 0.8

/** Bars in microseconds by the beginning of a stage's name. */
const bars: readonly (readonly [
  name: string,
  limits: { readonly p50Us?: number; readonly p99Us?: number },
])[] = [
  [`coarse rank of ${stageRows.coarse} rows`, { p50Us: 200 }],
  [`coarse rank, ${stageRows.coarse} rows`, { p50Us: 200 }],
  [`fine rank, ${stageRows.fine} rows`, { p50Us: 200 }],
  ['whole road, both models, one at a time', { p50Us: 800, p99Us: 3_000 }],
]

/** Runs the scenario. */
export async function funnel(context: ScenarioContext): Promise<ScenarioResult> {
  const size = funnelSizes[context.size]
  const loadBefore = loadavg()
  context.say('making the market and opening the models')
  const funnelWorld = await openedWorld(context, size.creatives)
  const { world, bidding, models, found } = funnelWorld
  const count = context.options.requests ?? size.requests
  const requests = worldRequests(world, count, requestsFromShare)
  introduce(bidding, requests)
  const roads = roadsOf(funnelWorld, requests)
  const stages = [...rankStages(bidding, requests), ...roads.map(({ stage }) => stage)]
  const times: StageTimes[] = []
  // All results before any time: what runs first would be the slower for it.
  const results: string[] = []
  for (const stage of stages) results.push(await digestOf(stage))
  for (const [index, stage] of stages.entries()) {
    const measured = await timesOf(stage, size.rounds, results[index] ?? '')
    context.say(`${stage.name}: p50 ${measured.p50Us} p99 ${measured.p99Us} µs`)
    times.push(measured)
  }
  if (bidding.failures.length > 0) throw bidding.failures[0]
  return {
    scenario: 'funnel',
    size: context.size,
    findings: [
      ...times.map(stageFinding),
      ...roads.map(countsFinding),
      ...turnFindings(times),
      ratioFinding(times),
    ],
    notes: [
      `Models: ${modelWords(models, found)}. Catalog: the first ${bidding.snapshot.data.creativeCount} creatives of world seed ${world.settings.seed}; requests of its last fifth.`,
      `Wall time of single calls in one process, ${size.rounds} rounds over ${count} distinct requests after one warm-up; p50, p99, p99.9 and max are medians over the rounds.`,
      `Whole road: decode, decide, encode; recall ${road.recallMax}, fine rank of ${road.fineMax} rows, audience read free, with the batcher and ONNX of serving: the wait for the end of the turn is in it.`,
      'Requests of one turn are decoded and decided one after the other and ranked together; a figure is the time until the last one is answered, and per request that time by their number.',
      'CPU: of the process a call, its preparation and garbage collection included; a rank stage prepares a decoded request, a road nothing.',
      'Result: a digest of what the stage came to.',
    ],
    data: {
      ...{ loadBefore, loadAfter: loadavg(), stages: times },
      roads: roads.map(({ stage, counts }) => ({ name: stage.name, ...counts })),
    },
  }
}

/** The world of the options, of the defaults where they say nothing. */
function openedWorld({ options, workFolder }: ScenarioContext, creatives: number) {
  const settings = settingsOf(worldChoice(options))
  return openFunnelWorld(settings, { named: options.models, workFolder }, creatives)
}

/** Seed 1 and 14 days: the world that the shipped models were trained on. */
export function worldChoice({ world, seed, days }: FunnelOptions) {
  return { folder: world, seed: seed ?? 1, days: days ?? 14 }
}

/** The road of the bar, the same without models, and both with several requests a turn. */
function roadsOf({ bidding }: FunnelWorld, requests: readonly WorldRequest[]): Road[] {
  const withModels = planOf(road.recallMax, road.fineMax)
  const plans = [
    ['both models', withModels],
    ['coarse alone', planOf(road.recallMax, road.fineMax, 'coarse')],
    ['prior order', planOf(road.recallMax, road.fineMax, 'prior')],
  ] as const
  const singles = plans.map(([name, plan]) =>
    roadOf(bidding, requests, { name: roadName(name), plan, turn: 1 }),
  )
  const turns = turnSizes.map((turn) =>
    roadOf(bidding, requests, { name: turnName(turn), plan: withModels, turn }),
  )
  return [...singles, ...turns]
}

function roadName(plan: string): string {
  return `whole road, ${plan}, one at a time`
}

function turnName(turn: number): string {
  return `whole road, both models, ${turn} in one turn`
}

function stageFinding(times: StageTimes): Finding {
  const { name, p50Us, p99Us, p999Us, maxUs, cpuUs, result, gcCount, gcMs } = times
  const limits = bars.find(([start]) => name.startsWith(start))?.[1] ?? {}
  const checks = (['p50Us', 'p99Us'] as const).flatMap((figure) => {
    const maxUs = limits[figure]
    return maxUs === undefined ? [] : [{ figure, maxUs }]
  })
  return {
    line: name,
    measured: `p50 ${p50Us} p99 ${p99Us} p99.9 ${p999Us} max ${maxUs} µs, CPU ${cpuUs} (gc ${gcCount} in ${gcMs} ms) ${result}`,
    bar: checks.map((one) => `${one.figure.slice(0, -2)} ≤ ${one.maxUs} µs`).join(', '),
    met: checks.length === 0 ? null : checks.every((one) => times[one.figure] <= one.maxUs),
  }
}

function countsFinding({ stage, counts }: Road): Finding {
  const { requests, bids, recalled, coarse, fine, short } = counts
  const mean = (sum: number): string => (sum / requests).toFixed(0)
  return {
    line: `${stage.name}: what it did`,
    measured: `${requests} requests, ${bids} bids; a request: ${mean(recalled)} recalled, ${mean(coarse)} coarse, ${mean(fine)} fine; ${short} not as planned`,
    bar: '0 not as planned',
    met: short === 0,
  }
}

/** What batching brings: wall and CPU time of a request when so many come in one turn. */
function turnFindings(times: readonly StageTimes[]): Finding[] {
  const names = [[1, roadName('both models')] as const, ...turnSizes.map(withTurnName)]
  return names.flatMap(([turn, name]) => {
    const measured = times.find((one) => one.name === name)
    if (measured === undefined) return []
    const [wall, cpu] = [measured.p50Us, measured.cpuUs].map((us) => (us / turn).toFixed(0))
    return [
      {
        line: `µs a request, ${turn} in one turn`,
        measured: `${wall}, CPU ${cpu}`,
        bar: '',
        met: null,
      },
    ]
  })
}

function withTurnName(turn: number): readonly [number, string] {
  return [turn, turnName(turn)]
}

function ratioFinding(times: readonly StageTimes[]): Finding {
  const of = (plan: string): StageTimes | undefined =>
    times.find(({ name }) => name === roadName(plan))
  const ratio = (figure: 'p50Us' | 'cpuUs', plan: string): string =>
    ((of(plan)?.[figure] ?? Number.NaN) / (of('prior order')?.[figure] ?? Number.NaN)).toFixed(2)
  const said = (figure: 'p50Us' | 'cpuUs'): string =>
    `${ratio(figure, 'both models')} / ${ratio(figure, 'coarse alone')} / 1`
  return {
    line: 'whole road with both models / with the coarse one / in prior order',
    measured: `p50 ${said('p50Us')}, CPU ${said('cpuUs')}`,
    bar: 'reported',
    met: null,
  }
}
