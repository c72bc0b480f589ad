/** Why a campaign or creative fell out on the way to a bid: stable numbers of the loss funnel. */

/**
 * Numbers are stable for ever (docs/errors.md). 1-39 a campaign was not meant for the request;
 * 40-69 the request does not allow the creative; 70-99 the price or the place was not enough.
 */
export const Drop = {
  None: 0,
  NotLive: 1,
  Exchange: 2,
  Channel: 3,
  Place: 4,
  Os: 5,
  DeviceType: 6,
  Make: 7,
  Model: 8,
  Language: 9,
  Carrier: 10,
  Connection: 11,
  Inventory: 12,
  Publisher: 13,
  ContentCategory: 14,
  Position: 15,
  Placement: 16,
  StartDelay: 17,
  PodSlot: 18,
  SlotFormat: 19,
  SlotSize: 20,
  Interstitial: 21,
  Rewarded: 22,
  Schedule: 23,
  Audience: 24,
  Deal: 25,
  PrivateAuction: 26,
  Seat: 27,
  PodSequence: 28,
  CampaignCap: 29,
  AdvertiserCap: 30,
  Converted: 31,
  Format: 40,
  Size: 41,
  Secure: 42,
  Attribute: 43,
  Mime: 44,
  Api: 45,
  BannerType: 46,
  Expands: 47,
  Protocol: 48,
  Duration: 49,
  Skippable: 50,
  Linearity: 51,
  Bitrate: 52,
  AspectRatio: 53,
  Delivery: 54,
  NativeAsset: 55,
  BlockedCategory: 56,
  AllowedCategory: 57,
  BlockedDomain: 58,
  BlockedBundle: 59,
  BlockedLanguage: 60,
  DealDomain: 61,
  DealSeat: 62,
  CreativeCap: 63,
  NotRecalled: 70,
  NoRate: 71,
  NoValue: 72,
  BelowFloor: 73,
  BelowDealFloor: 74,
  BelowMinBid: 75,
  CostPerWin: 76,
  Outbid: 77,
  PodDuplicate: 78,
  PodFull: 79,
  Unfit: 80,
  NotRanked: 81,
  BadScore: 82,
} as const
export type Drop = (typeof Drop)[keyof typeof Drop]

/** One more than the highest number: size of a column of counters. */
export const dropRow = 96

/** Name of a reason in kebab-case, for metrics and traces: `below-floor`. */
export const dropNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Drop).map(([name, code]) => [
    code,
    name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase(),
  ]),
)
