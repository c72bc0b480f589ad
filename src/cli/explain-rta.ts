/** What explain tells of an RTA request: how the campaigns behind its strategies were ranked. */
import type { TracedRtaRanking, TracedWorth } from '../decision/rank/rank-trace.ts'
import type { BuiltRequest } from './build-request.ts'
import { candidateLines, rankedByOf } from './describe-ranking.ts'
import { askExplain, type ExplainDesk } from './explain-desk.ts'

/**
 * Has a request explained; answers how its strategies were ranked, null where none asks for it.
 * Throws `CliError` where the admin API says no or is not there.
 */
export async function explainedRanking(
  desk: ExplainDesk,
  medium: string,
  request: BuiltRequest,
): Promise<TracedRtaRanking | null> {
  const bodyBase64 = Buffer.from(request.body).toString('base64')
  const { trace } = (await askExplain(desk, { medium, bodyBase64 })) as {
    readonly trace: { readonly ranking: TracedRtaRanking | null } | null
  }
  return trace?.ranking ?? null
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
