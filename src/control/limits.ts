/** Every limit of the admin API, each with its reason. */

/** A strategy with the longest lists we allow is about 600 KB of JSON. */
export const jsonBytesMax = 1024 * 1024

/**
 * A 20 M id pack over a slow link (1 MB/s, gzip) takes about 5 minutes; two hours cut off only the
 * dead.
 */
export const requestMsMax = 2 * 60 * 60 * 1000

/**
 * A socket without a byte either way for this long is dead; a throttled upload never pauses so
 * long.
 */
export const idleSocketMsMax = 10 * 60 * 1000

/** Time that requests under way have when the process stops: half of the 10 s of a whole drain. */
export const drainMsMax = 5_000

/** How often a closing server looks for connections that turned idle. */
export const idleSweepMs = 100

/**
 * Time explain gives the store; far above a medium's budget, so that a slow store still explains.
 */
export const explainMsMax = 2_000

/** RTA bodies are at most 64 KiB (design.md §5); base64 adds a third. */
export const explainBodyBytesMax = 64 * 1024

/** OpenRTB bodies are at most 256 KiB on the bidding port. */
export const explainBidBodyBytesMax = 256 * 1024

/** Catalog findings of one campaign that explain tells one by one. */
export const findingsShownMax = 50

/** Audit entries kept: a ring. Each is a line of the change log, and a page of them is parsed. */
export const auditEntriesMax = 1_000

/** Changed top-level fields that one audit entry names. */
export const auditFieldsMax = 32

/** Attempts of one write against other writers; each lost attempt means another one won. */
export const writeAttemptsMax = 16

/** Strategies of one installation: media register a few hundred; each costs every worker memory. */
export const strategiesMax = 10_000

/** Experiments of one installation; 10 000 buckets a layer make more of them pointless. */
export const experimentsMax = 1_000

/** API keys: people and jobs of one house. */
export const keysMax = 200

/** A page of a list; a page of full strategies stays a few megabytes. */
export const pageSizeMax = 1_000
export const pageSizeDefault = 100

/**
 * Entities one page of a filtered list looks at: parsing them takes some 50 ms, and a filter that
 * keeps few of 100 000 must not hold up everybody else.
 */
export const pageScanMax = 10_000

/** Wrong keys one address may present a minute before it is refused unseen (429). */
export const wrongKeysPerMinuteMax = 20

/** Addresses remembered for the wrong-key limit; beyond it the oldest is forgotten. */
export const wrongKeyAddressesMax = 1_024

/** Fewest characters of a configured admin key: about 128 bits if it is random hex. */
export const adminKeyCharsMin = 24

/** Characters of an id of ours (strategy, experiment, pack, key name, layer). */
export const idCharsMax = 64

/** Characters of a display name. */
export const nameCharsMax = 200

/** Packs in one list of an audience rule: bitset work of every decision grows with it. */
export const audiencePacksMax = 64

/** Windows of one schedule: one an hour of a week would be 168. */
export const scheduleWindowsMax = 168

/** Experiment ids of the medium in one condition. */
export const mediumExperimentsMax = 256

/** Countries or cities in one list; China has fewer than 700 cities. */
export const geoNamesMax = 1_000

/** Products one strategy may show; media read at most a few dozen. */
export const productsMax = 100

/** Advertisers or ads one strategy may be limited to. */
export const adRefsMax = 1_000

/** Price rules of one strategy for second requests. */
export const secondPricesMax = 5_000

/** Arms of one experiment. */
export const armsMax = 20

/** Strategies one experiment may name. */
export const experimentStrategiesMax = 1_000

/** Largest factor taken from a marketer; the widest medium ends at 100, a typing error does not. */
export const factorInputMax = 1_000

/** Largest price: 10⁹ units of currency, exact in a double as micros. */
export const priceMicrosMax = 1e15

/** Longest time to live of a pack: ten years. */
export const ttlSecondsMax = 10 * 366 * 24 * 60 * 60

/** First errors of an upload that an answer shows. */
export const firstErrorsMax = 100

/** Advertisers of one installation: an agency has hundreds. */
export const advertisersMax = 10_000

/**
 * Campaigns: ten for each of as many advertisers as there may be; recall's bitsets grow by them.
 */
export const campaignsMax = 100_000

/** Creatives: twice what the latency budget is measured with (docs/latency-budget.md). */
export const creativesMax = 200_000

/** Exchanges: some 300 exist in the world. */
export const exchangesMax = 1_000

/** Domains, bundles, publishers or models in one list of a campaign: one of ours is 40 bytes. */
export const targetingWordsMax = 5_000

/** Deals of one campaign: deals are made by hand. */
export const dealsMax = 1_000

/** Places in one list of a campaign; a country has at most a few thousand cities worth naming. */
export const placesMax = 2_000

/** Values in a list of AdCOM numbers: no such list has more. */
export const codesMax = 64

/** Characters of an advertiser's action (`purchase`) in a rule on converts. */
export const actionCharsMax = 64

/** Landing domains of one advertiser or creative; `bid.adomain` rarely has more than one. */
export const domainsMax = 20

/** Category sets (one a taxonomy), and ids in each; IAB Content 3.1 has about 700. */
export const categorySetsMax = 16
export const categoryIdsMax = 100

/** Characters of a URL: what browsers and exchanges take everywhere. */
export const urlCharsMax = 2_048

/** Characters of HTML markup: exchanges refuse far less; a bid response carries all of it. */
export const htmlCharsMax = 64 * 1024

/** Third-party trackers of one kind: each costs the user a request. */
export const trackersMax = 20

/** Renditions of one video: bitrates × sizes × containers of a long ladder. */
export const mediaFilesMax = 50

/** Titles, images or data values of a native creative, variants included. */
export const nativePartsMax = 50

/** Characters of a native title or data value; the longest asset asked for in the wild is 250. */
export const nativeTextCharsMax = 1_000

/** Longest ad: an hour of audio; pods are filled with far shorter ones. */
export const durationSecMax = 3_600

/** Largest width or height in pixels: an 8K screen wall. */
export const sizePxMax = 16_384

/** Entries of one blocked list of an exchange. */
export const blockedMax = 10_000

/** Values of a secret header: the present one, and those of rotations under way. */
export const secretValuesMax = 8

/** Fewest characters of a secret header's value: about 64 bits if it is random hex. */
export const secretCharsMin = 16

/** Currencies of a table of rates; ISO 4217 has fewer than 200. */
export const ratesMax = 400

/** Days a table of rates may lie ahead (time zones) and behind before its author is warned. */
export const ratesDaysAheadMax = 1
export const ratesDaysOldMax = 7

/** Creatives one impression may get bids for; pods are at most this long in practice. */
export const bidsPerImpCap = 20

/** Campaigns behind one strategy: what a strategy advertises is a handful, times its variants. */
export const rankedCampaignsMax = 50

/** Most creatives one recall may keep (design.md §3): coarse rank is sized for it. */
export const recallCap = 2_000

/** Lines of one import: three times everything there may be. */
export const importLinesMax = 1_000_000

/**
 * Bytes of one batch of an import: a store writes a batch as one transaction, and a Redis that is
 * given 64 MB in one script answers nobody for long.
 */
export const importBatchBytesMax = 4 * 1024 * 1024

/** Things that a refused deletion names. */
export const dependentsShownMax = 10

/** Days of one report: each is a scan of all shards' counters of a day. */
export const reportDaysMax = 92

/** Rows of one report; 20 MB of JSON is for a machine, which may ask twice. */
export const reportRowsMax = 50_000

/** Dead letters of one page. */
export const deadLettersShownMax = 1_000
