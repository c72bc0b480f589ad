import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readCatalog } from './read-catalog.ts'
import { temporaryFolder } from './test-logs.ts'

let folder = ''
let remove: () => void
beforeEach(() => {
  ;({ folder, remove } = temporaryFolder())
})
afterEach(() => remove())

function read(lines: readonly (object | string)[]) {
  const path = join(folder, 'catalog.ndjson')
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  writeFileSync(path, texts.join('\n'))
  return readCatalog(path)
}

test('partial entities get defaults of the API, and the format of their part', async () => {
  const { advertisers, campaigns, creatives } = await read([
    { kind: 'creative', value: { id: 'c', campaignId: 'k', video: { durationSec: 15 } } },
    { kind: 'campaign', id: 'k', value: { advertiserId: 'a', goal: { kind: 'cpa' } } },
    { kind: 'advertiser', value: { id: 'a', categories: [{ ids: ['IAB1'] }] } },
  ])
  expect(advertisers.get('a')).toEqual({
    id: 'a',
    domains: [],
    categories: [{ taxonomy: 1, ids: ['IAB1'] }],
  })
  expect(campaigns.get('k')).toMatchObject({
    ...{ id: 'k', advertiserId: 'a', startMs: null, goal: { kind: 'cpa' } },
    prior: { ctr: 0.001, cvr: 0.01 },
  })
  expect(creatives.get('c')).toMatchObject({
    ...{ format: 'video', video: { durationSec: 15 }, banner: null, attributes: [] },
    history: { impressions: 0, clicks: 0, conversions: 0 },
  })
})

test('what is no entity is passed over, and what is of a wrong type not believed', async () => {
  const { creatives, campaigns } = await read([
    '',
    '{"kind":',
    'null',
    '[]',
    { kind: 'exchange', value: { id: 'x' } },
    { kind: 'creative', value: { campaignId: 'without an id' } },
    { kind: 'creative', id: 'deleted', delete: true },
    {
      kind: 'creative',
      value: { id: 'c', domains: 'a.example', history: 7, attributes: ['1', 2] },
    },
    { kind: 'campaign', value: { id: 'k', goal: { kind: 'fame' }, startMs: 'soon' } },
  ])
  expect([...creatives.keys()]).toEqual(['c'])
  expect(creatives.get('c')).toMatchObject({ domains: [], attributes: [2], format: 'banner' })
  expect(campaigns.get('k')).toMatchObject({ goal: { kind: 'cpm' }, startMs: null })
})
