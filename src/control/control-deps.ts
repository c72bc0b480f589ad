/** What the admin API is built from; `main.ts` fills it in. */
import type { Registry } from 'prom-client'
import type { PackService } from '../audience/pack-types.ts'
import type { MediumRules } from '../domain/medium-rules.ts'
import type { MonitorLinks } from '../feedback/monitor-links.ts'
import type { Clock } from '../lib/clock.ts'
import type { CatalogStore, PresenceStore } from '../store/ports.ts'
import type { EventsPort } from './events.ts'
import type { ExplainPort } from './explain-port.ts'
import type { ModelsPort } from './models.ts'
import type { ControlLog } from './problem.ts'

/** The parts of the store that `control` uses. */
export interface ControlStore {
  readonly kind: string
  readonly catalog: CatalogStore
  readonly presence: PresenceStore
  /** Why the store cannot be used now, or null when it can. */
  problem(): string | null
}

/** Where to listen. Port 0 takes a free one. */
export interface ControlAddress {
  readonly host: string
  readonly port: number
}

/** Everything the admin API is built from. */
export interface ControlDeps {
  readonly listen: ControlAddress
  readonly version: string
  readonly clock: Clock
  readonly log: ControlLog
  readonly store: ControlStore
  readonly packs: PackService
  /** Rules of every medium of the registry, by name. */
  readonly media: ReadonlyMap<string, MediumRules>
  /** Builds monitoring links. */
  readonly links: Pick<MonitorLinks, 'media' | 'of'>
  readonly explain: ExplainPort
  /** Events, and what was derived from them. */
  readonly events: EventsPort
  /** The models folder of this machine. */
  readonly models: ModelsPort
  /** The admin key from the configuration, or null: one is made at first start. */
  readonly adminKey: string | null
  /** Called once in the life of a store with the key that was made; it is shown nowhere else. */
  readonly onFirstKey: (key: string) => void
  /** Further metrics of this process; the default process metrics are added to it. */
  readonly registry: Registry
  /** Presence id of this very process, so that its own metrics are not listed twice; or ''. */
  readonly presenceId: string
}
