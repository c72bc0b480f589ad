/** `site`, `app` or `dooh` to our inventory (2.6 §3.2.13 to §3.2.16). */
import { Channel, type Inventory } from '../../../domain/bid-request.ts'
import type {
  OrtbApp,
  OrtbBidRequest,
  OrtbContent,
  OrtbPublisher,
  OrtbSite,
} from '../wire/openrtb.generated.ts'
import { domainOf } from './domain-name.ts'
import { countOr } from './numbers.ts'
import { languageOf, textList, textOr } from './text.ts'

/** Content 1.0, which is meant where no `cattax` is sent. */
const taxonomyDefault = 1

const none: readonly never[] = []

/**
 * Where JSON has several of the three (the specification allows one, protobuf carries one), the
 * last in the order of the schema counts, as on the wire of a protobuf writer: dooh, else app, else
 * site. An app without bundle, id and name beside a site with domain or page is an empty shell that
 * some adapters leave there, and the site counts.
 */
export function fillInventory(inventory: Inventory, wire: OrtbBidRequest): void {
  const { site, app, dooh } = wire
  if (dooh !== null) {
    inventory.channel = Channel.Dooh
    inventory.id = textOr(dooh.id)
    inventory.name = textOr(dooh.name)
    inventory.domain = domainOf(dooh.domain)
    fillPublisher(inventory, dooh.publisher)
    fillContent(inventory, dooh.content, none, null)
  } else if (app !== null && !(site !== null && isShell(app) && isNamed(site))) {
    fillApp(inventory, app)
  } else if (site !== null) fillSite(inventory, site)
}

function isShell(app: OrtbApp): boolean {
  return textOr(app.bundle) === '' && textOr(app.id) === '' && textOr(app.name) === ''
}

function isNamed(site: OrtbSite): boolean {
  return textOr(site.domain) !== '' || textOr(site.page) !== ''
}

function fillApp(inventory: Inventory, app: OrtbApp): void {
  inventory.channel = Channel.App
  inventory.id = textOr(app.id)
  inventory.name = textOr(app.name)
  inventory.bundle = textOr(app.bundle)
  inventory.domain = domainOf(app.domain)
  fillPublisher(inventory, app.publisher)
  fillContent(inventory, app.content, categoriesOf(app), app.cattax)
}

function fillSite(inventory: Inventory, site: OrtbSite): void {
  inventory.channel = Channel.Site
  inventory.id = textOr(site.id)
  inventory.name = textOr(site.name)
  inventory.page = textOr(site.page)
  inventory.domain = domainOf(site.domain)
  // Block and allow lists go by domain: a page says it where the field is left out.
  if (inventory.domain === '') inventory.domain = domainOf(site.page)
  fillPublisher(inventory, site.publisher)
  fillContent(inventory, site.content, categoriesOf(site), site.cattax)
}

function fillPublisher(inventory: Inventory, publisher: OrtbPublisher | null): void {
  if (publisher === null) return
  inventory.publisherId = textOr(publisher.id)
  inventory.publisherName = textOr(publisher.name)
  inventory.publisherDomain = domainOf(publisher.domain)
}

/** Site and app have three lists; nearly always one of them alone has entries. */
function categoriesOf(wire: Pick<OrtbSite, 'cat' | 'sectioncat' | 'pagecat'>): readonly string[] {
  const { cat, sectioncat, pagecat } = wire
  if (sectioncat.length === 0 && pagecat.length === 0) return textList(cat)
  return textList([...new Set([...cat, ...sectioncat, ...pagecat])])
}

/**
 * Language and categories of the content. Its categories join those of the site or app where both
 * are of one taxonomy, stand alone where there are no others, and are left out where the two
 * differ: a code means another thing in another taxonomy, and the place is the surer word.
 */
function fillContent(
  inventory: Inventory,
  content: OrtbContent | null,
  own: readonly string[],
  ownTaxonomy: number | null,
): void {
  inventory.categories = own
  inventory.categoryTaxonomy = taxonomyOf(ownTaxonomy)
  if (content === null) return
  inventory.language = languageOf(content.language ?? content.langb)
  if (content.cat.length === 0) return
  const taxonomy = taxonomyOf(content.cattax)
  if (own.length === 0) {
    inventory.categories = textList(content.cat)
    inventory.categoryTaxonomy = taxonomy
  } else if (taxonomy === inventory.categoryTaxonomy) {
    inventory.categories = [...new Set([...own, ...textList(content.cat)])]
  }
}

function taxonomyOf(cattax: number | null): number {
  const taxonomy = countOr(cattax)
  return taxonomy === 0 ? taxonomyDefault : taxonomy
}
