/** Monitoring links of one process: which media there are, how links are signed and read. */
import type { Config } from '../config/config.ts'
import type { MonitorDescription } from '../domain/monitor.ts'
import { LinkSignatures } from '../feedback/link-signature.ts'
import { type MonitorDeps, MonitorEvents } from '../feedback/monitor-event.ts'
import { MonitorLinks } from '../feedback/monitor-links.ts'
import { saltSecret } from '../feedback/token-keys.ts'
import type { DeviceHasher } from '../identity/device-hasher.ts'
import { createMonitorReader } from '../media/monitor-reader.ts'
import { builtInMonitors } from '../media/registry.ts'

/** The builder of links, for `control`. */
export function setUpMonitorLinks(config: Config, salt: Uint8Array): MonitorLinks {
  return new MonitorLinks(config.publicUrl, signaturesOf(config, salt), monitorsOf(config))
}

/** What reading links needs beside the configuration. */
export type MonitorParts = Pick<MonitorDeps, 'traffic' | 'hasCampaign' | 'strategyOf'> & {
  readonly hasher: DeviceHasher
  readonly salt: Uint8Array
}

/** The reader of links, for `decide`. */
export function setUpMonitorEvents(config: Config, parts: MonitorParts): MonitorEvents {
  const { traffic, hasCampaign, strategyOf, hasher, salt } = parts
  const monitors = [...monitorsOf(config).values()]
  return new MonitorEvents({
    readers: new Map(monitors.map((one) => [one.name, createMonitorReader(one, hasher)])),
    signatures: signaturesOf(config, salt),
    mustBeSigned: () => !config.unsignedLinksAllowed,
    traffic,
    hasCampaign,
    strategyOf,
  })
}

/** Links live for as long as a campaign: a key leaves the list when its last link has left. */
function signaturesOf(config: Config, salt: Uint8Array): LinkSignatures {
  return new LinkSignatures(config.tokenKeys ?? [saltSecret], salt)
}

/** Built-in media by name; one described by the operator takes the place of a built-in one. */
function monitorsOf(config: Config): ReadonlyMap<string, MonitorDescription> {
  const described = config.described.flatMap(({ monitor }) => (monitor === null ? [] : [monitor]))
  return new Map([...builtInMonitors, ...described].map((one) => [one.name, one]))
}
