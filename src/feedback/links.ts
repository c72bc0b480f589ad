/** Notice links of bids: the public address, a signed token each, and the exchange's macros. */
import type { Bid, BidDecision, Ranking } from '../domain/bid-decision.ts'
import type { BidRequest } from '../domain/bid-request.ts'
import type { Exchange } from '../domain/exchange.ts'
import { type BidLinks, isMacroText, type NoticeLinks } from '../domain/notice-links.ts'
import { noSerial, type Serial, type SerialKind, serialOf } from '../domain/serial.ts'
import type { Clock } from '../lib/clock.ts'
import { TokenKind, type Tokens, tokenOf } from './token.ts'
import type { TokenFields } from './token-body.ts'

/** Routes of the data plane that take tokens; intake serves them. */
export const noticePaths: Readonly<Record<keyof typeof TokenKind, string>> = {
  Win: '/n/win',
  Bill: '/n/bill',
  Loss: '/n/loss',
  Impression: '/t/imp',
  Click: '/t/click',
}

/** Query parameters of the links. */
export const noticeParams = {
  token: 't',
  price: 'p',
  multiplier: 'm',
  impressionTs: 'ts',
  loss: 'l',
  minToWin: 'mtw',
} as const

/**
 * Seven days: a notice may come hours late (SSAI, offline apps, screens), a click days after a page
 * was opened. Repeats must be remembered for at least as long.
 */
export const tokenLifeMinutes = 7 * 24 * 60

/** What follows the token in the links of one exchange. */
interface Tails {
  readonly win: string
  readonly bill: string
  readonly loss: string
}

/** The links of one public address. One a process. */
export class SignedLinks implements NoticeLinks {
  readonly isSecure: boolean
  readonly #tokens: Tokens
  readonly #clock: Clock
  readonly #heads: Readonly<Record<keyof typeof TokenKind, string>>
  readonly #serials = new Serials()
  /** Exchanges are immutable parts of a snapshot; a changed one is another object. */
  readonly #tails = new WeakMap<Exchange, Tails>()

  /** `publicUrl` is absolute and without a slash at its end. */
  constructor(publicUrl: string, tokens: Tokens, clock: Clock) {
    this.isSecure = publicUrl.startsWith('https://')
    this.#tokens = tokens
    this.#clock = clock
    const head = (path: string): string => `${publicUrl}${path}?${noticeParams.token}=`
    this.#heads = {
      Win: head(noticePaths.Win),
      Bill: head(noticePaths.Bill),
      Loss: head(noticePaths.Loss),
      Impression: head(noticePaths.Impression),
      Click: head(noticePaths.Click),
    }
  }

  of(request: BidRequest, decision: BidDecision, bid: Bid): BidLinks {
    const signed = this.#tokens.sign(this.#fieldsOf(request, decision, bid), request.devices)
    const tails = this.#tailsOf(decision.exchange)
    const heads = this.#heads
    return {
      win: heads.Win + tokenOf(signed, TokenKind.Win) + tails.win,
      bill: heads.Bill + tokenOf(signed, TokenKind.Bill) + tails.bill,
      loss: heads.Loss + tokenOf(signed, TokenKind.Loss) + tails.loss,
      impression: heads.Impression + tokenOf(signed, TokenKind.Impression) + tails.bill,
      click: heads.Click + tokenOf(signed, TokenKind.Click),
    }
  }

  #fieldsOf(request: BidRequest, decision: BidDecision, bid: Bid): TokenFields {
    const serials = this.#serials
    const { exchange, ranking } = decision
    const model = serials.ofModel(modelOf(bid, ranking))
    return {
      decisionId: decision.decisionId,
      bidNumber: Number(bid.id),
      issuedAtMs: Math.floor(this.#clock.wallMs()),
      lifeMinutes: tokenLifeMinutes,
      impIndex: bid.imp.index,
      exchange: exchange === null ? noSerial : serials.of('exchange', exchange),
      advertiser: serials.of('advertiser', bid.advertiser),
      campaign: serials.of('campaign', bid.campaign),
      creative: serials.of('creative', bid.creative),
      strategy: noSerial,
      priceMicros: bid.priceMicros,
      currency: decision.currency,
      auctionType: bid.deal?.auctionType || request.auctionType,
      hasDeal: bid.deal !== null,
      isTest: decision.isTest,
      ctr: bid.ctr,
      cvr: bid.cvr,
      ctrModel: model,
      cvrModel: serials.ofModel(bid.rankedBy === 'prior' ? '' : ranking.cvrModel),
      arms: noArms,
      multiplier: bid.imp.multiplier,
    }
  }

  #tailsOf(exchange: Exchange | null): Tails {
    if (exchange === null) return bareTails
    let tails = this.#tails.get(exchange)
    if (tails === undefined) {
      tails = tailsFor(exchange.macros.price)
      this.#tails.set(exchange, tails)
    }
    return tails
  }
}

const noArms: readonly Serial[] = []

/**
 * Parameters with unexpanded macros (OpenRTB 2.6 §4.4). The impression pixel has those of the
 * billing notice: for video and audio the exchange may bill on it instead. A price macro that
 * could not stand in a URL is left out like one that the exchange does not have.
 */
function tailsFor(priceMacro: string): Tails {
  const { price, multiplier, impressionTs, loss, minToWin } = noticeParams
  const hasPrice = priceMacro !== '' && isMacroText(priceMacro)
  const paid = hasPrice ? `&${price}=${priceMacro}` : ''
  const least = `&${minToWin}=\${AUCTION_MIN_TO_WIN}`
  return {
    win: paid + least,
    bill: `${paid}&${multiplier}=\${AUCTION_MULTIPLIER}&${impressionTs}=\${AUCTION_IMP_TS}`,
    loss: `&${loss}=\${AUCTION_LOSS}${least}${paid}`,
  }
}

const bareTails = tailsFor('')

/** The model that a bid's rates are from; '' = the prior. */
function modelOf({ rankedBy }: Bid, { coarseModel, fineModel }: Ranking): string {
  if (rankedBy === 'fine') return fineModel
  return rankedBy === 'coarse' ? coarseModel : ''
}

/** A process sees a handful of models at a time; those that were replaced are forgotten at once. */
const modelsMax = 64

/** Serials of catalog entities, kept as long as the entity's object lives, and of models. */
class Serials {
  readonly #known = new WeakMap<object, Serial>()
  readonly #models = new Map<string, Serial>()

  ofModel(model: string): Serial {
    if (model === '') return noSerial
    let serial = this.#models.get(model)
    if (serial === undefined) {
      if (this.#models.size === modelsMax) this.#models.clear()
      serial = serialOf('model', model)
      this.#models.set(model, serial)
    }
    return serial
  }

  of(kind: SerialKind, entity: { readonly id: string }): Serial {
    let serial = this.#known.get(entity)
    if (serial === undefined) {
      serial = serialOf(kind, entity.id)
      this.#known.set(entity, serial)
    }
    return serial
  }
}
