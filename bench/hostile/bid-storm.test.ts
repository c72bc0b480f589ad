import { expect, test } from 'vitest'
import { openBidBench } from '../stage/bid-bench.ts'
import { bidStorms } from './bid-seeds.ts'
import { bidTarget, slowBidMs } from './bid-storm.ts'
import { hostileJson, hostileJsonBytesMax } from './mutate-json.ts'
import { storm } from './storm.ts'

const bench = openBidBench(200)
const options = { count: 2_000, slowMs: slowBidMs }

test.each(bidStorms().map((wire) => [wire.name, wire] as const))(
  '%s: hostile bodies are answered without an exception, and rightly',
  (_, wire) => {
    const target = bidTarget(bench, wire.isJson, wire.exchange)
    const report = storm(target, wire.supply(1), options)
    expect(report.thrown).toEqual([])
    expect(report.badAnswers).toBe(0)
    // Mutations that never leave a readable request would test the first branch only.
    expect(report.decoded).toBeGreaterThan(options.count / 5)
  },
)

test('undamaged seeds are all readable', () => {
  for (const wire of bidStorms()) {
    const target = bidTarget(bench, wire.isJson, wire.exchange)
    expect(wire.seeds.filter((body) => !target.run(body))).toEqual([])
  }
})

test('a bidder that bids without a price is found', () => {
  const [json] = bidStorms()
  const { decider } = bench
  const broken = {
    ...bench,
    decider: {
      decide: (...args: Parameters<typeof decider.decide>) => {
        const decision = decider.decide(...args)
        if (decision instanceof Promise || decision.bids.length === 0) return decision
        return { ...decision, bids: decision.bids.map((bid) => ({ ...bid, priceMicros: 0 })) }
      },
    } as unknown as typeof decider,
  }
  const report = storm(bidTarget(broken, true, json!.exchange), json!.supply(1), options)
  expect(report.badAnswers).toBeGreaterThan(0)
})

test('damaged JSON repeats with the seed, and has the huge among the small', () => {
  const { seeds } = bidStorms()[0]!
  const [first, second] = [hostileJson(seeds, 5), hostileJson(seeds, 5)]
  let longest = 0
  for (let i = 0; i < 1_000; i++) {
    const body = first()
    expect(Buffer.compare(body, second())).toBe(0)
    longest = Math.max(longest, body.length)
  }
  expect(longest).toBeGreaterThan(20_000)
  expect(longest).toBeLessThanOrEqual(hostileJsonBytesMax)
})
