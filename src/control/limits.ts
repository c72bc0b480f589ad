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

/** Audit entries kept: a ring. Every catalog reader loads it, so it stays well under 1 MB. */
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

/** Wrong keys one address may present a minute before it is refused unseen (429). */
export const wrongKeysPerMinuteMax = 20

/** Addresses remembered for the wrong-key limit; beyond it the oldest is forgotten. */
export const wrongKeyAddressesMax = 1_024

/** Fewest characters of a configured admin key: about 128 bits if it is random hex. */
export const adminKeyCharsMin = 24

/** Longest Authorization header looked at; real keys have about 60 characters. */
export const authorizationCharsMax = 512

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
