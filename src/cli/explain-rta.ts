/**
 * What explain tells of an RTA request: which strategies the history of the device holds back, and
 * how the campaigns behind the others were ranked.
 */
import type { TracedRtaRanking, TracedWorth } from '../decision/rank/rank-trace.ts'
import type { DecisionTrace } from '../decision/trace.ts'
import type { BuiltRequest } from './build-request.ts'
import { candidateLines, rankedByOf } from './describe-ranking.ts'
import { askExplain, type ExplainDesk } from './explain-desk.ts'

/** The parts of a trace that are put into words. */
export interface ExplainedRta extends Partial<Pick<DecisionTrace, 'strategies' | 'cacheNote'>> {
  /** Null where no strategy asks for it. */
  readonly ranking: TracedRtaRanking | null
}

const notDecided: ExplainedRta = { ranking: null }

/**
 * Has a request explained. Throws `CliError` where the admin API says no or is not there.
 */
export async function explainedRta(
  desk: ExplainDesk,
  medium: string,
  request: BuiltRequest,
): Promise<ExplainedRta> {
  const bodyBase64 = Buffer.from(request.body).toString('base64')
  const { trace } = (await askExplain(desk, { medium, bodyBase64 })) as {
    readonly trace: ExplainedRta | null
  }
  return trace ?? notDecided
}

/** A line for each strategy that the device's history holds back, and one for a shortened cache. */
export function historyLines({ strategies = [], cacheNote = 'usual' }: ExplainedRta): string[] {
  const held = strategies.filter(({ outcome }) => heldOutcomes.includes(outcome))
  return [
    ...held.map(({ id, detail }) => `${id} is held back: ${detail}`),
    ...(cacheNote === 'usual' ? [] : [`cached shorter than usual: ${cacheNotes[cacheNote]}`]),
  ]
}

const heldOutcomes: readonly string[] = ['frequency-cap', 'converted']

const cacheNotes: Readonly<Record<Exclude<DecisionTrace['cacheNote'], 'usual'>, string>> = {
  'soon-wrong': 'one impression or conversion would change the answer',
  'until-cap-frees': 'a cap lets a strategy in again',
}

/** A ranking in lines: stages, what fell out, every strategy's worth, the best candidates. */
export function rankingLines(ranking: TracedRtaRanking | null): string[] {
  if (ranking === null) return ['No eligible strategy is ranked by campaigns']
  const { campaigns, recalled, coarse, fine, dropped, worths, candidates } = ranking
  const stages = [
    `${campaigns} campaigns in flight`,
    `${recalled} creatives recalled`,
    `${coarse} coarse-ranked`,
    `${fine} fine-ranked`,
  ].join(' → ')
  const out = dropped.map(({ reason, count }) => `${reason} ${count}`).join(', ')
  return [
    `Ranked ${rankedByOf(ranking)}`,
    stages,
    ...(out === '' ? [] : [`fell out: ${out}`]),
    ...worths.map(worthLine),
    ...(candidates.length === 0 ? [] : candidateLines({ candidates: [...candidates] })),
  ]
}

function worthLine(worth: TracedWorth): string {
  const { strategyId, outcome, valueMicros, minValueMicros, currency, creativeId } = worth
  if (valueMicros === null) return `${strategyId}: nothing of it could be valued`
  const unit = currency === '' ? 'CPM' : `${currency} CPM`
  const by = `by ${creativeId} of ${worth.campaignId}`
  const least = minValueMicros === 0 ? '' : `, at least ${decimal(minValueMicros)} is asked for`
  const end = outcome === 'below-value' ? ': too little' : ''
  return `${strategyId}: worth ${decimal(valueMicros)} ${unit} ${by}${least}${end}`
}

function decimal(micros: number): string {
  return (micros / 1_000_000).toFixed(2)
}
