/** A report as Markdown, for people. */
import type { Calibration } from '../scoring/manifest.ts'
import type { Estimate, Judgement, Report, ScoreName, ScoreReport, TargetReport } from './report.ts'

/** The text of `report.md`. */
export function reportText(report: Report): string {
  const { model, parity, data } = report
  return [
    `# ${model.name} ${model.version}`,
    '',
    `- kind: ${model.kind}; trained by ${model.trainedBy}`,
    `- trained on ${model.trainedOn}`,
    `- set: ${data.log}, ${data.rows} ${data.rowsAre}; ${sliceWords(report)}`,
    `- judged on rows from ${iso(data.testFromMs)} to ${iso(data.testToMs)}`,
    `- conversions are final ${hours(data.conversionWatermarkMs)} h after the click`,
    `- served = trained on ${parity.rows} golden vectors: largest difference ` +
      parity.largestDifference.toExponential(1),
    `- calibration: ${calibrationWords(report)}`,
    '',
    'In brackets: 95 % of bootstrap draws of the same rows. Calibration: sum of predictions over what',
    'they predict; 1 is right. Normalised entropy: log loss over that of the base rate.',
    '',
    ...report.targets.flatMap(targetLines),
  ].join('\n')
}

/** One line for the terminal. */
export function reportLine({ target, observed, truth }: TargetReport): string {
  const far = distanceWords(truth)
  if (observed.rows === 0) return `${target}: ${noRows}${far}`
  const last = observed.scores.find(({ name }) => name === 'calibrated')
  if (last === undefined) return `${target}: nothing to judge by`
  const auc = `AUC ${shown(last.auc)}, calibration ${shown(last.calibration)}`
  return `${target}: ${observed.rows} rows, ${observed.positives} positives, ${auc}${far}`
}

/** Conversions take days: a short test slice may be too young for any. */
const noRows = 'no row of the test slice is old enough to have a final label'

function distanceWords(truth: Judgement | null): string {
  const distance = truth?.scores.find(({ name }) => name === 'calibrated')?.distance ?? null
  return distance === null ? '' : `, AUC of the truth less this ${shown(distance)}`
}

const names: Readonly<Record<ScoreName, string>> = {
  prior: 'history (prior rate)',
  raw: 'model, before calibration',
  calibrated: '**model, as served**',
  truth: 'the truth itself',
}

function targetLines({ target, observed, truth }: TargetReport): string[] {
  const title = target === 'ctr' ? 'CTR' : 'CVR'
  return [
    `## ${title}`,
    '',
    ...judgementLines(observed, 'what happened'),
    ...(truth === null ? [] : judgementLines(truth, 'the true chances')),
  ]
}

function judgementLines(judgement: Judgement, against: string): string[] {
  const { rows, weight, positives, baseRate, scores } = judgement
  if (rows === 0) return [`### Against ${against}`, '', `None: ${noRows}.`, '']
  const facts =
    `${rows} rows (weight ${weight.toFixed(0)}), ${positives.toFixed(0)} positives, ` +
    `base rate ${(baseRate * 100).toFixed(3)} %, ${judgement.resamples} draws`
  const hasDistance = scores.some(({ distance }) => distance !== null)
  return [
    `### Against ${against}`,
    '',
    facts,
    '',
    ...table(
      ['', 'AUC', 'log loss', 'normalised entropy', 'calibration'].concat(
        hasDistance ? ['AUC of the truth less this'] : [],
      ),
      scores.map((score) => figureCells(score, hasDistance)),
    ),
    'Calibration by tenths of the weight, lowest predictions first:',
    '',
    ...table(
      ['', ...scores.map(({ name }) => names[name])],
      (scores[0]?.deciles ?? []).map((_, tenth) => [
        String(tenth + 1),
        ...scores.map(({ deciles }) => shown(deciles[tenth], 3)),
      ]),
    ),
  ]
}

function figureCells(score: ScoreReport, hasDistance: boolean): string[] {
  const { name, auc, logLoss, normalisedEntropy, calibration, distance } = score
  const cells = [names[name], shown(auc), shown(logLoss, 5), shown(normalisedEntropy)]
  return [...cells, shown(calibration), ...(hasDistance ? [shown(distance ?? undefined)] : [])]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), '']
}

function shown(estimate: Estimate | undefined, digits = 4): string {
  if (estimate === undefined || !Number.isFinite(estimate.value)) return '–'
  const { value, low, high } = estimate
  return `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`
}

function sliceWords({ data: { slices } }: Report): string {
  const { train, calibrate, test } = slices
  const count = ([from, to]: readonly [number, number]): number => to - from
  return `trained on ${count(train)}, calibrated on ${count(calibrate)}, tested on ${count(test)}`
}

function calibrationWords({ calibration: { fallback, exchanges } }: Report): string {
  const own = Object.keys(exchanges)
  const kinds = (['ctr', 'cvr'] as const).map((target) => `${target} ${kindOf(fallback[target])}`)
  return kinds.join(', ') + (own.length === 0 ? '' : `; of their own: ${own.join(', ')}`)
}

function kindOf(calibration: Calibration | undefined): string {
  if (calibration?.kind === 'isotonic') return `isotonic (${calibration.from.length} knots)`
  return calibration?.kind ?? 'none'
}

function iso(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : '–'
}

function hours(ms: number): string {
  return (ms / 3_600_000).toFixed(1)
}
