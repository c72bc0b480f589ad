/** The memory of one bid request in flight. */
import { BidRequest } from '../../domain/bid-request.ts'
import { type AskFacts, emptyAskFacts } from '../../domain/feature-facts.ts'
import { Profile } from '../../domain/profile.ts'
import type { Poolable } from '../scratch-pool.ts'
import { LossFunnel } from './loss-funnel.ts'
import type { Choice } from './pricing.ts'
import { Shortlists } from './shortlists.ts'
import { StageBook } from './stage-book.ts'

const nothingChosen: readonly Choice[] = []

/** Everything that belongs to one request; what steps share between awaits is not here. */
export class BidScratch implements Poolable {
  request = new BidRequest()
  readonly profile = new Profile()
  readonly funnel = new LossFunnel()
  readonly shortlists = new Shortlists()
  /** What the stages made of the candidates, and which of them were chosen: a record tells. */
  readonly stages = new StageBook()
  choices: readonly Choice[] = nothingChosen
  generation = 0
  isTaken = false
  /** True while a store or a model may still write into it. */
  isReading = false
  /** Epoch milliseconds of this decision: one moment for all of its conditions. */
  wallMs = 0
  /** Microseconds from arrival to decode, of inflating with decoding; NaN where not measured. */
  queueUs = Number.NaN
  decodeUs = Number.NaN
  /** Microseconds of the audience read and of the models; NaN when there was none. */
  audienceUs = Number.NaN
  rankUs = Number.NaN
  readonly #asks: AskFacts[] = []

  /** The facts of slot `number` that models look at, to be filled. */
  ask(number: number): AskFacts {
    let facts = this.#asks[number]
    if (facts === undefined) {
      facts = emptyAskFacts()
      this.#asks[number] = facts
    }
    return facts
  }

  clear(): void {
    this.request.clear()
    this.shortlists.clear()
    this.stages.clear()
    this.choices = nothingChosen
    this.queueUs = Number.NaN
    this.decodeUs = Number.NaN
    this.audienceUs = Number.NaN
    this.rankUs = Number.NaN
  }
}
