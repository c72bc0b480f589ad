/**
 * Ranks the jobs of many requests together. Those submitted in one turn of the loop are taken at
 * its end: one run of the coarse graph over all of their asks, then runs of the fine graph over all
 * of their rows. A run is bounded, and after `sliceMs` sockets have their turn.
 */
import { asksMax, fineRowsMax } from '../domain/rank-limits.ts'
import type { Clock } from '../lib/clock.ts'
import { FineRun } from './fine-run.ts'
import type { HeldModel, ModelRoom } from './model-room.ts'
import type { OpenedModel } from './open-model.ts'
import { Pace } from './pace.ts'
import type { RankMeter } from './rank-meter.ts'
import { RankSlot } from './rank-slot.ts'
import { type CoarseModel, type Ranker, type RankJob, RankOutcome } from './ranking.ts'
import { runAsksMax, runRowsMax } from './row-buckets.ts'

/** A burst of one turn is some tens of requests; more than this cannot all meet their deadlines. */
export const jobsMax = 128
/** Ranking works this long before the loop's sockets have their turn. */
export const sliceMs = 1
/** Left for pricing, recording and encoding the answer, which take well below a millisecond. */
export const answerMs = 1

/** 29 µs a run and 1.25 µs a row, measured on a DCN of 96 × 2 + 64 units; encoding is on top. */
const fineStart = { extraRows: 24, msPerRow: 0.002 }
/** A guess before the first run: half of the fine graph's rows. */
const askStart = { extraRows: 30, msPerRow: 0.001 }
/** `onVectors` of one ask: 2 000 dot products (issue 4: p50 at most 0.2 ms). */
const vectorsStart = { extraRows: 0, msPerRow: 0.2 }

/** What a batcher works with. */
export interface BatcherDeps {
  readonly room: ModelRoom
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly meter: RankMeter
  /** Calls `run` when this turn of the loop has read its sockets: `setImmediate`. */
  readonly later: (run: () => void) => void
  /** Told of every graph or job that threw; it may be many a second. */
  readonly onFailure: (error: unknown) => void
}

/** What is known of a fine model: a run over its memory, and how long its rows take. */
interface FineLane {
  readonly run: FineRun
  readonly pace: Pace
}

/** One for each process. */
export class Batcher implements Ranker {
  readonly models: ModelRoom
  readonly #deps: BatcherDeps
  readonly #free: RankSlot[] = []
  #jobs = 0
  /**
   * Oldest first: before the first stage; with vectors, if they want some; with rows to be scored.
   */
  #fresh: RankSlot[] = []
  #ready: RankSlot[] = []
  #withRows: RankSlot[] = []
  /** Below one full run and the rows of one job: full runs go first. */
  #rowsWaiting = 0
  #isScheduled = false
  readonly #askPace = new Pace(askStart)
  readonly #vectorsPace = new Pace(vectorsStart)
  readonly #lanes = new WeakMap<OpenedModel, FineLane>()

  constructor(deps: BatcherDeps) {
    this.#deps = deps
    this.models = deps.room
  }

  run(job: RankJob): Promise<RankOutcome> {
    const { clock, meter } = this.#deps
    if (this.#jobs === jobsMax) {
      meter.overload++
      return Promise.resolve(RankOutcome.Overload)
    }
    const slot = this.#free.pop() ?? new RankSlot()
    this.#jobs++
    const outcome = slot.begin(job, clock.monotonicMs())
    if (this.#hold(slot, job)) {
      this.#fresh.push(slot)
      this.#schedule()
    } else {
      this.#end(slot, RankOutcome.Failed)
    }
    return outcome
  }

  /** Holds the models of a job; false = one that it wants does not serve here. */
  #hold(slot: RankSlot, job: RankJob): boolean {
    const { room } = this.#deps
    slot.coarse = job.coarse === null ? null : room.hold(job.coarse.model)
    slot.fine = job.fine === null ? null : room.hold(job.fine.model)
    if (job.asks.length > asksMax) return false
    const canAsk = (slot.coarse?.model.runner.ask ?? null) !== null
    const canRank = (slot.fine?.model.runner.rank ?? null) !== null
    return (canAsk || job.coarse === null) && (canRank || job.fine === null)
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#deps.later(() => this.#slice())
  }

  /** Works until nothing waits or the slice is over. */
  #slice(): void {
    this.#isScheduled = false
    const { clock } = this.#deps
    const endMs = clock.monotonicMs() + sliceMs
    while (this.#step()) {
      if (clock.monotonicMs() < endMs) continue
      this.#schedule()
      return
    }
  }

  /**
   * One bounded piece of work; false = nothing waits. Full fine runs first: older jobs end before
   * younger ones begin. A run that is not full waits for those that can still fill it.
   */
  #step(): boolean {
    const isFull = this.#rowsWaiting >= runRowsMax
    if (!isFull && this.#ready.length > 0) this.#advance()
    else if (!isFull && this.#fresh.length > 0) this.#begin()
    else if (this.#withRows.length > 0) this.#runFine()
    else return false
    return true
  }

  /** Runs the coarse graph over the oldest fresh jobs; those without one are ready as they are. */
  #begin(): void {
    const { clock, meter } = this.#deps
    const head = this.#fresh[0]?.coarse ?? null
    const slots = this.#takeFresh(head)
    const nowMs = clock.monotonicMs()
    for (const slot of slots) meter.observeQueue(nowMs - slot.submittedMs)
    if (head === null) this.#ready.push(...slots)
    else this.#runAsks(head, this.#inTime(slots))
  }

  /** Takes fresh jobs of one coarse model, in their order, as many as one run has asks for. */
  #takeFresh(head: HeldModel | null): RankSlot[] {
    const taken: RankSlot[] = []
    const left: RankSlot[] = []
    let asks = 0
    for (const slot of this.#fresh) {
      const isOurs = slot.coarse?.model === head?.model
      if (isOurs && asks + asksOf(slot) <= runAsksMax) {
        taken.push(slot)
        asks += asksOf(slot)
      } else {
        left.push(slot)
      }
    }
    this.#fresh = left
    return taken
  }

  /** Ends jobs whose coarse stage would be late; answers the others. */
  #inTime(slots: readonly RankSlot[]): RankSlot[] {
    const asks = slots.reduce((sum, slot) => sum + asksOf(slot), 0)
    const paces = [this.#askPace, this.#vectorsPace]
    const expectedMs = this.#askPace.expectedMs(asks)
    return slots.filter((slot) => {
      if (!this.#isLate(slot, expectedMs + this.#vectorsMs(slot), paces)) return true
      this.#end(slot, RankOutcome.Shortened)
      return false
    })
  }

  #runAsks({ model }: HeldModel, slots: readonly RankSlot[]): void {
    const graph = model.runner.ask
    if (graph === null || slots.length === 0) return
    const { clock, meter } = this.#deps
    const { askWidth } = model.encoder.layout
    const startMs = clock.monotonicMs()
    let asks = 0
    try {
      for (const { job } of slots) {
        if (job === null) continue
        for (const facts of job.asks) {
          model.encoder.ask(facts, job.atMs, graph.index, graph.value, asks++ * askWidth)
        }
      }
      if (asks > 0) graph.run(asks)
    } catch (error) {
      this.#fail(slots, error)
      return
    }
    const tookMs = clock.monotonicMs() - startMs
    this.#askPace.learn(asks, tookMs)
    meter.observeRun(tookMs)
    meter.askRuns++
    meter.asks += asks
    this.#keepVectors(slots, graph.vectors, model.manifest.vector?.width ?? 0)
  }

  /** The graph's memory is the next run's: every job keeps its own vectors. */
  #keepVectors(slots: readonly RankSlot[], vectors: Float32Array, width: number): void {
    let from = 0
    for (const slot of slots) {
      const end = from + asksOf(slot) * width
      const own = vectors.subarray(from, end)
      slot.vectors.set(own)
      from = end
      if (own.every((number) => Number.isFinite(number))) {
        this.#ready.push(slot)
      } else {
        this.#deps.meter.nanScores++
        this.#fail([slot], new RangeError('an ask vector is not finite'))
      }
    }
  }

  /** Gives the oldest ready job its vectors, and takes the rows that it wants scored. */
  #advance(): void {
    const slot = this.#ready.shift()
    if (slot === undefined || slot.job === null) return
    const coarse = slot.coarse?.coarse ?? null
    if (coarse === null || this.#giveVectors(slot, slot.job, coarse)) this.#takeRows(slot)
  }

  /** False: the job has ended. */
  #giveVectors(slot: RankSlot, job: RankJob, coarse: CoarseModel): boolean {
    const { clock } = this.#deps
    const startMs = clock.monotonicMs()
    if (this.#isLate(slot, this.#vectorsMs(slot), [this.#vectorsPace])) {
      this.#end(slot, RankOutcome.Shortened)
      return false
    }
    try {
      job.onVectors(slot.vectors, 0, coarse)
    } catch (error) {
      this.#fail([slot], error)
      return false
    }
    const asks = asksOf(slot)
    if (asks > 0) this.#vectorsPace.learn(asks, clock.monotonicMs() - startMs)
    return true
  }

  #takeRows(slot: RankSlot): void {
    const { job, fine } = slot
    if (job === null) return
    if (fine === null) {
      this.#end(slot, RankOutcome.Done)
      return
    }
    // Before the job cuts its lists down to the rows it wants.
    const { pace } = this.#laneOf(fine)
    if (this.#isLate(slot, pace.expectedMs(1), [pace])) {
      this.#end(slot, RankOutcome.Shortened)
      return
    }
    try {
      slot.rows = Math.min(job.fineRows(slot.creatives, slot.asks, fineRowsMax), fineRowsMax)
    } catch (error) {
      this.#fail([slot], error)
      return
    }
    this.#rowsWaiting += slot.rows
    if (slot.rows > 0) this.#withRows.push(slot)
    else this.#end(slot, RankOutcome.Done)
  }

  /** Runs the fine graph over rows of the oldest jobs that share it. */
  #runFine(): void {
    const held = this.#withRows[0]?.fine ?? null
    if (held === null) return
    const { clock } = this.#deps
    const { run, pace } = this.#laneOf(held)
    const startMs = clock.monotonicMs()
    run.clear()
    try {
      this.#fill(run, pace, held)
      if (run.rows > 0) run.run()
    } catch (error) {
      const slots = this.#withRows.filter(({ fine }) => fine?.model === held.model)
      this.#withRows = this.#withRows.filter(({ fine }) => fine?.model !== held.model)
      this.#fail(slots, error)
      return
    }
    if (run.rows === 0) return
    const tookMs = clock.monotonicMs() - startMs
    pace.learn(run.rows, tookMs)
    this.#deps.meter.observeRun(tookMs)
    this.#deps.meter.runs++
    this.#deps.meter.rows += run.rows
    this.#give(run)
  }

  /** Fills a run in the order of the queue; jobs that would be late by it end here. */
  #fill(run: FineRun, pace: Pace, { model }: HeldModel): void {
    const late: RankSlot[] = []
    for (const slot of this.#withRows) {
      const side = slot.job?.fine ?? null
      if (slot.fine?.model !== model || slot.job === null || side === null) continue
      const rows = run.rows + slot.rows - slot.rowsDone
      if (this.#isLate(slot, pace.expectedMs(rows), [pace])) late.push(slot)
      else if (!run.add(slot, slot.job, side)) break
    }
    if (late.length === 0) return
    this.#withRows = this.#withRows.filter((slot) => !late.includes(slot))
    for (const slot of late) this.#end(slot, RankOutcome.Shortened)
  }

  /** Hands scores on; jobs that have all of theirs end. */
  #give(run: FineRun): void {
    this.#deps.meter.nanScores += run.giveScores()
    this.#rowsWaiting -= run.rows
    this.#withRows = this.#withRows.filter(({ rows, rowsDone }) => rowsDone < rows)
    for (const { slot, job } of run.parts) {
      if (slot.rowsDone < slot.rows) continue
      try {
        job.onScores(slot.ctr, slot.cvr, 0, slot.raw)
        this.#end(slot, RankOutcome.Done)
      } catch (error) {
        this.#fail([slot], error)
      }
    }
  }

  #laneOf({ model }: HeldModel): FineLane {
    const known = this.#lanes.get(model)
    if (known !== undefined) return known
    const { rank } = model.runner
    if (rank === null) throw new TypeError(`${model.key.name} is no rank model`)
    const lane = { run: new FineRun(model, rank), pace: new Pace(fineStart) }
    this.#lanes.set(model, lane)
    return lane
  }

  #vectorsMs(slot: RankSlot): number {
    return this.#vectorsPace.expectedMs(asksOf(slot))
  }

  /** True when work of `expectedMs`, which these paces expect, would end too late for the job. */
  #isLate({ job }: RankSlot, expectedMs: number, paces: readonly Pace[]): boolean {
    if (job === null) return true
    const nowMs = this.#deps.clock.monotonicMs()
    const leftMs = job.deadlineMs - answerMs - nowMs
    if (expectedMs <= leftMs) return false
    // One that has no time at all says nothing of them.
    if (leftMs > 0) for (const pace of paces) pace.doubt(nowMs)
    return true
  }

  #fail(slots: readonly RankSlot[], error: unknown): void {
    this.#deps.onFailure(error)
    for (const slot of slots) this.#end(slot, RankOutcome.Failed)
  }

  #end(slot: RankSlot, outcome: RankOutcome): void {
    const { meter } = this.#deps
    if (outcome === RankOutcome.Shortened) meter.shortened++
    if (outcome === RankOutcome.Failed) meter.failed++
    this.#rowsWaiting -= slot.rows - slot.rowsDone
    this.#jobs--
    slot.end(outcome)
    this.#free.push(slot)
  }
}

function asksOf({ job }: RankSlot): number {
  return job?.asks.length ?? 0
}
