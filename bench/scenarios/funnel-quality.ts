/** Whether the funnel keeps what its last stage would choose of everything, and what that is worth. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { shippedPlan } from '../../src/cli/shipped-models.ts'
import type { Estimate, Judgement, Report } from '../../src/training/report.ts'
import { fineName } from '../funnel/bench-models.ts'
import { openFunnelWorld, settingsOf } from '../funnel/funnel-world.ts'
import { modelWords } from '../funnel/open-models.ts'
import { type PlanQuality, qualityOf, type Share, topSize } from '../funnel/quality.ts'
import { introduce, worldRequests } from '../funnel/world-requests.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { worldChoice } from './funnel.ts'
import type { ScenarioContext, Size } from './scenario.ts'

const requestCounts: Readonly<Record<Size, number>> = { tiny: 40, small: 300, full: 2_000 }

/** Every plan that is compared: the shipped one is among them. */
const plans = [500, 1_000, 2_000].flatMap((recallMax) =>
  [32, 64, 128, 200].map((fineMax) => ({ recallMax, fineMax })),
)

/** Share of fine's best that must survive the shipped plan (issue 4). */
const keptMin = 0.95

/** Bars of the fine model's own report (issue 4). */
const distanceMax = 0.01
const ratioRange = [0.97, 1.03] as const
const decileRange = [0.9, 1.1] as const

/** Where no report says which days a model was judged on: the last fifth. */
const testFromShare = 0.8

/** Runs the scenario. */
export async function funnelQuality(context: ScenarioContext): Promise<ScenarioResult> {
  const { options, size, workFolder, say } = context
  const settings = settingsOf(worldChoice(options))
  say('making the market and opening the models')
  const funnel = await openFunnelWorld(settings, { named: options.models, workFolder })
  const { bidding, world, models, found } = funnel
  const reports = [models.fine, models.coarse].map(({ key }) => {
    return { name: key.name, report: reportIn(path.join(found.folder, key.name, key.version)) }
  })
  const fromShare = shareOf(reports[0]?.report ?? null, world.endMs)
  const requests = worldRequests(world, options.requests ?? requestCounts[size], fromShare)
  introduce(bidding, requests)
  say(`asking ${requests.length} requests of ${plans.length} plans`)
  const quality = await qualityOf(funnel, requests, plans)
  if (bidding.failures.length > 0) throw bidding.failures[0]
  return {
    scenario: 'funnel-quality',
    size,
    findings: [
      ...quality.plans.map(planFinding),
      worthFinding('prior order', quality.priorWorth),
      worthFinding('coarse rank alone', quality.coarseWorth),
      worthFinding('fine over all eligible', quality.fineOverAllWorth),
      {
        line: 'decisions that were not as planned',
        measured: String(quality.short),
        bar: '0',
        met: quality.short === 0,
      },
      ...reports.flatMap(({ name, report }) => reportFindings(name, report)),
    ],
    notes: [
      `Models: ${modelWords(models, found)}. World: seed ${world.settings.seed}, ${world.settings.days} days, ${bidding.snapshot.data.creativeCount} creatives; ${quality.requests} requests from ${(fromShare * 100).toFixed(0)} % of its time on, ${quality.eligible.toFixed(0)} creatives eligible for each.`,
      `Kept: share of the ${topSize} best by the fine model's calibrated value over all eligible creatives that are in the shortlist of the real road. Of creatives that share the last place any counts.`,
      'Regret: what the true value (true CTR and CVR, the campaign’s terms and limits) of what is bid lacks to the best possible of the request, over all requests. No bid is worth nothing.',
      'In brackets: 95 % of bootstrap draws of requests, the same draws for all figures.',
    ],
    data: { quality, reports },
  }
}

function reportIn(folder: string): Report | null {
  const file = path.join(folder, 'report.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : null
}

/** Requests are of the days that the model was judged on: it has not seen them. */
function shareOf(report: Report | null, endMs: number): number {
  if (report === null) return testFromShare
  const { startMs, testFromMs } = report.data
  return Math.max(0, Math.min(0.99, (testFromMs - startMs) / (endMs - startMs)))
}

function planFinding({ recallMax, fineMax, ...figures }: PlanQuality): Finding {
  const { afterRecall, afterCoarse, worth } = figures
  const isShipped = recallMax === shippedPlan.recallMax && fineMax === shippedPlan.fineMax
  return {
    line: `recall ${recallMax}, fine ${fineMax}${isShipped ? ' (shipped)' : ''}: kept after recall / after coarse rank; regret`,
    measured: `${percent(afterRecall)} / ${percent(afterCoarse)}; ${regret(worth)}`,
    bar: isShipped ? `after coarse rank ≥ ${keptMin * 100} %` : '',
    met: isShipped ? afterCoarse.value >= keptMin : null,
  }
}

function worthFinding(name: string, worth: Share): Finding {
  return { line: `${name}: regret`, measured: regret(worth), bar: '', met: null }
}

function percent({ value, low, high }: Share): string {
  const shown = (share: number): string => (share * 100).toFixed(2)
  return `${shown(value)} % [${shown(low)}, ${shown(high)}]`
}

function regret({ value, low, high }: Share): string {
  return percent({ value: 1 - value, low: 1 - high, high: 1 - low })
}

/** AUC, distance to the truth and calibration, as `sluice seal` measured them on the test slice. */
function reportFindings(name: string, report: Report | null): Finding[] {
  if (report === null) {
    return [{ line: `${name}: report`, measured: 'there is none', bar: '', met: null }]
  }
  return report.targets.flatMap(({ target, observed, truth }) => {
    const hasBar = name === fineName && target === 'ctr'
    const line = `${name}, ${target}`
    const findings = [judgementFinding(`${line}, test slice`, observed, hasBar)]
    if (truth !== null) findings.push(judgementFinding(`${line}, true chances`, truth, false))
    return findings
  })
}

function judgementFinding(line: string, judgement: Judgement, hasBar: boolean): Finding {
  const served = judgement.scores.find(({ name }) => name === 'calibrated')
  const real = judgement.scores.find(({ name }) => name === 'truth')
  if (served === undefined) return { line, measured: 'not judged', bar: '', met: null }
  const { auc, distance, calibration, deciles } = served
  const isNear = distance !== null && isWithin(distance.value, [-1, distanceMax])
  const isCalibrated =
    isWithin(calibration.value, ratioRange) &&
    deciles.every(({ value }) => isWithin(value, decileRange))
  const lacks = distance === null ? '' : `, lacks ${estimate(distance)}`
  const shown = deciles.map(({ value }) => digits(value)).join(' ')
  return {
    line: `${line}, ${judgement.rows} rows: AUC (truth), calibration`,
    measured: `${estimate(auc)} (${real === undefined ? 'unknown' : estimate(real.auc)}${lacks}); ${estimate(calibration)}, deciles ${shown}`,
    bar: hasBar
      ? `lacks ≤ ${distanceMax}; ${ratioRange.join('–')}, deciles ${decileRange.join('–')}`
      : '',
    met: hasBar ? isNear && isCalibrated : null,
  }
}

/** JSON has null where there is no such number. */
type Figure = number | null

function isWithin(value: Figure, [low, high]: readonly [number, number]): boolean {
  return value !== null && value >= low && value <= high
}

function estimate({ value, low, high }: Readonly<Record<keyof Estimate, Figure>>): string {
  return `${digits(value)} [${digits(low)}, ${digits(high)}]`
}

function digits(value: Figure): string {
  return value === null ? 'none' : value.toFixed(4)
}
