/** The memory of one RTA request in flight. */
import type { CompiledAction, LiveStrategy } from '../catalog/plan.ts'
import { AdRequest } from '../domain/ad-request.ts'
import { Profile } from '../domain/profile.ts'
import { Refusal } from '../domain/refusal.ts'
import type { RankScratch } from './rank/rank-scratch.ts'
import type { Poolable } from './scratch-pool.ts'

/**
 * Strategies one answer names. A device matches a handful of strategies in practice; 64 entries
 * are about 3 KiB on the largest wire, which still leaves in two TCP segments. What is beyond has
 * the lowest priorities and is left out.
 */
export const verdictsMax = 64

/** Arm not looked up yet, in `Scratch.arms`. */
const armUnknown = -2

/**
 * Everything the road writes for one request. Nothing here may be kept by an answer; what the
 * steps leave to each other is cleared by the step that begins.
 */
export class Scratch implements Poolable {
  /** Its own one as long as nobody decides another request with it. */
  request = new AdRequest()
  readonly profile = new Profile()
  /** Grows with each `take`: an answer that comes back to another generation is too late. */
  generation = 0
  /** True between `take` and `give`. */
  isTaken = false
  /** True while a store or a model may still write into it. */
  isReading = false

  /** Epoch milliseconds of this decision: one moment for all of its conditions. */
  wallMs = 0
  /** Bitset over positions of the plan: strategies still in question. */
  candidates = new Uint32Array(1)
  /** Bitset over positions of the plan: strategies that the request asks about. */
  asked = new Uint32Array(1)
  /** By layer of the plan: arm of this device, -1 none, `armUnknown` not looked up. */
  arms = new Int32Array(1)
  /**
   * Filled only when the plan looks at where the device is: country as `countryKey` writes it, city
   * in lower case. `isLocated`: at least one of them is from the address, not from the medium.
   */
  country = ''
  city = ''
  isLocated = false

  /** Strategies that take part, best first, with what they do. */
  eligibleCount = 0
  readonly eligible: (LiveStrategy | null)[] = new Array<LiveStrategy | null>(verdictsMax).fill(
    null,
  )
  readonly actions: (CompiledAction | null)[] = new Array<CompiledAction | null>(verdictsMax).fill(
    null,
  )
  /** The furthest that a strategy got which does not take part, the first such, and its label. */
  nearReason: Refusal = Refusal.NoStrategy
  near: LiveStrategy | null = null
  holdoutTag = ''
  /** First minute (`minuteOf`) in which a cap lets one of those in again; Infinity = none holds. */
  freeMinute = Number.POSITIVE_INFINITY
  /** True: an impression or conversion that is likely soon would make the answer wrong. */
  isHasty = false
  /** What ranking by campaigns needs; null until a strategy asks for it. */
  ranks: RankScratch | null = null

  /** Forgets what the last selection found, and makes room for a plan. */
  beginSelection(words: number, layers: number): void {
    if (this.candidates.length < words) {
      this.candidates = new Uint32Array(words)
      this.asked = new Uint32Array(words)
    }
    if (this.arms.length < layers) this.arms = new Int32Array(layers)
    // A loop: the built-in fill costs 60 ns a call, and there are a handful of entries.
    for (let layer = 0; layer < layers; layer++) this.arms[layer] = armUnknown
    this.nearReason = Refusal.NoStrategy
    this.near = null
    this.holdoutTag = ''
    this.freeMinute = Number.POSITIVE_INFINITY
    this.isHasty = false
    this.#forgetEligible()
  }

  /** The arm of `layer` if it was looked up, else null. */
  knownArm(layer: number): number | null {
    const arm = this.arms[layer] ?? armUnknown
    return arm === armUnknown ? null : arm
  }

  /** Notes a strategy that does not take part; the first of the furthest stays. */
  noteNear(reason: Refusal, strategy: LiveStrategy): void {
    if (reason <= this.nearReason) return
    this.nearReason = reason
    this.near = strategy
  }

  /** Adds a strategy that takes part; false when `verdictsMax` are there. */
  addEligible(strategy: LiveStrategy, action: CompiledAction): boolean {
    if (this.eligibleCount === verdictsMax) return false
    this.eligible[this.eligibleCount] = strategy
    this.actions[this.eligibleCount] = action
    this.eligibleCount++
    return true
  }

  /** Keeps of the eligible only those for which `keep` says yes, in their order. */
  keepEligible(keep: (strategy: LiveStrategy) => boolean): void {
    let kept = 0
    for (let i = 0; i < this.eligibleCount; i++) {
      const strategy = this.eligible[i] ?? null
      if (strategy === null || !keep(strategy)) continue
      this.eligible[kept] = strategy
      this.actions[kept] = this.actions[i] ?? null
      kept++
    }
    this.eligible.fill(null, kept, this.eligibleCount)
    this.actions.fill(null, kept, this.eligibleCount)
    this.eligibleCount = kept
  }

  /** Ready for the next request; no reference into a snapshot stays behind. */
  clear(): void {
    this.request.clear()
    this.near = null
    this.ranks?.clear()
    this.#forgetEligible()
  }

  #forgetEligible(): void {
    for (let i = 0; i < this.eligibleCount; i++) {
      this.eligible[i] = null
      this.actions[i] = null
    }
    this.eligibleCount = 0
  }
}
