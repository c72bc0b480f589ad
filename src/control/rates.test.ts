/** `/api/v1/rates`: one table, its date, and who would miss a currency. */
import { beforeEach, expect, test } from 'vitest'
import { advertiserBody, pathsOf } from '../../test/support/bid-inputs.ts'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'
import { parseRates } from '../catalog/bid-entities.ts'

const url = '/api/v1/rates'
/** The harness's clock says 2023-11-14. */
const table = { base: 'USD', asOf: '2023-11-14', rates: { EUR: 0.93, JPY: 150.1 } }

let harness: Harness
beforeEach(async () => {
  harness = await newHarness()
})

function put(over: object = {}, headers: Record<string, string> = {}) {
  return harness.call('PUT', url, { body: { ...table, ...over }, headers })
}

test('the table is stored, shown with its version, and read by the compiler', async () => {
  expect((await harness.call('GET', url)).status).toBe(404)
  expect((await put()).status).toBe(201)
  const got = await harness.call('GET', url, { role: 'viewer' })
  expect(got.body).toEqual({ id: 'main', ...table })
  const { entities } = await harness.catalog.load(['rates'])
  expect(parseRates(entities[0]!.json, 'main')).toEqual({ id: 'main', ...table })
  const again = await harness.call('PUT', url, { body: got.body })
  expect(again.status).toBe(200)
  const stale = await put({}, { 'if-match': String(got.headers['etag']) })
  expect(stale.status).toBe(412)
})

test.each<[string, object, string[]]>([
  ['a currency in small letters', { rates: { eur: 1 } }, ['rates.eur']],
  ['a rate of zero', { rates: { EUR: 0 } }, ['rates.EUR']],
  ['a negative rate', { rates: { EUR: -1 } }, ['rates.EUR']],
  ['a rate as text', { rates: { EUR: '0.9' } }, ['rates.EUR']],
  ['another rate of the base', { rates: { USD: 1.1 } }, ['rates.USD']],
  ['a day that does not exist', { asOf: '2023-02-30' }, ['asOf']],
  ['a date of the future', { asOf: '2023-11-17' }, ['asOf']],
  ['an unknown field', { source: 'x' }, ['source']],
])('%s is refused by its path', async (_name, over, paths) => {
  const answer = await put(over)
  expect(answer.status).toBe(400)
  expect([...new Set(pathsOf(answer))]).toEqual(paths)
})

test('tomorrow is taken: it is tomorrow already somewhere', async () => {
  expect((await put({ asOf: '2023-11-15' })).status).toBe(201)
})

test('old rates, and currencies in use that are missing, are warned of', async () => {
  const body = { ...advertiserBody, currency: 'CHF' }
  await harness.call('PUT', '/api/v1/advertisers/acme', { body })
  await harness.call('PUT', '/api/v1/exchanges/x', { body: { otherCurrencies: ['EUR', 'GBP'] } })
  const answer = await put({ asOf: '2023-11-01' })
  expect(pathsOf(answer, 'warnings')).toEqual(['asOf', 'rates.CHF', 'rates.GBP'])
})
