/** What uploads, folds and sweeps do to a device's value. */
import { type PackVersion, packSlotsMax } from '../domain/pack.ts'
import {
  evaluate,
  type LayerTable,
  type Membership,
  MembershipCursor,
  type MembershipWriter,
} from './membership.ts'
import type { Revision } from './shard-merge.ts'
import type { SpoolShard } from './spool.ts'

/** By slot: 1 = no version uses it and no worker reads it any more, so it may be cut out. */
export type DeadSlots = Uint8Array

/** No dead slots. */
export function noDeadSlots(): DeadSlots {
  return new Uint8Array(packSlotsMax)
}

/** The layers of a version as a table by slot; null is a version that nobody is in. */
export function layerTable(version: PackVersion | null): LayerTable {
  const order = new Uint8Array(packSlotsMax)
  const sign = new Int8Array(packSlotsMax)
  for (const [index, layer] of (version?.layers ?? []).entries()) {
    order[layer.slot] = index + 1
    sign[layer.slot] = layer.sign
  }
  return { order, sign }
}

/** Rewrites values: cuts dead slots out and puts one slot in. Shared by all revisions. */
class ValueEditor {
  readonly #cursor = new MembershipCursor()
  readonly #dead: DeadSlots

  constructor(dead: DeadSlots) {
    this.#dead = dead
  }

  /** True when the value holds a dead slot. */
  holdsDead(value: Uint8Array, start: number, end: number): boolean {
    const cursor = this.#cursor.reset(value, start, end)
    while (cursor.next()) if (this.#dead[cursor.slot] === 1) return true
    return false
  }

  /** Writes the value without dead slots, and with `slot` (-1 = none) and its score. */
  // oxlint-disable-next-line max-params
  write(
    value: Uint8Array,
    start: number,
    end: number,
    to: MembershipWriter,
    slot: number,
    score: number,
  ): void {
    const cursor = this.#cursor.reset(value, start, end)
    let pending = slot >= 0
    while (cursor.next()) {
      if (pending && cursor.slot >= slot) {
        to.push(slot, score)
        pending = false
      }
      if (cursor.slot !== slot && this.#dead[cursor.slot] === 0) to.push(cursor.slot, cursor.score)
    }
    if (pending) to.push(slot, score)
  }
}

/** How a mode of upload treats a device. */
export interface UploadPlan {
  readonly mode: 'replace' | 'add' | 'remove'
  readonly slot: number
  /** The version that the upload builds on; ignored by `replace`. */
  readonly base: LayerTable
  readonly dead: DeadSlots
}

/** One shard's part of an upload. Counts are of this shard. */
export class UploadRevision implements Revision {
  readonly creates: boolean
  /** Distinct ids of the upload, those that did not fit, values written with the new slot. */
  unique = 0
  refusedFull = 0
  written = 0
  /** Devices that the pack gained (or lost, when negative) against its base. */
  gained = 0
  readonly #plan: UploadPlan
  readonly #entries: SpoolShard
  readonly #editor: ValueEditor
  readonly #cursor = new MembershipCursor()
  readonly #membership: Membership = { member: false, score: -1 }
  /** What the device at hand added to `gained`, should it not fit. */
  #gain = 0

  constructor(plan: UploadPlan, entries: SpoolShard) {
    this.#plan = plan
    this.#entries = entries
    this.creates = plan.mode !== 'remove'
    this.#editor = new ValueEditor(plan.dead)
  }

  restart(): void {
    this.unique = 0
    this.refusedFull = 0
    this.written = 0
    this.gained = 0
  }

  // oxlint-disable-next-line max-params
  revise(
    value: Uint8Array,
    start: number,
    end: number,
    entry: number,
    to: MembershipWriter,
  ): boolean {
    if (entry < 0) return this.#leave(value, start, end, to)
    this.unique++
    const score = this.#entries.score(entry)
    if (this.#plan.mode === 'replace') this.#gain = 1
    else if (!this.#changes(value, start, end, score)) return this.#leave(value, start, end, to)
    this.gained += this.#gain
    this.written++
    this.#editor.write(value, start, end, to, this.#plan.slot, score)
    return true
  }

  full(entry: number): void {
    if (entry < 0) return
    this.refusedFull++
    this.unique--
    this.written--
    this.gained -= this.#gain
  }

  /** A device that keeps its packs still loses its dead slots while it is at hand. */
  #leave(value: Uint8Array, start: number, end: number, to: MembershipWriter): boolean {
    if (!this.#editor.holdsDead(value, start, end)) return false
    this.#editor.write(value, start, end, to, -1, -1)
    return true
  }

  /** True when `add` or `remove` changes this device's membership (or its score). */
  #changes(value: Uint8Array, start: number, end: number, score: number): boolean {
    const now = this.#membership
    evaluate(this.#cursor.reset(value, start, end), this.#plan.base, now)
    if (this.#plan.mode === 'remove') {
      this.#gain = -1
      return now.member
    }
    this.#gain = now.member ? 0 : 1
    return !now.member || now.score !== score
  }
}

/** Cuts dead slots out of every device. */
export class SweepRevision implements Revision {
  readonly creates = false
  readonly #editor: ValueEditor

  constructor(dead: DeadSlots) {
    this.#editor = new ValueEditor(dead)
  }

  restart(): void {}

  // oxlint-disable-next-line max-params
  revise(
    value: Uint8Array,
    start: number,
    end: number,
    _entry: number,
    to: MembershipWriter,
  ): boolean {
    if (!this.#editor.holdsDead(value, start, end)) return false
    this.#editor.write(value, start, end, to, -1, -1)
    return true
  }

  /** Cutting makes values shorter. */
  full(): void {}
}

/** Writes the members of a version of many layers into one slot. */
export class FoldRevision implements Revision {
  readonly creates = false
  devices = 0
  /** Devices whose value had no room: the fold is given up, the layers stay. */
  refusedFull = 0
  readonly #layers: LayerTable
  readonly #slot: number
  readonly #editor: ValueEditor
  readonly #cursor = new MembershipCursor()
  readonly #membership: Membership = { member: false, score: -1 }

  constructor(layers: LayerTable, slot: number, dead: DeadSlots) {
    this.#layers = layers
    this.#slot = slot
    this.#editor = new ValueEditor(dead)
  }

  restart(): void {}

  // oxlint-disable-next-line max-params
  revise(
    value: Uint8Array,
    start: number,
    end: number,
    _entry: number,
    to: MembershipWriter,
  ): boolean {
    evaluate(this.#cursor.reset(value, start, end), this.#layers, this.#membership)
    if (!this.#membership.member) return false
    this.devices++
    this.#editor.write(value, start, end, to, this.#slot, this.#membership.score)
    return true
  }

  full(): void {
    this.refusedFull++
  }
}
