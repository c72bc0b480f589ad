/** What notices and clicks look up by serial. */
import { expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  anAdvertiser,
  anExchange,
  compileWorld,
} from '../../../test/support/bid-world.ts'
import { serialOf } from '../../domain/serial.ts'
import { ManualClock } from '../../lib/clock.ts'

const landing = (id: string) => `https://shop.example/${id}`
const banner = (id: string, own: object = {}) => aBanner({ id, clickUrl: landing(id), ...own })

async function compiled() {
  const world = await compileWorld(
    {
      advertisers: [anAdvertiser(), anAdvertiser({ id: 'off', enabled: false })],
      campaigns: [
        aCampaign(),
        aCampaign({ id: 'paused', enabled: false }),
        aCampaign({ id: 'theirs', advertiserId: 'off' }),
      ],
      creatives: [
        banner('live'),
        banner('switched-off', { enabled: false }),
        banner('of-paused', { campaignId: 'paused' }),
        banner('of-off', { campaignId: 'theirs' }),
        banner('of-nothing', { campaignId: 'gone' }),
      ],
      exchanges: [anExchange(), anExchange({ id: 'y', enabled: false })],
    },
    new ManualClock(0),
  )
  const snapshot = () => {
    const current = world.catalog.current()
    if (current === null) throw new Error('no snapshot')
    return current
  }
  return { world, snapshot }
}

test('every creative has its landing page, bidding or not: what was shown may be clicked', async () => {
  const { snapshot } = await compiled()
  expect(snapshot().data.creativeCount).toBe(1)
  for (const id of ['live', 'switched-off', 'of-paused', 'of-off', 'of-nothing']) {
    expect(snapshot().landingOf(serialOf('creative', id))).toBe(landing(id))
  }
  expect(snapshot().landingOf(serialOf('creative', 'never-was'))).toBeNull()
  // A campaign's serial is no creative's.
  expect(snapshot().landingOf(serialOf('campaign', 'spring'))).toBeNull()
  expect(snapshot().landingOf(0)).toBeNull()
})

test('a page that changed is the new one, one that was deleted is none', async () => {
  const { world, snapshot } = await compiled()
  const write = (id: string, json: string | null) =>
    world.store.write([{ kind: 'creative', id, json, expectedVersion: null }])
  await write('of-paused', JSON.stringify(banner('of-paused', { clickUrl: landing('new') })))
  await write('live', null)
  await world.look()
  expect(snapshot().landingOf(serialOf('creative', 'of-paused'))).toBe(landing('new'))
  expect(snapshot().landingOf(serialOf('creative', 'live'))).toBeNull()
})

test('exchanges are found by serial, also those that are off', async () => {
  const { snapshot } = await compiled()
  expect(snapshot().exchangeBySerial(serialOf('exchange', 'x'))?.id).toBe('x')
  expect(snapshot().exchangeBySerial(serialOf('exchange', 'y'))?.id).toBe('y')
  expect(snapshot().exchangeBySerial(serialOf('exchange', 'z'))).toBeNull()
})

test('a catalog asks for the history of devices as soon as one thing of it has a cap', async () => {
  const { world, snapshot } = await compiled()
  expect(snapshot().asksHistory).toBe(false)
  const capped = banner('live', { caps: [{ impressions: 1, minutes: 1 }] })
  const json = JSON.stringify(capped)
  await world.store.write([{ kind: 'creative', id: 'live', json, expectedVersion: null }])
  await world.look()
  expect(snapshot().asksHistory).toBe(true)
})
