/** Prices for the ads of a second request (rta-media.md §1.6): product > creative > ad group. */
import type { SecondRule, SecondRules } from '../catalog/plan.ts'
import type { AdPrice, AskedAd } from '../domain/ad-request.ts'
import type { AdResult, Verdict } from '../domain/decision.ts'
import { noPrice } from '../domain/money.ts'
import type { Scratch } from './scratch.ts'
import { adsMax, eligibleForAd } from './selection.ts'

/**
 * Creatives, and products, of one ad that get a price of their own: what one ad rotates is tens;
 * later ones run at the ad's price.
 */
const partsMax = 128

const none: readonly never[] = []

/**
 * A result an ad, in the order asked. An ad is ignored (not shown) where no eligible strategy owns
 * it, and where an `ignore` rule names it or a creative or product that it carries: a wire cannot
 * leave out one of them alone, and not showing costs nothing.
 * `verdicts` are those of `scratch.eligible`, position by position.
 */
export function priceAds(scratch: Scratch, verdicts: readonly Verdict[]): AdResult[] {
  const results: AdResult[] = []
  const count = Math.min(scratch.request.ads.length, adsMax)
  for (let i = 0; i < count; i++) {
    const ad = scratch.request.ads[i]
    if (ad !== undefined) results.push(priceAd(ad, scratch, verdicts))
  }
  return results
}

function priceAd(ad: AskedAd, scratch: Scratch, verdicts: readonly Verdict[]): AdResult {
  const owner = eligibleForAd(ad, scratch)
  if (owner === -1) return ignored(ad)
  const rules = scratch.eligible[owner]?.second
  const own = verdicts[owner]
  if (rules === undefined || own === undefined) return ignored(ad)
  const adRule = rules.byAdGroup.get(ad.adGroupId) ?? rules.byAdGroup.get('')
  const creatives = pricedCreatives(ad, rules)
  const products = pricedProducts(ad, rules)
  if (adRule?.ignore === true || creatives === null || products === null) return ignored(ad)
  const price = adRule?.price ?? own
  return {
    adGroupId: ad.adGroupId,
    ignore: false,
    price: { cpcMicros: price.cpcMicros, cpaMicros: price.cpaMicros, factor: price.factor },
    creatives,
    products,
  }
}

/** Creatives with a price of their own; null when a rule says that the ad is not to be shown. */
function pricedCreatives(ad: AskedAd, rules: SecondRules): AdResult['creatives'] | null {
  if (rules.byCreative.size === 0) return none
  const creatives: { creativeId: string; price: AdPrice }[] = []
  const count = Math.min(ad.creativeIds.length, partsMax)
  for (let i = 0; i < count; i++) {
    const creativeId = ad.creativeIds[i] ?? ''
    const rule = ruleFor(rules.byCreative.get(creativeId), ad)
    if (rule === null) continue
    if (rule.ignore) return null
    creatives.push({ creativeId, price: rule.price })
  }
  return creatives
}

/** Products with a price of their own; null when a rule says that the ad is not to be shown. */
function pricedProducts(ad: AskedAd, rules: SecondRules): AdResult['products'] | null {
  if (rules.byProduct.size === 0) return none
  const products: { libraryId: string; productId: string; price: AdPrice }[] = []
  const count = Math.min(ad.products.length, partsMax)
  for (let i = 0; i < count; i++) {
    const product = ad.products[i]
    if (product === undefined) continue
    const rule = ruleFor(rules.byProduct.get(product.productId), ad)
    if (rule === null) continue
    if (rule.ignore) return null
    products.push({
      libraryId: product.libraryId,
      productId: product.productId,
      price: rule.price,
    })
  }
  return products
}

/** The first rule that fits: they are sorted by how much they name. */
function ruleFor(rules: readonly SecondRule[] | undefined, ad: AskedAd): SecondRule | null {
  if (rules === undefined) return null
  for (const rule of rules) {
    if (rule.adGroupId !== '' && rule.adGroupId !== ad.adGroupId) continue
    if (rule.creativeId !== '' && !carries(ad, rule.creativeId)) continue
    return rule
  }
  return null
}

function carries(ad: AskedAd, creativeId: string): boolean {
  const count = Math.min(ad.creativeIds.length, partsMax)
  for (let i = 0; i < count; i++) if (ad.creativeIds[i] === creativeId) return true
  return false
}

function ignored(ad: AskedAd): AdResult {
  return {
    adGroupId: ad.adGroupId,
    ignore: true,
    price: noChange,
    creatives: none,
    products: none,
  }
}

const noChange: AdPrice = { cpcMicros: noPrice, cpaMicros: noPrice, factor: Number.NaN }
