/** The worked examples of docs/pricing.md, each through the whole road of a bid. */
import { describe, expect, test } from 'vitest'
import type { Campaign, Targeting } from '../src/domain/campaign.ts'
import type { Creative } from '../src/domain/creative.ts'
import type { Exchange } from '../src/domain/exchange.ts'
import { openRoad } from './openrtb/road.ts'
import { aBanner, aCampaign, anAdvertiser, anExchange, aVideo } from './support/bid-world.ts'
import { sourceText } from './support/source-tree.ts'

interface Example {
  readonly about: string
  readonly goal: Campaign['goal']
  readonly campaign?: Partial<Campaign>
  readonly targeting?: Partial<Targeting>
  readonly history?: Creative['history']
  readonly format?: 'video'
  readonly currency?: string
  readonly rates?: Readonly<Record<string, number>>
  readonly exchange?: Partial<Exchange>
  readonly imp?: Readonly<Record<string, unknown>>
  readonly request?: Readonly<Record<string, unknown>>
  readonly price: number | null
}

const [, block = ''] = /```json\n([\s\S]*?)```/.exec(sourceText('docs/pricing.md')) ?? []
const examples = block
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Example)

async function priceOf(example: Example): Promise<number | null> {
  const { goal, campaign, targeting, history, format, currency, rates } = example
  const own = history === undefined ? {} : { history }
  const road = await openRoad({
    advertisers: [anAdvertiser({ currency: currency ?? 'USD' })],
    campaigns: [aCampaign({ goal, ...campaign }, targeting)],
    creatives: [format === 'video' ? aVideo(own) : aBanner(own)],
    exchanges: [anExchange(example.exchange)],
    rates: { base: 'USD', rates: rates ?? {} },
  })
  const banner = format === 'video' ? {} : { banner: { w: 300, h: 250 } }
  const { bids } = await road.ask({
    id: 'r',
    imp: [{ id: '1', ...banner, ...example.imp }],
    site: { domain: 'news.example' },
    ...example.request,
  } as Parameters<typeof road.ask>[0])
  return bids[0]?.price ?? null
}

describe('docs/pricing.md', () => {
  test('has examples', () => expect(examples.length).toBeGreaterThan(15))

  test.each(examples)('$about', async (example) => {
    expect(await priceOf(example)).toBe(example.price)
  })
})
