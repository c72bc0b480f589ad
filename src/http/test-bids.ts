/** For tests: exchanges, an adapter that reads words, and a decider that tests hold back. */
import type { BidScratch } from '../decision/bid/bid-scratch.ts'
import { type Bid, type BidDecision, noBid } from '../domain/bid-decision.ts'
import type { BidRequest, Imp } from '../domain/bid-request.ts'
import { Drop } from '../domain/drop-reason.ts'
import type { Exchange } from '../domain/exchange.ts'
import { Format } from '../domain/format.ts'
import { PrivacyLimit } from '../domain/privacy.ts'
import { Refusal } from '../domain/refusal.ts'
import type { BidAdapter } from '../media/bid-adapter.ts'
import type { BidDecider } from './bid-call.ts'

/** An exchange with a minute of time: a busy machine decides no test. */
export function testExchange(id: string, over: Partial<Exchange> = {}): Exchange {
  return {
    id,
    name: id,
    enabled: true,
    live: true,
    protobufLayout: 'iab',
    currency: 'USD',
    otherCurrencies: [],
    priceUnit: 'cpm',
    tmaxDefaultMs: 60_000,
    tmaxMaxMs: 120_000,
    networkAllowanceMs: 10,
    sendAllowanceMs: 5,
    auctionType: 2,
    firstPriceShare: 1,
    noBid: 'empty',
    seat: '',
    bidsPerImpMax: 1,
    macros: { price: '', click: '' },
    notices: { win: false, billing: false, loss: false },
    nativeMarkup: 'string',
    nativeEvents: 'native',
    blocked: {
      publishers: [],
      domains: [],
      bundles: [],
      advertiserDomains: [],
      advertiserCategories: [],
      schainNodes: [],
    },
    requiresCompleteSchain: false,
    tcfVendorId: 0,
    qpsMax: 0,
    secretHeader: null,
    noBidRecordRate: 0,
    plan: { recallMax: 10, coarseModel: '', fineModel: '', fineMax: 64 },
    ...over,
  }
}

/**
 * A wire of words: the first is the request id, which says what is decided (`bid…`, `dry…`, else
 * nothing fits); then `test`, `child`, `tmax=<ms>`, `pad=<characters of the answer>`, `imps=<n>`.
 * `junk` is malformed, `unusable` has no usable impression, `throw` breaks. Answers say
 * `<form> BID <id>` or `<form> NONE <id> <refusal>`.
 */
export const wordAdapter: BidAdapter = {
  // oxlint-disable-next-line max-params -- the port's
  decode(body: Uint8Array, isJson: boolean, _: Exchange, request: BidRequest): Refusal {
    const [id = '', ...words] = Buffer.from(body).toString().split(' ')
    if (id === 'throw') throw new Error('decode broke')
    if (id === 'junk' || id === '') return Refusal.Malformed
    request.id = id
    request.isJson = isJson
    request.isTest = words.includes('test')
    request.tmaxMs = Number(valueOf(words, 'tmax') ?? 0)
    request.imps = Array.from({ length: Number(valueOf(words, 'imps') ?? 1) }, () => ({}) as Imp)
    request.inventory.name = valueOf(words, 'pad') ?? ''
    request.privacyLimit = words.includes('child') ? PrivacyLimit.Coppa : PrivacyLimit.None
    return id === 'unusable' ? Refusal.NoUsableImp : Refusal.None
  },
  encode(request: BidRequest): Uint8Array {
    const pad = '.'.repeat(Number(request.inventory.name))
    return Buffer.from(`${request.isJson ? 'json' : 'proto'} BID ${request.id}${pad}`)
  },
  encodeNoBid(request: BidRequest, refusal: Refusal): Uint8Array {
    return Buffer.from(`${request.isJson ? 'json' : 'proto'} NONE ${request.id} ${refusal}`)
  },
}

/** A decider whose answers tests hold back and let go. */
export class ScriptedBidDecider implements BidDecider {
  waits = false
  breaks: 'never' | 'throws' | 'rejects' = 'never'
  /** Deadlines of the requests it has seen, as time after their arrival. */
  readonly timesMs: number[] = []
  readonly #pending: { scratch: BidScratch; resolve: (decision: BidDecision) => void }[] = []
  #arrived: (() => void) | null = null

  decide(request: BidRequest, scratch: BidScratch): BidDecision | Promise<BidDecision> {
    this.timesMs.push(Math.round(request.deadlineMs - request.receivedAtMs))
    if (this.breaks === 'throws') throw new Error('decide broke')
    if (this.breaks === 'rejects') return Promise.reject(new Error('decide broke'))
    if (!this.waits) return this.#answer(scratch)
    return new Promise((resolve) => {
      this.#pending.push({ scratch, resolve })
      this.#arrived?.()
    })
  }

  /** Resolves when `count` requests wait for their decision. */
  async waiting(count: number): Promise<void> {
    while (this.#pending.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
  }

  letGo(): void {
    for (const { scratch, resolve } of this.#pending.splice(0)) resolve(this.#answer(scratch))
  }

  #answer(scratch: BidScratch): BidDecision {
    const { id, isTest } = scratch.request
    if (id.startsWith('early')) return noBid(Refusal.Crawler, null)
    scratch.funnel.drop(Drop.BelowFloor, 3)
    scratch.audienceUs = 40
    const isDryRun = id.startsWith('dry')
    if (!isDryRun && !id.startsWith('bid')) return noBid(Refusal.NothingEligible, null)
    const bids = [{ format: Format.Banner } as Bid, { format: Format.Native } as Bid]
    return { ...noBid(Refusal.None, null), bids, isTest, isDryRun }
  }
}

function valueOf(words: readonly string[], key: string): string | undefined {
  return words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1)
}
