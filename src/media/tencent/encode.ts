/** `RtaDecision` to Tencent `RtaResponse` (proto/tencent.proto; rta-media.md §1.2, §1.4, §1.5). */
import { type AdRequest, RequestKind } from '../../domain/ad-request.ts'
import { isAccept, type ProductRef, type RtaDecision, type Verdict } from '../../domain/decision.ts'
import { isFailure, Refusal } from '../../domain/refusal.ts'
import { ProtoWriter } from '../../lib/proto-writer.ts'
import { writeAdResults } from './encode-ad-results.ts'
import { tencentRules } from './rules.ts'
import { isUint64, writeCacheTime, writePrice, writeTag } from './wire-values.ts'

/**
 * Strategies of one answer: "hundreds are normal" (§1.9); the writer's buffer is sized for this.
 */
export const targetsMax = 1_024
/** Entries of `target_infos`: one a strategy, or one an ad or advertiser it is limited to. */
export const targetInfosMax = 1_024
/** Products of one strategy, and of one answer with all its entries; a medium shows a handful. */
const strategyProductsMax = 100
const productsMax = 1_000
/** A product id as text. */
const productIdCharsMax = 64

/** What answers say when a decision leaves their cache time open; 0 = leave the field out. */
interface CacheDefaults {
  readonly acceptSeconds: number
  readonly refuseSeconds: number
  readonly failureSeconds: number
}

/** Writes answers; one per adapter, not re-entrant. */
export class TencentEncoder {
  readonly #cache: CacheDefaults
  readonly #writer = new ProtoWriter()
  readonly #targetIds = new Set<string>()
  #infos = 0
  #products = 0

  constructor(cache: CacheDefaults) {
    this.#cache = cache
  }

  /** The answer to a decoded request; a refusal wherever `code = 0` would name nothing. */
  encode(request: AdRequest, decision: RtaDecision): Uint8Array {
    if (request.kind === RequestKind.Ping) return this.ping(request.requestId)
    if (isAccept(decision) && this.#writeAccept(request, decision)) return this.#writer.finish()
    return this.refusal(request.requestId, decision)
  }

  /** A probe gets code and id only (§1.2), and never a code that could be read as an accept. */
  ping(requestId: string): Uint8Array {
    return this.#start(requestId, Refusal.Ping).finish()
  }

  /**
   * A refusal with the cache time of the decision, or else of its kind. Its code is its number of
   * docs/errors.md: any value but 0 refuses the whole request, and the medium gives the others no
   * meaning of their own, so that a captured answer tells why.
   */
  refusal(
    requestId: string,
    decision: Pick<RtaDecision, 'refusal' | 'cacheSeconds' | 'tag'>,
  ): Uint8Array {
    const { refuseSeconds, failureSeconds } = this.#cache
    const seconds = isFailure(decision.refusal) ? failureSeconds : refuseSeconds
    const writer = this.#start(requestId, decision.refusal || Refusal.NoStrategy)
    writeCacheTime(writer, decision.cacheSeconds || seconds)
    writeTag(writer, 17, decision.tag)
    return writer.finish()
  }

  #start(requestId: string, code: number): ProtoWriter {
    const writer = this.#writer.reset()
    if (requestId !== '') writer.text(1, requestId)
    return writer.uint32(2, code)
  }

  /** False when nothing that takes part could be written: the caller must refuse then. */
  #writeAccept(request: AdRequest, decision: RtaDecision): boolean {
    const writer = this.#start(request.requestId, 0)
    writeCacheTime(writer, decision.cacheSeconds || this.#cache.acceptSeconds)
    let taking = this.#writeTargets(decision.verdicts)
    if (request.kind === RequestKind.Second) taking += writeAdResults(writer, decision.adResults)
    writeTag(writer, 17, decision.tag)
    return taking > 0
  }

  /** Writes `out_target_id`, `target_infos` and `aid_whitelist`; returns the number of targets. */
  #writeTargets(verdicts: readonly Verdict[]): number {
    const targetIds = this.#targetIds
    targetIds.clear()
    this.#infos = 0
    this.#products = 0
    let isLimitedToAds = verdicts.length > 0
    for (const verdict of verdicts) {
      const { targetId } = verdict
      if (!isTargetId(targetId) || targetIds.size === targetsMax) continue
      // Two strategies of one target: the first has the higher priority.
      const known = targetIds.size
      if (targetIds.add(targetId).size === known) continue
      this.#writer.text(10, targetId)
      this.#writeInfos(verdict)
      if (verdict.adIds.length === 0) isLimitedToAds = false
    }
    // The list holds for the whole answer: it must not shut out a strategy that has no list.
    if (isLimitedToAds && targetIds.size > 0) writeWhitelist(this.#writer, verdicts, targetIds)
    return targetIds.size
  }

  /** The entries of one verdict: by ad, else by advertiser, else by target. */
  #writeInfos(verdict: Verdict): void {
    if (!isAdjusting(verdict)) return
    const { adIds, advertiserIds } = verdict
    if (adIds.length > 0) for (const id of adIds) this.#writeWideInfo(8, id, verdict)
    else if (advertiserIds.length > 0) {
      for (const id of advertiserIds) this.#writeWideInfo(12, id, verdict)
    } else {
      const start = this.#openInfo()
      if (start < 0) return
      this.#writer.text(1, verdict.targetId)
      this.#closeInfo(start, verdict)
    }
  }

  #writeWideInfo(field: 8 | 12, id: string, verdict: Verdict): void {
    if (!isUint64(id)) return
    const start = this.#openInfo()
    if (start < 0) return
    this.#writer.wide(field, id)
    this.#closeInfo(start, verdict)
  }

  #openInfo(): number {
    return this.#infos++ < targetInfosMax ? this.#writer.open(12) : -1
  }

  #closeInfo(start: number, verdict: Verdict): void {
    const writer = this.#writer
    writePrice(writer, 3, verdict.cpcMicros)
    writePrice(writer, 5, verdict.cpaMicros)
    if (isFactor(verdict.factor)) writer.float(6, verdict.factor)
    if (isRate(verdict.pcvr)) writer.float(11, verdict.pcvr)
    writeTag(writer, 10, verdict.tag)
    if (verdict.products.length > 0) this.#writeProducts(verdict.products)
    writer.close(start)
  }

  /** One `DynamicProductInfo` a library, in the order in which libraries come first. */
  #writeProducts(products: readonly ProductRef[]): void {
    const left = productsMax - this.#products
    const count = Math.min(products.length, strategyProductsMax, left)
    for (let i = 0; i < count; i++) {
      const libraryId = products[i]?.libraryId ?? ''
      if (!isUint64(libraryId) || indexOfLibrary(products, libraryId) < i) continue
      const start = this.#writer.open(4)
      this.#writer.wide(1, libraryId)
      for (let j = i; j < count; j++) {
        const product = products[j]
        if (product?.libraryId === libraryId) writeProduct(this.#writer, product)
      }
      this.#writer.close(start)
    }
    this.#products += count
  }
}

function indexOfLibrary(products: readonly ProductRef[], libraryId: string): number {
  return products.findIndex((product) => product.libraryId === libraryId)
}

function writeProduct(writer: ProtoWriter, product: ProductRef): void {
  if (!isProductId(product.productId)) return
  const inner = writer.open(2)
  const isNumber = isUint64(product.productId)
  if (isNumber) writer.wide(1, product.productId)
  const priority = Math.min(100, Math.max(1, Math.round(product.priority)))
  if (priority >= 1) writer.uint32(2, priority)
  if (!isNumber) writer.text(5, product.productId)
  writer.close(inner)
}

function isTargetId(id: string): boolean {
  return id !== '' && id.length <= tencentRules.targetIdCharsMax
}

function isProductId(id: string): boolean {
  return id !== '' && id.length <= productIdCharsMax
}

/**
 * Pricing clamps; what lies outside all the same, the medium would take for 1.0, as if left out.
 */
function isFactor(factor: number): boolean {
  return factor >= tencentRules.factorMin && factor <= tencentRules.factorMax
}

function isRate(rate: number): boolean {
  return rate >= 0 && rate <= 1
}

/** True when a verdict says more than "takes part". */
function isAdjusting(verdict: Verdict): boolean {
  return (
    isFactor(verdict.factor) ||
    verdict.cpcMicros > 0 ||
    verdict.cpaMicros > 0 ||
    isRate(verdict.pcvr) ||
    verdict.tag !== '' ||
    verdict.products.length > 0
  )
}

function writeWhitelist(
  writer: ProtoWriter,
  verdicts: readonly Verdict[],
  targetIds: ReadonlySet<string>,
): void {
  const start = writer.open(13)
  let count = 0
  for (const { targetId, adIds } of verdicts) {
    if (!targetIds.has(targetId)) continue
    for (const id of adIds) {
      if (count++ < targetInfosMax && isUint64(id)) writer.wideValue(id)
    }
  }
  writer.close(start)
}
