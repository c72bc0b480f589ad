import { describe, expect, test } from 'vitest'
import { type Bid, type BidDecision, priorRanking } from '../domain/bid-decision.ts'
import { BidRequest } from '../domain/bid-request.ts'
import type { Exchange } from '../domain/exchange.ts'
import { IdType } from '../domain/id-type.ts'
import { Refusal } from '../domain/refusal.ts'
import { serialOf } from '../domain/serial.ts'
import { noticePaths, SignedLinks, tokenLifeMinutes } from './links.ts'
import { issuedAtMs, newTokens } from './test-tokens.ts'
import { TokenKind } from './token.ts'

const base = 'https://ads.example.com/dsp'

/** The parts of a bid that links look at. */
function bidOf(changed: { id?: string; deal?: object | null } = {}): Bid {
  const bid = {
    id: '2',
    imp: { index: 1, multiplier: 14.2 },
    advertiser: { id: 'shoes' },
    campaign: { id: 'shoes-autumn' },
    creative: { id: 'shoes-300x250' },
    priceMicros: 1_500_000,
    deal: null,
    ctr: 0.01,
    cvr: Number.NaN,
    ...changed,
  }
  return bid as unknown as Bid
}

function decisionOf(price: string): BidDecision {
  return {
    refusal: Refusal.None,
    bids: [],
    currency: 'EUR',
    decisionId: 'fedcba9876543210',
    exchange: { id: 'acme', macros: { price, click: '' } } as unknown as Exchange,
    isTest: true,
    isDryRun: false,
    revision: 1,
    ranking: priorRanking,
  }
}

function requestOf(): BidRequest {
  const request = new BidRequest()
  request.auctionType = 1
  request.devices.push(IdType.Gaid, 5, 6)
  return request
}

function newLinks(url = base) {
  const { tokens, clock } = newTokens()
  return { tokens, links: new SignedLinks(url, tokens, clock) }
}

const standard = '${AUCTION_PRICE}'

describe('the links of a bid', () => {
  const { tokens, links } = newLinks()
  const made = links.of(requestOf(), decisionOf(standard), bidOf())
  const tokenIn = (url: string): string => /[?&]t=([^&]*)/.exec(url)?.[1] ?? ''

  test('have their paths, parameters and unexpanded macros', () => {
    const shape = (url: string): string => url.replace(tokenIn(url), 'T')
    expect(Object.values(made).map(shape)).toEqual([
      `${base}/n/win?t=T&p=\${AUCTION_PRICE}&mtw=\${AUCTION_MIN_TO_WIN}`,
      `${base}/n/bill?t=T&p=\${AUCTION_PRICE}&m=\${AUCTION_MULTIPLIER}&ts=\${AUCTION_IMP_TS}`,
      `${base}/n/loss?t=T&l=\${AUCTION_LOSS}&mtw=\${AUCTION_MIN_TO_WIN}&p=\${AUCTION_PRICE}`,
      `${base}/t/imp?t=T&p=\${AUCTION_PRICE}&m=\${AUCTION_MULTIPLIER}&ts=\${AUCTION_IMP_TS}`,
      `${base}/t/click?t=T`,
    ])
    expect(Object.values(noticePaths)).toHaveLength(Object.values(made).length)
  })

  test('carry tokens that are good on their own route alone', () => {
    const kinds = [
      TokenKind.Win,
      TokenKind.Bill,
      TokenKind.Loss,
      TokenKind.Impression,
      TokenKind.Click,
    ]
    for (const [at, url] of Object.values(made).entries()) {
      const accepted = kinds.filter((kind) => tokens.verify(tokenIn(url), kind).ok)
      expect(accepted).toEqual([kinds[at]])
    }
  })

  test('tell intake everything about the bid', () => {
    const reading = tokens.verify(tokenIn(made.bill), TokenKind.Bill)
    expect(reading).toEqual({
      ok: true,
      token: {
        decisionId: 'fedcba9876543210',
        bidNumber: 2,
        issuedAtMs,
        lifeMinutes: tokenLifeMinutes,
        impIndex: 1,
        exchange: serialOf('exchange', 'acme'),
        advertiser: serialOf('advertiser', 'shoes'),
        campaign: serialOf('campaign', 'shoes-autumn'),
        creative: serialOf('creative', 'shoes-300x250'),
        strategy: 0,
        priceMicros: 1_500_000,
        currency: 'EUR',
        auctionType: 1,
        hasDeal: false,
        isTest: true,
        ctr: expect.closeTo(0.01, 5),
        cvr: Number.NaN,
        ctrModel: 0,
        cvrModel: 0,
        arms: [],
        multiplier: 14.2,
        devices: [{ type: IdType.Gaid, high: 5, low: 6 }],
      },
    })
  })

  test.each([
    [0, 1],
    [3, 3],
  ])('with a deal of auction type %i say %i', (dealType, expected) => {
    const bid = bidOf({ deal: { auctionType: dealType } })
    const reading = tokens.verify(
      tokenIn(links.of(requestOf(), decisionOf(standard), bid).win),
      TokenKind.Win,
    )
    expect(reading.ok && reading.token).toMatchObject({ hasDeal: true, auctionType: expected })
  })
})

test.each([
  ['${AUCTION_PRICE:B64}', '&p=${AUCTION_PRICE:B64}&mtw='],
  ['%%WINNING_PRICE%%', '&p=%%WINNING_PRICE%%&mtw='],
  ['', '&mtw='],
  ['x&t=forged', '&mtw='],
  ['"><script>', '&mtw='],
  ['a b', '&mtw='],
])('a price macro spelt %j becomes %j', (macro, tail) => {
  const { links } = newLinks()
  const { win } = links.of(requestOf(), decisionOf(macro), bidOf())
  expect(win.replace(/^[^&]*/, '').startsWith(tail)).toBe(true)
})

test('a changed exchange is another object and gets its own macros at once', () => {
  const { links } = newLinks()
  const first = links.of(requestOf(), decisionOf('A'), bidOf()).win
  const second = links.of(requestOf(), decisionOf('B'), bidOf()).win
  expect([first, second].map((url) => /&p=(\w)/.exec(url)?.[1])).toEqual(['A', 'B'])
})

test('links without TLS say so', () => {
  expect(newLinks().links.isSecure).toBe(true)
  expect(newLinks('http://127.0.0.1:8080').links.isSecure).toBe(false)
})
