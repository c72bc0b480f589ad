/** `ad_results`: the prices of a second request's ads (rta-media.md §1.4, §1.6). */
import type { AdPrice } from '../../domain/ad-request.ts'
import type { AdResult } from '../../domain/decision.ts'
import type { ProtoWriter } from '../../lib/proto-writer.ts'
import { adPartsMax, adsMax, adTextBytesMax } from './ad-info-reader.ts'
import { isUint64, writePrice } from './wire-values.ts'

/**
 * Writes the results, as many as one request may ask for; returns how many. The medium takes the
 * price of the product before the creative's before the ad's.
 */
export function writeAdResults(writer: ProtoWriter, results: readonly AdResult[]): number {
  let ads = 0
  let partsLeft = adPartsMax
  for (const result of results) {
    if (ads === adsMax) break
    // Without its ad group the medium cannot tell whom a price is for.
    if (!isUint64(result.adGroupId)) continue
    const start = writer.open(14)
    writer.wide(1, result.adGroupId)
    writeAdPrice(writer, result)
    partsLeft -= writeCreatives(writer, result.creatives, partsLeft)
    partsLeft -= writeProducts(writer, result.products, partsLeft)
    writer.close(start)
    ads++
  }
  return ads
}

function writeAdPrice(writer: ProtoWriter, result: AdResult): void {
  const { price } = result
  writePrice(writer, 3, price.cpcMicros)
  if (result.ignore) writer.uint32(4, 1)
  writePrice(writer, 6, price.cpaMicros)
  // The field only raises: 1.0 and below mean nothing to the medium.
  if (price.factor > 1 && isFactor(price.factor)) writer.float(12, price.factor)
}

function writeCreatives(
  writer: ProtoWriter,
  creatives: AdResult['creatives'],
  countMax: number,
): number {
  let count = 0
  for (const { creativeId, price } of creatives) {
    if (count === countMax) break
    if (!isUint64(creativeId) || !hasPrice(price)) continue
    const start = writer.open(2)
    writer.wide(1, creativeId)
    writePrice(writer, 2, price.cpcMicros)
    if (isFactor(price.factor)) writer.float(3, price.factor)
    writePrice(writer, 4, price.cpaMicros)
    writer.close(start)
    count++
  }
  return count
}

function writeProducts(
  writer: ProtoWriter,
  products: AdResult['products'],
  countMax: number,
): number {
  let count = 0
  for (const { libraryId, productId, price } of products) {
    if (count === countMax) break
    // A product can carry a click price only.
    if (productId === '' || productId.length > adTextBytesMax || price.cpcMicros <= 0) continue
    const start = writer.open(5)
    if (isUint64(libraryId)) writer.wide(1, libraryId)
    writer.text(2, productId)
    writePrice(writer, 3, price.cpcMicros)
    writer.close(start)
    count++
  }
  return count
}

function hasPrice(price: AdPrice): boolean {
  return price.cpcMicros > 0 || price.cpaMicros > 0 || isFactor(price.factor)
}

/** The second request names no range, but the field is a float32: no zero, no infinity. */
function isFactor(factor: number): boolean {
  return factor > 0 && Number.isFinite(Math.fround(factor))
}
