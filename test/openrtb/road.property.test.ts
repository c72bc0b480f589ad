/**
 * The bid road on random catalogs and requests, held against a reference that looks at every
 * creative one by one and against a checker of answers; neither shares code with the engine.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatNames } from '../../src/domain/format.ts'
import type { OrtbBid } from '../../src/media/openrtb/wire/openrtb.generated.ts'
import { aBanner } from '../support/bid-world.ts'
import type { Json } from '../support/openrtb-decode.ts'
import { faultsOf } from './naive-bid.ts'
import { admittedOf, candidatesOf, impsOf } from './naive-bidder.ts'
import { numbers, object, objects, positive, text } from './naive-fit.ts'
import { microsPerUnit, type NaiveWorld, priorOf } from './naive-price.ts'
import { merged } from './pair.ts'
import { Dice, type RandomWorld, randomImp, randomRequest, randomWorld } from './random-world.ts'
import { type Outcome, openRoad, type Road } from './road.ts'

/** Requests asked of one world: compiling costs more than asking. */
const requestsPerWorld = 24
const run = { seed: 20_261_122, numRuns: 100 }
const seeds = fc.integer({ min: 0, max: 1_000_000_000 })

interface Asked {
  readonly world: RandomWorld
  readonly road: Road
  readonly body: Json
  readonly seed: number
}

/** Asks a random world `requestsPerWorld` random requests. */
async function ofWorld(
  seed: number,
  each: (asked: Asked) => Promise<void>,
  creativesMax = 60,
): Promise<void> {
  const world = randomWorld(seed, creativesMax)
  const road = await openRoad(world.road)
  expect(road.problems).toEqual([])
  for (let at = 0; at < requestsPerWorld; at++) {
    const requestSeed = seed * requestsPerWorld + at
    const perUnit = 1e6 / microsPerUnit(world.naive.exchange)
    await each({ world, road, body: randomRequest(requestSeed, perUnit), seed: requestSeed })
  }
}

function microsOf({ price }: OrtbBid, { naive }: RandomWorld): number {
  return Math.round((price ?? 0) * microsPerUnit(naive.exchange))
}

test('bids what the best creative of all would bid', async () => {
  let bids = 0
  const check = async ({ world, road, body }: Asked): Promise<void> => {
    const [imp] = impsOf(body)
    const candidates = candidatesOf(world.naive, body, imp ?? {}, world.facts)
    const best = Math.max(0, ...candidates.map(({ price }) => price))
    const { bids: got, decision } = await road.ask(body)
    expect(got.map((bid) => microsOf(bid, world))).toEqual(best === 0 ? [] : [best])
    const [bid] = got
    if (bid === undefined) return
    bids++
    const equals = candidates.filter(({ price }) => price === best)
    expect(equals).toContainEqual(
      expect.objectContaining({ creativeId: bid.crid, dealId: bid.dealid ?? '' }),
    )
    const drawn = equals.filter(({ format }) => format === formatNames[bid.mtype ?? 0])
    expect(decision.bids[0]?.propensity).toBe(1 / drawn.length)
  }
  await fc.assert(
    fc.asyncProperty(seeds, (seed) => ofWorld(seed, check)),
    run,
  )
  // A reference that never bids would agree with an engine that never does.
  expect(bids).toBeGreaterThan(500)
})

test('equally dear creatives are drawn with equal chances', async () => {
  const dice = new Dice(7)
  const ids = ['a', 'b', 'c']
  const road = await openRoad({
    creatives: ids.map((id) => aBanner({ id })),
    random: () => dice.next(),
  })
  const times = new Map(ids.map((id) => [id, 0]))
  const rounds = 3_000
  for (let round = 0; round < rounds; round++) {
    const body = { id: 'r', imp: [{ id: '1', banner: { w: 300, h: 250 } }] }
    const [crid = ''] = (await road.ask(body)).bids.map((bid) => bid.crid ?? '')
    times.set(crid, (times.get(crid) ?? 0) + 1)
  }
  // Four standard deviations of a third of 3 000 draws are 103.
  for (const id of ids) expect(Math.abs((times.get(id) ?? 0) - rounds / 3)).toBeLessThan(103)
})

test('no bid is below its floor, above its limits or against a rule of its impression', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, (seed) =>
      ofWorld(seed, async ({ world, road, body }) => {
        const outcome = await road.ask(body)
        expect(faultsOf(outcome, body, world.naive)).toEqual([])
      }),
    ),
    run,
  )
})

test('recall keeps as many as the plan says, and those of the highest prior', async () => {
  let cut = 0
  const check = async (seed: number): Promise<void> => {
    const world = randomWorld(seed)
    const recallMax = new Dice(seed).int(1, 6)
    const exchange = { ...world.naive.exchange, plan: { ...world.naive.exchange.plan, recallMax } }
    const road = await openRoad({ ...world.road, exchanges: [exchange] })
    for (let at = 0; at < requestsPerWorld; at++) {
      const body = randomRequest(seed * requestsPerWorld + at, 1e6 / microsPerUnit(exchange))
      const admitted = admittedOf(world.naive, body, impsOf(body)[0] ?? {}, world.facts)
      const trace = road.trace()
      await road.ask(body, 'json', trace)
      for (const slot of trace.slots) {
        const priors = admitted.filter(({ format }) => format === slot.format).map(priorOf)
        const best = priors.sort((a, b) => b - a).slice(0, recallMax)
        const kept = slot.candidates.map(({ boundMicros }) => boundMicros)
        expect(kept.sort((a, b) => b - a)).toEqual(best)
        if (priors.length > recallMax) cut++
      }
    }
  }
  await fc.assert(fc.asyncProperty(seeds, check), run)
  expect(cut).toBeGreaterThan(100)
})

test('lowering a floor never removes a bid', async () => {
  let lowered = 0
  const check = async ({ road, body, seed }: Asked): Promise<void> => {
    if ((await road.ask(body)).bids.length === 0) return
    lowered++
    const lower = await road.ask(withLowerFloors(body, new Dice(seed)))
    expect(lower.bids).toHaveLength(1)
  }
  await fc.assert(
    fc.asyncProperty(seeds, (seed) => ofWorld(seed, check)),
    run,
  )
  expect(lowered).toBeGreaterThan(500)
})

/**
 * Every floor, of impression, slot, duration and deal, times something of (0, 1). Not the price of
 * a deal that is bought at it (`at` 3), which is no floor, and none to 0, which says "no floor of
 * my own" in a deal.
 */
function withLowerFloors(body: Json, dice: Dice): Json {
  const names = ['bidfloor', 'mincpmpersec']
  function lowered(this: Json, name: string, value: unknown): unknown {
    if (!names.includes(name) || typeof value !== 'number' || value === 0) return value
    if (this['at'] === 3 || dice.is(0.3)) return value
    return Math.max(1, Math.round(value * dice.one([0.01, 0.5, dice.next()]) * 1e6)) / 1e6
  }
  return JSON.parse(JSON.stringify(body, lowered)) as Json
}

test('who is returned was priced, who was priced recalled, who was recalled eligible', async () => {
  const check = async ({ world, road, body }: Asked): Promise<void> => {
    const trace = road.trace()
    const outcome = await road.ask(body, 'json', trace)
    const { eligible, recalled, priced, bids } = outcome
    expect(priced).toBeLessThanOrEqual(recalled)
    expect(bids.length).toBeLessThanOrEqual(priced)
    if (recalled > 0) expect(eligible).toBeGreaterThan(0)
    for (const slot of trace.slots) {
      expect(slot.candidates).toHaveLength(slot.recalled)
      const named = slot.candidates.map(({ creativeId }) => creativeId)
      for (const { creativeId } of slot.chosen) expect(named).toContain(creativeId)
      expect(slot.chosen.length).toBeLessThanOrEqual(slot.priced)
    }
    expectBidsTraced(outcome, trace.slots)
    expect(world.naive.creatives.length).toBeLessThanOrEqual(10)
  }
  await fc.assert(
    fc.asyncProperty(seeds, (seed) => ofWorld(seed, check, 10)),
    run,
  )
})

function expectBidsTraced(
  { bids, records, refusal }: Outcome,
  slots: ReturnType<Road['trace']>['slots'],
): void {
  const chosen = slots.flatMap((slot) => slot.chosen.map(({ creativeId }) => creativeId))
  for (const { crid } of bids) expect(chosen).toContain(crid)
  expect(records).toHaveLength(1)
  expect(records[0]?.bids.map(({ creativeId }) => creativeId)).toEqual(bids.map(({ crid }) => crid))
  expect(refusal === 'none').toBe(bids.length > 0)
}

test('JSON and both layouts of protobuf are decided alike', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, (seed) =>
      ofWorld(seed, async ({ road, body }) => {
        const views = []
        for (const wire of ['json', 'iab', 'google'] as const)
          views.push(viewOf(await road.ask(body, wire)))
        expect(views[1]).toEqual(views[0])
        expect(views[2]).toEqual(views[0])
      }),
    ),
    { ...run, numRuns: 40 },
  )
})

/** Everything of an outcome that does not hold a new decision id. */
function viewOf({ refusal, decision, bids, drops, eligible, recalled, priced }: Outcome): unknown {
  const plain = bids.map(({ nurl: _n, burl: _b, lurl: _l, adm: _a, ...rest }) => rest)
  const { currency } = decision
  return { refusal, currency, plain, drops, eligible, recalled, priced }
}

test('money is never a fraction of a micro', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, (seed) =>
      ofWorld(seed, async ({ world, road, body }) => {
        const { decision, answer, records } = await road.ask(body)
        for (const { priceMicros, floorMicros, valueMicros } of decision.bids) {
          for (const money of [priceMicros, floorMicros, valueMicros]) {
            expect(Number.isSafeInteger(money) && money >= 0).toBe(true)
          }
          const unit = microsPerUnit(world.naive.exchange)
          const prices = answer.seatbid.flatMap(({ bid }) => bid.map(({ price }) => price))
          expect(prices).toContain(priceMicros / unit)
        }
        for (const { priceMicros } of records[0]?.bids ?? []) {
          expect(Number.isSafeInteger(priceMicros)).toBe(true)
        }
      }),
    ),
    { ...run, numRuns: 40 },
  )
})

describe('several impressions and pods', () => {
  test('each bid keeps the rules of its impression, and pods hold no ad twice', async () => {
    let several = 0
    const check = async ({ world, road, body, seed }: Asked): Promise<void> => {
      const request = withPods(body, seed, 1e6 / microsPerUnit(world.naive.exchange))
      const outcome = await road.ask(request)
      expect(faultsOf(outcome, request, world.naive)).toEqual([])
      expectPods(outcome.bids, request, world.naive)
      if (outcome.bids.length > 1) several++
    }
    await fc.assert(
      fc.asyncProperty(seeds, (seed) => ofWorld(seed, check)),
      run,
    )
    expect(several).toBeGreaterThan(200)
  })
})

/** Audio says nothing of deduplication: it stays out of the pod of the videos. */
const outOfPod: Json = { audio: { podid: null } }

/** Two to five impressions; videos share one pod, some of them a dynamic one. */
function withPods(body: Json, seed: number, perUnit: number): Json {
  const dice = new Dice(seed ^ 0x90d)
  const poddedupe = dice.maybe(0.6, () => ({ poddedupe: dice.some([1, 2, 3, 4, 5]) }))
  const imps = Array.from({ length: dice.int(2, 5) }, (_, at) => {
    const own = randomImp(dice, `imp-${at}`, perUnit)
    const imp = 'audio' in own ? merged(own, outOfPod) : own
    const { video } = imp
    if (video === undefined) return imp
    const isDynamic = dice.is(0.5)
    const pod = {
      podid: 'pod',
      ...(isDynamic ? { poddur: dice.one([30, 45, 60]), maxseq: dice.int(1, 4) } : {}),
      ...poddedupe,
    }
    return { ...imp, video: { ...(video as Json), ...pod } }
  })
  return { ...body, imp: imps }
}

/** Without a rule no creative stands twice; 1 domains, 2 categories, 3 creatives, 4 files, 5 free. */
function expectPods(bids: readonly OrtbBid[], body: Json, world: NaiveWorld): void {
  const inPod = bids.filter(({ impid, mtype }) => mtype === 2 && podOf(body, impid) !== '')
  const said = inPod.map(({ impid }) => numbers(slotOf(body, impid), 'poddedupe'))[0] ?? []
  const rules = said.length === 0 ? [3] : said.includes(5) ? [] : said
  const files = ({ crid }: OrtbBid): string[] => {
    const video = world.creatives.find(({ id }) => id === crid)?.video ?? null
    return [...new Set(video?.files.map(({ url }) => url)), video?.tagUrl ?? ''].filter(Boolean)
  }
  const once = (values: readonly unknown[]) => expect(new Set(values).size).toBe(values.length)
  if (rules.includes(1)) once(inPod.flatMap(({ adomain }) => [...new Set(adomain)]))
  if (rules.includes(2)) {
    once(inPod.flatMap(({ cat, cattax }) => [...new Set(cat)].map((one) => `${cattax} ${one}`)))
  }
  if (rules.includes(3)) once(inPod.map(({ crid }) => crid))
  if (rules.includes(4)) once(inPod.flatMap(files))
  for (const imp of objects(body, 'imp')) {
    const own = bids.filter(({ impid, mtype }) => impid === text(imp, 'id') && mtype === 2)
    const slot = object(imp, 'video')
    const most = positive(slot, 'poddur', 0) > 0 ? positive(slot, 'maxseq', Infinity) : 1
    expect(own.length).toBeLessThanOrEqual(most)
    const seconds = own.reduce((sum, { dur }) => sum + (dur ?? 0), 0)
    expect(seconds).toBeLessThanOrEqual(positive(slot, 'poddur', Infinity))
  }
}

function slotOf(body: Json, impId: string | null): Json {
  const imp = objects(body, 'imp').find((one) => text(one, 'id') === impId)
  return imp === undefined ? {} : object(imp, 'video')
}

function podOf(body: Json, impId: string | null): string {
  return text(slotOf(body, impId), 'podid')
}
