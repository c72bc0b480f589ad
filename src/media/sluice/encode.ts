/** Writes `sluice.v1.RtaResponse` (proto/sluice.proto) in both forms. */
import type { AdPrice } from '../../domain/ad-request.ts'
import type { AdResult, ProductRef, RtaDecision, Verdict } from '../../domain/decision.ts'
import { refusalNames } from '../../domain/refusal.ts'
import { ProtoWriter } from '../../lib/proto-writer.ts'

/** Products and ids of one strategy that an answer names; a nested message holds 16 KiB at most. */
const strategyPartsMax = 100

/** Longest text inside a strategy: 100 products of it stay under the limit of a nested message. */
const partCharsMax = 32

const wholePattern = /^\d{1,20}$/
const writer = new ProtoWriter()
const utf8 = new TextEncoder()

/** What an answer says: a decision with the request id, accept or not already settled. */
export interface SluiceAnswer {
  readonly requestId: string
  readonly isAccepted: boolean
  readonly reason: number
  readonly decision: RtaDecision
}

/** The protobuf form. */
export function encodeProtobuf(answer: SluiceAnswer): Uint8Array {
  const { decision, isAccepted, reason } = answer
  writer.reset()
  if (answer.requestId !== '') writer.text(1, answer.requestId)
  if (isAccepted) {
    writer.uint32(2, 1)
    for (const verdict of decision.verdicts) writeStrategy(verdict)
  } else {
    writer.uint32(3, reason)
    writer.text(4, refusalNames.get(reason) ?? '')
  }
  if (decision.cacheSeconds > 0) writer.uint32(6, decision.cacheSeconds)
  if (decision.tag !== '') writer.text(7, decision.tag)
  if (isAccepted) for (const result of decision.adResults) writeAdResult(result)
  return writer.finish()
}

/** The JSON form: camelCase members, 64-bit numbers as text, absent members left out. */
export function encodeJson(answer: SluiceAnswer): Uint8Array {
  const { decision, isAccepted, reason } = answer
  let text = `{"requestId":${JSON.stringify(answer.requestId)},"accepted":${isAccepted}`
  if (isAccepted) {
    if (decision.verdicts.length > 0) {
      text += `,"strategies":[${decision.verdicts.map(strategyJson).join(',')}]`
    }
    if (decision.adResults.length > 0) {
      text += `,"adResults":[${decision.adResults.map(adResultJson).join(',')}]`
    }
  } else {
    text += `,"reason":${reason},"reasonName":${JSON.stringify(refusalNames.get(reason) ?? '')}`
  }
  if (decision.cacheSeconds > 0) text += `,"cacheSeconds":${decision.cacheSeconds}`
  if (decision.tag !== '') text += `,"tag":${JSON.stringify(decision.tag)}`
  return utf8.encode(`${text}}`)
}

function writeStrategy(verdict: Verdict): void {
  const at = writer.open(5)
  writer.text(1, verdict.targetId)
  if (Number.isFinite(verdict.factor)) writer.double(2, verdict.factor)
  if (verdict.cpcMicros > 0) writer.wide(3, String(verdict.cpcMicros))
  if (verdict.cpaMicros > 0) writer.wide(4, String(verdict.cpaMicros))
  if (Number.isFinite(verdict.pcvr)) writer.double(5, verdict.pcvr)
  for (const product of sayableProducts(verdict)) writeProduct(product)
  if (verdict.tag !== '') writer.text(7, verdict.tag)
  if (verdict.score >= 0) writer.uint32(8, verdict.score)
  writeWides(9, verdict.advertiserIds)
  writeWides(10, verdict.adIds)
  writer.close(at)
}

function writeProduct(product: ProductRef): void {
  const at = writer.open(6)
  writer.wide(1, wideOf(product.libraryId))
  writer.text(2, product.productId)
  writer.uint32(3, product.priority)
  if (Number.isFinite(product.score)) writer.double(4, product.score)
  writer.close(at)
}

function writeWides(field: number, ids: readonly string[]): void {
  const wides = sayableIds(ids)
  if (wides.length === 0) return
  const at = writer.open(field)
  for (const id of wides) writer.wideValue(id)
  writer.close(at)
}

function writeAdResult(result: AdResult): void {
  const at = writer.open(8)
  writer.wide(1, wideOf(result.adGroupId))
  if (result.ignore) writer.uint32(2, 1)
  writePrice(3, result.price)
  for (const creative of result.creatives) {
    const inside = writer.open(4)
    writer.wide(1, wideOf(creative.creativeId))
    writePrice(2, creative.price)
    writer.close(inside)
  }
  for (const product of result.products) {
    if (product.productId.length > partCharsMax) continue
    const inside = writer.open(5)
    writer.wide(1, wideOf(product.libraryId))
    writer.text(2, product.productId)
    writePrice(3, product.price)
    writer.close(inside)
  }
  writer.close(at)
}

function writePrice(field: number, price: AdPrice): void {
  if (!hasPrice(price)) return
  const at = writer.open(field)
  if (price.cpcMicros > 0) writer.wide(1, String(price.cpcMicros))
  if (price.cpaMicros > 0) writer.wide(2, String(price.cpaMicros))
  if (Number.isFinite(price.factor)) writer.double(3, price.factor)
  writer.close(at)
}

function strategyJson(verdict: Verdict): string {
  let text = `{"targetId":${JSON.stringify(verdict.targetId)}`
  if (Number.isFinite(verdict.factor)) text += `,"factor":${verdict.factor}`
  if (verdict.cpcMicros > 0) text += `,"cpcMicros":"${verdict.cpcMicros}"`
  if (verdict.cpaMicros > 0) text += `,"cpaMicros":"${verdict.cpaMicros}"`
  if (Number.isFinite(verdict.pcvr)) text += `,"pcvr":${verdict.pcvr}`
  const products = sayableProducts(verdict)
  if (products.length > 0) text += `,"products":[${products.map(productJson).join(',')}]`
  if (verdict.tag !== '') text += `,"tag":${JSON.stringify(verdict.tag)}`
  if (verdict.score >= 0) text += `,"score":${verdict.score}`
  return `${text}${widesJson('advertiserIds', verdict.advertiserIds)}${widesJson('adIds', verdict.adIds)}}`
}

function productJson(product: ProductRef): string {
  const score = Number.isFinite(product.score) ? `,"score":${product.score}` : ''
  const id = `{"libraryId":"${wideOf(product.libraryId)}","productId":${JSON.stringify(product.productId)}`
  return `${id},"priority":${product.priority}${score}}`
}

function widesJson(name: string, ids: readonly string[]): string {
  const wides = sayableIds(ids)
  return wides.length === 0 ? '' : `,"${name}":["${wides.join('","')}"]`
}

function adResultJson(result: AdResult): string {
  let text = `{"adGroupId":"${wideOf(result.adGroupId)}"`
  if (result.ignore) text += ',"ignore":true'
  text += priceJson(result.price)
  const creatives = result.creatives.map(
    (creative) => `{"creativeId":"${wideOf(creative.creativeId)}"${priceJson(creative.price)}}`,
  )
  if (creatives.length > 0) text += `,"creatives":[${creatives.join(',')}]`
  const products = result.products.map((product) => {
    const id = `{"libraryId":"${wideOf(product.libraryId)}","productId":${JSON.stringify(product.productId)}`
    return `${id}${priceJson(product.price)}}`
  })
  if (products.length > 0) text += `,"products":[${products.join(',')}]`
  return `${text}}`
}

function priceJson(price: AdPrice): string {
  if (!hasPrice(price)) return ''
  const parts: string[] = []
  if (price.cpcMicros > 0) parts.push(`"cpcMicros":"${price.cpcMicros}"`)
  if (price.cpaMicros > 0) parts.push(`"cpaMicros":"${price.cpaMicros}"`)
  if (Number.isFinite(price.factor)) parts.push(`"factor":${price.factor}`)
  return `,"price":{${parts.join(',')}}`
}

function hasPrice(price: AdPrice): boolean {
  return price.cpcMicros > 0 || price.cpaMicros > 0 || Number.isFinite(price.factor)
}

function sayableProducts(verdict: Verdict): readonly ProductRef[] {
  const { products } = verdict
  const isSayable = ({ productId }: ProductRef) => productId.length <= partCharsMax
  if (products.length <= strategyPartsMax && products.every(isSayable)) return products
  return products.filter(isSayable).slice(0, strategyPartsMax)
}

function sayableIds(ids: readonly string[]): readonly string[] {
  return ids.length === 0
    ? ids
    : ids.filter((id) => wholePattern.test(id)).slice(0, strategyPartsMax)
}

/** A uint64's text; '0' for what is none, so that no id can break an answer. */
function wideOf(text: string): string {
  return wholePattern.test(text) ? text : '0'
}
