/**
 * OpenRTB 2.6: shapes, factories and tables. Generated from proto/openrtb.proto and
 * proto/openrtb-google.proto (`npm run generate:openrtb`); do not edit.
 *
 * Every object has all its fields, in the order of the schema. `null` is an absent scalar or
 * message, an empty list an absent list; flags are booleans, 64-bit numbers decimal text, free
 * JSON values compact JSON text. Prices and floors are in units of their currency per thousand.
 */

/** The one empty list of all objects; frozen. */
export const ortbNone: readonly never[] = Object.freeze([])

/** One entry of a map. */
export interface OrtbEntry {
  key: string
  value: number
}

/** `BidRequest`: One auction: what is for sale, where, and to whom. */
export interface OrtbBidRequest {
  id: string | null
  imp: readonly OrtbImp[]
  site: OrtbSite | null
  app: OrtbApp | null
  dooh: OrtbDooh | null
  device: OrtbDevice | null
  user: OrtbUser | null
  test: boolean | null
  at: number | null
  tmax: number | null
  wseat: readonly string[]
  bseat: readonly string[]
  allimps: boolean | null
  cur: readonly string[]
  wlang: readonly string[]
  wlangb: readonly string[]
  acat: readonly string[]
  bcat: readonly string[]
  cattax: number | null
  badv: readonly string[]
  bapp: readonly string[]
  source: OrtbSource | null
  regs: OrtbRegs | null
  ext: OrtbBidRequestExt | null
}

/** `BidRequest.Source`: Who sells this and through whom. */
export interface OrtbSource {
  fd: boolean | null
  tid: string | null
  pchain: string | null
  schain: OrtbSupplyChain | null
  ext: OrtbSourceExt | null
}

/** `BidRequest.Source.Ext` */
export interface OrtbSourceExt {
  schain: OrtbSupplyChain | null
  omidpn: string | null
  omidpv: string | null
}

/** `BidRequest.SupplyChain`: All sellers between the owner of the place and us. */
export interface OrtbSupplyChain {
  complete: boolean | null
  nodes: readonly OrtbSupplyChainNode[]
  ver: string | null
  ext: OrtbSupplyChainExt | null
}

/** `BidRequest.SupplyChain.Ext` */
export interface OrtbSupplyChainExt {
  readonly [none: string]: never
}

/** `BidRequest.SupplyChainNode`: One seller of the chain. */
export interface OrtbSupplyChainNode {
  asi: string | null
  sid: string | null
  rid: string | null
  name: string | null
  domain: string | null
  hp: boolean | null
  ext: OrtbSupplyChainNodeExt | null
}

/** `BidRequest.SupplyChainNode.Ext` */
export interface OrtbSupplyChainNodeExt {
  readonly [none: string]: never
}

/** `BidRequest.Imp`: One place for an ad. It may offer several formats; a bid takes one. */
export interface OrtbImp {
  id: string | null
  metric: readonly OrtbMetric[]
  banner: OrtbBanner | null
  video: OrtbVideo | null
  audio: OrtbAudio | null
  native: OrtbNative | null
  pmp: OrtbPmp | null
  displaymanager: string | null
  displaymanagerver: string | null
  instl: boolean | null
  tagid: string | null
  bidfloor: number | null
  bidfloorcur: string | null
  clickbrowser: boolean | null
  secure: boolean | null
  iframebuster: readonly string[]
  rwdd: boolean | null
  ssai: number | null
  exp: number | null
  qty: OrtbQty | null
  dt: number | null
  refresh: OrtbRefresh | null
  ext: OrtbImpExt | null
}

/** `BidRequest.Imp.Ext` */
export interface OrtbImpExt {
  gpid: string | null
  skadn: OrtbSkAdNetworkRequest | null
  intrinsic: boolean | null
  tid: string | null
  igs: OrtbInterestGroupAuctionSupport | null
  billing_id: readonly string[]
  allowed_vendor_type: readonly number[]
  dfp_ad_unit_code: string | null
  is_rewarded_inventory: boolean | null
  ampad: number | null
  buyer_generated_request_data: readonly OrtbGoogleImpExtBuyerGeneratedRequestData[]
  excluded_creatives: readonly OrtbGoogleImpExtExcludedCreative[]
  open_bidding: OrtbGoogleImpExtOpenBidding | null
  allowed_restricted_category: readonly number[]
  creative_enforcement_settings: OrtbGoogleImpExtCreativeEnforcementSettings | null
  billable_event_rate_adjustment: number | null
  auction_environment: number | null
}

/** `BidRequest.Metric`: A measured property of the place, such as viewability. */
export interface OrtbMetric {
  type: string | null
  value: number | null
  vendor: string | null
  ext: OrtbMetricExt | null
}

/** `BidRequest.Metric.Ext` */
export interface OrtbMetricExt {
  readonly [none: string]: never
}

/** `BidRequest.Banner`: A display place; also a companion of a video or audio ad. */
export interface OrtbBanner {
  format: readonly OrtbFormat[]
  w: number | null
  h: number | null
  btype: readonly number[]
  battr: readonly number[]
  pos: number | null
  mimes: readonly string[]
  topframe: boolean | null
  expdir: readonly number[]
  api: readonly number[]
  id: string | null
  vcm: boolean | null
  wmax: number | null
  hmax: number | null
  wmin: number | null
  hmin: number | null
  ext: OrtbBannerExt | null
}

/** `BidRequest.Banner.Ext` */
export interface OrtbBannerExt {
  readonly [none: string]: never
}

/** `BidRequest.Format`: One allowed size, fixed or as a ratio. */
export interface OrtbFormat {
  w: number | null
  h: number | null
  wratio: number | null
  hratio: number | null
  wmin: number | null
  ext: OrtbFormatExt | null
}

/** `BidRequest.Format.Ext` */
export interface OrtbFormatExt {
  readonly [none: string]: never
}

/** `BidRequest.Video`: A video place, or a pod of them. */
export interface OrtbVideo {
  mimes: readonly string[]
  minduration: number | null
  maxduration: number | null
  startdelay: number | null
  maxseq: number | null
  poddur: number | null
  protocols: readonly number[]
  w: number | null
  h: number | null
  podid: string | null
  podseq: number | null
  rqddurs: readonly number[]
  placement: number | null
  plcmt: number | null
  linearity: number | null
  skip: boolean | null
  skipmin: number | null
  skipafter: number | null
  sequence: number | null
  slotinpod: number | null
  mincpmpersec: number | null
  battr: readonly number[]
  maxextended: number | null
  minbitrate: number | null
  maxbitrate: number | null
  boxingallowed: boolean | null
  playbackmethod: readonly number[]
  playbackend: number | null
  delivery: readonly number[]
  pos: number | null
  companionad: readonly OrtbBanner[]
  api: readonly number[]
  companiontype: readonly number[]
  poddedupe: readonly number[]
  durfloors: readonly OrtbDurFloors[]
  protocol: number | null
  ext: OrtbVideoExt | null
}

/** `BidRequest.Video.Ext` */
export interface OrtbVideoExt {
  readonly [none: string]: never
}

/** `BidRequest.Audio`: An audio place, or a pod of them. */
export interface OrtbAudio {
  mimes: readonly string[]
  minduration: number | null
  maxduration: number | null
  poddur: number | null
  protocols: readonly number[]
  startdelay: number | null
  rqddurs: readonly number[]
  podid: string | null
  podseq: number | null
  sequence: number | null
  slotinpod: number | null
  mincpmpersec: number | null
  battr: readonly number[]
  maxextended: number | null
  minbitrate: number | null
  maxbitrate: number | null
  delivery: readonly number[]
  companionad: readonly OrtbBanner[]
  api: readonly number[]
  companiontype: readonly number[]
  maxseq: number | null
  feed: number | null
  stitched: boolean | null
  nvol: number | null
  durfloors: readonly OrtbDurFloors[]
  ext: OrtbAudioExt | null
}

/** `BidRequest.Audio.Ext` */
export interface OrtbAudioExt {
  readonly [none: string]: never
}

/**
 * `BidRequest.Native`: A native place: the question of the Native Ads API as text or as a message.
 */
export interface OrtbNative {
  request: string | null
  request_native: OrtbNativeRequest | null
  ver: string | null
  api: readonly number[]
  battr: readonly number[]
  ext: OrtbNativeExt | null
}

/** `BidRequest.Native.Ext` */
export interface OrtbNativeExt {
  readonly [none: string]: never
}

/** `BidRequest.Qty`: How many people one showing reaches. */
export interface OrtbQty {
  multiplier: number | null
  sourcetype: number | null
  vendor: string | null
  ext: OrtbQtyExt | null
}

/** `BidRequest.Qty.Ext` */
export interface OrtbQtyExt {
  readonly [none: string]: never
}

/** `BidRequest.Refresh`: Whether and how the place changes its ad. */
export interface OrtbRefresh {
  refsettings: readonly OrtbRefSettings[]
  count: number | null
  ext: OrtbRefreshExt | null
}

/** `BidRequest.Refresh.Ext` */
export interface OrtbRefreshExt {
  readonly [none: string]: never
}

/** `BidRequest.RefSettings`: One rule of refreshing. */
export interface OrtbRefSettings {
  reftype: number | null
  minint: number | null
  ext: OrtbRefSettingsExt | null
}

/** `BidRequest.RefSettings.Ext` */
export interface OrtbRefSettingsExt {
  readonly [none: string]: never
}

/** `BidRequest.Pmp`: Deals open to us for this place. */
export interface OrtbPmp {
  private_auction: boolean | null
  deals: readonly OrtbDeal[]
  ext: OrtbPmpExt | null
}

/** `BidRequest.Pmp.Ext` */
export interface OrtbPmpExt {
  readonly [none: string]: never
}

/** `BidRequest.Deal`: One agreement made before the auction. */
export interface OrtbDeal {
  id: string | null
  bidfloor: number | null
  bidfloorcur: string | null
  at: number | null
  wseat: readonly string[]
  wadomain: readonly string[]
  guar: number | null
  mincpmpersec: number | null
  durfloors: readonly OrtbDurFloors[]
  ext: OrtbDealExt | null
}

/** `BidRequest.Deal.Ext` */
export interface OrtbDealExt {
  deal_type: number | null
  must_bid: boolean | null
  publisher_blocks_overridden: boolean | null
  creative_source: number | null
}

/** `BidRequest.SKAdNetworkList`: Ad network ids given as a list with additions and exceptions. */
export interface OrtbSkAdNetworkList {
  max: number | null
  excl: readonly number[]
  addl: readonly string[]
  ext: OrtbSkAdNetworkListExt | null
}

/** `BidRequest.SKAdNetworkList.Ext` */
export interface OrtbSkAdNetworkListExt {
  readonly [none: string]: never
}

/** `BidRequest.SKAdNetworkRequest`: What the app supports of Apple's attribution. */
export interface OrtbSkAdNetworkRequest {
  versions: readonly string[]
  version: string | null
  sourceapp: string | null
  skadnetids: readonly string[]
  skadnetlist: OrtbSkAdNetworkList | null
  productpage: boolean | null
  skoverlay: boolean | null
  ext: OrtbSkAdNetworkRequestExt | null
}

/** `BidRequest.SKAdNetworkRequest.Ext` */
export interface OrtbSkAdNetworkRequestExt {
  readonly [none: string]: never
}

/**
 * `BidRequest.InterestGroupAuctionSupport`: Whether an auction on the device may follow. Has no
 * ext.
 */
export interface OrtbInterestGroupAuctionSupport {
  ae: number | null
  biddable: boolean | null
}

/** `BidRequest.Site`: The web site around the place. */
export interface OrtbSite {
  id: string | null
  name: string | null
  domain: string | null
  cattax: number | null
  cat: readonly string[]
  sectioncat: readonly string[]
  pagecat: readonly string[]
  page: string | null
  ref: string | null
  search: string | null
  mobile: boolean | null
  privacypolicy: boolean | null
  publisher: OrtbPublisher | null
  content: OrtbContent | null
  keywords: string | null
  kwarray: readonly string[]
  inventorypartnerdomain: string | null
  ext: OrtbSiteExt | null
}

/** `BidRequest.Site.Ext` */
export interface OrtbSiteExt {
  amp: number | null
  page_visibility: number | null
  is_semi_transparent_request: boolean | null
}

/** `BidRequest.App`: The app around the place. */
export interface OrtbApp {
  id: string | null
  name: string | null
  bundle: string | null
  domain: string | null
  storeurl: string | null
  cattax: number | null
  cat: readonly string[]
  sectioncat: readonly string[]
  pagecat: readonly string[]
  ver: string | null
  privacypolicy: boolean | null
  paid: boolean | null
  publisher: OrtbPublisher | null
  content: OrtbContent | null
  keywords: string | null
  kwarray: readonly string[]
  inventorypartnerdomain: string | null
  ext: OrtbAppExt | null
}

/** `BidRequest.App.Ext` */
export interface OrtbAppExt {
  installed_sdk: readonly OrtbGoogleAppExtInstalledSdk[]
}

/** `BidRequest.Dooh`: The screen in public around the place. */
export interface OrtbDooh {
  id: string | null
  name: string | null
  venuetype: readonly string[]
  venuetypetax: number | null
  publisher: OrtbPublisher | null
  domain: string | null
  keywords: string | null
  content: OrtbContent | null
  ext: OrtbDoohExt | null
}

/** `BidRequest.Dooh.Ext` */
export interface OrtbDoohExt {
  readonly [none: string]: never
}

/** `BidRequest.Publisher`: Who is paid for the place. */
export interface OrtbPublisher {
  id: string | null
  name: string | null
  cattax: number | null
  cat: readonly string[]
  domain: string | null
  ext: OrtbPublisherExt | null
}

/** `BidRequest.Publisher.Ext` */
export interface OrtbPublisherExt {
  country: string | null
}

/** `BidRequest.Content`: What the ad stands beside or runs within. */
export interface OrtbContent {
  id: string | null
  episode: number | null
  title: string | null
  series: string | null
  season: string | null
  artist: string | null
  genre: string | null
  gtax: number | null
  genres: readonly string[]
  album: string | null
  isrc: string | null
  producer: OrtbProducer | null
  url: string | null
  cattax: number | null
  cat: readonly string[]
  prodq: number | null
  context: number | null
  contentrating: string | null
  userrating: string | null
  qagmediarating: number | null
  keywords: string | null
  kwarray: readonly string[]
  livestream: boolean | null
  sourcerelationship: boolean | null
  len: number | null
  language: string | null
  langb: string | null
  embeddable: boolean | null
  data: readonly OrtbData[]
  network: OrtbNetwork | null
  channel: OrtbChannel | null
  videoquality: number | null
  ext: OrtbContentExt | null
}

/** `BidRequest.Content.Ext` */
export interface OrtbContentExt {
  feedurls: readonly string[]
}

/** `BidRequest.Producer`: Who made the content. */
export interface OrtbProducer {
  id: string | null
  name: string | null
  cattax: number | null
  cat: readonly string[]
  domain: string | null
  ext: OrtbProducerExt | null
}

/** `BidRequest.Producer.Ext` */
export interface OrtbProducerExt {
  readonly [none: string]: never
}

/** `BidRequest.Network`: The network that the channel belongs to. */
export interface OrtbNetwork {
  id: string | null
  name: string | null
  domain: string | null
  ext: OrtbNetworkExt | null
}

/** `BidRequest.Network.Ext` */
export interface OrtbNetworkExt {
  readonly [none: string]: never
}

/** `BidRequest.Channel`: The channel that carries the content. */
export interface OrtbChannel {
  id: string | null
  name: string | null
  domain: string | null
  ext: OrtbChannelExt | null
}

/** `BidRequest.Channel.Ext` */
export interface OrtbChannelExt {
  readonly [none: string]: never
}

/** `BidRequest.Device`: The device, as far as the request tells. */
export interface OrtbDevice {
  geo: OrtbGeo | null
  dnt: boolean | null
  lmt: boolean | null
  ua: string | null
  sua: OrtbUserAgent | null
  ip: string | null
  ipv6: string | null
  devicetype: number | null
  make: string | null
  model: string | null
  os: string | null
  osv: string | null
  hwv: string | null
  w: number | null
  h: number | null
  ppi: number | null
  pxratio: number | null
  js: boolean | null
  geofetch: boolean | null
  flashver: string | null
  language: string | null
  langb: string | null
  carrier: string | null
  mccmnc: string | null
  connectiontype: number | null
  ifa: string | null
  didsha1: string | null
  didmd5: string | null
  dpidsha1: string | null
  dpidmd5: string | null
  macsha1: string | null
  macmd5: string | null
  ext: OrtbDeviceExt | null
}

/** `BidRequest.Device.Ext` */
export interface OrtbDeviceExt {
  atts: number | null
  ifv: string | null
  cdep: string | null
  ifa_type: string | null
  session_id: string | null
  user_agent_data: OrtbGoogleDeviceExtUserAgent | null
}

/** `BidRequest.Geo`: A place on earth, of the device now or of the user at home. */
export interface OrtbGeo {
  lat: number | null
  lon: number | null
  type: number | null
  accuracy: number | null
  lastfix: number | null
  ipservice: number | null
  country: string | null
  region: string | null
  regionfips104: string | null
  metro: string | null
  city: string | null
  zip: string | null
  utcoffset: number | null
  ext: OrtbGeoExt | null
}

/** `BidRequest.Geo.Ext` */
export interface OrtbGeoExt {
  readonly [none: string]: never
}

/** `BidRequest.UserAgent`: Client hints in structured form; better than `ua` when present. */
export interface OrtbUserAgent {
  browsers: readonly OrtbBrandVersion[]
  platform: OrtbBrandVersion | null
  mobile: boolean | null
  architecture: string | null
  bitness: string | null
  model: string | null
  source: number | null
  ext: OrtbUserAgentExt | null
}

/** `BidRequest.UserAgent.Ext` */
export interface OrtbUserAgentExt {
  readonly [none: string]: never
}

/** `BidRequest.BrandVersion`: A name and the parts of its version. */
export interface OrtbBrandVersion {
  brand: string | null
  version: readonly string[]
  ext: OrtbBrandVersionExt | null
}

/** `BidRequest.BrandVersion.Ext` */
export interface OrtbBrandVersionExt {
  readonly [none: string]: never
}

/** `BidRequest.User`: The person, as far as the request tells. */
export interface OrtbUser {
  id: string | null
  buyeruid: string | null
  yob: number | null
  gender: string | null
  keywords: string | null
  kwarray: readonly string[]
  customdata: string | null
  geo: OrtbGeo | null
  data: readonly OrtbData[]
  consent: string | null
  eids: readonly OrtbEid[]
  ext: OrtbUserExt | null
}

/** `BidRequest.User.Ext` */
export interface OrtbUserExt {
  consent: string | null
  eids: readonly OrtbEid[]
  consented_providers_settings: OrtbGoogleUserExtConsentedProvidersSettings | null
}

/** `BidRequest.EID`: Ids of the person that one provider gave. */
export interface OrtbEid {
  inserter: string | null
  source: string | null
  matcher: string | null
  mm: number | null
  uids: readonly OrtbEidUid[]
  ext: OrtbEidExt | null
}

/** `BidRequest.EID.UID`: One id. */
export interface OrtbEidUid {
  id: string | null
  atype: number | null
  ext: OrtbEidUidExt | null
}

/** `BidRequest.EID.UID.Ext` */
export interface OrtbEidUidExt {
  readonly [none: string]: never
}

/** `BidRequest.EID.Ext` */
export interface OrtbEidExt {
  readonly [none: string]: never
}

/** `BidRequest.Data`: Segments of one data provider. */
export interface OrtbData {
  id: string | null
  name: string | null
  segment: readonly OrtbSegment[]
  ext: OrtbDataExt | null
}

/** `BidRequest.Data.Ext` */
export interface OrtbDataExt {
  cids: readonly string[]
}

/** `BidRequest.Segment`: One segment. */
export interface OrtbSegment {
  id: string | null
  name: string | null
  value: string | null
  ext: OrtbSegmentExt | null
}

/** `BidRequest.Segment.Ext` */
export interface OrtbSegmentExt {
  readonly [none: string]: never
}

/** `BidRequest.Regs`: Which laws apply. */
export interface OrtbRegs {
  coppa: boolean | null
  gdpr: boolean | null
  us_privacy: string | null
  gpp: string | null
  gpp_sid: readonly number[]
  ext: OrtbRegsExt | null
}

/** `BidRequest.Regs.Ext` */
export interface OrtbRegsExt {
  gdpr: boolean | null
  us_privacy: string | null
  gpc: string | null
  dsa: OrtbDsaRequest | null
  s22580: boolean | null
  lgpd: boolean | null
}

/** `BidRequest.DsaRequest`: What the law on transparency asks of the ad. Has no ext. */
export interface OrtbDsaRequest {
  dsarequired: number | null
  pubrender: number | null
  datatopub: number | null
  transparency: readonly OrtbTransparency[]
}

/** `BidRequest.DurFloors`: A floor for ads of certain lengths. */
export interface OrtbDurFloors {
  mindur: number | null
  maxdur: number | null
  bidfloor: number | null
  ext: OrtbDurFloorsExt | null
}

/** `BidRequest.DurFloors.Ext` */
export interface OrtbDurFloorsExt {
  readonly [none: string]: never
}

/** `BidRequest.Ext` */
export interface OrtbBidRequestExt {
  bid_feedback: readonly OrtbGoogleBidRequestExtBidFeedback[]
  google_query_id: string | null
  fcap_scope: number | null
}

/** `BidResponse`: The answer: bids by seat, or the reason for none. */
export interface OrtbBidResponse {
  id: string | null
  seatbid: readonly OrtbSeatBid[]
  bidid: string | null
  cur: string | null
  customdata: string | null
  nbr: number | null
  ext: OrtbBidResponseExt | null
}

/** `BidResponse.Ext` */
export interface OrtbBidResponseExt {
  seatnonbid: readonly OrtbSeatNonBid[]
  igi: readonly OrtbInterestGroupAuctionIntent[]
  processing_time_ms: number | null
}

/** `BidResponse.SeatBid`: Bids on behalf of one seat. */
export interface OrtbSeatBid {
  bid: readonly OrtbBid[]
  seat: string | null
  group: boolean | null
  ext: OrtbSeatBidExt | null
}

/** `BidResponse.SeatBid.Ext` */
export interface OrtbSeatBidExt {
  readonly [none: string]: never
}

/** `BidResponse.Bid`: One bid for one place. */
export interface OrtbBid {
  id: string | null
  impid: string | null
  price: number | null
  nurl: string | null
  burl: string | null
  lurl: string | null
  adm: string | null
  adm_native: OrtbNativeResponse | null
  adid: string | null
  adomain: readonly string[]
  bundle: string | null
  iurl: string | null
  cid: string | null
  crid: string | null
  tactic: string | null
  cattax: number | null
  cat: readonly string[]
  attr: readonly number[]
  apis: readonly number[]
  api: number | null
  protocol: number | null
  qagmediarating: number | null
  language: string | null
  langb: string | null
  dealid: string | null
  w: number | null
  h: number | null
  wratio: number | null
  hratio: number | null
  exp: number | null
  dur: number | null
  mtype: number | null
  slotinpod: number | null
  ext: OrtbBidExt | null
}

/** `BidResponse.Bid.Ext` */
export interface OrtbBidExt {
  skadn: OrtbSkAdNetworkResponse | null
  dsa: OrtbDsaResponse | null
  scid: string | null
  impression_tracking_url: readonly string[]
  ad_choices_destination_url: string | null
  exchange_deal_type: number | null
  attribute: readonly number[]
  amp_ad_url: string | null
  sdk_rendered_ad: OrtbGoogleBidExtSdkRenderedAd | null
  event_notification_token: OrtbGoogleBidExtEventNotificationToken | null
  restricted_category: readonly number[]
  billing_id: string | null
  third_party_buyer_token: string | null
  buyer_reporting_id: string | null
  fcap: readonly OrtbGoogleBidExtFrequencyCap[]
}

/** `BidResponse.DsaResponse`: What the law on transparency makes us tell. Has no ext. */
export interface OrtbDsaResponse {
  behalf: string | null
  paid: string | null
  transparency: readonly OrtbTransparency[]
  adrender: boolean | null
}

/** `BidResponse.SKAdNetworkFidelity`: One signed form of attribution. */
export interface OrtbSkAdNetworkFidelity {
  fidelity: number | null
  nonce: string | null
  timestamp: string | null
  signature: string | null
  ext: OrtbSkAdNetworkFidelityExt | null
}

/** `BidResponse.SKAdNetworkFidelity.Ext` */
export interface OrtbSkAdNetworkFidelityExt {
  readonly [none: string]: never
}

/** `BidResponse.SKAdNetworkResponse`: The signed campaign for Apple's attribution. */
export interface OrtbSkAdNetworkResponse {
  version: string | null
  network: string | null
  sourceidentifier: string | null
  campaign: string | null
  itunesitem: string | null
  productpageid: string | null
  fidelities: readonly OrtbSkAdNetworkFidelity[]
  nonce: string | null
  sourceapp: string | null
  timestamp: string | null
  signature: string | null
  skoverlay: OrtbSkOverlay | null
  ext: OrtbSkAdNetworkResponseExt | null
}

/** `BidResponse.SKAdNetworkResponse.Ext` */
export interface OrtbSkAdNetworkResponseExt {
  readonly [none: string]: never
}

/** `BidResponse.SKOverlay`: How the store's overlay appears. */
export interface OrtbSkOverlay {
  delay: number | null
  endcarddelay: number | null
  dismissible: boolean | null
  pos: number | null
  ext: OrtbSkOverlayExt | null
}

/** `BidResponse.SKOverlay.Ext` */
export interface OrtbSkOverlayExt {
  readonly [none: string]: never
}

/** `BidResponse.SeatNonBid`: Places that a seat did not bid on. */
export interface OrtbSeatNonBid {
  nonbid: readonly OrtbNonBid[]
  seat: string | null
  ext: OrtbSeatNonBidExt | null
}

/** `BidResponse.SeatNonBid.Ext` */
export interface OrtbSeatNonBidExt {
  readonly [none: string]: never
}

/** `BidResponse.NonBid`: One such place and the reason. */
export interface OrtbNonBid {
  impid: string | null
  statuscode: number | null
  ext: OrtbNonBidExt | null
}

/** `BidResponse.NonBid.Ext` */
export interface OrtbNonBidExt {
  readonly [none: string]: never
}

/** `BidResponse.InterestGroupAuctionIntent`: Interest in an auction on the device. Has no ext. */
export interface OrtbInterestGroupAuctionIntent {
  impid: string | null
  igb: readonly OrtbInterestGroupAuctionBuyer[]
  igs: readonly OrtbInterestGroupAuctionSeller[]
}

/** `BidResponse.InterestGroupAuctionBuyer`: A buyer's part of it. Has no ext. */
export interface OrtbInterestGroupAuctionBuyer {
  origin: string | null
  maxbid: number | null
  cur: string | null
  pbs: string | null
  ps: readonly OrtbEntry[]
  begid: number | null
}

/** `BidResponse.InterestGroupAuctionSeller`: A seller's part of it. Has no ext. */
export interface OrtbInterestGroupAuctionSeller {
  impid: string | null
  config: string | null
}

/** `Transparency`: Which parameters a domain used. Has no ext. */
export interface OrtbTransparency {
  domain: string | null
  dsaparams: readonly number[]
}

/** `NativeRequest`: The question of the Native Ads API 1.2. */
export interface OrtbNativeRequest {
  ver: string | null
  layout: number | null
  adunit: number | null
  context: number | null
  contextsubtype: number | null
  plcmttype: number | null
  plcmtcnt: number | null
  seq: number | null
  assets: readonly OrtbNativeRequestAsset[]
  aurlsupport: boolean | null
  durlsupport: boolean | null
  eventtrackers: readonly OrtbNativeRequestEventTrackers[]
  privacy: boolean | null
  ext: OrtbNativeRequestExt | null
}

/** `NativeRequest.Asset`: One part that the ad may or must have: exactly one of four kinds. */
export interface OrtbNativeRequestAsset {
  id: number | null
  required: boolean | null
  title: OrtbNativeRequestTitle | null
  img: OrtbNativeRequestImage | null
  video: OrtbVideo | null
  data: OrtbNativeRequestData | null
  ext: OrtbNativeRequestAssetExt | null
}

/** `NativeRequest.Asset.Ext` */
export interface OrtbNativeRequestAssetExt {
  readonly [none: string]: never
}

/** `NativeRequest.Title`: A title of at most `len` characters. */
export interface OrtbNativeRequestTitle {
  len: number | null
  ext: OrtbNativeRequestTitleExt | null
}

/** `NativeRequest.Title.Ext` */
export interface OrtbNativeRequestTitleExt {
  readonly [none: string]: never
}

/** `NativeRequest.Image`: An image of a kind and size. */
export interface OrtbNativeRequestImage {
  type: number | null
  w: number | null
  h: number | null
  wmin: number | null
  hmin: number | null
  mimes: readonly string[]
  ext: OrtbNativeRequestImageExt | null
}

/** `NativeRequest.Image.Ext` */
export interface OrtbNativeRequestImageExt {
  readonly [none: string]: never
}

/** `NativeRequest.Data`: A text of a kind. */
export interface OrtbNativeRequestData {
  type: number | null
  len: number | null
  ext: OrtbNativeRequestDataExt | null
}

/** `NativeRequest.Data.Ext` */
export interface OrtbNativeRequestDataExt {
  segtax: number | null
}

/** `NativeRequest.EventTrackers`: A kind of event and how it may be tracked. */
export interface OrtbNativeRequestEventTrackers {
  event: number | null
  methods: readonly number[]
  ext: OrtbNativeRequestEventTrackersExt | null
}

/** `NativeRequest.EventTrackers.Ext` */
export interface OrtbNativeRequestEventTrackersExt {
  readonly [none: string]: never
}

/** `NativeRequest.Ext` */
export interface OrtbNativeRequestExt {
  readonly [none: string]: never
}

/** `NativeResponse`: The answer of the Native Ads API 1.2. */
export interface OrtbNativeResponse {
  ver: string | null
  assets: readonly OrtbNativeResponseAsset[]
  assetsurl: string | null
  dcourl: string | null
  link: OrtbNativeResponseLink | null
  imptrackers: readonly string[]
  jstracker: string | null
  eventtrackers: readonly OrtbNativeResponseEventTracker[]
  privacy: string | null
  ext: OrtbNativeResponseExt | null
}

/** `NativeResponse.Link`: Where a click goes. */
export interface OrtbNativeResponseLink {
  url: string | null
  clicktrackers: readonly string[]
  fallback: string | null
  ext: OrtbNativeResponseLinkExt | null
}

/** `NativeResponse.Link.Ext` */
export interface OrtbNativeResponseLinkExt {
  readonly [none: string]: never
}

/** `NativeResponse.Asset`: One part of the ad, matched to the question by `id`. */
export interface OrtbNativeResponseAsset {
  id: number | null
  required: boolean | null
  title: OrtbNativeResponseTitle | null
  img: OrtbNativeResponseImage | null
  video: OrtbNativeResponseVideo | null
  data: OrtbNativeResponseData | null
  link: OrtbNativeResponseLink | null
  ext: OrtbNativeResponseAssetExt | null
}

/** `NativeResponse.Asset.Ext` */
export interface OrtbNativeResponseAssetExt {
  readonly [none: string]: never
}

/** `NativeResponse.Title`: The title. */
export interface OrtbNativeResponseTitle {
  text: string | null
  len: number | null
  ext: OrtbNativeResponseTitleExt | null
}

/** `NativeResponse.Title.Ext` */
export interface OrtbNativeResponseTitleExt {
  readonly [none: string]: never
}

/** `NativeResponse.Image`: The image. */
export interface OrtbNativeResponseImage {
  type: number | null
  url: string | null
  w: number | null
  h: number | null
  ext: OrtbNativeResponseImageExt | null
}

/** `NativeResponse.Image.Ext` */
export interface OrtbNativeResponseImageExt {
  readonly [none: string]: never
}

/** `NativeResponse.Data`: The text. */
export interface OrtbNativeResponseData {
  type: number | null
  len: number | null
  label: string | null
  value: string | null
  ext: OrtbNativeResponseDataExt | null
}

/** `NativeResponse.Data.Ext` */
export interface OrtbNativeResponseDataExt {
  readonly [none: string]: never
}

/** `NativeResponse.Video`: The video as VAST. */
export interface OrtbNativeResponseVideo {
  vasttag: string | null
  ext: OrtbNativeResponseVideoExt | null
}

/** `NativeResponse.Video.Ext` */
export interface OrtbNativeResponseVideoExt {
  readonly [none: string]: never
}

/** `NativeResponse.EventTracker`: Whom to tell of an event. */
export interface OrtbNativeResponseEventTracker {
  event: number | null
  method: number | null
  url: string | null
  customdata: string | null
  ext: OrtbNativeResponseEventTrackerExt | null
}

/** `NativeResponse.EventTracker.Ext` */
export interface OrtbNativeResponseEventTrackerExt {
  readonly [none: string]: never
}

/** `NativeResponse.Ext` */
export interface OrtbNativeResponseExt {
  readonly [none: string]: never
}

/** `Google.BidRequestExt.BidFeedback`: What became of a bid that we made before. */
export interface OrtbGoogleBidRequestExtBidFeedback {
  request_id: string | null
  creative_status_code: number | null
  price: number | null
  event_notification_token: OrtbGoogleBidRequestExtBidFeedbackEventNotificationToken | null
  buyer_creative_id: string | null
  minimum_bid_to_win: number | null
  sampled_mediation_cpm_ahead_of_auction_winner: number | null
  bid_price: number | null
}

/**
 * `Google.BidRequestExt.BidFeedback.EventNotificationToken`: The token that we gave with that bid.
 */
export interface OrtbGoogleBidRequestExtBidFeedbackEventNotificationToken {
  payload: string | null
}

/** `Google.ImpExt.ExcludedCreative`: A creative of ours that may not be shown here. */
export interface OrtbGoogleImpExtExcludedCreative {
  buyer_creative_id: string | null
}

/** `Google.ImpExt.BuyerGeneratedRequestData`: Data that our own code in the app made. */
export interface OrtbGoogleImpExtBuyerGeneratedRequestData {
  source_app: OrtbGoogleImpExtBuyerGeneratedRequestDataSourceApp | null
  data: string | null
}

/** `Google.ImpExt.BuyerGeneratedRequestData.SourceApp`: The code it comes from. */
export interface OrtbGoogleImpExtBuyerGeneratedRequestDataSourceApp {
  id: string | null
}

/** `Google.ImpExt.OpenBidding`: Whether the request comes by way of Open Bidding. */
export interface OrtbGoogleImpExtOpenBidding {
  is_open_bidding: boolean | null
}

/** `Google.ImpExt.CreativeEnforcementSettings`: How strictly policies and blocks are applied. */
export interface OrtbGoogleImpExtCreativeEnforcementSettings {
  policy_enforcement: number | null
  publisher_blocks_enforcement: number | null
  is_default: boolean | null
}

/** `Google.AppExt.InstalledSdk`: Code in the app that we may render with. */
export interface OrtbGoogleAppExtInstalledSdk {
  id: string | null
  sdk_version: OrtbGoogleAppExtInstalledSdkVersion | null
  adapter_version: OrtbGoogleAppExtInstalledSdkVersion | null
}

/** `Google.AppExt.InstalledSdk.Version`: A version in three parts. */
export interface OrtbGoogleAppExtInstalledSdkVersion {
  major: number | null
  minor: number | null
  micro: number | null
}

/** `Google.DeviceExt.UserAgent`: Client hints; the 2.6 place is `Device.sua`. */
export interface OrtbGoogleDeviceExtUserAgent {
  browser: OrtbGoogleDeviceExtUserAgentBrandVersion | null
  platform: OrtbGoogleDeviceExtUserAgentBrandVersion | null
  mobile: boolean | null
  architecture: string | null
  model: string | null
}

/** `Google.DeviceExt.UserAgent.BrandVersion`: A name and the parts of its version. */
export interface OrtbGoogleDeviceExtUserAgentBrandVersion {
  brand: string | null
  version: readonly string[]
}

/**
 * `Google.UserExt.ConsentedProvidersSettings`: Providers without a place in the TCF string that the
 * user consented to.
 */
export interface OrtbGoogleUserExtConsentedProvidersSettings {
  consented_providers: readonly string[]
  additional_consent: string | null
}

/** `Google.BidExt.SdkRenderedAd`: An ad for code that is installed in the app. */
export interface OrtbGoogleBidExtSdkRenderedAd {
  id: string | null
  rendering_data: string | null
}

/** `Google.BidExt.EventNotificationToken`: Comes back in `BidFeedback`. */
export interface OrtbGoogleBidExtEventNotificationToken {
  payload: string | null
}

/** `Google.BidExt.FrequencyCap`: A cap that the exchange is to enforce. */
export interface OrtbGoogleBidExtFrequencyCap {
  fcap_id: string | null
  time_unit: number | null
  time_range: number | null
  max_imp: number | null
}

/** An `OrtbBidRequest` with every field absent. */
export function newOrtbBidRequest(): OrtbBidRequest {
  return {
    id: null,
    imp: ortbNone,
    site: null,
    app: null,
    dooh: null,
    device: null,
    user: null,
    test: null,
    at: null,
    tmax: null,
    wseat: ortbNone,
    bseat: ortbNone,
    allimps: null,
    cur: ortbNone,
    wlang: ortbNone,
    wlangb: ortbNone,
    acat: ortbNone,
    bcat: ortbNone,
    cattax: null,
    badv: ortbNone,
    bapp: ortbNone,
    source: null,
    regs: null,
    ext: null,
  }
}

/** An `OrtbSource` with every field absent. */
export function newOrtbSource(): OrtbSource {
  return {
    fd: null,
    tid: null,
    pchain: null,
    schain: null,
    ext: null,
  }
}

/** An `OrtbSourceExt` with every field absent. */
export function newOrtbSourceExt(): OrtbSourceExt {
  return {
    schain: null,
    omidpn: null,
    omidpv: null,
  }
}

/** An `OrtbSupplyChain` with every field absent. */
export function newOrtbSupplyChain(): OrtbSupplyChain {
  return {
    complete: null,
    nodes: ortbNone,
    ver: null,
    ext: null,
  }
}

/** An `OrtbSupplyChainExt` with every field absent. */
export function newOrtbSupplyChainExt(): OrtbSupplyChainExt {
  return {}
}

/** An `OrtbSupplyChainNode` with every field absent. */
export function newOrtbSupplyChainNode(): OrtbSupplyChainNode {
  return {
    asi: null,
    sid: null,
    rid: null,
    name: null,
    domain: null,
    hp: null,
    ext: null,
  }
}

/** An `OrtbSupplyChainNodeExt` with every field absent. */
export function newOrtbSupplyChainNodeExt(): OrtbSupplyChainNodeExt {
  return {}
}

/** An `OrtbImp` with every field absent. */
export function newOrtbImp(): OrtbImp {
  return {
    id: null,
    metric: ortbNone,
    banner: null,
    video: null,
    audio: null,
    native: null,
    pmp: null,
    displaymanager: null,
    displaymanagerver: null,
    instl: null,
    tagid: null,
    bidfloor: null,
    bidfloorcur: null,
    clickbrowser: null,
    secure: null,
    iframebuster: ortbNone,
    rwdd: null,
    ssai: null,
    exp: null,
    qty: null,
    dt: null,
    refresh: null,
    ext: null,
  }
}

/** An `OrtbImpExt` with every field absent. */
export function newOrtbImpExt(): OrtbImpExt {
  return {
    gpid: null,
    skadn: null,
    intrinsic: null,
    tid: null,
    igs: null,
    billing_id: ortbNone,
    allowed_vendor_type: ortbNone,
    dfp_ad_unit_code: null,
    is_rewarded_inventory: null,
    ampad: null,
    buyer_generated_request_data: ortbNone,
    excluded_creatives: ortbNone,
    open_bidding: null,
    allowed_restricted_category: ortbNone,
    creative_enforcement_settings: null,
    billable_event_rate_adjustment: null,
    auction_environment: null,
  }
}

/** An `OrtbMetric` with every field absent. */
export function newOrtbMetric(): OrtbMetric {
  return {
    type: null,
    value: null,
    vendor: null,
    ext: null,
  }
}

/** An `OrtbMetricExt` with every field absent. */
export function newOrtbMetricExt(): OrtbMetricExt {
  return {}
}

/** An `OrtbBanner` with every field absent. */
export function newOrtbBanner(): OrtbBanner {
  return {
    format: ortbNone,
    w: null,
    h: null,
    btype: ortbNone,
    battr: ortbNone,
    pos: null,
    mimes: ortbNone,
    topframe: null,
    expdir: ortbNone,
    api: ortbNone,
    id: null,
    vcm: null,
    wmax: null,
    hmax: null,
    wmin: null,
    hmin: null,
    ext: null,
  }
}

/** An `OrtbBannerExt` with every field absent. */
export function newOrtbBannerExt(): OrtbBannerExt {
  return {}
}

/** An `OrtbFormat` with every field absent. */
export function newOrtbFormat(): OrtbFormat {
  return {
    w: null,
    h: null,
    wratio: null,
    hratio: null,
    wmin: null,
    ext: null,
  }
}

/** An `OrtbFormatExt` with every field absent. */
export function newOrtbFormatExt(): OrtbFormatExt {
  return {}
}

/** An `OrtbVideo` with every field absent. */
export function newOrtbVideo(): OrtbVideo {
  return {
    mimes: ortbNone,
    minduration: null,
    maxduration: null,
    startdelay: null,
    maxseq: null,
    poddur: null,
    protocols: ortbNone,
    w: null,
    h: null,
    podid: null,
    podseq: null,
    rqddurs: ortbNone,
    placement: null,
    plcmt: null,
    linearity: null,
    skip: null,
    skipmin: null,
    skipafter: null,
    sequence: null,
    slotinpod: null,
    mincpmpersec: null,
    battr: ortbNone,
    maxextended: null,
    minbitrate: null,
    maxbitrate: null,
    boxingallowed: null,
    playbackmethod: ortbNone,
    playbackend: null,
    delivery: ortbNone,
    pos: null,
    companionad: ortbNone,
    api: ortbNone,
    companiontype: ortbNone,
    poddedupe: ortbNone,
    durfloors: ortbNone,
    protocol: null,
    ext: null,
  }
}

/** An `OrtbVideoExt` with every field absent. */
export function newOrtbVideoExt(): OrtbVideoExt {
  return {}
}

/** An `OrtbAudio` with every field absent. */
export function newOrtbAudio(): OrtbAudio {
  return {
    mimes: ortbNone,
    minduration: null,
    maxduration: null,
    poddur: null,
    protocols: ortbNone,
    startdelay: null,
    rqddurs: ortbNone,
    podid: null,
    podseq: null,
    sequence: null,
    slotinpod: null,
    mincpmpersec: null,
    battr: ortbNone,
    maxextended: null,
    minbitrate: null,
    maxbitrate: null,
    delivery: ortbNone,
    companionad: ortbNone,
    api: ortbNone,
    companiontype: ortbNone,
    maxseq: null,
    feed: null,
    stitched: null,
    nvol: null,
    durfloors: ortbNone,
    ext: null,
  }
}

/** An `OrtbAudioExt` with every field absent. */
export function newOrtbAudioExt(): OrtbAudioExt {
  return {}
}

/** An `OrtbNative` with every field absent. */
export function newOrtbNative(): OrtbNative {
  return {
    request: null,
    request_native: null,
    ver: null,
    api: ortbNone,
    battr: ortbNone,
    ext: null,
  }
}

/** An `OrtbNativeExt` with every field absent. */
export function newOrtbNativeExt(): OrtbNativeExt {
  return {}
}

/** An `OrtbQty` with every field absent. */
export function newOrtbQty(): OrtbQty {
  return {
    multiplier: null,
    sourcetype: null,
    vendor: null,
    ext: null,
  }
}

/** An `OrtbQtyExt` with every field absent. */
export function newOrtbQtyExt(): OrtbQtyExt {
  return {}
}

/** An `OrtbRefresh` with every field absent. */
export function newOrtbRefresh(): OrtbRefresh {
  return {
    refsettings: ortbNone,
    count: null,
    ext: null,
  }
}

/** An `OrtbRefreshExt` with every field absent. */
export function newOrtbRefreshExt(): OrtbRefreshExt {
  return {}
}

/** An `OrtbRefSettings` with every field absent. */
export function newOrtbRefSettings(): OrtbRefSettings {
  return {
    reftype: null,
    minint: null,
    ext: null,
  }
}

/** An `OrtbRefSettingsExt` with every field absent. */
export function newOrtbRefSettingsExt(): OrtbRefSettingsExt {
  return {}
}

/** An `OrtbPmp` with every field absent. */
export function newOrtbPmp(): OrtbPmp {
  return {
    private_auction: null,
    deals: ortbNone,
    ext: null,
  }
}

/** An `OrtbPmpExt` with every field absent. */
export function newOrtbPmpExt(): OrtbPmpExt {
  return {}
}

/** An `OrtbDeal` with every field absent. */
export function newOrtbDeal(): OrtbDeal {
  return {
    id: null,
    bidfloor: null,
    bidfloorcur: null,
    at: null,
    wseat: ortbNone,
    wadomain: ortbNone,
    guar: null,
    mincpmpersec: null,
    durfloors: ortbNone,
    ext: null,
  }
}

/** An `OrtbDealExt` with every field absent. */
export function newOrtbDealExt(): OrtbDealExt {
  return {
    deal_type: null,
    must_bid: null,
    publisher_blocks_overridden: null,
    creative_source: null,
  }
}

/** An `OrtbSkAdNetworkList` with every field absent. */
export function newOrtbSkAdNetworkList(): OrtbSkAdNetworkList {
  return {
    max: null,
    excl: ortbNone,
    addl: ortbNone,
    ext: null,
  }
}

/** An `OrtbSkAdNetworkListExt` with every field absent. */
export function newOrtbSkAdNetworkListExt(): OrtbSkAdNetworkListExt {
  return {}
}

/** An `OrtbSkAdNetworkRequest` with every field absent. */
export function newOrtbSkAdNetworkRequest(): OrtbSkAdNetworkRequest {
  return {
    versions: ortbNone,
    version: null,
    sourceapp: null,
    skadnetids: ortbNone,
    skadnetlist: null,
    productpage: null,
    skoverlay: null,
    ext: null,
  }
}

/** An `OrtbSkAdNetworkRequestExt` with every field absent. */
export function newOrtbSkAdNetworkRequestExt(): OrtbSkAdNetworkRequestExt {
  return {}
}

/** An `OrtbInterestGroupAuctionSupport` with every field absent. */
export function newOrtbInterestGroupAuctionSupport(): OrtbInterestGroupAuctionSupport {
  return {
    ae: null,
    biddable: null,
  }
}

/** An `OrtbSite` with every field absent. */
export function newOrtbSite(): OrtbSite {
  return {
    id: null,
    name: null,
    domain: null,
    cattax: null,
    cat: ortbNone,
    sectioncat: ortbNone,
    pagecat: ortbNone,
    page: null,
    ref: null,
    search: null,
    mobile: null,
    privacypolicy: null,
    publisher: null,
    content: null,
    keywords: null,
    kwarray: ortbNone,
    inventorypartnerdomain: null,
    ext: null,
  }
}

/** An `OrtbSiteExt` with every field absent. */
export function newOrtbSiteExt(): OrtbSiteExt {
  return {
    amp: null,
    page_visibility: null,
    is_semi_transparent_request: null,
  }
}

/** An `OrtbApp` with every field absent. */
export function newOrtbApp(): OrtbApp {
  return {
    id: null,
    name: null,
    bundle: null,
    domain: null,
    storeurl: null,
    cattax: null,
    cat: ortbNone,
    sectioncat: ortbNone,
    pagecat: ortbNone,
    ver: null,
    privacypolicy: null,
    paid: null,
    publisher: null,
    content: null,
    keywords: null,
    kwarray: ortbNone,
    inventorypartnerdomain: null,
    ext: null,
  }
}

/** An `OrtbAppExt` with every field absent. */
export function newOrtbAppExt(): OrtbAppExt {
  return {
    installed_sdk: ortbNone,
  }
}

/** An `OrtbDooh` with every field absent. */
export function newOrtbDooh(): OrtbDooh {
  return {
    id: null,
    name: null,
    venuetype: ortbNone,
    venuetypetax: null,
    publisher: null,
    domain: null,
    keywords: null,
    content: null,
    ext: null,
  }
}

/** An `OrtbDoohExt` with every field absent. */
export function newOrtbDoohExt(): OrtbDoohExt {
  return {}
}

/** An `OrtbPublisher` with every field absent. */
export function newOrtbPublisher(): OrtbPublisher {
  return {
    id: null,
    name: null,
    cattax: null,
    cat: ortbNone,
    domain: null,
    ext: null,
  }
}

/** An `OrtbPublisherExt` with every field absent. */
export function newOrtbPublisherExt(): OrtbPublisherExt {
  return {
    country: null,
  }
}

/** An `OrtbContent` with every field absent. */
export function newOrtbContent(): OrtbContent {
  return {
    id: null,
    episode: null,
    title: null,
    series: null,
    season: null,
    artist: null,
    genre: null,
    gtax: null,
    genres: ortbNone,
    album: null,
    isrc: null,
    producer: null,
    url: null,
    cattax: null,
    cat: ortbNone,
    prodq: null,
    context: null,
    contentrating: null,
    userrating: null,
    qagmediarating: null,
    keywords: null,
    kwarray: ortbNone,
    livestream: null,
    sourcerelationship: null,
    len: null,
    language: null,
    langb: null,
    embeddable: null,
    data: ortbNone,
    network: null,
    channel: null,
    videoquality: null,
    ext: null,
  }
}

/** An `OrtbContentExt` with every field absent. */
export function newOrtbContentExt(): OrtbContentExt {
  return {
    feedurls: ortbNone,
  }
}

/** An `OrtbProducer` with every field absent. */
export function newOrtbProducer(): OrtbProducer {
  return {
    id: null,
    name: null,
    cattax: null,
    cat: ortbNone,
    domain: null,
    ext: null,
  }
}

/** An `OrtbProducerExt` with every field absent. */
export function newOrtbProducerExt(): OrtbProducerExt {
  return {}
}

/** An `OrtbNetwork` with every field absent. */
export function newOrtbNetwork(): OrtbNetwork {
  return {
    id: null,
    name: null,
    domain: null,
    ext: null,
  }
}

/** An `OrtbNetworkExt` with every field absent. */
export function newOrtbNetworkExt(): OrtbNetworkExt {
  return {}
}

/** An `OrtbChannel` with every field absent. */
export function newOrtbChannel(): OrtbChannel {
  return {
    id: null,
    name: null,
    domain: null,
    ext: null,
  }
}

/** An `OrtbChannelExt` with every field absent. */
export function newOrtbChannelExt(): OrtbChannelExt {
  return {}
}

/** An `OrtbDevice` with every field absent. */
export function newOrtbDevice(): OrtbDevice {
  return {
    geo: null,
    dnt: null,
    lmt: null,
    ua: null,
    sua: null,
    ip: null,
    ipv6: null,
    devicetype: null,
    make: null,
    model: null,
    os: null,
    osv: null,
    hwv: null,
    w: null,
    h: null,
    ppi: null,
    pxratio: null,
    js: null,
    geofetch: null,
    flashver: null,
    language: null,
    langb: null,
    carrier: null,
    mccmnc: null,
    connectiontype: null,
    ifa: null,
    didsha1: null,
    didmd5: null,
    dpidsha1: null,
    dpidmd5: null,
    macsha1: null,
    macmd5: null,
    ext: null,
  }
}

/** An `OrtbDeviceExt` with every field absent. */
export function newOrtbDeviceExt(): OrtbDeviceExt {
  return {
    atts: null,
    ifv: null,
    cdep: null,
    ifa_type: null,
    session_id: null,
    user_agent_data: null,
  }
}

/** An `OrtbGeo` with every field absent. */
export function newOrtbGeo(): OrtbGeo {
  return {
    lat: null,
    lon: null,
    type: null,
    accuracy: null,
    lastfix: null,
    ipservice: null,
    country: null,
    region: null,
    regionfips104: null,
    metro: null,
    city: null,
    zip: null,
    utcoffset: null,
    ext: null,
  }
}

/** An `OrtbGeoExt` with every field absent. */
export function newOrtbGeoExt(): OrtbGeoExt {
  return {}
}

/** An `OrtbUserAgent` with every field absent. */
export function newOrtbUserAgent(): OrtbUserAgent {
  return {
    browsers: ortbNone,
    platform: null,
    mobile: null,
    architecture: null,
    bitness: null,
    model: null,
    source: null,
    ext: null,
  }
}

/** An `OrtbUserAgentExt` with every field absent. */
export function newOrtbUserAgentExt(): OrtbUserAgentExt {
  return {}
}

/** An `OrtbBrandVersion` with every field absent. */
export function newOrtbBrandVersion(): OrtbBrandVersion {
  return {
    brand: null,
    version: ortbNone,
    ext: null,
  }
}

/** An `OrtbBrandVersionExt` with every field absent. */
export function newOrtbBrandVersionExt(): OrtbBrandVersionExt {
  return {}
}

/** An `OrtbUser` with every field absent. */
export function newOrtbUser(): OrtbUser {
  return {
    id: null,
    buyeruid: null,
    yob: null,
    gender: null,
    keywords: null,
    kwarray: ortbNone,
    customdata: null,
    geo: null,
    data: ortbNone,
    consent: null,
    eids: ortbNone,
    ext: null,
  }
}

/** An `OrtbUserExt` with every field absent. */
export function newOrtbUserExt(): OrtbUserExt {
  return {
    consent: null,
    eids: ortbNone,
    consented_providers_settings: null,
  }
}

/** An `OrtbEid` with every field absent. */
export function newOrtbEid(): OrtbEid {
  return {
    inserter: null,
    source: null,
    matcher: null,
    mm: null,
    uids: ortbNone,
    ext: null,
  }
}

/** An `OrtbEidUid` with every field absent. */
export function newOrtbEidUid(): OrtbEidUid {
  return {
    id: null,
    atype: null,
    ext: null,
  }
}

/** An `OrtbEidUidExt` with every field absent. */
export function newOrtbEidUidExt(): OrtbEidUidExt {
  return {}
}

/** An `OrtbEidExt` with every field absent. */
export function newOrtbEidExt(): OrtbEidExt {
  return {}
}

/** An `OrtbData` with every field absent. */
export function newOrtbData(): OrtbData {
  return {
    id: null,
    name: null,
    segment: ortbNone,
    ext: null,
  }
}

/** An `OrtbDataExt` with every field absent. */
export function newOrtbDataExt(): OrtbDataExt {
  return {
    cids: ortbNone,
  }
}

/** An `OrtbSegment` with every field absent. */
export function newOrtbSegment(): OrtbSegment {
  return {
    id: null,
    name: null,
    value: null,
    ext: null,
  }
}

/** An `OrtbSegmentExt` with every field absent. */
export function newOrtbSegmentExt(): OrtbSegmentExt {
  return {}
}

/** An `OrtbRegs` with every field absent. */
export function newOrtbRegs(): OrtbRegs {
  return {
    coppa: null,
    gdpr: null,
    us_privacy: null,
    gpp: null,
    gpp_sid: ortbNone,
    ext: null,
  }
}

/** An `OrtbRegsExt` with every field absent. */
export function newOrtbRegsExt(): OrtbRegsExt {
  return {
    gdpr: null,
    us_privacy: null,
    gpc: null,
    dsa: null,
    s22580: null,
    lgpd: null,
  }
}

/** An `OrtbDsaRequest` with every field absent. */
export function newOrtbDsaRequest(): OrtbDsaRequest {
  return {
    dsarequired: null,
    pubrender: null,
    datatopub: null,
    transparency: ortbNone,
  }
}

/** An `OrtbDurFloors` with every field absent. */
export function newOrtbDurFloors(): OrtbDurFloors {
  return {
    mindur: null,
    maxdur: null,
    bidfloor: null,
    ext: null,
  }
}

/** An `OrtbDurFloorsExt` with every field absent. */
export function newOrtbDurFloorsExt(): OrtbDurFloorsExt {
  return {}
}

/** An `OrtbBidRequestExt` with every field absent. */
export function newOrtbBidRequestExt(): OrtbBidRequestExt {
  return {
    bid_feedback: ortbNone,
    google_query_id: null,
    fcap_scope: null,
  }
}

/** An `OrtbBidResponse` with every field absent. */
export function newOrtbBidResponse(): OrtbBidResponse {
  return {
    id: null,
    seatbid: ortbNone,
    bidid: null,
    cur: null,
    customdata: null,
    nbr: null,
    ext: null,
  }
}

/** An `OrtbBidResponseExt` with every field absent. */
export function newOrtbBidResponseExt(): OrtbBidResponseExt {
  return {
    seatnonbid: ortbNone,
    igi: ortbNone,
    processing_time_ms: null,
  }
}

/** An `OrtbSeatBid` with every field absent. */
export function newOrtbSeatBid(): OrtbSeatBid {
  return {
    bid: ortbNone,
    seat: null,
    group: null,
    ext: null,
  }
}

/** An `OrtbSeatBidExt` with every field absent. */
export function newOrtbSeatBidExt(): OrtbSeatBidExt {
  return {}
}

/** An `OrtbBid` with every field absent. */
export function newOrtbBid(): OrtbBid {
  return {
    id: null,
    impid: null,
    price: null,
    nurl: null,
    burl: null,
    lurl: null,
    adm: null,
    adm_native: null,
    adid: null,
    adomain: ortbNone,
    bundle: null,
    iurl: null,
    cid: null,
    crid: null,
    tactic: null,
    cattax: null,
    cat: ortbNone,
    attr: ortbNone,
    apis: ortbNone,
    api: null,
    protocol: null,
    qagmediarating: null,
    language: null,
    langb: null,
    dealid: null,
    w: null,
    h: null,
    wratio: null,
    hratio: null,
    exp: null,
    dur: null,
    mtype: null,
    slotinpod: null,
    ext: null,
  }
}

/** An `OrtbBidExt` with every field absent. */
export function newOrtbBidExt(): OrtbBidExt {
  return {
    skadn: null,
    dsa: null,
    scid: null,
    impression_tracking_url: ortbNone,
    ad_choices_destination_url: null,
    exchange_deal_type: null,
    attribute: ortbNone,
    amp_ad_url: null,
    sdk_rendered_ad: null,
    event_notification_token: null,
    restricted_category: ortbNone,
    billing_id: null,
    third_party_buyer_token: null,
    buyer_reporting_id: null,
    fcap: ortbNone,
  }
}

/** An `OrtbDsaResponse` with every field absent. */
export function newOrtbDsaResponse(): OrtbDsaResponse {
  return {
    behalf: null,
    paid: null,
    transparency: ortbNone,
    adrender: null,
  }
}

/** An `OrtbSkAdNetworkFidelity` with every field absent. */
export function newOrtbSkAdNetworkFidelity(): OrtbSkAdNetworkFidelity {
  return {
    fidelity: null,
    nonce: null,
    timestamp: null,
    signature: null,
    ext: null,
  }
}

/** An `OrtbSkAdNetworkFidelityExt` with every field absent. */
export function newOrtbSkAdNetworkFidelityExt(): OrtbSkAdNetworkFidelityExt {
  return {}
}

/** An `OrtbSkAdNetworkResponse` with every field absent. */
export function newOrtbSkAdNetworkResponse(): OrtbSkAdNetworkResponse {
  return {
    version: null,
    network: null,
    sourceidentifier: null,
    campaign: null,
    itunesitem: null,
    productpageid: null,
    fidelities: ortbNone,
    nonce: null,
    sourceapp: null,
    timestamp: null,
    signature: null,
    skoverlay: null,
    ext: null,
  }
}

/** An `OrtbSkAdNetworkResponseExt` with every field absent. */
export function newOrtbSkAdNetworkResponseExt(): OrtbSkAdNetworkResponseExt {
  return {}
}

/** An `OrtbSkOverlay` with every field absent. */
export function newOrtbSkOverlay(): OrtbSkOverlay {
  return {
    delay: null,
    endcarddelay: null,
    dismissible: null,
    pos: null,
    ext: null,
  }
}

/** An `OrtbSkOverlayExt` with every field absent. */
export function newOrtbSkOverlayExt(): OrtbSkOverlayExt {
  return {}
}

/** An `OrtbSeatNonBid` with every field absent. */
export function newOrtbSeatNonBid(): OrtbSeatNonBid {
  return {
    nonbid: ortbNone,
    seat: null,
    ext: null,
  }
}

/** An `OrtbSeatNonBidExt` with every field absent. */
export function newOrtbSeatNonBidExt(): OrtbSeatNonBidExt {
  return {}
}

/** An `OrtbNonBid` with every field absent. */
export function newOrtbNonBid(): OrtbNonBid {
  return {
    impid: null,
    statuscode: null,
    ext: null,
  }
}

/** An `OrtbNonBidExt` with every field absent. */
export function newOrtbNonBidExt(): OrtbNonBidExt {
  return {}
}

/** An `OrtbInterestGroupAuctionIntent` with every field absent. */
export function newOrtbInterestGroupAuctionIntent(): OrtbInterestGroupAuctionIntent {
  return {
    impid: null,
    igb: ortbNone,
    igs: ortbNone,
  }
}

/** An `OrtbInterestGroupAuctionBuyer` with every field absent. */
export function newOrtbInterestGroupAuctionBuyer(): OrtbInterestGroupAuctionBuyer {
  return {
    origin: null,
    maxbid: null,
    cur: null,
    pbs: null,
    ps: ortbNone,
    begid: null,
  }
}

/** An `OrtbInterestGroupAuctionSeller` with every field absent. */
export function newOrtbInterestGroupAuctionSeller(): OrtbInterestGroupAuctionSeller {
  return {
    impid: null,
    config: null,
  }
}

/** An `OrtbTransparency` with every field absent. */
export function newOrtbTransparency(): OrtbTransparency {
  return {
    domain: null,
    dsaparams: ortbNone,
  }
}

/** An `OrtbNativeRequest` with every field absent. */
export function newOrtbNativeRequest(): OrtbNativeRequest {
  return {
    ver: null,
    layout: null,
    adunit: null,
    context: null,
    contextsubtype: null,
    plcmttype: null,
    plcmtcnt: null,
    seq: null,
    assets: ortbNone,
    aurlsupport: null,
    durlsupport: null,
    eventtrackers: ortbNone,
    privacy: null,
    ext: null,
  }
}

/** An `OrtbNativeRequestAsset` with every field absent. */
export function newOrtbNativeRequestAsset(): OrtbNativeRequestAsset {
  return {
    id: null,
    required: null,
    title: null,
    img: null,
    video: null,
    data: null,
    ext: null,
  }
}

/** An `OrtbNativeRequestAssetExt` with every field absent. */
export function newOrtbNativeRequestAssetExt(): OrtbNativeRequestAssetExt {
  return {}
}

/** An `OrtbNativeRequestTitle` with every field absent. */
export function newOrtbNativeRequestTitle(): OrtbNativeRequestTitle {
  return {
    len: null,
    ext: null,
  }
}

/** An `OrtbNativeRequestTitleExt` with every field absent. */
export function newOrtbNativeRequestTitleExt(): OrtbNativeRequestTitleExt {
  return {}
}

/** An `OrtbNativeRequestImage` with every field absent. */
export function newOrtbNativeRequestImage(): OrtbNativeRequestImage {
  return {
    type: null,
    w: null,
    h: null,
    wmin: null,
    hmin: null,
    mimes: ortbNone,
    ext: null,
  }
}

/** An `OrtbNativeRequestImageExt` with every field absent. */
export function newOrtbNativeRequestImageExt(): OrtbNativeRequestImageExt {
  return {}
}

/** An `OrtbNativeRequestData` with every field absent. */
export function newOrtbNativeRequestData(): OrtbNativeRequestData {
  return {
    type: null,
    len: null,
    ext: null,
  }
}

/** An `OrtbNativeRequestDataExt` with every field absent. */
export function newOrtbNativeRequestDataExt(): OrtbNativeRequestDataExt {
  return {
    segtax: null,
  }
}

/** An `OrtbNativeRequestEventTrackers` with every field absent. */
export function newOrtbNativeRequestEventTrackers(): OrtbNativeRequestEventTrackers {
  return {
    event: null,
    methods: ortbNone,
    ext: null,
  }
}

/** An `OrtbNativeRequestEventTrackersExt` with every field absent. */
export function newOrtbNativeRequestEventTrackersExt(): OrtbNativeRequestEventTrackersExt {
  return {}
}

/** An `OrtbNativeRequestExt` with every field absent. */
export function newOrtbNativeRequestExt(): OrtbNativeRequestExt {
  return {}
}

/** An `OrtbNativeResponse` with every field absent. */
export function newOrtbNativeResponse(): OrtbNativeResponse {
  return {
    ver: null,
    assets: ortbNone,
    assetsurl: null,
    dcourl: null,
    link: null,
    imptrackers: ortbNone,
    jstracker: null,
    eventtrackers: ortbNone,
    privacy: null,
    ext: null,
  }
}

/** An `OrtbNativeResponseLink` with every field absent. */
export function newOrtbNativeResponseLink(): OrtbNativeResponseLink {
  return {
    url: null,
    clicktrackers: ortbNone,
    fallback: null,
    ext: null,
  }
}

/** An `OrtbNativeResponseLinkExt` with every field absent. */
export function newOrtbNativeResponseLinkExt(): OrtbNativeResponseLinkExt {
  return {}
}

/** An `OrtbNativeResponseAsset` with every field absent. */
export function newOrtbNativeResponseAsset(): OrtbNativeResponseAsset {
  return {
    id: null,
    required: null,
    title: null,
    img: null,
    video: null,
    data: null,
    link: null,
    ext: null,
  }
}

/** An `OrtbNativeResponseAssetExt` with every field absent. */
export function newOrtbNativeResponseAssetExt(): OrtbNativeResponseAssetExt {
  return {}
}

/** An `OrtbNativeResponseTitle` with every field absent. */
export function newOrtbNativeResponseTitle(): OrtbNativeResponseTitle {
  return {
    text: null,
    len: null,
    ext: null,
  }
}

/** An `OrtbNativeResponseTitleExt` with every field absent. */
export function newOrtbNativeResponseTitleExt(): OrtbNativeResponseTitleExt {
  return {}
}

/** An `OrtbNativeResponseImage` with every field absent. */
export function newOrtbNativeResponseImage(): OrtbNativeResponseImage {
  return {
    type: null,
    url: null,
    w: null,
    h: null,
    ext: null,
  }
}

/** An `OrtbNativeResponseImageExt` with every field absent. */
export function newOrtbNativeResponseImageExt(): OrtbNativeResponseImageExt {
  return {}
}

/** An `OrtbNativeResponseData` with every field absent. */
export function newOrtbNativeResponseData(): OrtbNativeResponseData {
  return {
    type: null,
    len: null,
    label: null,
    value: null,
    ext: null,
  }
}

/** An `OrtbNativeResponseDataExt` with every field absent. */
export function newOrtbNativeResponseDataExt(): OrtbNativeResponseDataExt {
  return {}
}

/** An `OrtbNativeResponseVideo` with every field absent. */
export function newOrtbNativeResponseVideo(): OrtbNativeResponseVideo {
  return {
    vasttag: null,
    ext: null,
  }
}

/** An `OrtbNativeResponseVideoExt` with every field absent. */
export function newOrtbNativeResponseVideoExt(): OrtbNativeResponseVideoExt {
  return {}
}

/** An `OrtbNativeResponseEventTracker` with every field absent. */
export function newOrtbNativeResponseEventTracker(): OrtbNativeResponseEventTracker {
  return {
    event: null,
    method: null,
    url: null,
    customdata: null,
    ext: null,
  }
}

/** An `OrtbNativeResponseEventTrackerExt` with every field absent. */
export function newOrtbNativeResponseEventTrackerExt(): OrtbNativeResponseEventTrackerExt {
  return {}
}

/** An `OrtbNativeResponseExt` with every field absent. */
export function newOrtbNativeResponseExt(): OrtbNativeResponseExt {
  return {}
}

/** An `OrtbGoogleBidRequestExtBidFeedback` with every field absent. */
export function newOrtbGoogleBidRequestExtBidFeedback(): OrtbGoogleBidRequestExtBidFeedback {
  return {
    request_id: null,
    creative_status_code: null,
    price: null,
    event_notification_token: null,
    buyer_creative_id: null,
    minimum_bid_to_win: null,
    sampled_mediation_cpm_ahead_of_auction_winner: null,
    bid_price: null,
  }
}

/** An `OrtbGoogleBidRequestExtBidFeedbackEventNotificationToken` with every field absent. */
export function newOrtbGoogleBidRequestExtBidFeedbackEventNotificationToken(): OrtbGoogleBidRequestExtBidFeedbackEventNotificationToken {
  return {
    payload: null,
  }
}

/** An `OrtbGoogleImpExtExcludedCreative` with every field absent. */
export function newOrtbGoogleImpExtExcludedCreative(): OrtbGoogleImpExtExcludedCreative {
  return {
    buyer_creative_id: null,
  }
}

/** An `OrtbGoogleImpExtBuyerGeneratedRequestData` with every field absent. */
export function newOrtbGoogleImpExtBuyerGeneratedRequestData(): OrtbGoogleImpExtBuyerGeneratedRequestData {
  return {
    source_app: null,
    data: null,
  }
}

/** An `OrtbGoogleImpExtBuyerGeneratedRequestDataSourceApp` with every field absent. */
export function newOrtbGoogleImpExtBuyerGeneratedRequestDataSourceApp(): OrtbGoogleImpExtBuyerGeneratedRequestDataSourceApp {
  return {
    id: null,
  }
}

/** An `OrtbGoogleImpExtOpenBidding` with every field absent. */
export function newOrtbGoogleImpExtOpenBidding(): OrtbGoogleImpExtOpenBidding {
  return {
    is_open_bidding: null,
  }
}

/** An `OrtbGoogleImpExtCreativeEnforcementSettings` with every field absent. */
export function newOrtbGoogleImpExtCreativeEnforcementSettings(): OrtbGoogleImpExtCreativeEnforcementSettings {
  return {
    policy_enforcement: null,
    publisher_blocks_enforcement: null,
    is_default: null,
  }
}

/** An `OrtbGoogleAppExtInstalledSdk` with every field absent. */
export function newOrtbGoogleAppExtInstalledSdk(): OrtbGoogleAppExtInstalledSdk {
  return {
    id: null,
    sdk_version: null,
    adapter_version: null,
  }
}

/** An `OrtbGoogleAppExtInstalledSdkVersion` with every field absent. */
export function newOrtbGoogleAppExtInstalledSdkVersion(): OrtbGoogleAppExtInstalledSdkVersion {
  return {
    major: null,
    minor: null,
    micro: null,
  }
}

/** An `OrtbGoogleDeviceExtUserAgent` with every field absent. */
export function newOrtbGoogleDeviceExtUserAgent(): OrtbGoogleDeviceExtUserAgent {
  return {
    browser: null,
    platform: null,
    mobile: null,
    architecture: null,
    model: null,
  }
}

/** An `OrtbGoogleDeviceExtUserAgentBrandVersion` with every field absent. */
export function newOrtbGoogleDeviceExtUserAgentBrandVersion(): OrtbGoogleDeviceExtUserAgentBrandVersion {
  return {
    brand: null,
    version: ortbNone,
  }
}

/** An `OrtbGoogleUserExtConsentedProvidersSettings` with every field absent. */
export function newOrtbGoogleUserExtConsentedProvidersSettings(): OrtbGoogleUserExtConsentedProvidersSettings {
  return {
    consented_providers: ortbNone,
    additional_consent: null,
  }
}

/** An `OrtbGoogleBidExtSdkRenderedAd` with every field absent. */
export function newOrtbGoogleBidExtSdkRenderedAd(): OrtbGoogleBidExtSdkRenderedAd {
  return {
    id: null,
    rendering_data: null,
  }
}

/** An `OrtbGoogleBidExtEventNotificationToken` with every field absent. */
export function newOrtbGoogleBidExtEventNotificationToken(): OrtbGoogleBidExtEventNotificationToken {
  return {
    payload: null,
  }
}

/** An `OrtbGoogleBidExtFrequencyCap` with every field absent. */
export function newOrtbGoogleBidExtFrequencyCap(): OrtbGoogleBidExtFrequencyCap {
  return {
    fcap_id: null,
    time_unit: null,
    time_range: null,
    max_imp: null,
  }
}

/** One message: its path, factory, and a line for each field. */
export interface OrtbMessageRow {
  readonly path: string
  readonly make: () => object
  /**
   * `name number type`, then what applies of `list`, `oneof:<group>` and `google:<number>`.
   * Number 0: the field has no place in the IAB layout. The Google number of `ext` is that of the
   * extension on the message itself, of its members the number inside of it.
   */
  readonly fields: readonly string[]
}

/** The whole schema; what refers to a message names its path. */
export const ortbSchema: readonly OrtbMessageRow[] = [
  {
    path: 'BidRequest',
    make: newOrtbBidRequest,
    fields: [
      'id 1 string',
      'imp 2 BidRequest.Imp list',
      'site 3 BidRequest.Site oneof:distributionchannel_oneof',
      'app 4 BidRequest.App oneof:distributionchannel_oneof',
      'dooh 22 BidRequest.Dooh oneof:distributionchannel_oneof',
      'device 5 BidRequest.Device',
      'user 6 BidRequest.User',
      'test 15 bool',
      'at 7 int32',
      'tmax 8 int32',
      'wseat 9 string list',
      'bseat 17 string list',
      'allimps 10 bool',
      'cur 11 string list',
      'wlang 18 string list',
      'wlangb 20 string list',
      'acat 23 string list',
      'bcat 12 string list',
      'cattax 21 int32',
      'badv 13 string list',
      'bapp 16 string list',
      'source 19 BidRequest.Source',
      'regs 14 BidRequest.Regs',
      'ext 99 BidRequest.Ext google:1018',
    ],
  },
  {
    path: 'BidRequest.Source',
    make: newOrtbSource,
    fields: [
      'fd 1 bool',
      'tid 2 string',
      'pchain 3 string',
      'schain 4 BidRequest.SupplyChain',
      'ext 99 BidRequest.Source.Ext google:1059',
    ],
  },
  {
    path: 'BidRequest.Source.Ext',
    make: newOrtbSourceExt,
    fields: [
      'schain 1 BidRequest.SupplyChain google:3',
      'omidpn 2 string google:1',
      'omidpv 3 string google:2',
    ],
  },
  {
    path: 'BidRequest.SupplyChain',
    make: newOrtbSupplyChain,
    fields: [
      'complete 1 bool',
      'nodes 2 BidRequest.SupplyChainNode list',
      'ver 3 string',
      'ext 99 BidRequest.SupplyChain.Ext',
    ],
  },
  {
    path: 'BidRequest.SupplyChain.Ext',
    make: newOrtbSupplyChainExt,
    fields: [],
  },
  {
    path: 'BidRequest.SupplyChainNode',
    make: newOrtbSupplyChainNode,
    fields: [
      'asi 1 string',
      'sid 2 string',
      'rid 3 string',
      'name 4 string',
      'domain 5 string',
      'hp 6 bool',
      'ext 99 BidRequest.SupplyChainNode.Ext',
    ],
  },
  {
    path: 'BidRequest.SupplyChainNode.Ext',
    make: newOrtbSupplyChainNodeExt,
    fields: [],
  },
  {
    path: 'BidRequest.Imp',
    make: newOrtbImp,
    fields: [
      'id 1 string',
      'metric 17 BidRequest.Metric list',
      'banner 2 BidRequest.Banner',
      'video 3 BidRequest.Video',
      'audio 15 BidRequest.Audio',
      'native 13 BidRequest.Native',
      'pmp 11 BidRequest.Pmp',
      'displaymanager 4 string',
      'displaymanagerver 5 string',
      'instl 6 bool',
      'tagid 7 string',
      'bidfloor 8 double',
      'bidfloorcur 9 string',
      'clickbrowser 16 bool',
      'secure 12 bool',
      'iframebuster 10 string list',
      'rwdd 18 bool',
      'ssai 19 int32',
      'exp 14 int32',
      'qty 20 BidRequest.Qty',
      'dt 21 double',
      'refresh 22 BidRequest.Refresh',
      'ext 99 BidRequest.Imp.Ext google:1009',
    ],
  },
  {
    path: 'BidRequest.Imp.Ext',
    make: newOrtbImpExt,
    fields: [
      'gpid 1 string',
      'skadn 2 BidRequest.SKAdNetworkRequest',
      'intrinsic 3 bool',
      'tid 4 string',
      'igs 5 BidRequest.InterestGroupAuctionSupport',
      'billing_id 0 int64 list google:1',
      'allowed_vendor_type 0 int32 list google:3',
      'dfp_ad_unit_code 0 string google:6',
      'is_rewarded_inventory 0 bool google:7',
      'ampad 0 int32 google:8',
      'buyer_generated_request_data 0 Google.ImpExt.BuyerGeneratedRequestData list google:9',
      'excluded_creatives 0 Google.ImpExt.ExcludedCreative list google:10',
      'open_bidding 0 Google.ImpExt.OpenBidding google:12',
      'allowed_restricted_category 0 int32 list google:13',
      'creative_enforcement_settings 0 Google.ImpExt.CreativeEnforcementSettings google:15',
      'billable_event_rate_adjustment 0 double google:16',
      'auction_environment 0 int32 google:18',
    ],
  },
  {
    path: 'BidRequest.Metric',
    make: newOrtbMetric,
    fields: [
      'type 1 string',
      'value 2 double',
      'vendor 3 string',
      'ext 99 BidRequest.Metric.Ext',
    ],
  },
  {
    path: 'BidRequest.Metric.Ext',
    make: newOrtbMetricExt,
    fields: [],
  },
  {
    path: 'BidRequest.Banner',
    make: newOrtbBanner,
    fields: [
      'format 15 BidRequest.Format list',
      'w 1 int32',
      'h 2 int32',
      'btype 5 int32 list',
      'battr 6 int32 list',
      'pos 4 int32',
      'mimes 7 string list',
      'topframe 8 bool',
      'expdir 9 int32 list',
      'api 10 int32 list',
      'id 3 string',
      'vcm 16 bool',
      'wmax 11 int32',
      'hmax 12 int32',
      'wmin 13 int32',
      'hmin 14 int32',
      'ext 99 BidRequest.Banner.Ext',
    ],
  },
  {
    path: 'BidRequest.Banner.Ext',
    make: newOrtbBannerExt,
    fields: [],
  },
  {
    path: 'BidRequest.Format',
    make: newOrtbFormat,
    fields: [
      'w 1 int32',
      'h 2 int32',
      'wratio 3 int32',
      'hratio 4 int32',
      'wmin 5 int32',
      'ext 99 BidRequest.Format.Ext',
    ],
  },
  {
    path: 'BidRequest.Format.Ext',
    make: newOrtbFormatExt,
    fields: [],
  },
  {
    path: 'BidRequest.Video',
    make: newOrtbVideo,
    fields: [
      'mimes 1 string list',
      'minduration 3 int32',
      'maxduration 4 int32',
      'startdelay 8 int32',
      'maxseq 28 int32',
      'poddur 29 int32',
      'protocols 21 int32 list',
      'w 6 int32',
      'h 7 int32',
      'podid 30 string',
      'podseq 31 int32',
      'rqddurs 32 int32 list',
      'placement 26 int32',
      'plcmt 35 int32',
      'linearity 2 int32',
      'skip 23 bool',
      'skipmin 24 int32',
      'skipafter 25 int32',
      'sequence 9 int32',
      'slotinpod 33 int32',
      'mincpmpersec 34 double',
      'battr 10 int32 list',
      'maxextended 11 int32',
      'minbitrate 12 int32',
      'maxbitrate 13 int32',
      'boxingallowed 14 bool',
      'playbackmethod 15 int32 list',
      'playbackend 27 int32',
      'delivery 16 int32 list',
      'pos 17 int32',
      'companionad 18 BidRequest.Banner list',
      'api 19 int32 list',
      'companiontype 20 int32 list',
      'poddedupe 37 int32 list',
      'durfloors 36 BidRequest.DurFloors list',
      'protocol 5 int32',
      'ext 99 BidRequest.Video.Ext',
    ],
  },
  {
    path: 'BidRequest.Video.Ext',
    make: newOrtbVideoExt,
    fields: [],
  },
  {
    path: 'BidRequest.Audio',
    make: newOrtbAudio,
    fields: [
      'mimes 1 string list',
      'minduration 2 int32',
      'maxduration 3 int32',
      'poddur 25 int32',
      'protocols 4 int32 list',
      'startdelay 5 int32',
      'rqddurs 26 int32 list',
      'podid 27 string',
      'podseq 28 int32',
      'sequence 6 int32',
      'slotinpod 29 int32',
      'mincpmpersec 30 double',
      'battr 7 int32 list',
      'maxextended 8 int32',
      'minbitrate 9 int32',
      'maxbitrate 10 int32',
      'delivery 11 int32 list',
      'companionad 12 BidRequest.Banner list',
      'api 13 int32 list',
      'companiontype 20 int32 list',
      'maxseq 21 int32',
      'feed 22 int32',
      'stitched 23 bool',
      'nvol 24 int32',
      'durfloors 31 BidRequest.DurFloors list',
      'ext 99 BidRequest.Audio.Ext',
    ],
  },
  {
    path: 'BidRequest.Audio.Ext',
    make: newOrtbAudioExt,
    fields: [],
  },
  {
    path: 'BidRequest.Native',
    make: newOrtbNative,
    fields: [
      'request 1 string oneof:request_oneof',
      'request_native 50 NativeRequest oneof:request_oneof',
      'ver 2 string',
      'api 3 int32 list',
      'battr 4 int32 list',
      'ext 99 BidRequest.Native.Ext',
    ],
  },
  {
    path: 'BidRequest.Native.Ext',
    make: newOrtbNativeExt,
    fields: [],
  },
  {
    path: 'BidRequest.Qty',
    make: newOrtbQty,
    fields: [
      'multiplier 1 double',
      'sourcetype 2 int32',
      'vendor 3 string',
      'ext 99 BidRequest.Qty.Ext',
    ],
  },
  {
    path: 'BidRequest.Qty.Ext',
    make: newOrtbQtyExt,
    fields: [],
  },
  {
    path: 'BidRequest.Refresh',
    make: newOrtbRefresh,
    fields: [
      'refsettings 1 BidRequest.RefSettings list',
      'count 2 int32',
      'ext 99 BidRequest.Refresh.Ext',
    ],
  },
  {
    path: 'BidRequest.Refresh.Ext',
    make: newOrtbRefreshExt,
    fields: [],
  },
  {
    path: 'BidRequest.RefSettings',
    make: newOrtbRefSettings,
    fields: [
      'reftype 1 int32',
      'minint 2 int32',
      'ext 99 BidRequest.RefSettings.Ext',
    ],
  },
  {
    path: 'BidRequest.RefSettings.Ext',
    make: newOrtbRefSettingsExt,
    fields: [],
  },
  {
    path: 'BidRequest.Pmp',
    make: newOrtbPmp,
    fields: [
      'private_auction 1 bool',
      'deals 2 BidRequest.Deal list',
      'ext 99 BidRequest.Pmp.Ext',
    ],
  },
  {
    path: 'BidRequest.Pmp.Ext',
    make: newOrtbPmpExt,
    fields: [],
  },
  {
    path: 'BidRequest.Deal',
    make: newOrtbDeal,
    fields: [
      'id 1 string',
      'bidfloor 2 double',
      'bidfloorcur 3 string',
      'at 6 int32',
      'wseat 4 string list',
      'wadomain 5 string list',
      'guar 7 int32',
      'mincpmpersec 8 double',
      'durfloors 9 BidRequest.DurFloors list',
      'ext 99 BidRequest.Deal.Ext google:1010',
    ],
  },
  {
    path: 'BidRequest.Deal.Ext',
    make: newOrtbDealExt,
    fields: [
      'deal_type 0 int32 google:1',
      'must_bid 0 bool google:2',
      'publisher_blocks_overridden 0 bool google:3',
      'creative_source 0 int32 google:4',
    ],
  },
  {
    path: 'BidRequest.SKAdNetworkList',
    make: newOrtbSkAdNetworkList,
    fields: [
      'max 1 int32',
      'excl 2 int32 list',
      'addl 3 string list',
      'ext 99 BidRequest.SKAdNetworkList.Ext',
    ],
  },
  {
    path: 'BidRequest.SKAdNetworkList.Ext',
    make: newOrtbSkAdNetworkListExt,
    fields: [],
  },
  {
    path: 'BidRequest.SKAdNetworkRequest',
    make: newOrtbSkAdNetworkRequest,
    fields: [
      'versions 5 string list',
      'version 1 string',
      'sourceapp 2 string',
      'skadnetids 3 string list',
      'skadnetlist 4 BidRequest.SKAdNetworkList',
      'productpage 6 bool',
      'skoverlay 7 bool',
      'ext 99 BidRequest.SKAdNetworkRequest.Ext',
    ],
  },
  {
    path: 'BidRequest.SKAdNetworkRequest.Ext',
    make: newOrtbSkAdNetworkRequestExt,
    fields: [],
  },
  {
    path: 'BidRequest.InterestGroupAuctionSupport',
    make: newOrtbInterestGroupAuctionSupport,
    fields: [
      'ae 1 int32',
      'biddable 2 bool',
    ],
  },
  {
    path: 'BidRequest.Site',
    make: newOrtbSite,
    fields: [
      'id 1 string',
      'name 2 string',
      'domain 3 string',
      'cattax 16 int32',
      'cat 4 string list',
      'sectioncat 5 string list',
      'pagecat 6 string list',
      'page 7 string',
      'ref 9 string',
      'search 10 string',
      'mobile 15 bool',
      'privacypolicy 8 bool',
      'publisher 11 BidRequest.Publisher',
      'content 12 BidRequest.Content',
      'keywords 13 string',
      'kwarray 18 string list',
      'inventorypartnerdomain 17 string',
      'ext 99 BidRequest.Site.Ext google:1010',
    ],
  },
  {
    path: 'BidRequest.Site.Ext',
    make: newOrtbSiteExt,
    fields: [
      'amp 0 int32 google:1',
      'page_visibility 0 int32 google:2',
      'is_semi_transparent_request 0 bool google:3',
    ],
  },
  {
    path: 'BidRequest.App',
    make: newOrtbApp,
    fields: [
      'id 1 string',
      'name 2 string',
      'bundle 8 string',
      'domain 3 string',
      'storeurl 16 string',
      'cattax 17 int32',
      'cat 4 string list',
      'sectioncat 5 string list',
      'pagecat 6 string list',
      'ver 7 string',
      'privacypolicy 9 bool',
      'paid 10 bool',
      'publisher 11 BidRequest.Publisher',
      'content 12 BidRequest.Content',
      'keywords 13 string',
      'kwarray 19 string list',
      'inventorypartnerdomain 18 string',
      'ext 99 BidRequest.App.Ext google:1011',
    ],
  },
  {
    path: 'BidRequest.App.Ext',
    make: newOrtbAppExt,
    fields: [
      'installed_sdk 0 Google.AppExt.InstalledSdk list google:1',
    ],
  },
  {
    path: 'BidRequest.Dooh',
    make: newOrtbDooh,
    fields: [
      'id 1 string',
      'name 2 string',
      'venuetype 3 string list',
      'venuetypetax 4 int32',
      'publisher 5 BidRequest.Publisher',
      'domain 6 string',
      'keywords 7 string',
      'content 8 BidRequest.Content',
      'ext 99 BidRequest.Dooh.Ext',
    ],
  },
  {
    path: 'BidRequest.Dooh.Ext',
    make: newOrtbDoohExt,
    fields: [],
  },
  {
    path: 'BidRequest.Publisher',
    make: newOrtbPublisher,
    fields: [
      'id 1 string',
      'name 2 string',
      'cattax 5 int32',
      'cat 3 string list',
      'domain 4 string',
      'ext 99 BidRequest.Publisher.Ext google:1002',
    ],
  },
  {
    path: 'BidRequest.Publisher.Ext',
    make: newOrtbPublisherExt,
    fields: [
      'country 0 string google:1',
    ],
  },
  {
    path: 'BidRequest.Content',
    make: newOrtbContent,
    fields: [
      'id 1 string',
      'episode 2 int32',
      'title 3 string',
      'series 4 string',
      'season 5 string',
      'artist 21 string',
      'genre 22 string',
      'gtax 33 int32',
      'genres 35 string list',
      'album 23 string',
      'isrc 24 string',
      'producer 15 BidRequest.Producer',
      'url 6 string',
      'cattax 27 int32',
      'cat 7 string list',
      'prodq 25 int32',
      'context 20 int32',
      'contentrating 10 string',
      'userrating 11 string',
      'qagmediarating 17 int32',
      'keywords 9 string',
      'kwarray 32 string list',
      'livestream 13 bool',
      'sourcerelationship 14 bool',
      'len 16 int32',
      'language 19 string',
      'langb 29 string',
      'embeddable 18 bool',
      'data 28 BidRequest.Data list',
      'network 30 BidRequest.Network',
      'channel 31 BidRequest.Channel',
      'videoquality 8 int32',
      'ext 99 BidRequest.Content.Ext',
    ],
  },
  {
    path: 'BidRequest.Content.Ext',
    make: newOrtbContentExt,
    fields: [
      'feedurls 1 string list',
    ],
  },
  {
    path: 'BidRequest.Producer',
    make: newOrtbProducer,
    fields: [
      'id 1 string',
      'name 2 string',
      'cattax 5 int32',
      'cat 3 string list',
      'domain 4 string',
      'ext 99 BidRequest.Producer.Ext',
    ],
  },
  {
    path: 'BidRequest.Producer.Ext',
    make: newOrtbProducerExt,
    fields: [],
  },
  {
    path: 'BidRequest.Network',
    make: newOrtbNetwork,
    fields: [
      'id 1 string',
      'name 2 string',
      'domain 3 string',
      'ext 99 BidRequest.Network.Ext',
    ],
  },
  {
    path: 'BidRequest.Network.Ext',
    make: newOrtbNetworkExt,
    fields: [],
  },
  {
    path: 'BidRequest.Channel',
    make: newOrtbChannel,
    fields: [
      'id 1 string',
      'name 2 string',
      'domain 3 string',
      'ext 99 BidRequest.Channel.Ext',
    ],
  },
  {
    path: 'BidRequest.Channel.Ext',
    make: newOrtbChannelExt,
    fields: [],
  },
  {
    path: 'BidRequest.Device',
    make: newOrtbDevice,
    fields: [
      'geo 4 BidRequest.Geo',
      'dnt 1 bool',
      'lmt 23 bool',
      'ua 2 string',
      'sua 31 BidRequest.UserAgent',
      'ip 3 string',
      'ipv6 9 string',
      'devicetype 18 int32',
      'make 12 string',
      'model 13 string',
      'os 14 string',
      'osv 15 string',
      'hwv 24 string',
      'w 25 int32',
      'h 26 int32',
      'ppi 27 int32',
      'pxratio 28 double',
      'js 16 bool',
      'geofetch 29 bool',
      'flashver 19 string',
      'language 11 string',
      'langb 32 string',
      'carrier 10 string',
      'mccmnc 30 string',
      'connectiontype 17 int32',
      'ifa 20 string',
      'didsha1 5 string',
      'didmd5 6 string',
      'dpidsha1 7 string',
      'dpidmd5 8 string',
      'macsha1 21 string',
      'macmd5 22 string',
      'ext 99 BidRequest.Device.Ext google:1066',
    ],
  },
  {
    path: 'BidRequest.Device.Ext',
    make: newOrtbDeviceExt,
    fields: [
      'atts 1 int32 google:3',
      'ifv 2 string',
      'cdep 3 string',
      'ifa_type 4 string',
      'session_id 0 string google:1',
      'user_agent_data 0 Google.DeviceExt.UserAgent google:2',
    ],
  },
  {
    path: 'BidRequest.Geo',
    make: newOrtbGeo,
    fields: [
      'lat 1 double',
      'lon 2 double',
      'type 9 int32',
      'accuracy 11 int32',
      'lastfix 12 int32',
      'ipservice 13 int32',
      'country 3 string',
      'region 4 string',
      'regionfips104 5 string',
      'metro 6 string',
      'city 7 string',
      'zip 8 string',
      'utcoffset 10 int32',
      'ext 99 BidRequest.Geo.Ext',
    ],
  },
  {
    path: 'BidRequest.Geo.Ext',
    make: newOrtbGeoExt,
    fields: [],
  },
  {
    path: 'BidRequest.UserAgent',
    make: newOrtbUserAgent,
    fields: [
      'browsers 1 BidRequest.BrandVersion list',
      'platform 2 BidRequest.BrandVersion',
      'mobile 3 bool',
      'architecture 4 string',
      'bitness 5 string',
      'model 6 string',
      'source 7 int32',
      'ext 99 BidRequest.UserAgent.Ext',
    ],
  },
  {
    path: 'BidRequest.UserAgent.Ext',
    make: newOrtbUserAgentExt,
    fields: [],
  },
  {
    path: 'BidRequest.BrandVersion',
    make: newOrtbBrandVersion,
    fields: [
      'brand 1 string',
      'version 2 string list',
      'ext 99 BidRequest.BrandVersion.Ext',
    ],
  },
  {
    path: 'BidRequest.BrandVersion.Ext',
    make: newOrtbBrandVersionExt,
    fields: [],
  },
  {
    path: 'BidRequest.User',
    make: newOrtbUser,
    fields: [
      'id 1 string',
      'buyeruid 2 string',
      'yob 3 int32',
      'gender 4 string',
      'keywords 5 string',
      'kwarray 9 string list',
      'customdata 6 string',
      'geo 7 BidRequest.Geo',
      'data 8 BidRequest.Data list',
      'consent 10 string',
      'eids 11 BidRequest.EID list',
      'ext 99 BidRequest.User.Ext google:1007',
    ],
  },
  {
    path: 'BidRequest.User.Ext',
    make: newOrtbUserExt,
    fields: [
      'consent 1 string google:2',
      'eids 2 BidRequest.EID list',
      'consented_providers_settings 0 Google.UserExt.ConsentedProvidersSettings google:1',
    ],
  },
  {
    path: 'BidRequest.EID',
    make: newOrtbEid,
    fields: [
      'inserter 3 string',
      'source 1 string',
      'matcher 4 string',
      'mm 5 int32',
      'uids 2 BidRequest.EID.UID list',
      'ext 99 BidRequest.EID.Ext',
    ],
  },
  {
    path: 'BidRequest.EID.UID',
    make: newOrtbEidUid,
    fields: [
      'id 1 string',
      'atype 2 int32',
      'ext 99 BidRequest.EID.UID.Ext',
    ],
  },
  {
    path: 'BidRequest.EID.UID.Ext',
    make: newOrtbEidUidExt,
    fields: [],
  },
  {
    path: 'BidRequest.EID.Ext',
    make: newOrtbEidExt,
    fields: [],
  },
  {
    path: 'BidRequest.Data',
    make: newOrtbData,
    fields: [
      'id 1 string',
      'name 2 string',
      'segment 3 BidRequest.Segment list',
      'ext 99 BidRequest.Data.Ext',
    ],
  },
  {
    path: 'BidRequest.Data.Ext',
    make: newOrtbDataExt,
    fields: [
      'cids 1 string list',
    ],
  },
  {
    path: 'BidRequest.Segment',
    make: newOrtbSegment,
    fields: [
      'id 1 string',
      'name 2 string',
      'value 3 string',
      'ext 99 BidRequest.Segment.Ext',
    ],
  },
  {
    path: 'BidRequest.Segment.Ext',
    make: newOrtbSegmentExt,
    fields: [],
  },
  {
    path: 'BidRequest.Regs',
    make: newOrtbRegs,
    fields: [
      'coppa 1 bool',
      'gdpr 4 bool',
      'us_privacy 5 string',
      'gpp 2 string',
      'gpp_sid 3 int32 list',
      'ext 99 BidRequest.Regs.Ext google:1001',
    ],
  },
  {
    path: 'BidRequest.Regs.Ext',
    make: newOrtbRegsExt,
    fields: [
      'gdpr 1 bool google:1',
      'us_privacy 2 string',
      'gpc 3 string',
      'dsa 4 BidRequest.DsaRequest',
      's22580 5 bool',
      'lgpd 0 bool google:2',
    ],
  },
  {
    path: 'BidRequest.DsaRequest',
    make: newOrtbDsaRequest,
    fields: [
      'dsarequired 1 int32',
      'pubrender 2 int32',
      'datatopub 3 int32',
      'transparency 4 Transparency list',
    ],
  },
  {
    path: 'BidRequest.DurFloors',
    make: newOrtbDurFloors,
    fields: [
      'mindur 1 int32',
      'maxdur 2 int32',
      'bidfloor 3 double',
      'ext 99 BidRequest.DurFloors.Ext',
    ],
  },
  {
    path: 'BidRequest.DurFloors.Ext',
    make: newOrtbDurFloorsExt,
    fields: [],
  },
  {
    path: 'BidRequest.Ext',
    make: newOrtbBidRequestExt,
    fields: [
      'bid_feedback 0 Google.BidRequestExt.BidFeedback list google:1',
      'google_query_id 0 string google:2',
      'fcap_scope 0 int32 google:4',
    ],
  },
  {
    path: 'BidResponse',
    make: newOrtbBidResponse,
    fields: [
      'id 1 string',
      'seatbid 2 BidResponse.SeatBid list',
      'bidid 3 string',
      'cur 4 string',
      'customdata 5 string',
      'nbr 6 int32',
      'ext 99 BidResponse.Ext google:1005',
    ],
  },
  {
    path: 'BidResponse.Ext',
    make: newOrtbBidResponseExt,
    fields: [
      'seatnonbid 1 BidResponse.SeatNonBid list',
      'igi 2 BidResponse.InterestGroupAuctionIntent list',
      'processing_time_ms 0 int32 google:1',
    ],
  },
  {
    path: 'BidResponse.SeatBid',
    make: newOrtbSeatBid,
    fields: [
      'bid 1 BidResponse.Bid list',
      'seat 2 string',
      'group 3 bool',
      'ext 99 BidResponse.SeatBid.Ext',
    ],
  },
  {
    path: 'BidResponse.SeatBid.Ext',
    make: newOrtbSeatBidExt,
    fields: [],
  },
  {
    path: 'BidResponse.Bid',
    make: newOrtbBid,
    fields: [
      'id 1 string',
      'impid 2 string',
      'price 3 double',
      'nurl 5 string',
      'burl 22 string',
      'lurl 23 string',
      'adm 6 string oneof:adm_oneof',
      'adm_native 50 NativeResponse oneof:adm_oneof',
      'adid 4 string',
      'adomain 7 string list',
      'bundle 14 string',
      'iurl 8 string',
      'cid 9 string',
      'crid 10 string',
      'tactic 24 string',
      'cattax 30 int32',
      'cat 15 string list',
      'attr 11 int32 list',
      'apis 31 int32 list',
      'api 18 int32',
      'protocol 19 int32',
      'qagmediarating 20 int32',
      'language 25 string',
      'langb 29 string',
      'dealid 13 string',
      'w 16 int32',
      'h 17 int32',
      'wratio 26 int32',
      'hratio 27 int32',
      'exp 21 int32',
      'dur 32 int32',
      'mtype 33 int32',
      'slotinpod 28 int32',
      'ext 99 BidResponse.Bid.Ext google:1014',
    ],
  },
  {
    path: 'BidResponse.Bid.Ext',
    make: newOrtbBidExt,
    fields: [
      'skadn 1 BidResponse.SKAdNetworkResponse',
      'dsa 2 BidResponse.DsaResponse',
      'scid 3 string',
      'impression_tracking_url 0 string list google:1',
      'ad_choices_destination_url 0 string google:2',
      'exchange_deal_type 0 int32 google:4',
      'attribute 0 int32 list google:5',
      'amp_ad_url 0 string google:6',
      'sdk_rendered_ad 0 Google.BidExt.SdkRenderedAd google:7',
      'event_notification_token 0 Google.BidExt.EventNotificationToken google:8',
      'restricted_category 0 int32 list google:9',
      'billing_id 0 int64 google:10',
      'third_party_buyer_token 0 string google:14',
      'buyer_reporting_id 0 string google:17',
      'fcap 0 Google.BidExt.FrequencyCap list google:18',
    ],
  },
  {
    path: 'BidResponse.DsaResponse',
    make: newOrtbDsaResponse,
    fields: [
      'behalf 1 string',
      'paid 2 string',
      'transparency 3 Transparency list',
      'adrender 4 bool',
    ],
  },
  {
    path: 'BidResponse.SKAdNetworkFidelity',
    make: newOrtbSkAdNetworkFidelity,
    fields: [
      'fidelity 1 int32',
      'nonce 2 string',
      'timestamp 3 string',
      'signature 4 string',
      'ext 99 BidResponse.SKAdNetworkFidelity.Ext',
    ],
  },
  {
    path: 'BidResponse.SKAdNetworkFidelity.Ext',
    make: newOrtbSkAdNetworkFidelityExt,
    fields: [],
  },
  {
    path: 'BidResponse.SKAdNetworkResponse',
    make: newOrtbSkAdNetworkResponse,
    fields: [
      'version 1 string',
      'network 2 string',
      'sourceidentifier 10 string',
      'campaign 3 string',
      'itunesitem 4 string',
      'productpageid 11 string',
      'fidelities 9 BidResponse.SKAdNetworkFidelity list',
      'nonce 5 string',
      'sourceapp 6 string',
      'timestamp 7 string',
      'signature 8 string',
      'skoverlay 12 BidResponse.SKOverlay',
      'ext 99 BidResponse.SKAdNetworkResponse.Ext',
    ],
  },
  {
    path: 'BidResponse.SKAdNetworkResponse.Ext',
    make: newOrtbSkAdNetworkResponseExt,
    fields: [],
  },
  {
    path: 'BidResponse.SKOverlay',
    make: newOrtbSkOverlay,
    fields: [
      'delay 1 int32',
      'endcarddelay 2 int32',
      'dismissible 3 bool',
      'pos 4 int32',
      'ext 99 BidResponse.SKOverlay.Ext',
    ],
  },
  {
    path: 'BidResponse.SKOverlay.Ext',
    make: newOrtbSkOverlayExt,
    fields: [],
  },
  {
    path: 'BidResponse.SeatNonBid',
    make: newOrtbSeatNonBid,
    fields: [
      'nonbid 1 BidResponse.NonBid list',
      'seat 2 string',
      'ext 99 BidResponse.SeatNonBid.Ext',
    ],
  },
  {
    path: 'BidResponse.SeatNonBid.Ext',
    make: newOrtbSeatNonBidExt,
    fields: [],
  },
  {
    path: 'BidResponse.NonBid',
    make: newOrtbNonBid,
    fields: [
      'impid 1 string',
      'statuscode 2 int32',
      'ext 99 BidResponse.NonBid.Ext',
    ],
  },
  {
    path: 'BidResponse.NonBid.Ext',
    make: newOrtbNonBidExt,
    fields: [],
  },
  {
    path: 'BidResponse.InterestGroupAuctionIntent',
    make: newOrtbInterestGroupAuctionIntent,
    fields: [
      'impid 1 string',
      'igb 2 BidResponse.InterestGroupAuctionBuyer list',
      'igs 3 BidResponse.InterestGroupAuctionSeller list',
    ],
  },
  {
    path: 'BidResponse.InterestGroupAuctionBuyer',
    make: newOrtbInterestGroupAuctionBuyer,
    fields: [
      'origin 1 string',
      'maxbid 2 double',
      'cur 3 string',
      'pbs 4 json',
      'ps 5 map list',
      'begid 6 int32',
    ],
  },
  {
    path: 'BidResponse.InterestGroupAuctionSeller',
    make: newOrtbInterestGroupAuctionSeller,
    fields: [
      'impid 1 string',
      'config 2 json',
    ],
  },
  {
    path: 'Transparency',
    make: newOrtbTransparency,
    fields: [
      'domain 1 string',
      'dsaparams 2 int32 list',
    ],
  },
  {
    path: 'NativeRequest',
    make: newOrtbNativeRequest,
    fields: [
      'ver 1 string',
      'layout 2 int32',
      'adunit 3 int32',
      'context 7 int32',
      'contextsubtype 8 int32',
      'plcmttype 9 int32',
      'plcmtcnt 4 int32',
      'seq 5 int32',
      'assets 6 NativeRequest.Asset list',
      'aurlsupport 11 bool',
      'durlsupport 12 bool',
      'eventtrackers 13 NativeRequest.EventTrackers list',
      'privacy 14 bool',
      'ext 99 NativeRequest.Ext',
    ],
  },
  {
    path: 'NativeRequest.Asset',
    make: newOrtbNativeRequestAsset,
    fields: [
      'id 1 int32',
      'required 2 bool',
      'title 3 NativeRequest.Title oneof:asset_oneof',
      'img 4 NativeRequest.Image oneof:asset_oneof',
      'video 5 BidRequest.Video oneof:asset_oneof',
      'data 6 NativeRequest.Data oneof:asset_oneof',
      'ext 99 NativeRequest.Asset.Ext',
    ],
  },
  {
    path: 'NativeRequest.Asset.Ext',
    make: newOrtbNativeRequestAssetExt,
    fields: [],
  },
  {
    path: 'NativeRequest.Title',
    make: newOrtbNativeRequestTitle,
    fields: [
      'len 1 int32',
      'ext 99 NativeRequest.Title.Ext',
    ],
  },
  {
    path: 'NativeRequest.Title.Ext',
    make: newOrtbNativeRequestTitleExt,
    fields: [],
  },
  {
    path: 'NativeRequest.Image',
    make: newOrtbNativeRequestImage,
    fields: [
      'type 1 int32',
      'w 2 int32',
      'h 3 int32',
      'wmin 4 int32',
      'hmin 5 int32',
      'mimes 6 string list',
      'ext 99 NativeRequest.Image.Ext',
    ],
  },
  {
    path: 'NativeRequest.Image.Ext',
    make: newOrtbNativeRequestImageExt,
    fields: [],
  },
  {
    path: 'NativeRequest.Data',
    make: newOrtbNativeRequestData,
    fields: [
      'type 1 int32',
      'len 2 int32',
      'ext 99 NativeRequest.Data.Ext',
    ],
  },
  {
    path: 'NativeRequest.Data.Ext',
    make: newOrtbNativeRequestDataExt,
    fields: [
      'segtax 1 int32',
    ],
  },
  {
    path: 'NativeRequest.EventTrackers',
    make: newOrtbNativeRequestEventTrackers,
    fields: [
      'event 1 int32',
      'methods 2 int32 list',
      'ext 99 NativeRequest.EventTrackers.Ext',
    ],
  },
  {
    path: 'NativeRequest.EventTrackers.Ext',
    make: newOrtbNativeRequestEventTrackersExt,
    fields: [],
  },
  {
    path: 'NativeRequest.Ext',
    make: newOrtbNativeRequestExt,
    fields: [],
  },
  {
    path: 'NativeResponse',
    make: newOrtbNativeResponse,
    fields: [
      'ver 1 string',
      'assets 2 NativeResponse.Asset list',
      'assetsurl 6 string',
      'dcourl 7 string',
      'link 3 NativeResponse.Link',
      'imptrackers 4 string list',
      'jstracker 5 string',
      'eventtrackers 8 NativeResponse.EventTracker list',
      'privacy 9 string',
      'ext 99 NativeResponse.Ext',
    ],
  },
  {
    path: 'NativeResponse.Link',
    make: newOrtbNativeResponseLink,
    fields: [
      'url 1 string',
      'clicktrackers 2 string list',
      'fallback 3 string',
      'ext 99 NativeResponse.Link.Ext',
    ],
  },
  {
    path: 'NativeResponse.Link.Ext',
    make: newOrtbNativeResponseLinkExt,
    fields: [],
  },
  {
    path: 'NativeResponse.Asset',
    make: newOrtbNativeResponseAsset,
    fields: [
      'id 1 int32',
      'required 2 bool',
      'title 3 NativeResponse.Title oneof:asset_oneof',
      'img 4 NativeResponse.Image oneof:asset_oneof',
      'video 5 NativeResponse.Video oneof:asset_oneof',
      'data 6 NativeResponse.Data oneof:asset_oneof',
      'link 7 NativeResponse.Link',
      'ext 99 NativeResponse.Asset.Ext',
    ],
  },
  {
    path: 'NativeResponse.Asset.Ext',
    make: newOrtbNativeResponseAssetExt,
    fields: [],
  },
  {
    path: 'NativeResponse.Title',
    make: newOrtbNativeResponseTitle,
    fields: [
      'text 1 string',
      'len 2 int32',
      'ext 99 NativeResponse.Title.Ext',
    ],
  },
  {
    path: 'NativeResponse.Title.Ext',
    make: newOrtbNativeResponseTitleExt,
    fields: [],
  },
  {
    path: 'NativeResponse.Image',
    make: newOrtbNativeResponseImage,
    fields: [
      'type 4 int32',
      'url 1 string',
      'w 2 int32',
      'h 3 int32',
      'ext 99 NativeResponse.Image.Ext',
    ],
  },
  {
    path: 'NativeResponse.Image.Ext',
    make: newOrtbNativeResponseImageExt,
    fields: [],
  },
  {
    path: 'NativeResponse.Data',
    make: newOrtbNativeResponseData,
    fields: [
      'type 3 int32',
      'len 4 int32',
      'label 1 string',
      'value 2 string',
      'ext 99 NativeResponse.Data.Ext',
    ],
  },
  {
    path: 'NativeResponse.Data.Ext',
    make: newOrtbNativeResponseDataExt,
    fields: [],
  },
  {
    path: 'NativeResponse.Video',
    make: newOrtbNativeResponseVideo,
    fields: [
      'vasttag 1 string',
      'ext 99 NativeResponse.Video.Ext',
    ],
  },
  {
    path: 'NativeResponse.Video.Ext',
    make: newOrtbNativeResponseVideoExt,
    fields: [],
  },
  {
    path: 'NativeResponse.EventTracker',
    make: newOrtbNativeResponseEventTracker,
    fields: [
      'event 1 int32',
      'method 2 int32',
      'url 3 string',
      'customdata 4 string',
      'ext 99 NativeResponse.EventTracker.Ext',
    ],
  },
  {
    path: 'NativeResponse.EventTracker.Ext',
    make: newOrtbNativeResponseEventTrackerExt,
    fields: [],
  },
  {
    path: 'NativeResponse.Ext',
    make: newOrtbNativeResponseExt,
    fields: [],
  },
  {
    path: 'Google.BidRequestExt.BidFeedback',
    make: newOrtbGoogleBidRequestExtBidFeedback,
    fields: [
      'request_id 1 string',
      'creative_status_code 2 int32',
      'price 3 double',
      'event_notification_token 4 Google.BidRequestExt.BidFeedback.EventNotificationToken',
      'buyer_creative_id 5 string',
      'minimum_bid_to_win 6 double',
      'sampled_mediation_cpm_ahead_of_auction_winner 8 double',
      'bid_price 9 double',
    ],
  },
  {
    path: 'Google.BidRequestExt.BidFeedback.EventNotificationToken',
    make: newOrtbGoogleBidRequestExtBidFeedbackEventNotificationToken,
    fields: [
      'payload 1 string',
    ],
  },
  {
    path: 'Google.ImpExt.ExcludedCreative',
    make: newOrtbGoogleImpExtExcludedCreative,
    fields: [
      'buyer_creative_id 1 string',
    ],
  },
  {
    path: 'Google.ImpExt.BuyerGeneratedRequestData',
    make: newOrtbGoogleImpExtBuyerGeneratedRequestData,
    fields: [
      'source_app 1 Google.ImpExt.BuyerGeneratedRequestData.SourceApp oneof:source',
      'data 2 string',
    ],
  },
  {
    path: 'Google.ImpExt.BuyerGeneratedRequestData.SourceApp',
    make: newOrtbGoogleImpExtBuyerGeneratedRequestDataSourceApp,
    fields: [
      'id 1 string',
    ],
  },
  {
    path: 'Google.ImpExt.OpenBidding',
    make: newOrtbGoogleImpExtOpenBidding,
    fields: [
      'is_open_bidding 2 bool',
    ],
  },
  {
    path: 'Google.ImpExt.CreativeEnforcementSettings',
    make: newOrtbGoogleImpExtCreativeEnforcementSettings,
    fields: [
      'policy_enforcement 1 int32',
      'publisher_blocks_enforcement 3 int32',
      'is_default 4 bool',
    ],
  },
  {
    path: 'Google.AppExt.InstalledSdk',
    make: newOrtbGoogleAppExtInstalledSdk,
    fields: [
      'id 1 string',
      'sdk_version 2 Google.AppExt.InstalledSdk.Version',
      'adapter_version 3 Google.AppExt.InstalledSdk.Version',
    ],
  },
  {
    path: 'Google.AppExt.InstalledSdk.Version',
    make: newOrtbGoogleAppExtInstalledSdkVersion,
    fields: [
      'major 1 int32',
      'minor 2 int32',
      'micro 3 int32',
    ],
  },
  {
    path: 'Google.DeviceExt.UserAgent',
    make: newOrtbGoogleDeviceExtUserAgent,
    fields: [
      'browser 1 Google.DeviceExt.UserAgent.BrandVersion',
      'platform 2 Google.DeviceExt.UserAgent.BrandVersion',
      'mobile 3 bool',
      'architecture 4 string',
      'model 5 string',
    ],
  },
  {
    path: 'Google.DeviceExt.UserAgent.BrandVersion',
    make: newOrtbGoogleDeviceExtUserAgentBrandVersion,
    fields: [
      'brand 1 string',
      'version 2 string list',
    ],
  },
  {
    path: 'Google.UserExt.ConsentedProvidersSettings',
    make: newOrtbGoogleUserExtConsentedProvidersSettings,
    fields: [
      'consented_providers 2 int64 list',
      'additional_consent 3 string',
    ],
  },
  {
    path: 'Google.BidExt.SdkRenderedAd',
    make: newOrtbGoogleBidExtSdkRenderedAd,
    fields: [
      'id 1 string',
      'rendering_data 2 string',
    ],
  },
  {
    path: 'Google.BidExt.EventNotificationToken',
    make: newOrtbGoogleBidExtEventNotificationToken,
    fields: [
      'payload 1 string',
    ],
  },
  {
    path: 'Google.BidExt.FrequencyCap',
    make: newOrtbGoogleBidExtFrequencyCap,
    fields: [
      'fcap_id 1 string',
      'time_unit 2 int32',
      'time_range 3 int32',
      'max_imp 4 int32',
    ],
  },
]
