/**
 * Monitoring links (曝光监测, 点击监测) as data: what a medium calls when an ad was shown or clicked,
 * and what one call says. Facts: docs/media/monitoring-links.md.
 */
import type { DeviceKeys } from './device-keys.ts'
import { idTypeNamed } from './id-type.ts'

/** Last part of the path `/m/<medium>/<kind>`. */
export const monitorKinds = ['imp', 'click', 'conv'] as const
export type MonitorKind = (typeof monitorKinds)[number]

/**
 * What a parameter may mean, beside a device id, which is named by its type (`oaid_md5`).
 * `muid`: md5 of the imei, on iOS of the idfa. `oaid_any`: an oaid of more than 32 characters, or
 * its md5. `caid`, `caid_md5`: one or several, with versions, in any of the forms that media use.
 */
export const monitorWords: readonly string[] = [
  ...['clickId', 'impressionId', 'requestId', 'callback'],
  ...['time', 'ip', 'userAgent', 'os', 'targetId', 'account', 'adgroup', 'creative'],
  ...['action', 'orderId', 'value', 'muid', 'oaid_any'],
]

/**
 * True for a word of `monitorWords`, or for an id type that needs no scope (CAIDs bring theirs).
 */
export function isMonitorMeaning(meaning: string): boolean {
  if (monitorWords.includes(meaning)) return true
  const type = idTypeNamed(meaning)
  return type !== null && (!type.scoped || meaning.startsWith('caid'))
}

/** One parameter of a link. */
export interface MonitorParam {
  /** Ours, short: `oa`. */
  readonly name: string
  /** What the medium replaces, spelt as it does: `__OAID__`, `{oaid}`. */
  readonly macro: string
  /** See `isMonitorMeaning`. */
  readonly meaning: string
}

/** Parameters of our own in every link; a medium's may have none of these names. */
export const monitorNames = {
  advertiser: 'aid',
  campaign: 'cid',
  creative: 'crid',
  strategy: 'sid',
  signature: 's',
} as const

/** The monitoring links of one medium. */
export interface MonitorDescription {
  /** Medium's name in the path. */
  readonly name: string
  /** Unit of `time`. A number that only makes sense in the other one is read in that. */
  readonly timeUnit: 's' | 'ms'
  /** Unit of `value`: 分 or 元; null = not known, then amounts are not read. */
  readonly valueUnit: 'fen' | 'yuan' | null
  /**
   * Who calls the link: the medium's servers, or the device itself (C2S), whose own address and
   * user agent then count where no macro tells them.
   */
  readonly sender: 'medium' | 'device'
  /** What post-backs need, which is kept with the event; the other where this one is missing. */
  readonly keeps: 'clickId' | 'callback'
  /** Parameters by kind; null = links of this kind are not taken. */
  readonly links: Readonly<Record<MonitorKind, readonly MonitorParam[] | null>>
  /** What the medium wants at the end of each link, `zhs2s=1`; '' = nothing. */
  readonly suffix: string
  /** Longest link that the medium takes, macros unreplaced. */
  readonly linkCharsMax: number
  /** The medium takes no address with an IP in place of a domain; none without https. */
  readonly needsDomain: boolean
  readonly needsHttps: boolean
  /** What to know before pasting the link, for people. */
  readonly notes: readonly string[]
}

/** What one call says; '' and 0 mean "not told". Device ids are in the keys beside it. */
export interface MonitorFacts {
  readonly clickId: string
  readonly impressionId: string
  readonly requestId: string
  readonly callback: string
  /** Click id or callback, whichever post-backs need. */
  readonly kept: string
  /** Account, ad group and creative of the medium, as far as told; joined by '/'. */
  readonly unit: string
  /** The medium's id of the RTA strategy. */
  readonly targetId: string
  /** Epoch milliseconds. */
  readonly timeMs: number
  /** Truncated (lib/truncate-ip.ts). */
  readonly network: string
  readonly userAgent: string
  readonly action: string
  readonly orderId: string
  readonly valueMicros: number
  /** True when macros stand there and none was replaced: somebody tries the link. */
  readonly isTrial: boolean
}

/** Reads the calls of one medium. */
export interface MonitorReader {
  readonly description: MonitorDescription
  /**
   * What the parameters of a call say; fills `devices`, which it clears first. `kind` is one that
   * the description has. Never throws, whatever the values.
   */
  read(
    kind: MonitorKind,
    params: ReadonlyMap<string, string>,
    receivedAtMs: number,
    devices: DeviceKeys,
  ): MonitorFacts
}
