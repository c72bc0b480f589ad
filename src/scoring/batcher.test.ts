import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  adNumber,
  askNumber,
  decidedAtMs,
  encodedRow,
  logOdds,
  rankFeatures,
  type SmallModel,
  smallRank,
  smallSplit,
  someWeights,
  splitFeatures,
  splitVector,
  writeModel,
} from '../../test/support/small-models.ts'
import type { AdSide, ModelKey } from '../domain/ad-side.ts'
import { fineRowsMax } from '../domain/rank-limits.ts'
import { ManualClock } from '../lib/clock.ts'
import { adEncoderOf } from './ad-encoder.ts'
import { answerMs, Batcher, jobsMax } from './batcher.ts'
import { ModelRoom } from './model-room.ts'
import { type OpenedModel, openModel } from './open-model.ts'
import { type RankJob, RankOutcome } from './ranking.ts'
import { runRowsMax } from './row-buckets.ts'

const creatives = Array.from({ length: 300 }, (_, n) => adNumber(n))

/** A model on disk and open, with the side of its creatives. */
interface Served {
  readonly model: OpenedModel
  readonly side: AdSide
}

let models: string
let fine: Served
let coarse: Served
beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'sluice-batcher-'))
  fine = await serve(smallRank())
  coarse = await serve(smallSplit())
})
afterAll(async () => {
  fine.model.release()
  coarse.model.release()
  await rm(models, { recursive: true, force: true })
})

async function serve(small: SmallModel): Promise<Served> {
  const model = await openModel(await writeModel(models, small))
  const encoder = adEncoderOf(model)
  const { width, momentWidth, vectorWidth, key } = encoder
  const rows = await encoder.encode(creatives)
  return { model, side: { model: key, width, momentWidth, vectorWidth, ...rows } }
}

let clock: ManualClock
let room: ModelRoom
let batcher: Batcher
let meter: ReturnType<typeof newMeter>
let turns: (() => void)[]
let failures: unknown[]
beforeEach(() => {
  clock = new ManualClock()
  room = new ModelRoom()
  room.add(notReleased(fine.model))
  room.add(notReleased(coarse.model))
  meter = newMeter()
  turns = []
  failures = []
  batcher = new Batcher({
    room,
    clock,
    meter,
    later: (run) => turns.push(run),
    onFailure: (error) => failures.push(error),
  })
})

/** Models are shared by the tests of this file: a room may let them go, not free them. */
function notReleased(model: OpenedModel): OpenedModel {
  return { ...model, release: () => undefined }
}

function newMeter() {
  return {
    ...{ runs: 0, rows: 0, askRuns: 0, asks: 0 },
    ...{ nanScores: 0, failed: 0, shortened: 0, overload: 0 },
    queued: [] as number[],
    observeQueue(ms: number) {
      this.queued.push(ms)
    },
    observeRun: () => undefined,
  }
}

/** Runs all turns of the loop that were asked for; answers how many. */
function turn(): number {
  let count = 0
  for (let run = turns.shift(); run !== undefined; run = turns.shift()) {
    run()
    count++
  }
  return count
}

/** A job that remembers what was called. */
class TestJob implements RankJob {
  readonly exchange: string = 'x'
  deadlineMs = 1_000
  readonly atMs = decidedAtMs
  asks = [askNumber(0)]
  coarse: AdSide | null = null
  fine: AdSide | null = null
  /** Creative and ask of each row. */
  rows: (readonly [number, number])[] = []
  readonly calls: string[] = []
  vectors: number[] = []
  ctr: number[] = []
  cvr: number[] = []

  constructor(known: Partial<TestJob>) {
    Object.assign(this, known)
  }

  onVectors(vectors: Float32Array, from: number): void {
    this.calls.push('onVectors')
    this.vectors = [...vectors.slice(from, from + this.asks.length * splitVector.width)]
  }

  fineRows(into: Int32Array, asks: Int32Array, max: number): number {
    this.calls.push('fineRows')
    const rows = this.rows.slice(0, max)
    rows.forEach(([creative, ask], i) => {
      into[i] = creative
      asks[i] = ask
    })
    return rows.length
  }

  onScores(ctr: Float64Array, cvr: Float64Array, from: number): void {
    this.calls.push('onScores')
    this.ctr = [...ctr.slice(from, from + this.rows.length)]
    this.cvr = [...cvr.slice(from, from + this.rows.length)]
  }
}

function fineJob(rows: number, known: Partial<TestJob> = {}): TestJob {
  const list = Array.from({ length: rows }, (_, i) => [i % creatives.length, 0] as const)
  return new TestJob({ fine: fine.side, rows: list, ...known })
}

/** Scores of a job's rows by the weights of its model. */
function expectScores(job: TestJob, weightOf = someWeights): void {
  expect(job.ctr).toHaveLength(job.rows.length)
  for (const [i, [creative, ask]] of job.rows.entries()) {
    const row = encodedRow(rankFeatures, job.asks[ask]!, creatives[creative]!)
    expect(job.ctr[i]).toBeCloseTo(1 / (1 + Math.exp(-logOdds(row, weightOf, 0))), 6)
    expect(job.cvr[i]).toBeCloseTo(1 / (1 + Math.exp(-logOdds(row, weightOf, 1))), 6)
  }
}

function expectVectors(job: TestJob): void {
  for (const [ask, facts] of job.asks.entries()) {
    const row = encodedRow(splitFeatures, facts, creatives[0]!)
    for (let place = 0; place < splitVector.width; place++) {
      const sum = row.askIndex.reduce(
        (total, slot, i) => total + someWeights(slot, place) * row.askValue[i]!,
        0,
      )
      expect(job.vectors[ask * splitVector.width + place]).toBeCloseTo(sum, 6)
    }
  }
}

describe('a job', () => {
  test('gets vectors, names rows and gets scores, in one turn of the loop', async () => {
    const asks = [askNumber(0), askNumber(1)]
    const rows = [5, 9, 299].map((creative, i) => [creative, i % 2] as const)
    const job = new TestJob({ coarse: coarse.side, fine: fine.side, asks, rows })
    const outcome = batcher.run(job)
    expect(job.calls).toEqual([])
    expect(turn()).toBe(1)
    expect(await outcome).toBe(RankOutcome.Done)
    expect(job.calls).toEqual(['onVectors', 'fineRows', 'onScores'])
    expectVectors(job)
    expectScores(job)
  })

  test('of coarse rank alone ends with its vectors', async () => {
    const job = new TestJob({ coarse: coarse.side })
    const outcome = batcher.run(job)
    turn()
    expect(await outcome).toBe(RankOutcome.Done)
    expect(job.calls).toEqual(['onVectors'])
  })

  test('that names no row is done without scores', async () => {
    const job = fineJob(0)
    const outcome = batcher.run(job)
    turn()
    expect(await outcome).toBe(RankOutcome.Done)
    expect(job.calls).toEqual(['fineRows'])
  })

  test('is calibrated for its own exchange', async () => {
    const small = smallRank('calibrated')
    const platt = { kind: 'platt', slope: 1, shift: 1 } as const
    const curve = { kind: 'isotonic', from: [0, 1], to: [0.25, 0.25] } as const
    small.manifest = {
      ...small.manifest,
      calibration: { fallback: { ctr: platt }, exchanges: { own: { ctr: curve } } },
    }
    const calibrated = await serve(small)
    room.add(notReleased(calibrated.model))
    const own = fineJob(1, { fine: calibrated.side, exchange: 'own' })
    const other = fineJob(1, { fine: calibrated.side })
    const plain = fineJob(1)
    void batcher.run(own)
    void batcher.run(other)
    void batcher.run(plain)
    turn()
    expect(own.ctr).toEqual([0.25])
    expect(own.cvr).toEqual(plain.cvr)
    const odds = Math.log(plain.ctr[0]! / (1 - plain.ctr[0]!))
    expect(other.ctr[0]).toBeCloseTo(1 / (1 + Math.exp(-odds - 1)), 6)
    calibrated.model.release()
  })
})

describe('jobs of one turn', () => {
  test('share one run of each graph, and get their own scores', async () => {
    const jobs = Array.from(
      { length: 8 },
      (_, n) =>
        new TestJob({
          coarse: coarse.side,
          fine: fine.side,
          asks: [askNumber(n), askNumber(n + 3)],
          rows: Array.from({ length: 10 + n }, (_, i) => [(i * 17 + n) % 300, i % 2] as const),
        }),
    )
    const outcomes = jobs.map((job) => batcher.run(job))
    turn()
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set([RankOutcome.Done]))
    for (const job of jobs) expectVectors(job)
    for (const job of jobs) expectScores(job)
    expect(meter).toMatchObject({ askRuns: 1, asks: 16, runs: 1, rows: 108 })
    expect(meter.queued).toHaveLength(8)
  })

  test('with more rows than a run takes are split, and each gets all of its scores', async () => {
    const jobs = Array.from({ length: 5 }, (_, n) => fineJob(150, { asks: [askNumber(n)] }))
    const outcomes = jobs.map((job) => batcher.run(job))
    turn()
    await Promise.all(outcomes)
    for (const job of jobs) expectScores(job)
    expect(meter).toMatchObject({ runs: Math.ceil(750 / runRowsMax), rows: 750 })
  })

  test('with more asks than a run takes are split', async () => {
    const asks = Array.from({ length: 16 }, (_, n) => askNumber(n))
    const rows = asks.map((_, ask) => [ask, ask] as const)
    const jobs = Array.from(
      { length: 5 },
      () => new TestJob({ coarse: coarse.side, fine: fine.side, asks, rows }),
    )
    const outcomes = jobs.map((job) => batcher.run(job))
    turn()
    await Promise.all(outcomes)
    for (const job of jobs) expectScores(job)
    expect(meter).toMatchObject({ askRuns: 2, runs: 2, rows: 80 })
  })

  test('of two versions are each scored by their own', async () => {
    const weights = (slot: number, target: number) => -someWeights(slot, target)
    const next = await serve(smallRank('2', weights))
    room.add(notReleased(next.model))
    const old = fineJob(20)
    const young = fineJob(20, { fine: next.side })
    const outcomes = [old, young, fineJob(5)].map((job) => batcher.run(job))
    turn()
    await Promise.all(outcomes)
    expectScores(old)
    expectScores(young, weights)
    expect(meter.runs).toBe(2)
    next.model.release()
  })

  test('that take long leave the loop to sockets after a slice', async () => {
    const jobs = Array.from({ length: 4 }, () => new TestJob({ coarse: coarse.side }))
    for (const job of jobs) {
      job.onVectors = () => {
        job.calls.push('onVectors')
        clock.advance(0.6)
      }
    }
    const outcomes = jobs.map((job) => batcher.run(job))
    turns.shift()?.()
    expect(jobs.map(({ calls }) => calls.length)).toEqual([1, 1, 0, 0])
    turn()
    expect(jobs.map(({ calls }) => calls.length)).toEqual([1, 1, 1, 1])
    await Promise.all(outcomes)
  })
})

describe('when time is short', () => {
  test('no stage begins that would end after the deadline', async () => {
    const job = new TestJob({ coarse: coarse.side, fine: fine.side, deadlineMs: answerMs })
    const outcome = batcher.run(job)
    turn()
    expect(await outcome).toBe(RankOutcome.Shortened)
    expect(job.calls).toEqual([])
    expect(meter.shortened).toBe(1)
  })

  test('coarse rank stands when fine rank would be late', async () => {
    const job = fineJob(10, { coarse: coarse.side, deadlineMs: 50 })
    job.onVectors = () => {
      job.calls.push('onVectors')
      clock.advance(49.5)
    }
    const outcome = batcher.run(job)
    turn()
    expect(await outcome).toBe(RankOutcome.Shortened)
    expect(job.calls).toEqual(['onVectors'])
  })

  test('a job behind others is shortened when they take its time, they are not', async () => {
    const slow = fineJob(10, { coarse: coarse.side, deadlineMs: 500 })
    slow.onVectors = () => {
      slow.calls.push('onVectors')
      clock.advance(60)
    }
    const late = fineJob(10, { coarse: coarse.side, deadlineMs: 50 })
    const outcomes = [batcher.run(slow), batcher.run(late)]
    turn()
    expect(await Promise.all(outcomes)).toEqual([RankOutcome.Done, RankOutcome.Shortened])
    expect(late.calls).toEqual([])
    expectScores(slow)
  })

  test('what is learnt of slow runs shortens jobs that would have had time at first', async () => {
    const slowAsk = () => {
      clock.advance(8)
      return askNumber(0)
    }
    // Reading the asks is part of a run's time.
    const slow = (deadlineMs: number) => {
      const job = fineJob(4, { deadlineMs })
      Object.defineProperty(job.asks, 0, { get: slowAsk })
      return job
    }
    for (let i = 0; i < 30; i++) {
      const outcome = batcher.run(slow(clock.monotonicMs() + 1_000))
      turn()
      expect(await outcome).toBe(RankOutcome.Done)
    }
    const outcome = batcher.run(fineJob(4, { deadlineMs: clock.monotonicMs() + 5 }))
    turn()
    expect(await outcome).toBe(RankOutcome.Shortened)
  })
})

describe('too much', () => {
  test('jobs beyond the limit are told at once, and there is room again after', async () => {
    const outcomes = Array.from({ length: jobsMax }, () => batcher.run(fineJob(1)))
    expect(await batcher.run(fineJob(1))).toBe(RankOutcome.Overload)
    expect(meter.overload).toBe(1)
    turn()
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set([RankOutcome.Done]))
    const again = batcher.run(fineJob(1))
    turn()
    expect(await again).toBe(RankOutcome.Done)
  })

  test('rows never pile up: a full run goes before one more job names rows', async () => {
    let waiting = 0
    let waitingMax = 0
    class CountedJob extends TestJob {
      override fineRows(into: Int32Array, asks: Int32Array, max: number): number {
        waiting += fineRowsMax
        waitingMax = Math.max(waitingMax, waiting)
        return super.fineRows(into, asks, max)
      }

      override onScores(ctr: Float64Array, cvr: Float64Array, from: number): void {
        waiting -= fineRowsMax
        super.onScores(ctr, cvr, from)
      }
    }
    const jobs = Array.from({ length: jobsMax }, () => new CountedJob(fineJob(fineRowsMax)))
    const outcomes = jobs.map((job) => batcher.run(job))
    turn()
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set([RankOutcome.Done]))
    expect(waitingMax).toBeLessThan(runRowsMax + 2 * fineRowsMax)
    expect(meter).toMatchObject({ rows: jobsMax * fineRowsMax, runs: 100 })
  })
})

describe('when a model fails', () => {
  test('the jobs of its run fail, and the next ones do not', async () => {
    const bad = fineJob(3, { fine: { ...fine.side, index: fine.side.index.map(() => 1_000_000) } })
    const outcome = batcher.run(bad)
    turn()
    expect(await outcome).toBe(RankOutcome.Failed)
    expect(String(failures[0])).toContain('out of data bounds')
    expect(meter.failed).toBe(1)
    const good = fineJob(3)
    const next = batcher.run(good)
    turn()
    expect(await next).toBe(RankOutcome.Done)
    expectScores(good)
  })

  test('a model that does not serve here fails its job', async () => {
    const key: ModelKey = { name: 'fine', version: '9', hash: 'unknown' }
    expect(await batcher.run(fineJob(1, { fine: { ...fine.side, model: key } }))).toBe(
      RankOutcome.Failed,
    )
    expect(await batcher.run(new TestJob({ coarse: fine.side }))).toBe(RankOutcome.Failed)
    expect(turn()).toBe(0)
  })

  test('a job that throws fails alone', async () => {
    const bad = fineJob(2)
    bad.onScores = () => {
      throw new Error('a fault of the road')
    }
    const good = fineJob(2)
    const outcomes = [batcher.run(bad), batcher.run(good)]
    turn()
    expect(await Promise.all(outcomes)).toEqual([RankOutcome.Failed, RankOutcome.Done])
    expectScores(good)
  })

  test('scores that are no probability are NaN and counted', async () => {
    // A value that is infinite makes the graph answer NaN or an end of the range.
    const value = fine.side.value.slice()
    value[1] = Number.NaN
    const job = fineJob(3, { fine: { ...fine.side, value } })
    const outcome = batcher.run(job)
    turn()
    expect(await outcome).toBe(RankOutcome.Done)
    expect(job.ctr[0]).toBeNaN()
    expect(job.ctr[1]).toBeGreaterThan(0)
    expect(meter.nanScores).toBe(2)
  })
})

test('a row whose CVR is no probability is out, though its CTR is one', async () => {
  // Weights of CVR that are 0: 0 × ∞ is NaN, where CTR has an end of its range.
  const { model, side } = await serve(
    smallRank('no-cvr', (slot, target) => (target === 1 ? 0 : someWeights(slot, target) + 0.005)),
  )
  room.add(model)
  const value = side.value.slice()
  value[1] = Number.POSITIVE_INFINITY
  const job = fineJob(2, { fine: { ...side, value } })
  const outcome = batcher.run(job)
  turn()
  expect(await outcome).toBe(RankOutcome.Done)
  expect(job.cvr[0]).toBeNaN()
  expect(job.ctr[0]).toBeNaN()
  expect(job.ctr[1]).toBeGreaterThan(0)
  expect(meter.nanScores).toBe(1)
  room.retire(model.key)
})

describe('one run that took a second, be it that the machine stood still', () => {
  /** Takes a second when the facts of its slot are read: that is inside of a run. */
  function slowJob(known: Partial<TestJob>): TestJob {
    const asks = new Proxy([askNumber(0)], {
      get: (list, key, self): unknown => {
        if (key === '0') clock.advance(1_000)
        return Reflect.get(list, key, self)
      },
    })
    return new TestJob({ ...known, asks, deadlineMs: 1e9 })
  }

  async function outcomeOf(job: TestJob): Promise<RankOutcome> {
    const outcome = batcher.run(job)
    turn()
    return outcome
  }

  test.each([
    ['fine', () => ({ fine: fine.side, rows: [[0, 0]] as const })],
    ['coarse', () => ({ coarse: coarse.side })],
  ])('does not keep the %s model from those that have 20 ms', async (_, known) => {
    const own = known() as Partial<TestJob>
    await outcomeOf(slowJob(own))
    const job = new TestJob({ ...own, deadlineMs: clock.monotonicMs() + 20 })
    expect(await outcomeOf(job)).toBe(RankOutcome.Done)
  })

  test('and many of them keep it away for a while only', async () => {
    for (let i = 0; i < 100; i++) {
      await outcomeOf(slowJob({ fine: fine.side, rows: [[0, 0]] }))
      const slow = new TestJob({ coarse: coarse.side, deadlineMs: 1e9 })
      slow.onVectors = () => clock.advance(1_000)
      await outcomeOf(slow)
    }
    const outcomes: RankOutcome[] = []
    for (let second = 0; second < 200; second++) {
      clock.advance(1_000)
      const own = { coarse: coarse.side, fine: fine.side, rows: [[0, 0]] as const }
      const job = new TestJob({ ...own, rows: [[0, 0]], deadlineMs: clock.monotonicMs() + 20 })
      outcomes.push(await outcomeOf(job))
    }
    expect(outcomes[0]).toBe(RankOutcome.Shortened)
    expect(outcomes.at(-1)).toBe(RankOutcome.Done)
  })
})

describe('a model that is replaced', () => {
  test('is released when the last job that holds it has ended', async () => {
    const released: string[] = []
    const model = { ...fine.model, release: () => released.push('fine') }
    room.add(model as OpenedModel)
    const job = fineJob(3)
    const outcome = batcher.run(job)
    room.retire(model.key)
    expect(released).toEqual([])
    expect(await batcher.run(fineJob(1))).toBe(RankOutcome.Failed)
    turn()
    expect(await outcome).toBe(RankOutcome.Done)
    expectScores(job)
    expect(released).toEqual(['fine'])
  })

  test('is released at once when nobody holds it', () => {
    const released: string[] = []
    room.add({ ...fine.model, release: () => released.push('fine') } as OpenedModel)
    room.retire(fine.model.key)
    room.retire(fine.model.key)
    expect(released).toEqual(['fine'])
    expect(room.fine(fine.model.key)).toBeNull()
  })
})

describe('the room', () => {
  test('knows coarse and fine models by their kind', () => {
    expect(room.fine(fine.model.key)).toMatchObject({ key: fine.model.key, hasCvr: true })
    expect(room.coarse(fine.model.key)).toBeNull()
    expect(room.fine(coarse.model.key)).toBeNull()
    const known = room.coarse(coarse.model.key)
    expect(known).toMatchObject({ vectorWidth: 5, ctr: [0, 3], cvr: [3, 5] })
    expect(known?.plattOf('x')).toEqual({ ctrSlope: 1, ctrShift: 0, cvrSlope: 1, cvrShift: 0 })
  })

  test('gives coarse log odds the line of their exchange, else the fallback', async () => {
    const small = smallSplit('calibrated')
    const ctr = { kind: 'platt', slope: 2, shift: 1 } as const
    const cvr = { kind: 'platt', slope: 3, shift: 0 } as const
    const calibration = { fallback: { cvr }, exchanges: { own: { ctr } } }
    small.manifest = { ...small.manifest, calibration }
    const { model } = await serve(small)
    room.add(model)
    const known = room.coarse(model.key)
    const fallback = { ctrSlope: 1, ctrShift: 0, cvrSlope: 3, cvrShift: 0 }
    expect(known?.plattOf('own')).toEqual({ ...fallback, ctrSlope: 2, ctrShift: 1 })
    expect(known?.plattOf('other')).toEqual(fallback)
    room.retire(model.key)
  })
})
