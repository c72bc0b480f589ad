/** One run of a fine model over rows of many jobs: fills its memory in, runs, gives scores back. */
import type { AdSide } from '../domain/ad-side.ts'
import { calibrate, calibrationOf } from './calibration.ts'
import type { PairRows, PairTarget } from './encoder.ts'
import type { OpenedModel } from './open-model.ts'
import type { RankGraph } from './rank-graph.ts'
import type { RankSlot } from './rank-slot.ts'
import type { RankJob } from './ranking.ts'
import { runAsksMax, runRowsMax } from './row-buckets.ts'

/** Rows of one job in a run: they begin at `at` there, and at `from` in the job. */
interface Part {
  readonly slot: RankSlot
  readonly job: RankJob
  readonly at: number
  readonly from: number
  readonly rows: number
}

/** A run being filled. Fill, `run`, and then `giveScores`, without anything between. */
export class FineRun {
  rows = 0
  asks = 0
  readonly model: OpenedModel
  readonly parts: Part[] = []
  readonly #graph: RankGraph
  readonly #pairRows: { -readonly [member in keyof PairRows]: PairRows[member] }
  readonly #pairTarget: { -readonly [member in keyof PairTarget]: PairTarget[member] }

  constructor(model: OpenedModel, graph: RankGraph) {
    this.model = model
    this.#graph = graph
    this.#pairRows = {
      askIndex: graph.askIndex,
      askValue: graph.askValue,
      askFrom: 0,
      adIndex: graph.adIndex,
      adValue: graph.adValue,
      adFrom: 0,
      moments: noMoments,
      momentsFrom: 0,
      atMs: 0,
    }
    this.#pairTarget = { index: graph.pairIndex, value: graph.pairValue, from: 0 }
  }

  /** Forgets the run before; its parts must have been given their scores. */
  clear(): void {
    this.rows = 0
    this.asks = 0
    this.parts.length = 0
  }

  /**
   * Adds rows of a job until they are all in or the run is full; false = not all of them are in.
   */
  add(slot: RankSlot, job: RankJob, side: AdSide): boolean {
    slot.places.fill(-1)
    const start = this.rows
    const end = Math.min(slot.rows - slot.rowsDone, runRowsMax - start)
    let taken = 0
    while (taken < end && this.#addRow(slot, job, side, slot.rowsDone + taken)) taken++
    this.parts.push({ slot, job, at: start, from: slot.rowsDone, rows: taken })
    return slot.rowsDone + taken === slot.rows
  }

  /** Runs what was added. Throws what onnxruntime throws. */
  run(): void {
    this.#graph.run(this.asks, this.rows)
  }

  /** Writes calibrated scores into the slots; answers how many were no probability. */
  giveScores(): number {
    let wrong = 0
    for (const part of this.parts) {
      const { slot, from, rows } = part
      wrong += this.#give(part, 'ctr')
      if (this.#graph.cvr === null) {
        for (const cvr of [slot.cvr, slot.raw.cvr]) cvr.fill(Number.NaN, from, from + rows)
      } else wrong += this.#give(part, 'cvr')
      slot.rowsDone += rows
    }
    return wrong
  }

  #give({ slot, job, at, from, rows }: Part, target: 'ctr' | 'cvr'): number {
    const raw = target === 'ctr' ? this.#graph.ctr : this.#graph.cvr
    if (raw === null) return 0
    const calibration = calibrationOf(this.model.manifest, job.exchange, target)
    const into = slot[target]
    slot.raw[target].set(raw.subarray(at, at + rows), from)
    let wrong = 0
    for (let row = 0; row < rows; row++) {
      const probability = raw[at + row]!
      const isProbability = probability >= 0 && probability <= 1
      const rate = isProbability ? calibrate(calibration, probability) : Number.NaN
      if (!(rate >= 0 && rate <= 1)) wrong++
      into[from + row] = rate
      // Half an answer is none: the prior's CVR would stand in for the model's.
      if (Number.isNaN(rate)) slot.ctr[from + row] = Number.NaN
    }
    return wrong
  }

  /** False: no place for one more ask. */
  #addRow(slot: RankSlot, job: RankJob, side: AdSide, row: number): boolean {
    const ask = slot.asks[row]!
    let place = slot.places[ask]!
    if (place < 0) {
      if (this.asks === runAsksMax) return false
      place = this.asks++
      slot.places[ask] = place
      this.#encodeAsk(job, ask, place)
    }
    const graph = this.#graph
    const { width } = side
    const from = slot.creatives[row]! * width
    const into = this.rows * width
    for (let column = 0; column < width; column++) {
      graph.adIndex[into + column] = side.index[from + column]!
      graph.adValue[into + column] = side.value[from + column]!
    }
    graph.askOf[this.rows] = place
    if (graph.pairIndex.length > 0) this.#encodePair(side, slot.creatives[row]!, place, job.atMs)
    this.rows++
    return true
  }

  #encodeAsk(job: RankJob, ask: number, place: number): void {
    const { encoder } = this.model
    const from = place * encoder.layout.askWidth
    encoder.ask(job.asks[ask]!, job.atMs, this.#graph.askIndex, this.#graph.askValue, from)
  }

  #encodePair(side: AdSide, creative: number, place: number, atMs: number): void {
    const { encoder } = this.model
    const { askWidth, pairWidth } = encoder.layout
    const rows = this.#pairRows
    rows.askFrom = place * askWidth
    rows.adFrom = this.rows * side.width
    rows.moments = side.moments
    rows.momentsFrom = creative * side.momentWidth
    rows.atMs = atMs
    this.#pairTarget.from = this.rows * pairWidth
    encoder.pair(rows, this.#pairTarget)
  }
}

const noMoments = new Float64Array(0)
