import { beforeAll, expect, test } from 'vitest'
import { openRoad } from '../../test/openrtb/road.ts'
import { anExchange } from '../../test/support/bid-world.ts'
import { type Harness, newHarness, packStatus } from '../../test/support/control-harness.ts'
import { packOf } from '../../test/support/rta-fixtures.ts'
import type { Advertiser } from '../domain/advertiser.ts'
import type { Campaign } from '../domain/campaign.ts'
import type { Creative } from '../domain/creative.ts'
import type { Rates } from '../domain/rates.ts'
import {
  appUserLines,
  appUsers,
  type BidCase,
  bidCases,
  demoCatalog,
  demoExchange,
} from './demo-bids-story.ts'

let harness: Harness

beforeAll(async () => {
  harness = await newHarness()
  harness.packs.packs.set(appUsers.id, packStatus(appUsers.id))
  await harness.catalog.put('pack', appUsers.id, packOf(appUsers.id, 5))
})

function stored<Value>(kind: string): Promise<Value[]> {
  return harness.catalog
    .load([kind])
    .then(({ entities }) => entities.map(({ json }) => JSON.parse(json) as Value))
}

/** The first id of the upload: any user of the app will do. */
function appUser(number: number): string {
  const text = Buffer.concat([...appUserLines()]).toString('latin1')
  return text.split('\n')[number] ?? ''
}

test('the import takes every line, and every case comes out as the story says', async () => {
  const { body, status } = await harness.call('POST', '/api/v1/import', {
    headers: { 'content-type': 'application/x-ndjson' },
    body: demoCatalog.map((line) => `${JSON.stringify(line)}\n`).join(''),
  })
  expect([status, body['rejected'], body['created']]).toEqual([200, 0, demoCatalog.length])
  const [rates] = await stored<Rates>('rates')
  const road = await openRoad({
    advertisers: await stored<Advertiser>('advertiser'),
    campaigns: await stored<Campaign>('campaign'),
    creatives: await stored<Creative>('creative'),
    exchanges: [anExchange({ id: demoExchange, noBid: 'reason' })],
    rates: { base: rates?.base ?? '', rates: rates?.rates ?? {} },
    members: [{ type: 'gaid', id: appUser(7), packs: { [appUsers.id]: -1 } }],
  })
  for (const one of bidCases) {
    const { bids } = await road.ask(one.request as Parameters<typeof road.ask>[0])
    const said = bids.map(({ crid, price, dealid }) => `${crid} ${price} ${dealid ?? ''}`.trim())
    expect([one.who, said.toSorted()]).toEqual([one.who, [...one.expected].toSorted()])
  }
})

test('each request has an id of its own', () => {
  const ids = new Set(bidCases.map(({ request }: BidCase) => request['id']))
  expect(ids.size).toBe(bidCases.length)
})
