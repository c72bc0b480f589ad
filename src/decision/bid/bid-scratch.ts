/** The memory of one bid request in flight. */
import { BidRequest } from '../../domain/bid-request.ts'
import { Profile } from '../../domain/profile.ts'
import type { Poolable } from '../scratch-pool.ts'
import { LossFunnel } from './loss-funnel.ts'

/** Everything that belongs to one request; what steps share between awaits is not here. */
export class BidScratch implements Poolable {
  request = new BidRequest()
  readonly profile = new Profile()
  readonly funnel = new LossFunnel()
  generation = 0
  isTaken = false
  isReading = false
  /** Epoch milliseconds of this decision: one moment for all of its conditions. */
  wallMs = 0
  /** Microseconds from arrival to decode, of inflating with decoding; NaN where not measured. */
  queueUs = Number.NaN
  decodeUs = Number.NaN
  /** Microseconds of the audience read; NaN when there was none. */
  audienceUs = Number.NaN

  clear(): void {
    this.request.clear()
    this.queueUs = Number.NaN
    this.decodeUs = Number.NaN
    this.audienceUs = Number.NaN
  }
}
