/** The catalog of a generated market as the store would have it after an import. */

import { parseAdvertiser, parseCampaign, parseCreative } from '../../src/catalog/bid-entities.ts'
import type { CheckView } from '../../src/control/check-view.ts'
import { readImportLine } from '../../src/control/import-line.ts'
import { adFactsOf } from '../../src/domain/ad-facts-of.ts'
import { advertiserKind } from '../../src/domain/advertiser.ts'
import { campaignKind } from '../../src/domain/campaign.ts'
import { creativeKind } from '../../src/domain/creative.ts'
import { type Exchange, exchangeKind } from '../../src/domain/exchange.ts'
import type { AdFacts } from '../../src/domain/feature-facts.ts'
import type { StoredEntity } from '../../src/store/ports.ts'
import type { Market } from '../../src/world/market.ts'
import { catalogLines } from '../../src/world/world-catalog.ts'

/** A line of an import. */
export interface ImportLine {
  readonly kind: string
  readonly value: { readonly id: string }
}

/** Lines of the market with its first `creativesMax` creatives; its exchange has `own` settings. */
export function* marketLines(
  market: Market,
  own: Partial<Exchange>,
  creativesMax = Number.POSITIVE_INFINITY,
): Generator<ImportLine> {
  let creatives = 0
  for (const line of catalogLines(market) as Generator<ImportLine>) {
    if (line.kind === creativeKind && creatives++ >= creativesMax) return
    yield line.kind === exchangeKind ? { ...line, value: { ...line.value, ...own } } : line
  }
}

/** The entities that those lines become: checked and completed by the code of the admin API. */
export function storedEntities(lines: Iterable<ImportLine>, nowMs: number): StoredEntity[] {
  const stored = new Stored()
  let number = 0
  for (const line of lines) {
    const text = JSON.stringify(line)
    number++
    const entry = readImportLine({ number, text, bytes: text.length, fault: null }, nowMs)
    if (entry.do !== 'put') throw new Error(`line ${number} of the market is refused: ${text}`)
    const json = JSON.stringify(entry.check(stored).value)
    stored.put({ kind: entry.of, id: entry.id, version: 1, json })
  }
  return stored.all
}

/** What models see of each creative, by id. */
export function adFactsById(entities: readonly StoredEntity[]): ReadonlyMap<string, AdFacts> {
  const of = <T>(wanted: string, parse: (json: string, id: string) => T): Map<string, T> =>
    new Map(
      entities.flatMap(({ kind, id, json }) => (kind === wanted ? [[id, parse(json, id)]] : [])),
    )
  const advertisers = of(advertiserKind, parseAdvertiser)
  const campaigns = of(campaignKind, parseCampaign)
  const facts = new Map<string, AdFacts>()
  for (const creative of of(creativeKind, parseCreative).values()) {
    const campaign = campaigns.get(creative.campaignId)
    const advertiser = campaign && advertisers.get(campaign.advertiserId)
    if (campaign && advertiser) facts.set(creative.id, adFactsOf(creative, campaign, advertiser))
  }
  return facts
}

/** What the lines so far have put in. */
class Stored implements CheckView {
  readonly all: StoredEntity[] = []
  readonly #byName = new Map<string, StoredEntity>()
  readonly #counts = new Map<string, number>()

  put(entity: StoredEntity): void {
    this.all.push(entity)
    this.#byName.set(`${entity.kind}/${entity.id}`, entity)
    this.#counts.set(entity.kind, this.count(entity.kind) + 1)
  }

  get(kind: string, id: string): StoredEntity | null {
    return this.#byName.get(`${kind}/${id}`) ?? null
  }

  count(kind: string): number {
    return this.#counts.get(kind) ?? 0
  }

  *after(kind: string, id: string): Generator<StoredEntity> {
    for (const entity of this.all) if (entity.kind === kind && entity.id > id) yield entity
  }
}
