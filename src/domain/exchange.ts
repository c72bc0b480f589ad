/** How one exchange is talked to: catalog data, changed without a restart. */

/** A plan: how much the road of a bid may do, and by which models. */
export interface BidPlan {
  /** Creatives that recall keeps for one impression, at most; coarse rank looks at all of them. */
  readonly recallMax: number
  /** Model (`models/<name>`) that orders what recall kept; '' = it stays in prior order. */
  readonly coarseModel: string
  /** Model that scores the best of them; '' = values are those of coarse rank, or of the prior. */
  readonly fineModel: string
  /** Rows of one request that fine rank scores, over all of its impressions, at most. */
  readonly fineMax: number
}

/** Rows that fine rank scores where a plan does not say. */
export const fineMaxDefault = 64

/** An exchange as stored; defaults are filled in at the admin API, so nothing is optional. */
export interface Exchange {
  /** Name in the route: `/openrtb2/<id>`. */
  readonly id: string
  readonly name: string
  /** False: every request is answered with no bid. */
  readonly enabled: boolean
  /** False = dry run: it decides and records, and answers with no bid. */
  readonly live: boolean
  /** Where protobuf bodies keep extensions: inside `ext` = 99, or on each message (Google). */
  readonly protobufLayout: 'iab' | 'google'
  /** Currency of bids where the request names none, and those we may bid in besides it. */
  readonly currency: string
  readonly otherCurrencies: readonly string[]
  /** Unit of `bid.price` and of floors: CPM, micros of CPM, or the price of one impression. */
  readonly priceUnit: 'cpm' | 'cpmMicros' | 'perImpression'
  /** `tmax` where the request has none. */
  readonly tmaxDefaultMs: number
  /** Longest `tmax` that is believed. */
  readonly tmaxMaxMs: number
  /** Parts of `tmax` that are not ours: the network both ways, and writing the answer. */
  readonly networkAllowanceMs: number
  readonly sendAllowanceMs: number
  /** `at` where the request has none. */
  readonly auctionType: 1 | 2
  /** Share of the expected value that is bid in a first-price auction, (0, 1]. */
  readonly firstPriceShare: number
  /** `empty`: HTTP 204. `reason`: HTTP 200 with `id` and `nbr`. */
  readonly noBid: 'empty' | 'reason'
  /** Seat of our bids; '' = none is sent. An advertiser's own comes before it. */
  readonly seat: string
  /** Bids that one impression may get (more than one only in dynamic ad pods). */
  readonly bidsPerImpMax: number
  /** Macros as this exchange spells them. */
  readonly macros: {
    /** Usually `${AUCTION_PRICE}`; with encoding `${AUCTION_PRICE:B64}`. */
    readonly price: string
    /** Put before our escaped click URL, such as `%%CLICK_URL_UNESC%%`; '' = none. */
    readonly click: string
  }
  /** Which notices our bids ask for. */
  readonly notices: { readonly win: boolean; readonly billing: boolean; readonly loss: boolean }
  /** Form of native answers: `string` inside `adm`, or the object itself. */
  readonly nativeMarkup: 'string' | 'object'
  /** Numbering of native event trackers: OpenRTB Native 1.2, or AdCOM. */
  readonly nativeEvents: 'native' | 'adcom'
  /** Not bought or not shown here, whatever the request says. Lower case. */
  readonly blocked: {
    readonly publishers: readonly string[]
    readonly domains: readonly string[]
    readonly bundles: readonly string[]
    readonly advertiserDomains: readonly string[]
    readonly advertiserCategories: readonly string[]
    /** Supply chain nodes as `asi` or `asi/sid`. */
    readonly schainNodes: readonly string[]
  }
  /** True: a request whose supply chain is missing or incomplete gets no bid. */
  readonly requiresCompleteSchain: boolean
  /** Our id in IAB Europe's Global Vendor List; 0 = none: GDPR requests are decided impersonally. */
  readonly tcfVendorId: number
  /** Requests a second one worker decides; more get no bid unread. 0 = no cap. */
  readonly qpsMax: number
  /** Header that every request must carry with one of these values, or null. */
  readonly secretHeader: { readonly name: string; readonly values: readonly string[] } | null
  /** Share of no-bid decisions whose record is kept, 0-1; bids are always recorded. */
  readonly noBidRecordRate: number
  readonly plan: BidPlan
}

/** Catalog kind. */
export const exchangeKind = 'exchange'
