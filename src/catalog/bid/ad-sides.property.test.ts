/** Whatever changed and in whatever order, rows are those that a fresh encoding would make. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aBanner, aCampaign, anAdvertiser, writeWorld } from '../../../test/support/bid-world.ts'
import { MemoryCatalogStore } from '../../../test/support/memory-catalog.ts'
import { adFactsOf } from '../../domain/ad-facts-of.ts'
import type { AdEncoder } from '../../domain/ad-side.ts'
import type { AdFacts } from '../../domain/feature-facts.ts'
import { ManualClock } from '../../lib/clock.ts'
import { BidCatalog } from './bid-catalog.ts'
import { BidCompiler } from './bid-compiler.ts'

/** A row of everything here that can change: creative, campaign, advertiser and version. */
function rowOf(facts: AdFacts, version: number): number[] {
  const { creativeId, impressions, priorCvr, domain } = facts
  return [Number(creativeId.slice(1)), impressions, Math.fround(priorCvr), domain.length, version]
}

function encoder(name: string, version: number): AdEncoder {
  return {
    key: { name, version: `${version}`, hash: `${name}@${version}` },
    width: 0,
    momentWidth: 0,
    vectorWidth: 5,
    encode: async (facts) => ({
      index: new Int32Array(0),
      value: new Float32Array(0),
      moments: new Float64Array(0),
      vectors: Float32Array.from(facts.flatMap((one) => rowOf(one, version))),
    }),
  }
}

type Change = readonly [what: 'creative' | 'gone' | 'campaign' | 'advertiser' | 'look', n: number]

const changes: fc.Arbitrary<readonly Change[]> = fc.array(
  fc.tuple(
    fc.constantFrom('creative', 'creative', 'gone', 'campaign', 'advertiser', 'look'),
    fc.nat(9),
  ),
  { minLength: 10, maxLength: 40 },
)
const versions = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })

test('sides have a row of the present facts for every creative, by one version of each model', async () => {
  let rowsSeen = 0
  const check = async (steps: readonly Change[], swaps: readonly number[]): Promise<void> => {
    const store = new MemoryCatalogStore()
    const campaigns = [0, 1].map((n) => aCampaign({ id: `k${n}` }))
    await writeWorld(store, { campaigns, creatives: [] })
    const catalog = new BidCatalog(new ManualClock(0))
    const compiler = new BidCompiler({ store, post: (message) => catalog.receive(message) })
    compiler.useModels([encoder('a', 0), encoder('b', 0)])
    const put = (kind: string, id: string, value: object | null) => {
      const json = value === null ? null : JSON.stringify(value)
      return store.write([{ kind, id, json, expectedVersion: null }])
    }
    const look = async (): Promise<void> => {
      await compiler.look()
      const snapshot = catalog.current()
      if (snapshot === null) throw new Error('no snapshot')
      for (const side of snapshot.data.adSides) {
        for (let slot = 0; slot < snapshot.data.creativeCount; slot++) {
          const campaign = snapshot.campaignOf(slot)
          const facts = adFactsOf(
            snapshot.creative(slot),
            snapshot.campaign(campaign),
            snapshot.advertiser(snapshot.data.campaigns.advertiser[campaign] ?? 0),
          )
          const row = side.vectors.subarray(slot * 5, slot * 5 + 5)
          expect(Array.from(row)).toEqual(rowOf(facts, Number(side.model.version)))
          rowsSeen++
        }
      }
    }
    await look()
    for (const [at, [what, n]] of steps.entries()) {
      const swap = swaps[at]
      if (swap !== undefined) compiler.useModels([encoder('a', swap), encoder('b', 0)])
      if (what === 'look') await look()
      if (what === 'gone') await put('creative', `c${n}`, null)
      if (what === 'creative') {
        const history = { impressions: at, clicks: 0, conversions: 0 }
        await put('creative', `c${n}`, aBanner({ id: `c${n}`, campaignId: `k${n % 2}`, history }))
      }
      if (what === 'campaign') {
        const prior = { ctr: 0.01, cvr: (at + 1) / 100 }
        await put('campaign', `k${n % 2}`, aCampaign({ id: `k${n % 2}`, prior }))
      }
      if (what === 'advertiser') {
        const advertiser = anAdvertiser({ domains: [`${'x'.repeat(n + 1)}.example`] })
        await put('advertiser', advertiser.id, advertiser)
      }
    }
    await look()
    await look()
    await look()
  }
  await fc.assert(fc.asyncProperty(changes, versions, check), { numRuns: 100 })
  expect(rowsSeen).toBeGreaterThan(1_000)
})
