/** What the compiling thread remembers of every entity between two builds. */
import { type Advertiser, advertiserKind } from '../../domain/advertiser.ts'
import { type Campaign, campaignKind } from '../../domain/campaign.ts'
import { type Creative, creativeKind } from '../../domain/creative.ts'
import { type CreativeShape, shapeKey, shapeOf } from '../../domain/creative-shape.ts'
import { type Exchange, exchangeKind } from '../../domain/exchange.ts'
import { formatNames } from '../../domain/format.ts'
import type { Guard } from '../../domain/guard.ts'
import { type Rates, ratesKind } from '../../domain/rates.ts'
import { noSerial, type Serial, serialOf } from '../../domain/serial.ts'
import {
  type BrandFacts,
  type PreparedBrand,
  prepareBrand,
} from '../../domain/slot-fit/brand-fit.ts'
import type { AudienceRule } from '../../domain/strategy.ts'
import { UserEntry } from '../../domain/user-state.ts'
import { RowNumbers } from '../../lib/row-numbers.ts'
import type { StoredEntity } from '../../store/ports.ts'
import {
  parseAdvertiser,
  parseCampaign,
  parseCreative,
  parseExchange,
  parseRates,
} from '../bid-entities.ts'
import { capGuards, convertedGuards } from '../guards.ts'
import { ShapeError } from '../json-shape.ts'
import type { BidProblem, OsRule, ScheduleRule, Tables } from './bid-data.ts'
import { campaignWords, type DimensionWords } from './campaign-words.ts'
import { InternTable } from './intern-table.ts'
import { type TextPlace, TextStore } from './text-store.ts'

/** Catalog kinds that bids are made from. */
export const bidKinds: readonly string[] = [
  advertiserKind,
  campaignKind,
  creativeKind,
  exchangeKind,
  ratesKind,
]

/** An advertiser, and where its text stands. */
export interface AdvertiserRow {
  readonly value: Advertiser
  readonly serial: Serial
  readonly text: TextPlace
  readonly guards: readonly Guard[]
}

/** A campaign with its targeting taken apart; rules are numbers of their tables. */
export interface CampaignRow {
  readonly value: Campaign
  readonly serial: Serial
  readonly text: TextPlace
  readonly guards: readonly Guard[]
  readonly words: readonly DimensionWords[]
  readonly os: readonly number[]
  readonly schedule: number
  readonly audience: number
}

/**
 * The few things of a creative that a build needs; the rest is text. What a build works out is kept
 * for the next one, which does again only what has changed.
 */
export interface CreativeRow {
  readonly id: string
  readonly serial: Serial
  readonly guards: readonly Guard[]
  readonly campaignId: string
  readonly enabled: boolean
  readonly format: number
  readonly w: number
  readonly h: number
  readonly history: Creative['history']
  readonly shape: number
  readonly own: BrandFacts
  readonly text: TextPlace
  /** The brand with what the advertiser adds; made anew when that is another one. */
  brand: number
  brandOf: AdvertiserRow | null
  /** True once it was removed or replaced. */
  isGone: boolean
  /** Index of its campaign in the build under way. */
  campaign: number
  /** Rates and value, for this campaign at this rate. */
  pricedFor: CampaignRow | null
  pricedAt: number
  ctr: number
  cvr: number
  value: number
  prior: number
  /** Its row in the slabs of models; -1 before it was in a build. */
  adRow: number
  /** Another number for every change of the facts that models see (`AdFacts`). */
  adStamp: number
  stampedFor: CampaignRow | null
  stampedOf: AdvertiserRow | null
}

/** The tables of `Tables`, being filled. */
export interface RowTables {
  readonly shape: InternTable<CreativeShape>
  readonly brand: InternTable<PreparedBrand>
  readonly os: InternTable<OsRule>
  readonly schedule: InternTable<ScheduleRule>
  readonly audience: InternTable<AudienceRule>
}

/** Names of the tables, in the order they are sent in. */
export const tableNames: readonly (keyof Tables)[] = [
  'shape',
  'brand',
  'os',
  'schedule',
  'audience',
]

/** Entities by kind and id, kept equal to the store by `put` and `remove`. */
export class BidRows {
  readonly advertisers = new Map<string, AdvertiserRow>()
  readonly campaigns = new Map<string, CampaignRow>()
  readonly creatives = new Map<string, CreativeRow>()
  readonly exchanges = new Map<string, Exchange>()
  rates: Rates | null = null
  readonly texts = new TextStore()
  readonly tables: RowTables = {
    shape: new InternTable(),
    brand: new InternTable(),
    os: new InternTable(),
    schedule: new InternTable(),
    audience: new InternTable(),
  }
  /** The creatives of the last build, in its order, and those that it left out. */
  live: readonly CreativeRow[] = []
  rest: readonly CreativeRow[] = []
  readonly #adRows = new RowNumbers()
  #adStamp = 0
  #order: readonly CreativeRow[] = []
  #fresh: CreativeRow[] = []
  /** Ids by serial, of each kind that tokens and events name by serial. */
  readonly #serials = new Map<string, Map<number, string>>()
  /** Entities that could not be read, by `kind/id`. */
  readonly broken = new Map<string, BidProblem>()

  /** Takes an entity as it is now; one that cannot be read is out until it is mended. */
  put({ kind, id, json }: StoredEntity): void {
    this.remove(kind, id)
    try {
      this.#read(kind, id, json, this.#claimSerial(kind, id))
    } catch (error) {
      if (!(error instanceof ShapeError || error instanceof SyntaxError)) throw error
      this.broken.set(`${kind}/${id}`, { kind, id, reason: error.message })
    }
  }

  /** Forgets an entity. */
  remove(kind: string, id: string): void {
    const rows = this.#rowsOf(kind)
    const row = rows?.get(id)
    // Most puts are of something new, and a serial is a hash.
    const wasThere = this.broken.delete(`${kind}/${id}`) || row !== undefined
    if (wasThere) this.#freeSerial(kind, id)
    if (row !== undefined && 'text' in row) this.texts.drop(row.text)
    if (row !== undefined && 'isGone' in row) {
      row.isGone = true
      this.#adRows.giveBack(row.adRow)
    }
    rows?.delete(id)
    if (kind === ratesKind) this.rates = null
  }

  /**
   * Creatives, those of the last build in its order first: sorting them again is then one pass.
   */
  *creativesInOrder(): Generator<CreativeRow> {
    for (const row of this.#order) if (!row.isGone) yield row
    for (const row of this.#fresh) if (!row.isGone) yield row
  }

  /** Keeps the order of a build, with the creatives that it left out at the end. */
  keepOrder(order: readonly CreativeRow[], rest: readonly CreativeRow[]): void {
    this.live = order
    this.rest = rest
    this.#order = [...order, ...rest]
    this.#fresh = []
  }

  /** Gives a creative of the build under way its row in slabs, and notes a change of its facts. */
  stamp(row: CreativeRow): void {
    if (row.stampedFor === row.pricedFor && row.stampedOf === row.brandOf) return
    if (row.adRow < 0) row.adRow = this.#adRows.take()
    row.adStamp = ++this.#adStamp
    row.stampedFor = row.pricedFor
    row.stampedOf = row.brandOf
  }

  /** Packs the texts when most of them are dead. */
  tidy(): void {
    if (!this.texts.isWasteful) return
    const copy = this.texts.repack()
    for (const rows of [this.advertisers, this.campaigns, this.creatives]) {
      for (const row of rows.values()) Object.assign(row, { text: copy(row.text) })
    }
  }

  /** Two things with one serial could not be told apart in events: the later one stays out. */
  #claimSerial(kind: string, id: string): Serial {
    if (!isNamed(kind)) return noSerial
    const serials = this.#serials.get(kind) ?? new Map<number, string>()
    this.#serials.set(kind, serials)
    const serial = serialOf(kind, id)
    const owner = serials.get(serial)
    if (owner !== undefined)
      throw new ShapeError(`its serial is that of ${owner}: choose another id`)
    serials.set(serial, id)
    return serial
  }

  #freeSerial(kind: string, id: string): void {
    if (!isNamed(kind)) return
    const serial = serialOf(kind, id)
    if (this.#serials.get(kind)?.get(serial) === id) this.#serials.get(kind)?.delete(serial)
  }

  #rowsOf(kind: string): Map<string, AdvertiserRow | CampaignRow | CreativeRow | Exchange> | null {
    switch (kind) {
      case advertiserKind:
        return this.advertisers as Map<string, AdvertiserRow>
      case campaignKind:
        return this.campaigns as Map<string, CampaignRow>
      case creativeKind:
        return this.creatives as Map<string, CreativeRow>
      case exchangeKind:
        return this.exchanges as Map<string, Exchange>
      default:
        return null
    }
  }

  // oxlint-disable-next-line max-params -- an entity as it is stored, and its serial
  #read(kind: string, id: string, json: string, serial: Serial): void {
    switch (kind) {
      case advertiserKind:
        this.advertisers.set(id, this.#advertiserRow(parseAdvertiser(json, id), json, serial))
        break
      case campaignKind:
        this.campaigns.set(id, this.#campaignRow(parseCampaign(json, id), json, serial))
        break
      case creativeKind:
        this.#putCreative(id, this.#creativeRow(parseCreative(json, id), json, serial))
        break
      case exchangeKind:
        this.exchanges.set(id, parseExchange(json, id))
        break
      case ratesKind:
        this.rates = parseRates(json, id)
    }
  }

  #putCreative(id: string, row: CreativeRow): void {
    this.creatives.set(id, row)
    this.#fresh.push(row)
  }

  #advertiserRow(value: Advertiser, json: string, serial: Serial): AdvertiserRow {
    const guards = capGuards(UserEntry.Advertiser, serial, value.caps)
    return { value, serial, text: this.texts.add(json), guards }
  }

  #campaignRow(value: Campaign, json: string, serial: Serial): CampaignRow {
    const { os, schedule, audience } = this.tables
    const words = campaignWords(value)
    const caps = capGuards(UserEntry.Campaign, serial, value.caps)
    return {
      value,
      serial,
      text: this.texts.add(json),
      guards: value.converted.length === 0 ? caps : [...caps, ...convertedGuards(value.converted)],
      words: words.words,
      os: words.os.map((rule) => os.numberOf(JSON.stringify(rule), rule)),
      schedule: numberOrNone(schedule, words.schedule),
      audience: numberOrNone(audience, words.audience),
    }
  }

  #creativeRow(value: Creative, json: string, serial: Serial): CreativeRow {
    const shape = shapeOf(value)
    return {
      id: value.id,
      serial,
      guards: capGuards(UserEntry.Creative, serial, value.caps),
      campaignId: value.campaignId,
      enabled: value.enabled,
      format: formatNames.indexOf(value.format),
      w: value.banner?.w ?? 0,
      h: value.banner?.h ?? 0,
      history: value.history,
      shape: this.tables.shape.numberOf(shapeKey(shape), shape),
      own: ownBrand(value),
      text: this.texts.add(json),
      brand: -1,
      brandOf: null,
      isGone: false,
      campaign: -1,
      pricedFor: null,
      pricedAt: 0,
      ctr: 0,
      cvr: 0,
      value: 0,
      prior: 0,
      adRow: -1,
      adStamp: 0,
      stampedFor: null,
      stampedOf: null,
    }
  }
}

/**
 * The brand of a creative of this advertiser; what the creative does not say, the advertiser does.
 */
export function brandNumber(
  row: CreativeRow,
  advertiser: AdvertiserRow,
  table: InternTable<PreparedBrand>,
): number {
  if (row.brandOf === advertiser) return row.brand
  const { own } = row
  const { domains, categories } = advertiser.value
  const brand = prepareBrand({
    domains: own.domains.length > 0 ? own.domains : domains,
    categories: own.categories.length > 0 ? own.categories : categories,
    bundle: own.bundle,
    language: own.language,
  })
  row.brand = table.numberOf(JSON.stringify(brand), brand)
  row.brandOf = advertiser
  return row.brand
}

function ownBrand({ domains, categories, bundle, language }: Creative): BrandFacts {
  return { domains, categories, bundle, language }
}

function isNamed(kind: string): kind is 'advertiser' | 'campaign' | 'creative' {
  return kind === advertiserKind || kind === campaignKind || kind === creativeKind
}

function numberOrNone<T>(table: InternTable<T>, rule: T | null): number {
  return rule === null ? -1 : table.numberOf(JSON.stringify(rule), rule)
}
