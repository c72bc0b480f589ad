/** The files of docs/examples that README.md sends. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { newHarness } from '../../test/support/control-harness.ts'
import { worldDefaults } from '../world/settings.ts'
import { World } from '../world/world.ts'
import { catalogLines } from '../world/world-catalog.ts'
import { requestOf } from '../world/world-request.ts'
import { buildBidRequest } from './openrtb-request.ts'
import { shippedPlan } from './shipped-models.ts'

const examples = new URL('../../docs/examples/', import.meta.url)

/** What README.md has `sluice world` make. */
const settings = { ...worldDefaults, rows: 300_000, users: 20_000, negatives: 0.05 }

interface Line {
  readonly kind: string
  readonly value: Readonly<Record<string, unknown>>
}

test('the request is one of the market that README.md makes, with time for a busy machine', () => {
  const { message } = buildBidRequest({ file: new URL('world-request.json', examples).pathname })
  const world = new World(settings)
  const row = Number((message as { id: string }).id.split('-').at(-1))
  expect(message).toEqual({ ...requestOf(world, world.opportunities.at(row)), tmax: 500 })
})

test('the plan is that of the shipped models, on the exchange of the market', async () => {
  const text = readFileSync(new URL('world-plan.ndjson', examples), 'utf8')
  const { kind, value } = JSON.parse(text) as Line
  expect(value['plan']).toEqual(shippedPlan)
  const [exchange] = catalogLines(new World(settings).market) as Generator<Line>
  expect({ kind, value: { ...value, plan: undefined } }).toEqual(exchange)
  const { status, body } = await (await newHarness()).call('POST', '/api/v1/import', {
    headers: { 'content-type': 'application/x-ndjson' },
    body: text,
  })
  expect([status, body['created'], body['rejected']]).toEqual([200, 1, 0])
})
