/** What makes a world: everything else of it follows from these numbers. */

/** Rises with every change that changes a byte of any world: figures name it. */
export const worldVersion = 1

/** How large the market is. */
export interface MarketSize {
  readonly advertisers: number
  readonly campaignsEach: number
  readonly creativesEach: number
}

/** How the log's winners were chosen (docs/world.md): with known chances. */
export interface LoggingPolicy {
  /** Share of rows whose winner was drawn from all eligible creatives with equal chances. */
  readonly randomShare: number
  /** Otherwise a creative's chance grows with its prior eCPM to this power. */
  readonly sharpness: number
}

/** A world. Two of equal settings are equal, on any machine. */
export interface WorldSettings {
  readonly seed: number
  readonly days: number
  /** Impressions of the log. */
  readonly rows: number
  /** Requests of the traffic file: evenly spread rows of the log. */
  readonly requests: number
  readonly users: number
  /**
   * Share of the impressions without a click that the log keeps, (0, 1]; each line then says it as
   * `sampleRate`. Clicks are rare: what the others teach, a twentieth of them teaches as well.
   */
  readonly negatives: number
  readonly market: MarketSize
  readonly policy: LoggingPolicy
}

/** The market of the figures: 300 advertisers, 1 500 campaigns, 12 000 creatives. */
export const marketSize: MarketSize = { advertisers: 300, campaignsEach: 5, creativesEach: 8 }

export const loggingPolicy: LoggingPolicy = { randomShare: 0.1, sharpness: 0.7 }

/** The world that is made where nothing else is said. */
export const worldDefaults: WorldSettings = {
  seed: 1,
  days: 7,
  rows: 1_000_000,
  requests: 100_000,
  users: 1_000_000,
  negatives: 1,
  market: marketSize,
  policy: loggingPolicy,
}

/** Longest log: a row is told by one 32-bit word, and 10^8 rows are 50 GB packed. */
export const rowsMax = 100_000_000
/** A user is told by one word too; packs of 10^7 users are 1.4 GB. */
export const usersMax = 10_000_000
/** Ads wear out by the day: beyond two months nothing of the first day is left. */
export const daysMax = 60

/** Monday 2026-01-05 00:00 UTC: every world begins then, so that no clock is in it. */
export const worldStartMs = 1_767_571_200_000
export const dayMs = 86_400_000
