/** `RtaDecision` to Ocean Engine answer bytes: `Rsp` of rta-media.md §2.1. */
import type { AdRequest } from '../../domain/ad-request.ts'
import type { ProductRef, RtaDecision, Verdict } from '../../domain/decision.ts'
import { isAccept } from '../../domain/decision.ts'
import { type Micros, microsPerFen, toUnitFloor } from '../../domain/money.ts'
import { isFailure } from '../../domain/refusal.ts'
import { ProtoWriter } from '../../lib/proto-writer.ts'

/** Products told for one strategy: five bands of twenty. With scores they take ≤ 6.5 KB. */
export const productsMax = 100

/** Advertiser ids, and ad ids, told for one strategy: ≤ 10 bytes each, so ≤ 4 KB together. */
export const limitIdsMax = 200

/**
 * Products, advertisers and ads of one answer together: keeps the longest answer (512 strategies)
 * below 256 KB. Real answers hold tens.
 */
export const detailsMax = 2_000

/** Initial size of the answer buffer: fits ten strategies with a few products. */
const answerBytesInitial = 2_048
const answerBytesMax = 1 << 20

/** `bid_type`: whether the device takes part at all, for as long as the answer is cached. */
const BidType = { takesPart: 0, refusesDevice: 1 } as const

const UserType = { priceCoefficient: 1, default: 2, priceBid: 3 } as const
const PricingType = { noLimit: 0, ocpm: 1, ocpc: 2, cpc: 3 } as const

/** `action_type` of a predicted conversion rate: the ad's own goal, whatever it is. */
const actionTypeDefault = 0

/** Product priority 1-100 falls into bands of 20; `pid_type` 0 is the highest of five. */
const priorityBand = 20
const pidTypeLast = 4

const int64Pattern = /^-?\d{1,19}$/
const int64Largest = '9223372036854775807'
const cusVidPattern = /^(?:[1-9]|10)$/

/** Seconds an answer may be cached where the decision does not say it. */
export interface AnswerCacheSeconds {
  readonly refuse: number
  readonly failure: number
}

/** The refusal of a whole device, for requests that were not decoded: no id is named. */
export function refusalBytes(cacheSeconds: number): Uint8Array {
  const writer = new ProtoWriter(32).reset().uint32(1, 0)
  return putTail(writer, BidType.refusesDevice, cacheSeconds).finish()
}

/** Writes answers one at a time into a buffer of its own. */
export class OceanengineEncoder {
  readonly #writer = new ProtoWriter(answerBytesInitial, answerBytesMax)
  readonly #verdicts = new Map<string, Verdict>()
  readonly #isGrouped = new Uint8Array(productsMax)
  readonly #cache: AnswerCacheSeconds
  #detailsLeft = 0

  constructor(cache: AnswerCacheSeconds) {
    this.#cache = cache
  }

  /**
   * The answer to `request`: every id asked, in its order, true or false. `status_code` is 0 in
   * all of them: a refusal is no error. Verdicts of ids that were not asked are left out.
   */
  encode(request: AdRequest, decision: RtaDecision): Uint8Array {
    this.#index(decision)
    this.#detailsLeft = detailsMax
    // Zeros are written out although proto3 need not: the medium's comments call them required.
    const writer = this.#writer.reset().uint32(1, 0)
    if (request.requestId !== '') writer.text(6, request.requestId)
    let participants = 0
    for (const rtaId of request.asked ?? []) {
      const verdict = this.#verdicts.get(rtaId)
      if (verdict !== undefined && this.#canTell(verdict)) {
        this.#putParticipant(rtaId, verdict)
        participants++
      } else putBystander(writer, rtaId)
    }
    this.#verdicts.clear()
    const bidType = participants > 0 ? BidType.takesPart : BidType.refusesDevice
    putTail(writer, bidType, this.#cacheSeconds(decision, participants))
    const label = cusVidOf(decision.tag)
    if (label > 0) writer.uint32(13, label)
    return writer.finish()
  }

  /** Verdicts by the id the medium knows; of two for one id the first, as it ranks higher. */
  #index(decision: RtaDecision): void {
    this.#verdicts.clear()
    if (!isAccept(decision)) return
    for (const verdict of decision.verdicts) {
      if (!this.#verdicts.has(verdict.targetId)) this.#verdicts.set(verdict.targetId, verdict)
    }
  }

  #cacheSeconds(decision: RtaDecision, participants: number): number {
    if (isFailure(decision.refusal)) return this.#cache.failure
    // An accept of nothing that was asked went out as a refusal: it is kept as one.
    return participants === 0 && isAccept(decision) ? this.#cache.refuse : decision.cacheSeconds
  }

  /**
   * False for a verdict whose limits cannot be told: without its list of advertisers or ads it
   * would take part more widely than the marketer wants.
   */
  #canTell(verdict: Verdict): boolean {
    const { advertiserIds, adIds } = verdict
    const limits = Math.min(advertiserIds.length, limitIdsMax) + Math.min(adIds.length, limitIdsMax)
    return limits <= this.#detailsLeft && areInt64(advertiserIds) && areInt64(adIds)
  }

  #putParticipant(rtaId: string, verdict: Verdict): void {
    const writer = this.#writer
    const advertisers = Math.min(verdict.advertiserIds.length, limitIdsMax)
    const ads = Math.min(verdict.adIds.length, limitIdsMax)
    this.#detailsLeft -= advertisers + ads
    const info = writer.open(7)
    writer.uint32(1, 1)
    putScores(writer, verdict)
    writer.wide(3, rtaId)
    if (verdict.products.length > 0) this.#putProducts(verdict.products)
    if (verdict.pcvr >= 0 && verdict.pcvr <= 1) {
      const score = writer.open(5)
      writer.uint32(1, actionTypeDefault).double(2, verdict.pcvr).close(score)
    }
    putIds(writer, 6, verdict.advertiserIds, advertisers)
    putIds(writer, 7, verdict.adIds, ads)
    const label = cusVidOf(verdict.tag)
    if (label > 0) writer.uint32(9, label)
    writer.close(info)
  }

  /** One `pid_lists` entry for each library and priority band, in the order of first mention. */
  #putProducts(products: readonly ProductRef[]): void {
    const count = Math.min(products.length, productsMax, this.#detailsLeft)
    this.#detailsLeft -= count
    const isGrouped = this.#isGrouped.fill(0)
    for (let i = 0; i < count; i++) {
      const first = products[i]
      if (first === undefined || isGrouped[i] === 1 || !isTellable(first)) continue
      const group: ProductRef[] = []
      for (let j = i; j < count; j++) {
        const product = products[j]
        if (product === undefined || !isSameGroup(first, product)) continue
        isGrouped[j] = 1
        group.push(product)
      }
      putPidList(this.#writer, group, first)
    }
  }
}

/** What takes no part: the id and an explicit false. */
function putBystander(writer: ProtoWriter, rtaId: string): void {
  const info = writer.open(7)
  writer.uint32(1, 0).wide(3, rtaId).close(info)
}

/** Fields that every answer ends with; `bid_type` is a message of one int32. */
function putTail(writer: ProtoWriter, bidType: number, cacheSeconds: number): ProtoWriter {
  const wrapper = writer.open(9)
  writer.uint32(1, bidType).close(wrapper)
  if (cacheSeconds > 0) writer.uint32(10, cacheSeconds)
  return writer
}

/**
 * Price or factor, never both: a coefficient beside a direct bid may multiply it. A target CPA
 * goes to both optimised pricings and never to CPC, where it would be paid for every click.
 */
function putScores(writer: ProtoWriter, verdict: Verdict): void {
  const { factor } = verdict
  const cpc = priceOf(verdict.cpcMicros)
  const cpa = priceOf(verdict.cpaMicros)
  if (cpc > 0) putScore(writer, UserType.priceBid, cpc, PricingType.cpc)
  if (cpa > 0) {
    putScore(writer, UserType.priceBid, cpa, PricingType.ocpm)
    putScore(writer, UserType.priceBid, cpa, PricingType.ocpc)
  }
  if (cpc === 0 && cpa === 0 && factor > 0 && Number.isFinite(factor)) {
    putScore(writer, UserType.priceCoefficient, factor, PricingType.noLimit)
  }
}

// oxlint-disable-next-line max-params -- the three fields of one message
function putScore(writer: ProtoWriter, userType: number, quality: number, pricing: number): void {
  const score = writer.open(2)
  writer.uint32(1, userType).double(2, quality)
  if (pricing !== PricingType.noLimit) writer.uint32(3, pricing)
  writer.close(score)
}

/** Whole 分, rounded down; 0 where there is no price, or one below the unit. */
function priceOf(micros: Micros): number {
  return micros > 0 ? toUnitFloor(micros, microsPerFen) : 0
}

function putPidList(writer: ProtoWriter, group: readonly ProductRef[], first: ProductRef): void {
  const list = writer.open(4)
  writer.uint32(1, pidTypeOf(first.priority))
  const pids = writer.open(2)
  for (const product of group) writer.wideValue(product.productId)
  writer.close(pids)
  if (first.libraryId !== '') writer.wide(3, first.libraryId)
  for (const { productId, score } of group) {
    if (!(score >= 0 && score <= 1)) continue
    const entry = writer.open(4)
    writer.wide(1, productId).uint32(2, UserType.default).double(3, score).close(entry)
  }
  writer.close(list)
}

function isSameGroup(first: ProductRef, product: ProductRef): boolean {
  return (
    product.libraryId === first.libraryId &&
    pidTypeOf(product.priority) === pidTypeOf(first.priority) &&
    isInt64(product.productId)
  )
}

function isTellable(product: ProductRef): boolean {
  return isInt64(product.productId) && (product.libraryId === '' || isInt64(product.libraryId))
}

/** 100-81 is band 0, the most important; 20-1 is band 4. */
function pidTypeOf(priority: number): number {
  const band = pidTypeLast - Math.floor((priority - 1) / priorityBand)
  return Math.min(pidTypeLast, Math.max(0, band))
}

/** A packed field of the first `count` ids; nothing where there are none. */
// oxlint-disable-next-line max-params -- field and range without a wrapper object
function putIds(writer: ProtoWriter, field: number, ids: readonly string[], count: number): void {
  if (count === 0) return
  const packed = writer.open(field)
  for (let i = 0; i < count; i++) writer.wideValue(ids[i] ?? '0')
  writer.close(packed)
}

function areInt64(ids: readonly string[]): boolean {
  for (const id of ids) if (!isInt64(id)) return false
  return true
}

/** Decimal text that an int64 field can say. */
function isInt64(text: string): boolean {
  if (!int64Pattern.test(text)) return false
  return text.length < int64Largest.length || text <= int64Largest || text.startsWith('-')
}

/** The experiment label of a tag "1" to "10"; 0 (none) for every other tag. */
function cusVidOf(tag: string): number {
  return cusVidPattern.test(tag) ? Number(tag) : 0
}
