/** The terms and rules of a request as a whole. */
import { describe, expect, test } from 'vitest'
import { decodeJson, exchangeWith, requestOf } from '../../../../test/support/openrtb-decode.ts'
import { nodesMax } from './supply-chain.ts'

test('names the exchange, the request and the wire', () => {
  expect(requestOf({ id: ' r 1 ' })).toMatchObject({ exchange: 'north', id: ' r 1 ', isJson: true })
  expect(requestOf({ id: 42 }).id).toBe('42')
})

test.each([
  [{}, false],
  [{ test: 0 }, false],
  [{ test: 1 }, true],
  [{ test: 3 }, true],
  [{ test: null }, false],
])('%j is a test: %j', (parts, isTest) => expect(requestOf(parts).isTest).toBe(isTest))

test.each([
  ['absent', {}, 0],
  ['as sent', { tmax: 150 }, 150],
  ['as text', { tmax: '150' }, 150],
  ['zero', { tmax: 0 }, 0],
  ['negative', { tmax: -5 }, 0],
  ['longer than is believed', { tmax: 60_000 }, 1_000],
])('tmax %s', (_, parts, tmaxMs) => expect(requestOf(parts).tmaxMs).toBe(tmaxMs))

test.each([
  [{}, 1],
  [{ at: 1 }, 1],
  [{ at: 2 }, 2],
  [{ at: 3 }, 1],
  [{ at: 500 }, 1],
  [{ at: null }, 1],
])('%j is auction type %d where the exchange’s own is 1', (parts, auctionType) => {
  expect(requestOf(parts, exchangeWith({ auctionType: 1 })).auctionType).toBe(auctionType)
})

test('rules are read in the form in which they are compared', () => {
  expect(
    requestOf({
      ...{ cur: ['usd', ' EUR', ''], wseat: ['771'], bseat: [' 800 ', 773], acat: ['IAB1'] },
      ...{ bcat: ['IAB25', 'IAB7-39'], cattax: 6, bapp: ['com.Bad.App', '123'] },
      ...{
        badv: ['Rival.example', 'www.other.example', 'https://third.example/'],
        wlang: ['EN', 'pt_BR'],
      },
    }),
  ).toMatchObject({
    ...{ currencies: ['USD', 'EUR'], allowedSeats: ['771'], blockedSeats: ['800', '773'] },
    ...{ allowedCategories: ['IAB1'], blockedCategories: ['IAB25', 'IAB7-39'] },
    ...{ categoryTaxonomy: 6, blockedBundles: ['com.Bad.App', '123'] },
    ...{ blockedDomains: ['rival.example', 'other.example', 'third.example'] },
    ...{ languages: ['en', 'pt-br'] },
  })
})

test('rules that are absent or null forbid nothing', () => {
  const nothing = {
    ...{ currencies: [], allowedSeats: [], blockedSeats: [], allowedCategories: [] },
    ...{ blockedCategories: [], categoryTaxonomy: 1, blockedBundles: [], blockedDomains: [] },
    languages: [],
  }
  expect(requestOf({})).toMatchObject(nothing)
  const nulls = { cur: null, bcat: null, badv: null, cattax: null, wlang: null, wseat: [null, ''] }
  expect(requestOf(nulls)).toMatchObject(nothing)
})

test('language tags stand in for languages', () => {
  expect(requestOf({ wlangb: ['en-US'] }).languages).toEqual(['en-us'])
  expect(requestOf({ wlang: ['de'], wlangb: ['en-US'] }).languages).toEqual(['de'])
})

describe('the supply chain', () => {
  const nodes = [
    { asi: 'North.example', sid: 'P1', hp: 1 },
    { asi: 'south.example', sid: '2' },
  ]
  const names = ['north.example/P1', 'south.example/2']
  test.each([
    ['complete', { complete: 1, nodes }, 1, names],
    ['incomplete', { complete: 0, nodes }, 0, names],
    ['not said to be complete', { nodes }, 0, names],
    ['complete without sellers', { complete: 1, nodes: [] }, 0, []],
    ['of a nameless seller', { complete: 1, nodes: [{}] }, 1, ['/']],
  ])('%s', (_, schain, schainComplete, schainNodes) => {
    expect(requestOf({ source: { schain } })).toMatchObject({ schainComplete, schainNodes })
  })

  test('is read where 2.5 has it', () => {
    const source = { ext: { schain: { complete: 1, nodes } } }
    expect(requestOf({ source })).toMatchObject({ schainComplete: 1, schainNodes: names })
  })

  test('that is absent is neither', () => {
    expect(requestOf({ source: {} })).toMatchObject({ schainComplete: -1, schainNodes: [] })
  })

  test('that is longer than we look at is not complete', () => {
    const long = { complete: 1, nodes: Array(nodesMax + 1).fill(nodes[0]) }
    const request = requestOf({ source: { schain: long } })
    expect(request.schainNodes).toHaveLength(nodesMax)
    expect(request.schainComplete).toBe(0)
  })
})

test('knows a crawler by its user agent', () => {
  const ua = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
  expect(requestOf({ device: { ua } }).isCrawler).toBe(true)
  expect(requestOf({ device: { ua: 'Mozilla/5.0 (iPhone)' } }).isCrawler).toBe(false)
})

test('a request is decoded the same into an object that held another', () => {
  const { request } = decodeJson({ id: 'a', imp: [{ id: '1', banner: {} }] })
  expect(request.imps).toHaveLength(1)
  request.clear()
  expect(request.imps).toHaveLength(0)
})
