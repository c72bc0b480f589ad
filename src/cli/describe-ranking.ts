/**
 * Puts into words how the candidates of a bid request were put in order: what explain tells of it.
 */
import type { ExplainBidAnswer } from '../control/schemas/explain-bid-schema.ts'
import { standingText } from '../decision/history.ts'
import type { DecisionRecord } from '../domain/decision-record.ts'

/** One impression in one format, as explain tells of it. */
type ExplainedSlot = ExplainBidAnswer['trace']['slots'][number]

/** Predicted or true rates of a creative. */
interface Rates {
  readonly ctr: number
  readonly cvr: number
}

/** What is known to be true of a creative, where somebody knows. */
export interface KnownWorth extends Rates {
  readonly valueMicros: number
}

/** Candidates that are shown where nobody says how many. */
const candidatesDefault = 5
const nameWidth = 12
const columnWidth = 7

/** `820 campaigns eligible → 1740 creatives recalled → …`: what each stage took in. */
export function stagesOfSlot(slot: ExplainedSlot): string {
  const { eligibleCampaigns, recalled, coarseRanked, fineRanked, priced, chosen } = slot
  const bids = chosen.filter(({ isBid }) => isBid).length
  return [
    `${eligibleCampaigns} campaigns eligible`,
    `${recalled} creatives recalled`,
    `${coarseRanked} coarse-ranked`,
    `${fineRanked} fine-ranked`,
    `${priced} priced`,
    `${bids} bid`,
  ].join(' → ')
}

/** The stages of a whole decision, as its record has them. */
export function stagesOfRecord(record: DecisionRecord): string {
  const { eligibleCount, recalledCount, coarseCount = 0, fineCount = 0 } = record
  const models = [
    ...(coarseCount === 0 ? [] : [`${coarseCount} coarse-ranked`]),
    ...(fineCount === 0 ? [] : [`${fineCount} fine-ranked`]),
  ]
  return [`${eligibleCount} eligible`, `${recalledCount} recalled`, ...models].join(', ')
}

/** Who ranked a recorded decision: `by fine: world-coarse@1, world-fine@1`. */
export function rankedByOfRecord(record: DecisionRecord): string {
  const { rankedBy, rankNote, coarseModel = '', ctrModel, cvrModel } = record
  return rankedByWords({ by: rankedBy, note: rankNote, models: [coarseModel, ctrModel, cvrModel] })
}

/** Who ranked an explained decision. */
export function rankedByOf(ranking: ExplainBidAnswer['trace']['ranking']): string {
  if (ranking === null) return 'not ranked'
  const { by, note, coarseModel, fineModel } = ranking
  return rankedByWords({ by, note, models: [coarseModel, fineModel] })
}

function rankedByWords({
  by,
  note = 'as-planned',
  models,
}: {
  readonly by: string
  readonly note: string | undefined
  readonly models: readonly string[]
}): string {
  const names = [...new Set(models)].filter((name) => name !== '')
  const ran = names.length === 0 ? '' : `: ${names.join(', ')}`
  return `by ${by}${ran}${note === 'as-planned' ? '' : ` (${note})`}`
}

/** A whole explanation in lines: who ranked, and of each slot its stages and best candidates. */
export function rankingOfBid({ trace }: Pick<ExplainBidAnswer, 'trace'>): string[] {
  return [
    `Ranked ${rankedByOf(trace.ranking)}`,
    ...trace.heldBack.map((one) => `held back: ${one.kind} ${one.id}, ${standingText(one)}`),
    ...trace.slots.flatMap((slot) => [
      `impression ${slot.impId}, ${slot.format}: ${stagesOfSlot(slot)}`,
      ...(slot.dropped.length === 0 ? [] : [`fell out: ${droppedOf(slot)}`]),
      ...(slot.candidates.length === 0 ? [] : candidateLines(slot)),
    ]),
  ]
}

/** Reasons and counts of a slot, the most frequent first. */
export function droppedOf({ dropped }: ExplainedSlot): string {
  const sorted = dropped.toSorted((a, b) => b.count - a.count)
  return sorted.map(({ reason, count }) => `${reason} ${count}`).join(', ')
}

/**
 * The best candidates as lines of a table: rates in percent and worth in CPM, by their history, by
 * each model, and, where `truthOf` knows, in truth.
 */
export function candidateLines(
  { candidates }: { readonly candidates: readonly ExplainedSlot['candidates'][number][] },
  truthOf: ((creativeId: string) => KnownWorth) | null = null,
  count = candidatesDefault,
): string[] {
  const known = truthOf === null ? [] : ['true']
  const perRate = ['prior', 'coarse', 'fine', ...known]
  const groupWidth = columnWidth * perRate.length
  const head = [
    ''.padEnd(nameWidth),
    'click, %'.padStart(groupWidth),
    'conversion, %'.padStart(groupWidth),
    'worth, CPM'.padStart(columnWidth * (2 + known.length)),
  ]
  const rows = candidates.slice(0, count).map((candidate) => {
    const { creativeId, prior, coarse, fine, priorMicros, boundMicros } = candidate
    const truth = truthOf?.(creativeId) ?? null
    const rates = [prior, coarse, fine, ...(truth === null ? [] : [truth])]
    const worth = [priorMicros, boundMicros, ...(truth === null ? [] : [truth.valueMicros])]
    return [
      creativeId.padEnd(nameWidth),
      ...rates.map((rate) => percent(rate?.ctr)),
      ...rates.map((rate) => percent(rate?.cvr)),
      ...worth.map((micros) => cell((micros / 1_000_000).toFixed(2))),
    ].join('')
  })
  const columns = [...perRate, ...perRate, 'prior', 'now', ...known].map(cell).join('')
  return [head.join(''), `${'creative'.padEnd(nameWidth)}${columns}`, ...rows]
}

function percent(rate: number | undefined): string {
  return cell(rate === undefined ? '–' : (rate * 100).toFixed(2))
}

function cell(text: string): string {
  return text.padStart(columnWidth)
}
