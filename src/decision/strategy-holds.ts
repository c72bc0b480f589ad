/** Which strategies of a medium the history of a device keeps out, and which answers it hurries. */
import type { LiveStrategy, MediumPlan } from '../catalog/plan.ts'
import { GuardKind } from '../domain/guard.ts'
import { Refusal } from '../domain/refusal.ts'
import { minuteOf } from '../domain/user-state.ts'
import { GuardHits } from './guard-hits.ts'
import { isHistoryUnknown } from './history.ts'
import type { Scratch } from './scratch.ts'

/** What holds of a strategy, as bits by `GuardKind`. */
const capped = 1 << GuardKind.Cap
const excluded = 1 << GuardKind.Exclude
const near = 1 << GuardKind.Near
const soon = 1 << GuardKind.Soon

/** Memory of one decider: what it holds is of the last `begin`, for one plan and device. */
export class StrategyHolds {
  readonly #hits = new GuardHits()
  /** By position of the plan. */
  #kinds = new Uint8Array(0)
  #met = new Uint8Array(0)
  #untils = new Float64Array(0)
  #touched: Int32Array = new Int32Array(64)
  #touchedCount = 0
  #isUnknown = false

  /** Looks at the history of the request; costs as much as the history is long. */
  begin(plan: MediumPlan, scratch: Scratch): void {
    this.#forget()
    if (!plan.view.asksHistory) return
    const { profile, request, wallMs } = scratch
    this.#isUnknown = isHistoryUnknown({ profile, idCount: request.devices.count })
    if (this.#isUnknown) return
    this.#reserve(plan.live.length)
    this.#hits.find(plan.guards, profile.history, minuteOf(wallMs))
    const { rows, untils, count } = this.#hits
    for (let hit = 0; hit < count; hit++) {
      const row = rows[hit] ?? 0
      this.#note(plan.guards.things[row] ?? 0, plan.guards.kinds[row] ?? 0, untils[hit] ?? 0)
    }
  }

  /**
   * Why a strategy does not take part; None = its history lets it. Notes in the scratch when a cap
   * will let it in again, and whether its answer will soon be wrong.
   */
  refusal(strategy: LiveStrategy, position: number, scratch: Scratch): Refusal {
    if (strategy.guards.length === 0) return Refusal.None
    // What cannot be counted must not be taken for little.
    if (this.#isUnknown) return Refusal.FrequencyCap
    const kinds = this.#kinds[position] ?? 0
    if ((kinds & capped) !== 0) return this.#cap(position, scratch)
    if ((kinds & excluded) !== 0) return Refusal.Converted
    // A conversion would take it out, or let it in.
    if ((kinds & soon) !== 0) scratch.isHasty = true
    if ((this.#met[position] ?? 0) < strategy.requires) return Refusal.Converted
    if (strategy.isNearAlways || (kinds & near) !== 0) scratch.isHasty = true
    return Refusal.None
  }

  #cap(position: number, scratch: Scratch): Refusal {
    const free = (this.#untils[position] ?? 0) + 1
    if (free < scratch.freeMinute) scratch.freeMinute = free
    return Refusal.FrequencyCap
  }

  #note(position: number, kind: number, until: number): void {
    const before = this.#kinds[position] ?? 0
    if (before === 0) this.#touch(position)
    this.#kinds[position] = before | (1 << kind)
    if (kind === GuardKind.Require) this.#met[position] = (this.#met[position] ?? 0) + 1
    // It is free when the last of its caps is.
    if (kind === GuardKind.Cap && until > (this.#untils[position] ?? 0)) {
      this.#untils[position] = until
    }
  }

  #touch(position: number): void {
    if (this.#touchedCount === this.#touched.length) {
      const grown = new Int32Array(this.#touched.length * 2)
      grown.set(this.#touched)
      this.#touched = grown
    }
    this.#touched[this.#touchedCount] = position
    this.#touchedCount++
  }

  #forget(): void {
    for (let at = 0; at < this.#touchedCount; at++) {
      const position = this.#touched[at] ?? 0
      this.#kinds[position] = 0
      this.#met[position] = 0
      this.#untils[position] = 0
    }
    this.#touchedCount = 0
    this.#isUnknown = false
  }

  #reserve(count: number): void {
    if (this.#kinds.length >= count) return
    this.#kinds = new Uint8Array(count)
    this.#met = new Uint8Array(count)
    this.#untils = new Float64Array(count)
  }
}
