/** Small worlds for tests: whole in every part, and made in a second. */
import { loggingPolicy, type WorldSettings, worldDefaults } from './settings.ts'

/** 1 200 creatives, 2 000 users, three days. */
export const smallWorld: WorldSettings = {
  ...worldDefaults,
  seed: 7,
  days: 3,
  rows: 4_000,
  requests: 400,
  users: 2_000,
  market: { advertisers: 30, campaignsEach: 5, creativesEach: 8 },
}

/** The same market, every winner drawn with equal chances. */
export const randomWorld: WorldSettings = {
  ...smallWorld,
  policy: { ...loggingPolicy, randomShare: 1 },
}
