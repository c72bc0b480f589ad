/** Whether a request lets an advertiser in: blocked and allowed domains, categories, bundles. */
import type { CategorySet } from '../advertiser.ts'
import type { BidRequest } from '../bid-request.ts'
import { Drop } from '../drop-reason.ts'
import type { Exchange } from '../exchange.ts'

/** Who advertises: what a creative says of it, else its advertiser. */
export interface BrandFacts {
  /** Landing domains. */
  readonly domains: readonly string[]
  readonly categories: readonly CategorySet[]
  /** '' = none. */
  readonly bundle: string
  /** '' = without words. */
  readonly language: string
}

/** Who advertises, ready to be looked up; plain JSON. Made once a brand, off the hot path. */
export interface PreparedBrand {
  /** Landing domains, plain and lower case. */
  readonly domains: readonly string[]
  /** Landing domains with all their parent domains, lower case. */
  readonly domainForms: readonly string[]
  readonly categories: readonly BrandCategories[]
  /** Lower case; '' = none. */
  readonly bundle: string
  /** Lower case; '' = without words. */
  readonly language: string
}

/** Categories in one taxonomy. */
export interface BrandCategories {
  readonly taxonomy: number
  /** Each category with those above it: `['IAB7-39', 'IAB7']`. Upper case. */
  readonly chains: readonly (readonly string[])[]
}

/** The block and allow lists of one request and its exchange, ready to be asked. */
export interface Blocks {
  readonly domains: ReadonlySet<string> | null
  /** Advertiser domains and, in whatever taxonomy, categories that the exchange never takes. */
  readonly exchangeDomains: ReadonlySet<string> | null
  readonly exchangeCategories: ReadonlySet<string> | null
  readonly bundles: ReadonlySet<string> | null
  readonly taxonomy: number
  readonly blockedCategories: ReadonlySet<string> | null
  readonly allowedCategories: ReadonlySet<string> | null
  readonly languages: readonly string[]
}

/** A brand ready for `fitBrand`. */
export function prepareBrand(facts: BrandFacts): PreparedBrand {
  return {
    domains: [...new Set(facts.domains.map(plainDomain))],
    domainForms: [...new Set(facts.domains.flatMap(domainWithParents))],
    categories: facts.categories.filter(({ ids }) => ids.length > 0).map(brandCategories),
    bundle: facts.bundle.toLowerCase(),
    language: facts.language.toLowerCase(),
  }
}

/** Made once a request: costs as much as the request's lists are long. */
export function prepareBlocks(request: BidRequest, exchange: Exchange): Blocks {
  const own = exchangeBlocks(exchange)
  return {
    domains: setOf(request.blockedDomains, plainDomain),
    exchangeDomains: own.domains,
    exchangeCategories: own.categories,
    bundles: setOf(request.blockedBundles, lower),
    taxonomy: request.categoryTaxonomy,
    blockedCategories: setOf(request.blockedCategories, upper),
    allowedCategories: setOf(request.allowedCategories, upper),
    languages: request.languages,
  }
}

/**
 * `Drop.None` when the brand is let in, else the first rule it breaks: domain, bundle, blocked
 * category, allowed category, language. Hot path: allocates nothing.
 *
 * A blocked domain covers its subdomains. A blocked category covers those below it (`IAB7` covers
 * `IAB7-39`; ids of other taxonomies do not show what they are part of, so there each counts for
 * itself). Categories are compared in the request's taxonomy only: a brand without one in it
 * cannot show that it is none of the blocked, or one of the allowed, and is kept out.
 */
export function fitBrand(brand: PreparedBrand, blocks: Blocks): Drop {
  if (isBlockedDomain(brand.domainForms, blocks)) return Drop.BlockedDomain
  if (blocks.bundles !== null && brand.bundle !== '' && blocks.bundles.has(brand.bundle)) {
    return Drop.BlockedBundle
  }
  const category = categoryDrop(brand, blocks)
  if (category !== Drop.None) return category
  return languageFits(brand.language, blocks.languages) ? Drop.None : Drop.BlockedLanguage
}

function isBlockedDomain(forms: readonly string[], blocks: Blocks): boolean {
  const { domains, exchangeDomains } = blocks
  if (domains !== null && hasAny(domains, forms)) return true
  return exchangeDomains !== null && hasAny(exchangeDomains, forms)
}

function categoryDrop(brand: PreparedBrand, blocks: Blocks): Drop {
  const { blockedCategories, allowedCategories, exchangeCategories } = blocks
  if (exchangeCategories !== null && isBlockedAnywhere(brand, exchangeCategories)) {
    return Drop.BlockedCategory
  }
  if (blockedCategories === null && allowedCategories === null) return Drop.None
  const chains = chainsIn(brand, blocks.taxonomy)
  if (blockedCategories !== null) {
    if (chains === null || someChainIn(chains, blockedCategories)) return Drop.BlockedCategory
  }
  if (allowedCategories !== null) {
    if (chains === null || !everyChainIn(chains, allowedCategories)) return Drop.AllowedCategory
  }
  return Drop.None
}

function chainsIn(brand: PreparedBrand, taxonomy: number): BrandCategories['chains'] | null {
  for (const set of brand.categories) if (set.taxonomy === taxonomy) return set.chains
  return null
}

function isBlockedAnywhere(brand: PreparedBrand, blocked: ReadonlySet<string>): boolean {
  for (const { chains } of brand.categories) if (someChainIn(chains, blocked)) return true
  return false
}

function someChainIn(chains: BrandCategories['chains'], set: ReadonlySet<string>): boolean {
  for (const chain of chains) if (hasAny(set, chain)) return true
  return false
}

function everyChainIn(chains: BrandCategories['chains'], set: ReadonlySet<string>): boolean {
  for (const chain of chains) if (!hasAny(set, chain)) return false
  return true
}

/** `en` and `en-us` are one language to us; `en-us` and `en-gb` are not. */
function languageFits(language: string, allowed: readonly string[]): boolean {
  if (language === '' || allowed.length === 0) return true
  for (const other of allowed) {
    if (isPartOf(language, other) || isPartOf(other, language)) return true
  }
  return false
}

function isPartOf(short: string, long: string): boolean {
  return long.startsWith(short) && (long.length === short.length || long[short.length] === '-')
}

function hasAny(set: ReadonlySet<string>, values: readonly string[]): boolean {
  for (const value of values) if (set.has(value)) return true
  return false
}

interface ExchangeBlocks {
  readonly domains: ReadonlySet<string> | null
  readonly categories: ReadonlySet<string> | null
}

/** Exchanges are immutable parts of a snapshot: a changed one is another object. */
const exchangeCache = new WeakMap<Exchange, ExchangeBlocks>()

function exchangeBlocks(exchange: Exchange): ExchangeBlocks {
  let blocks = exchangeCache.get(exchange)
  if (blocks === undefined) {
    const { advertiserDomains, advertiserCategories } = exchange.blocked
    blocks = {
      domains: setOf(advertiserDomains, plainDomain),
      categories: setOf(advertiserCategories, upper),
    }
    exchangeCache.set(exchange, blocks)
  }
  return blocks
}

/** Null for an empty list. An empty entry blocks nothing and allows nothing. */
function setOf(
  texts: readonly string[],
  spell: (text: string) => string,
): ReadonlySet<string> | null {
  if (texts.length === 0) return null
  const set = new Set<string>()
  for (const text of texts) {
    const spelt = spell(text)
    if (spelt !== '') set.add(spelt)
  }
  return set
}

function lower(text: string): string {
  return text.toLowerCase()
}

function upper(text: string): string {
  return text.trim().toUpperCase()
}

/** Block lists also hold URLs, `*.` patterns and `www.` forms; all mean the domain. */
function plainDomain(text: string): string {
  return oddDomain.test(text) ? strippedDomain(text) : text
}

/** The question asked of each of some thousands of entries, nearly all of them plain. */
const oddDomain = /^(?:www\.|[*.])|[A-Z/:?#\s]|\.$/

function strippedDomain(text: string): string {
  let domain = text.trim().toLowerCase()
  const scheme = domain.indexOf('://')
  if (scheme >= 0) domain = domain.slice(scheme + 3)
  const end = domain.search(/[/:?#]/)
  if (end >= 0) domain = domain.slice(0, end)
  return domain.replace(/^(\*?\.)?(www\.)?/, '').replace(/\.$/, '')
}

function domainWithParents(text: string): string[] {
  const forms: string[] = []
  let form = plainDomain(text)
  while (form !== '') {
    forms.push(form)
    const dot = form.indexOf('.')
    form = dot < 0 ? '' : form.slice(dot + 1)
  }
  return forms
}

function brandCategories({ taxonomy, ids }: CategorySet): BrandCategories {
  return { taxonomy, chains: ids.map((id) => categoryChain(upper(id), taxonomy)) }
}

/** Only ids of Content Taxonomy 1.0 show what they are part of: `IAB7-39` is in `IAB7`. */
function categoryChain(id: string, taxonomy: number): string[] {
  const dash = taxonomy === 1 ? id.indexOf('-') : -1
  return dash < 0 ? [id] : [id, id.slice(0, dash)]
}
