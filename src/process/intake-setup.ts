/** Intake of one deciding process: its log, what it reads events with, and what it counts. */
import type { BidSnapshot } from '../catalog/bid/bid-snapshot.ts'
import type { Snapshot } from '../catalog/plan.ts'
import type { Config } from '../config/config.ts'
import { EventBodies } from '../feedback/event-body.ts'
import { EventKeys } from '../feedback/event-keys.ts'
import { feedbackNames } from '../feedback/feedback-names.ts'
import { Intake } from '../feedback/intake.ts'
import { NetworkRate } from '../feedback/network-rate.ts'
import { NoticeReader } from '../feedback/notice-event.ts'
import { PriceForms } from '../feedback/price-forms.ts'
import { EventTeller } from '../feedback/told-event.ts'
import { TrafficCheck } from '../feedback/traffic-check.ts'
import type { FeedbackDeps } from '../http/feedback-door.ts'
import type { DeviceHasher } from '../identity/device-hasher.ts'
import { NamedIds } from '../identity/named-ids.ts'
import type { Clock } from '../lib/clock.ts'
import type { FeedbackStore } from '../store/feedback-ports.ts'
import type { CatalogStore } from '../store/ports.ts'
import { FeedbackMeter } from '../telemetry/feedback-meter.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { MetricJson } from '../telemetry/metric-json.ts'

import { setUpNotices } from './feedback-setup.ts'
import { limited } from './limited.ts'
import { setUpMonitorEvents } from './monitor-setup.ts'

/** What intake shares with the rest of its process. */
export interface IntakeParts {
  readonly config: Config
  readonly salt: Uint8Array
  readonly hasher: DeviceHasher
  readonly clock: Clock
  readonly log: Logger
  readonly store: FeedbackStore
  readonly catalog: CatalogStore
  /** The catalogs in force; null before the first. */
  readonly bids: () => BidSnapshot | null
  readonly strategies: () => Snapshot | null
}

/** Intake, ready to be routed to. */
export interface IntakeSetup {
  readonly deps: FeedbackDeps
  metrics(worker: number): readonly MetricJson[]
  stop(): Promise<void>
}

/** Builds intake; it follows the catalog's API keys from now on. */
export function setUpIntake(parts: IntakeParts): IntakeSetup {
  const { config, clock, log, store } = parts
  const meter = new FeedbackMeter(feedbackNames)
  const keys = new EventKeys({ store: parts.catalog, configured: config.adminKey })
  void keys.start()
  const refused = limited(clock, (error) => log.error({ err: error }, 'the log takes no events'))
  return {
    deps: {
      ...readersOf(parts),
      keys,
      meter,
      intake: new Intake(store.log, refused),
      landingOf: (creative) => parts.bids()?.landingOf(creative) ?? null,
      isCatalogLoaded: () => parts.bids() !== null,
      proxyHops: config.proxyHops,
    },
    metrics: (worker) => meter.snapshot(worker),
    stop: () => {
      keys.stop()
      return store.close()
    },
  }
}

/** What makes events of calls. */
function readersOf(parts: IntakeParts): Pick<FeedbackDeps, 'notices' | 'monitor' | 'events'> {
  const { config, salt, hasher, clock, bids, strategies } = parts
  const { tokens } = setUpNotices(config, salt, clock)
  const limits = {
    clicksPerMinuteMax: config.invalidClicksPerMinute,
    exposuresPerMinuteMax: config.invalidExposuresPerMinute,
  }
  const traffic = new TrafficCheck(new NetworkRate(limits, clock))
  const priceKeys = new Map(config.priceKeys.map(({ exchange, ...pair }) => [exchange, pair]))
  const prices = new PriceForms(priceKeys, () => bids()?.data.exchanges ?? noExchanges)
  const teller = new EventTeller({
    ...{ tokens, traffic, prices },
    devices: new NamedIds(hasher),
    advertiserOf: (campaign) => advertiserOf(bids(), campaign),
  })
  return {
    notices: new NoticeReader({ tokens, prices, traffic }),
    events: new EventBodies(teller),
    monitor: setUpMonitorEvents(config, {
      ...{ traffic, hasher, salt },
      // A signed link names a campaign that was there when it was built: its clicks count.
      hasCampaign: () => true,
      strategyOf: (medium, target) => strategyOf(strategies(), medium, target),
    }),
  }
}

const noExchanges: BidSnapshot['data']['exchanges'] = []

function advertiserOf(snapshot: BidSnapshot | null, campaignId: string): string | null {
  const index = snapshot?.campaignIndex(campaignId) ?? -1
  return snapshot === null || index < 0 ? null : snapshot.campaign(index).advertiserId
}

/** Our strategy behind a medium's id of it; the first where several share it. */
function strategyOf(snapshot: Snapshot | null, medium: string, target: string): string | null {
  const plan = snapshot?.media.get(medium)
  if (plan === undefined) return null
  const [first] = plan.byTarget.get(target) ?? []
  if (first !== undefined) return plan.live[first]?.id ?? null
  return plan.out.find(({ targetId }) => targetId === target)?.id ?? null
}
