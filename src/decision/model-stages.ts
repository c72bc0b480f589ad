/** Which stages of a plan can run now, and the words for how they ended. */
import type { BidSnapshot } from '../catalog/bid/bid-snapshot.ts'
import type { AdSide, ModelKey } from '../domain/ad-side.ts'
import { RankNote } from '../domain/bid-decision.ts'
import type { BidPlan } from '../domain/exchange.ts'
import type { Ranker, RankOutcome } from '../scoring/ranking.ts'

/** The stages that can run: sides of one snapshot whose models serve in this process. */
export interface ModelStages {
  readonly coarse: AdSide | null
  readonly fine: AdSide | null
  /** `ModelMissing` where one that the plan names cannot. */
  readonly note: RankNote
}

/** The stages of a plan by this snapshot: side and model must be of one version. */
export function stagesOf(
  ranker: Ranker | null,
  snapshot: BidSnapshot,
  { coarseModel, fineModel }: Pick<BidPlan, 'coarseModel' | 'fineModel'>,
): ModelStages {
  const coarse = sideOf(snapshot, coarseModel, (key) => ranker?.models.coarse(key) ?? null)
  const fine = sideOf(snapshot, fineModel, (key) => ranker?.models.fine(key) ?? null)
  const isMissing = (coarseModel !== '' && coarse === null) || (fineModel !== '' && fine === null)
  return { coarse, fine, note: isMissing ? RankNote.ModelMissing : RankNote.AsPlanned }
}

function sideOf(
  snapshot: BidSnapshot,
  name: string,
  served: (key: ModelKey) => unknown,
): AdSide | null {
  const side = name === '' ? null : snapshot.adSide(name)
  return side === null || served(side.model) === null ? null : side
}

/** By `RankOutcome`. */
const notes = [RankNote.AsPlanned, RankNote.Shortened, RankNote.Overload, RankNote.Failed] as const

/** Why a job ended as it did. */
export function noteOf(outcome: RankOutcome): RankNote {
  return notes[outcome]
}

/** `<name>@<version>`; '' for none. */
export function nameOf(key: ModelKey | undefined): string {
  return key === undefined ? '' : `${key.name}@${key.version}`
}
