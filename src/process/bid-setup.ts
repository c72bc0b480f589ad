/** The bidder of one deciding process: catalog, decider, adapter, records and counters. */
import type { AudienceReader, AudienceView } from '../audience/audience-reader.ts'
import type { BidSnapshot } from '../catalog/bid/bid-snapshot.ts'
import type { Config } from '../config/config.ts'
import { BidDecider } from '../decision/bid/bid-decide.ts'
import { BidScratch } from '../decision/bid/bid-scratch.ts'
import { ScratchPool } from '../decision/scratch-pool.ts'
import type { GeoSource } from '../domain/geo-port.ts'
import type { BidDeps } from '../http/bid-call.ts'
import type { DeviceHasher } from '../identity/device-hasher.ts'
import type { Clock } from '../lib/clock.ts'
import { systemRandom } from '../lib/random.ts'
import { createOpenRtbAdapter } from '../media/openrtb/adapter.ts'
import { ModelRoom } from '../scoring/model-room.ts'
import type { Ranker } from '../scoring/ranking.ts'
import { BidMeter } from '../telemetry/bid-meter.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { MetricJson } from '../telemetry/metric-json.ts'
import { ModelMeter, type ModelState } from '../telemetry/model-meter.ts'
import { RankMeter } from '../telemetry/rank-meter.ts'
import { followBidCatalog } from './bid-catalog-setup.ts'
import { newDecisionIds, openRecordLog, setUpNotices } from './feedback-setup.ts'
import { newRanker } from './ranker-setup.ts'

/** What the bidder shares with the rest of its process. */
export interface BidParts {
  readonly config: Config
  readonly index: number
  readonly salt: Uint8Array
  readonly hasher: DeviceHasher
  readonly clock: Clock
  readonly log: Logger
  readonly audience: AudienceReader
  /** Packs and their layout; null before the first. */
  readonly audienceView: () => AudienceView | null
  readonly geo: GeoSource
}

/** The bidder, ready to be routed to. */
export interface BidSetup {
  readonly deps: BidDeps
  /** Everything it counts, labelled with the worker's index. */
  metrics(worker: number): readonly MetricJson[]
  /** Which models decide, and which should and do not: no reason not to be ready. */
  models(): readonly ModelState[]
  /** By what strategies of RTA are ranked; the snapshot is null where it may not be decided by. */
  readonly forStrategies: {
    readonly ranker: Ranker
    readonly bidSnapshot: () => BidSnapshot | null
  }
  /** The catalog in force, however old; null before the first. */
  snapshot(): BidSnapshot | null
  /** Why it cannot bid now; empty when it can. */
  notReady(): readonly string[]
  stop(): Promise<void>
}

/** Builds the bidder; its catalog is compiled in a thread that starts now. */
export function setUpBids(parts: BidParts): BidSetup {
  const { config, index, salt, hasher, clock, log } = parts
  const { links } = setUpNotices(config, salt, clock)
  const room = new ModelRoom()
  const modelMeter = new ModelMeter()
  const rankMeter = new RankMeter()
  const followed = followBidCatalog({ config, clock, log, room, modelMeter })
  const { catalog } = followed
  const meter = new BidMeter()
  const records = openRecordLog(config, index, (count) => {
    meter.recordsDropped += count
  })
  const ranker = newRanker({ room, clock, meter: rankMeter, log })
  const decider = new BidDecider({
    catalog,
    audienceView: { current: parts.audienceView },
    audience: parts.audience,
    geo: parts.geo,
    clock,
    random: systemRandom,
    ids: newDecisionIds(),
    linksAreSecure: links.isSecure,
    ranker,
    record: (record) => records.write(record),
  })
  return {
    metrics: (worker) => [
      ...meter.snapshot(worker),
      ...modelMeter.snapshot(worker),
      ...rankMeter.snapshot(worker),
    ],
    models: () => modelMeter.states(),
    snapshot: () => catalog.current(),
    forStrategies: {
      ranker,
      bidSnapshot: () => (catalog.isStale() ? null : catalog.current()),
    },
    deps: {
      adapter: createOpenRtbAdapter({ hasher, links }),
      decider,
      scratches: new ScratchPool(() => new BidScratch(), config.inFlightMax),
      meter,
      exchangeOf: (name) => catalog.current()?.exchange(name) ?? null,
      isCatalogLoaded: () => catalog.current() !== null,
    },
    notReady: () => {
      if (catalog.current() === null) return [`bid catalog: ${catalog.problem() ?? 'none yet'}`]
      return catalog.isStale() ? [`bid catalog: stale (${catalog.problem() ?? 'unconfirmed'})`] : []
    },
    stop: async () => {
      await Promise.all([followed.stop(), records.close()])
    },
  }
}
