/** Tencent `AdInfo`: the ads of a second request (rta-media.md §1.3, §1.6). */
import type { AdRequest, AskedProduct } from '../../domain/ad-request.ts'
import { ProtoReader, textOf, wideText } from '../../lib/proto-reader.ts'

/**
 * Ads of one second request. It comes after coarse ranking, so it carries dozens; the bound keeps
 * the largest body (64 KiB) from costing more than a millisecond. Ads beyond it get no price of
 * ours.
 */
export const adsMax = 256
/** Creatives and products of all ads together, for the same reason. */
export const adPartsMax = 1_024
/** Product and target ids are short; longer text is not decoded at all. */
export const adTextBytesMax = 128

const noTexts: readonly never[] = []

/** Collects one request's ads; call `start`, then `read` for each `ad_infos` field. */
export class AdInfoReader {
  readonly #reader = new ProtoReader()
  readonly #inner = new ProtoReader()
  #parts = 0
  #isFull = false
  // Positions and halves of the ad being read; text is made once, whatever repeats.
  #hasGroup = false
  #groupHigh = 0
  #groupLow = 0
  #advertiser = -1
  #targetFrom = 0
  #targetTo = 0
  #creativeIds: string[] | null = null
  #products: AskedProduct[] | null = null

  /** Forgets the request before. */
  start(): void {
    this.#parts = 0
  }

  /** Reads the `ad_infos` field that `outer` stands at; malformed bytes make `outer` not ok. */
  read(outer: ProtoReader, request: AdRequest): void {
    const reader = this.#reader
    if (!outer.message(reader)) return
    // Ads beyond the limit are read for their validity only.
    this.#isFull = request.ads.length >= adsMax
    this.#hasGroup = false
    this.#advertiser = -1
    this.#targetFrom = 0
    this.#targetTo = 0
    this.#creativeIds = null
    this.#products = null
    while (reader.next()) this.#field(reader)
    if (!reader.ok) outer.ok = false
    else if (!this.#isFull) this.#push(reader.bytes, request)
  }

  #push(bytes: Uint8Array, request: AdRequest): void {
    request.ads.push({
      adGroupId: this.#hasGroup ? wideText(this.#groupHigh, this.#groupLow) : '',
      advertiserId: this.#advertiser < 0 ? '' : String(this.#advertiser),
      outTargetId: shortText(bytes, this.#targetFrom, this.#targetTo),
      creativeIds: this.#creativeIds ?? noTexts,
      products: this.#products ?? noTexts,
    })
  }

  #field(reader: ProtoReader): void {
    switch (reader.tag) {
      case (1 << 3) | 0: // adgroup_id
        this.#groupLow = reader.varint()
        this.#groupHigh = reader.high
        this.#hasGroup = true
        return
      case (2 << 3) | 2: // creative_infos
        this.#readCreative(reader)
        return
      case (3 << 3) | 2: // product_infos
        this.#readProduct(reader)
        return
      case (4 << 3) | 0: // advertiser_id
        this.#advertiser = reader.varint()
        return
      case (5 << 3) | 2: // out_target_id
        if (reader.span()) {
          this.#targetFrom = reader.from
          this.#targetTo = reader.to
        }
        return
      default:
        reader.skip()
    }
  }

  #readCreative(reader: ProtoReader): void {
    const inner = this.#inner
    if (!reader.message(inner)) return
    let high = -1
    let low = 0
    while (inner.next()) {
      if (inner.tag === ((1 << 3) | 0)) {
        low = inner.varint()
        high = inner.high
      } else {
        inner.skip()
      }
    }
    if (!inner.ok) reader.ok = false
    else if (high >= 0 && this.#takePart()) {
      this.#creativeIds ??= []
      this.#creativeIds.push(wideText(high, low))
    }
  }

  #readProduct(reader: ProtoReader): void {
    const inner = this.#inner
    if (!reader.message(inner)) return
    let high = -1
    let low = 0
    let from = 0
    let to = 0
    while (inner.next()) {
      if (inner.tag === ((1 << 3) | 0)) {
        low = inner.varint()
        high = inner.high
      } else if (inner.tag !== ((2 << 3) | 2)) {
        inner.skip()
      } else if (inner.span()) {
        from = inner.from
        to = inner.to
      }
    }
    if (!inner.ok) reader.ok = false
    // A product without an id, or with an absurd one, cannot be priced.
    else if (to > from && to - from <= adTextBytesMax && this.#takePart()) {
      this.#products ??= []
      const libraryId = high < 0 ? '' : wideText(high, low)
      this.#products.push({ libraryId, productId: textOf(inner.bytes, from, to) })
    }
  }

  #takePart(): boolean {
    return !this.#isFull && this.#parts++ < adPartsMax
  }
}

function shortText(bytes: Uint8Array, from: number, to: number): string {
  return to - from <= adTextBytesMax ? textOf(bytes, from, to) : ''
}
