import { describe, expect, test } from 'vitest'
import { exchangeOf, requestOf } from '../../../test/support/slot-fixtures.ts'
import type { BidRequest } from '../bid-request.ts'
import { Drop, dropNames } from '../drop-reason.ts'
import type { Exchange } from '../exchange.ts'
import { type BrandFacts, fitBrand, prepareBlocks, prepareBrand } from './brand-fit.ts'

type Ask = Partial<
  Pick<
    BidRequest,
    | 'blockedDomains'
    | 'blockedBundles'
    | 'blockedCategories'
    | 'allowedCategories'
    | 'categoryTaxonomy'
    | 'languages'
  >
>

const facts: BrandFacts = {
  domains: ['shop.example.com'],
  categories: [
    { taxonomy: 1, ids: ['IAB7-39', 'IAB18'] },
    { taxonomy: 7, ids: ['223'] },
  ],
  bundle: 'com.example.Shop',
  language: 'en',
}

function reason(
  ask: Ask,
  brand: Partial<BrandFacts> = {},
  blocked: Partial<Exchange['blocked']> = {},
): string | undefined {
  const request = Object.assign(requestOf([]), ask)
  const exchange = exchangeOf({ blocked: { ...exchangeOf().blocked, ...blocked } })
  const prepared = prepareBrand({ ...facts, ...brand })
  return dropNames.get(fitBrand(prepared, prepareBlocks(request, exchange)))
}

test('a request that blocks nothing lets every brand in', () => {
  expect(reason({})).toBe('none')
  expect(reason({}, { domains: [], categories: [], bundle: '', language: '' })).toBe('none')
})

describe('a blocked domain', () => {
  const blocked = dropNames.get(Drop.BlockedDomain)

  test.each([
    'shop.example.com',
    'example.com',
    'WWW.Example.com',
    'https://example.com/x',
    '.com',
  ])('%s covers the brand', (domain) =>
    expect(reason({ blockedDomains: ['other.example', domain] })).toBe(blocked),
  )

  test.each(['ample.com', 'www.shop.example.com.au', 'a.shop.example.com', '', 'example'])(
    '%s does not',
    (domain) => expect(reason({ blockedDomains: [domain] })).toBe('none'),
  )

  test('may be the exchange’s own', () => {
    expect(reason({}, {}, { advertiserDomains: ['other.example'] })).toBe('none')
    expect(reason({}, {}, { advertiserDomains: ['example.com'] })).toBe(blocked)
  })
})

test('a blocked bundle keeps the app out', () => {
  expect(reason({ blockedBundles: ['com.example.other'] })).toBe('none')
  expect(reason({ blockedBundles: ['com.example.shop'] })).toBe(dropNames.get(Drop.BlockedBundle))
  expect(reason({ blockedBundles: [''] }, { bundle: '' })).toBe('none')
})

describe('a blocked category', () => {
  const blocked = dropNames.get(Drop.BlockedCategory)

  test('covers itself and what is below it', () => {
    expect(reason({ blockedCategories: ['IAB7-3', 'IAB1', 'IAB18-1'] })).toBe('none')
    expect(reason({ blockedCategories: ['IAB7-39'] })).toBe(blocked)
    expect(reason({ blockedCategories: ['iab7'] })).toBe(blocked)
  })

  test('is compared in the taxonomy of the request', () => {
    expect(reason({ blockedCategories: ['223'] })).toBe('none')
    expect(reason({ blockedCategories: ['223'], categoryTaxonomy: 7 })).toBe(blocked)
    expect(reason({ blockedCategories: ['IAB7'], categoryTaxonomy: 7 })).toBe('none')
  })

  test('keeps out a brand that is not classified in that taxonomy', () => {
    expect(reason({ blockedCategories: ['1'], categoryTaxonomy: 6 })).toBe(blocked)
    expect(reason({ blockedCategories: [], categoryTaxonomy: 6 })).toBe('none')
    expect(reason({ blockedCategories: ['IAB1'] }, { categories: [] })).toBe(blocked)
  })

  test('may be the exchange’s own, in any taxonomy', () => {
    expect(reason({}, {}, { advertiserCategories: ['224'] })).toBe('none')
    expect(reason({}, {}, { advertiserCategories: ['223'] })).toBe(blocked)
    expect(reason({}, { categories: [] }, { advertiserCategories: ['223'] })).toBe('none')
  })
})

test('allowed categories have to cover every category of the brand', () => {
  const refused = dropNames.get(Drop.AllowedCategory)
  expect(reason({ allowedCategories: ['IAB7', 'IAB18'] })).toBe('none')
  expect(reason({ allowedCategories: ['IAB7'] })).toBe(refused)
  expect(reason({ allowedCategories: ['IAB7', 'IAB18-1'] })).toBe(refused)
  expect(reason({ allowedCategories: ['IAB7'] }, { categories: [] })).toBe(refused)
})

test('an ad with words is in an allowed language', () => {
  const refused = dropNames.get(Drop.BlockedLanguage)
  expect(reason({ languages: ['de', 'en'] })).toBe('none')
  expect(reason({ languages: ['en-us'] })).toBe('none')
  expect(reason({ languages: ['en'] }, { language: 'en-GB' })).toBe('none')
  expect(reason({ languages: ['en-us'] }, { language: 'en-gb' })).toBe(refused)
  expect(reason({ languages: ['de', 'eng'] })).toBe(refused)
  expect(reason({ languages: ['de'] }, { language: '' })).toBe('none')
})
