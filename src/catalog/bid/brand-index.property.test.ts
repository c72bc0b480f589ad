import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anExchange } from '../../../test/support/bid-world.ts'
import { BidRequest } from '../../domain/bid-request.ts'
import { fitBrand, prepareBlocks, prepareBrand } from '../../domain/slot-fit/brand-fit.ts'
import { BrandIndex } from './brand-index.ts'

const domain = fc.constantFrom('a.example', 'b.a.example', 'c.example', 'com', 'www.c.example')
const category = fc.constantFrom('IAB1', 'IAB1-2', 'IAB2', 'iab7-39', '483', '')
const bundle = fc.constantFrom('', 'app.one', 'App.Two')
const words = (of: fc.Arbitrary<string>) => fc.array(of, { maxLength: 3 })

const facts = fc.record({
  domains: words(domain),
  categories: fc.array(fc.record({ taxonomy: fc.constantFrom(1, 2, 7), ids: words(category) }), {
    maxLength: 3,
  }),
  bundle,
  language: fc.constant(''),
})

const asked = fc.record({
  blockedDomains: words(domain),
  blockedBundles: words(bundle),
  blockedCategories: words(category),
  categoryTaxonomy: fc.constantFrom(1, 2, 3),
  exchangeDomains: words(domain),
  exchangeCategories: words(category),
})

test('says of every brand what asking it alone would say, also of brands that came later', () => {
  fc.assert(
    fc.property(fc.array(facts, { maxLength: 8 }), fc.nat({ max: 8 }), asked, (all, early, ask) => {
      const brands = all.slice(0, early).map(prepareBrand)
      const index = new BrandIndex(brands)
      index.sync()
      brands.push(...all.slice(early).map(prepareBrand))
      const { exchangeDomains, exchangeCategories, ...of } = ask
      const request = Object.assign(new BidRequest(), of)
      const { blocked } = anExchange()
      const exchange = anExchange({
        blocked: {
          ...blocked,
          advertiserDomains: exchangeDomains,
          advertiserCategories: exchangeCategories,
        },
      })
      const blocks = prepareBlocks(request, exchange)
      const stamps = new Uint32Array(16)
      const drops = new Uint8Array(16)
      expect(index.mark(blocks, { stamps, drops, stamp: 7 })).toBe(true)
      const marked = brands.map((_, brand) => (stamps[brand] === 7 ? drops[brand] : 0))
      expect(marked).toEqual(brands.map((brand) => fitBrand(brand, blocks)))
    }),
    { numRuns: 500 },
  )
})

test('leaves allow lists to asking each brand', () => {
  const index = new BrandIndex([])
  const verdicts = { stamps: new Uint32Array(1), drops: new Uint8Array(1), stamp: 1 }
  const request = new BidRequest()
  request.allowedCategories = ['IAB1']
  expect(index.mark(prepareBlocks(request, anExchange()), verdicts)).toBe(false)
  request.allowedCategories = []
  request.languages = ['en']
  expect(index.mark(prepareBlocks(request, anExchange()), verdicts)).toBe(false)
})
