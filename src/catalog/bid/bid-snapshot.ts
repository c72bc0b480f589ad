/** One revision of the bid catalog as the deciding thread reads it. */
import type { AdSide } from '../../domain/ad-side.ts'
import type { Advertiser } from '../../domain/advertiser.ts'
import type { Campaign } from '../../domain/campaign.ts'
import type { Creative } from '../../domain/creative.ts'
import type { Exchange } from '../../domain/exchange.ts'
import type { Format } from '../../domain/format.ts'
import { serialOf } from '../../domain/serial.ts'
import type { PreparedBrand } from '../../domain/slot-fit/brand-fit.ts'
import { setBit, wordsOf } from '../../lib/bitset.ts'
import { placeIn } from '../../lib/number-index.ts'
import { WordMap } from '../../lib/word-map.ts'
import {
  type BidData,
  campaignSpace,
  sizeSpace,
  type Tables,
  type TextColumns,
} from './bid-data.ts'
import { type BrandIndex, brandIndexOf } from './brand-index.ts'

/**
 * Entities kept parsed of each kind. Winners repeat: at 2 KiB each the cache holds some 16 MiB, and
 * starts anew when it is full.
 */
const parsedMax = 8_192

/** Immutable to its readers; texts are parsed when they are first asked for. */
export class BidSnapshot {
  readonly data: BidData
  readonly tables: Tables
  /** Brands by what a request may block. */
  readonly brands: BrandIndex
  /** Words of a bitset over campaigns. */
  readonly words: number
  readonly #map: WordMap
  readonly #exchanges: ReadonlyMap<string, Exchange>
  readonly #live: Uint32Array
  /** The live set holds for epoch milliseconds [from, to). */
  #liveFromMs = Number.POSITIVE_INFINITY
  #liveToMs = Number.NEGATIVE_INFINITY
  readonly #creatives = new Parsed<Creative>()
  readonly #campaigns = new Parsed<Campaign>()
  readonly #advertisers = new Parsed<Advertiser>()
  /** Creatives that do not bid. */
  readonly #others = new Parsed<Creative>()
  #exchangesBySerial: ReadonlyMap<number, Exchange> | null = null

  constructor(data: BidData, tables: Tables) {
    this.data = data
    this.tables = tables
    this.brands = brandIndexOf(tables.brand)
    this.words = wordsOf(data.campaignCount)
    this.#map = new WordMap(data.words)
    this.#exchanges = new Map(data.exchanges.map((exchange) => [exchange.id, exchange]))
    this.#live = new Uint32Array(this.words)
  }

  /** Catalog revision. */
  get revision(): number {
    return this.data.revision
  }

  /** The rows of a model by name, or null when it does not serve. */
  adSide(name: string): AdSide | null {
    for (const side of this.data.adSides) if (side.model.name === name) return side
    return null
  }

  /** Settings of an exchange, or null. */
  exchange(id: string): Exchange | null {
    return this.#exchanges.get(id) ?? null
  }

  /** The same by serial; looked up in notices, so the map is made by the first of them. */
  exchangeBySerial(serial: number): Exchange | null {
    this.#exchangesBySerial ??= new Map(
      this.data.exchanges.map((exchange) => [serialOf('exchange', exchange.id), exchange]),
    )
    return this.#exchangesBySerial.get(serial) ?? null
  }

  /**
   * Landing page of the creative with this serial, or null when the catalog has none: also of one
   * that does not bid any more, because what was shown may still be clicked.
   */
  landingOf(creative: number): string | null {
    const { serials, creativeCount, segments } = this.data
    const place = placeIn(serials.index, creative)
    if (place < 0) return null
    if (place < creativeCount) return this.creative(place).clickUrl
    return this.#others.get(place - creativeCount, serials.others, segments).clickUrl
  }

  /** True when somebody has caps or rules on converts: then the history of devices is read. */
  get asksHistory(): boolean {
    return this.data.guards.table.things.length > 0
  }

  /** Campaigns whose flight includes `nowMs`; made anew only when a flight begins or ends. */
  liveAt(nowMs: number): Uint32Array {
    if (nowMs < this.#liveFromMs || nowMs >= this.#liveToMs) this.#makeLive(nowMs)
    return this.#live
  }

  /** The posting of a word, or -1. */
  posting(space: number, word: string): number {
    return this.#map.get(space, word)
  }

  /** Adds the campaigns of a posting to a bitset. */
  unite(posting: number, into: Uint32Array): void {
    const { isDense, from, length, sparse, dense } = this.data.postings
    const start = from[posting] ?? 0
    if (isDense[posting] === 1) {
      for (let word = 0; word < this.words; word++) {
        into[word] = (into[word] ?? 0) | (dense[start + word] ?? 0)
      }
      return
    }
    const end = start + (length[posting] ?? 0)
    for (let at = start; at < end; at++) setBit(into, sparse[at] ?? 0)
  }

  /** Takes the campaigns of a posting out of a bitset. */
  remove(posting: number, from: Uint32Array): void {
    const { postings } = this.data
    const start = postings.from[posting] ?? 0
    if (postings.isDense[posting] === 1) {
      for (let word = 0; word < this.words; word++) {
        from[word] = (from[word] ?? 0) & ~(postings.dense[start + word] ?? 0)
      }
      return
    }
    const end = start + (postings.length[posting] ?? 0)
    for (let at = start; at < end; at++) {
      const campaign = postings.sparse[at] ?? 0
      from[campaign >>> 5] = (from[campaign >>> 5] ?? 0) & ~(1 << (campaign & 31))
    }
  }

  /** True when the campaign is in the posting. */
  contains(posting: number, campaign: number): boolean {
    if (posting < 0) return false
    const { isDense, from, length, sparse, dense } = this.data.postings
    const start = from[posting] ?? 0
    if (isDense[posting] === 1) {
      return (((dense[start + (campaign >>> 5)] ?? 0) >>> (campaign & 31)) & 1) === 1
    }
    let low = start
    let high = start + (length[posting] ?? 0)
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sparse[middle] ?? 0) < campaign) low = middle + 1
      else high = middle
    }
    return low < start + (length[posting] ?? 0) && sparse[low] === campaign
  }

  /** The campaign with this id, or -1 when none of it can bid. */
  campaignIndex(id: string): number {
    return this.#map.get(campaignSpace, id)
  }

  /** The group of banners of a size, or -1 when there are none. */
  sizeGroup(w: number, h: number): number {
    return this.#map.get(sizeSpace, `${w}x${h}`)
  }

  /** The group of all creatives of a format. */
  formatGroup(format: Format): number {
    return format
  }

  /** The campaign of a creative. */
  campaignOf(slot: number): number {
    return this.data.creatives.campaign[slot] ?? 0
  }

  /** Who advertises with a creative. */
  brandOf(slot: number): PreparedBrand | null {
    return this.tables.brand[this.data.creatives.brand[slot] ?? 0] ?? null
  }

  /** Seconds of a creative; 0 where time has no meaning. */
  durationOf(slot: number): number {
    return this.tables.shape[this.data.creatives.shape[slot] ?? 0]?.media?.durationSec ?? 0
  }

  /** Expected CPM at the highest weight, micros of the advertiser's currency. */
  valueOf(slot: number): number {
    return this.data.creatives.value[slot] ?? 0
  }

  /** The same in the reference currency, at most the campaign's highest bid. */
  priorOf(slot: number): number {
    return this.data.creatives.prior[slot] ?? 0
  }

  /** Index of the seat of a campaign's advertiser in `data.seats`. */
  seatOf(campaign: number): number {
    return this.data.advertiserSeat[this.data.campaigns.advertiser[campaign] ?? 0] ?? 0
  }

  /** CPM limits of a campaign, micros of its currency. */
  limitsOf(campaign: number): {
    readonly maxBid: number
    readonly minBid: number
    readonly maxCostPerWin: number
    readonly currency: number
  } {
    const { maxBid, minBid, maxCostPerWin, currency } = this.data.campaigns
    return {
      maxBid: maxBid[campaign] ?? 0,
      minBid: minBid[campaign] ?? 0,
      maxCostPerWin: maxCostPerWin[campaign] ?? 0,
      currency: currency[campaign] ?? 0,
    }
  }

  /** A creative by slot, as stored. */
  creative(slot: number): Creative {
    return this.#creatives.get(slot, this.data.creatives.text, this.data.segments)
  }

  campaign(index: number): Campaign {
    return this.#campaigns.get(index, this.data.campaigns.text, this.data.segments)
  }

  advertiser(index: number): Advertiser {
    return this.#advertisers.get(index, this.data.advertisers, this.data.segments)
  }

  #makeLive(nowMs: number): void {
    const { startMs, endMs } = this.data.campaigns
    let from = Number.NEGATIVE_INFINITY
    let to = Number.POSITIVE_INFINITY
    for (let word = 0; word < this.words; word++) this.#live[word] = 0
    for (let campaign = 0; campaign < this.data.campaignCount; campaign++) {
      const start = startMs[campaign] ?? 0
      const end = endMs[campaign] ?? 0
      if (start <= nowMs && nowMs < end) setBit(this.#live, campaign)
      for (const moment of [start, end]) {
        if (moment <= nowMs) from = Math.max(from, moment)
        else to = Math.min(to, moment)
      }
    }
    this.#liveFromMs = from
    this.#liveToMs = to
  }
}

/** Parsed entities by index, bounded. */
class Parsed<T> {
  readonly #byIndex = new Map<number, T>()

  get(index: number, text: TextColumns, segments: readonly SharedArrayBuffer[]): T {
    const known = this.#byIndex.get(index)
    if (known !== undefined) return known
    if (this.#byIndex.size === parsedMax) this.#byIndex.clear()
    const segment = segments[text.segment[index] ?? 0]
    if (segment === undefined) throw new RangeError(`the snapshot has no entity ${index}`)
    const from = text.from[index] ?? 0
    const bytes = Buffer.from(segment, from, (text.to[index] ?? 0) - from)
    // Checked by the compiling thread, which read the same text.
    const parsed = JSON.parse(bytes.toString('utf8')) as T
    this.#byIndex.set(index, parsed)
    return parsed
  }
}
