/** How many fell out and why: the loss funnel of one request. */
import { dropRow } from '../../domain/drop-reason.ts'

/** Counts by `Drop` number, and the numbers of each stage. Reused from request to request. */
export class LossFunnel {
  readonly drops = new Uint32Array(dropRow)
  /** Campaigns × slots that were meant for the request. */
  eligible = 0
  /** Creatives × slots that recall kept; further down, that got a price. */
  recalled = 0
  /** Creatives × slots that got rates from the coarse and from the fine model. */
  coarse = 0
  fine = 0
  priced = 0

  clear(): void {
    for (let drop = 0; drop < dropRow; drop++) this.drops[drop] = 0
    this.eligible = 0
    this.recalled = 0
    this.coarse = 0
    this.fine = 0
    this.priced = 0
  }

  /** Notes that `count` fell out for one reason. */
  drop(reason: number, count = 1): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + count
  }
}
