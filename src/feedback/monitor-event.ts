/** Calls of monitoring links become events: checks the link, reads the medium, names the event. */
import { DeviceKeys } from '../domain/device-keys.ts'
import { InvalidReason } from '../domain/invalid-reason.ts'
import {
  type MonitorFacts,
  type MonitorKind,
  type MonitorReader,
  monitorNames,
} from '../domain/monitor.ts'
import { noSerial, type Serial, type SerialKind, serialOf } from '../domain/serial.ts'
import { queryParams } from '../lib/query-params.ts'
import {
  EventKind,
  EventSource,
  eventVersion,
  type FeedbackEvent,
  outsideEventId,
  PriceState,
} from './event.ts'
import type { LinkName, LinkSignatures } from './link-signature.ts'
import {
  type MonitorReading,
  MonitorRefusal,
  type MonitorRequest,
  type MonitorSource,
} from './monitor-port.ts'
import type { DeviceKey } from './token-body.ts'
import { aheadMsMax, type TrafficCheck } from './traffic-check.ts'

/** What reading links works with. */
export interface MonitorDeps {
  /** By medium. */
  readonly readers: ReadonlyMap<string, MonitorReader>
  readonly signatures: LinkSignatures
  readonly traffic: Pick<TrafficCheck, 'judge'>
  /** True where links of this advertiser count only when they are signed. */
  readonly mustBeSigned: (advertiserId: string) => boolean
  /** False for a campaign that is known not to be there. */
  readonly hasCampaign: (campaignId: string) => boolean
  /** Our strategy behind a medium's id of it (Tencent `out_target_id`), or null. */
  readonly strategyOf: (medium: string, targetId: string) => string | null
}

/** Media take links of up to 10 K, and macros grow when they are replaced. */
export const monitorQueryCharsMax = 16 * 1_024

/** Our ids (control/schemas/common.ts); what is no id is named by no link of ours. */
const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const eventKinds: Readonly<Record<MonitorKind, EventKind>> = {
  imp: EventKind.Exposure,
  click: EventKind.Click,
  conv: EventKind.Conversion,
}

/** All media whose amounts are known pay in it. */
const currency = 'CNY'

/** A link that may be counted. */
interface Link extends LinkName {
  readonly receivedAtMs: number
}

/** Reads monitoring links of all media. One a process; not re-entrant. */
export class MonitorEvents implements MonitorSource {
  readonly #deps: MonitorDeps
  readonly #devices = new DeviceKeys()
  readonly #serials = new Serials()

  constructor(deps: MonitorDeps) {
    this.#deps = deps
  }

  read(request: MonitorRequest): MonitorReading {
    const { medium, kind, query, receivedAtMs } = request
    const reader = this.#deps.readers.get(medium)
    if (reader === undefined) return no(MonitorRefusal.UnknownMedium)
    const { links, sender } = reader.description
    if (links[kind] === null) return no(MonitorRefusal.UnknownKind)
    if (query.length > monitorQueryCharsMax) return no(MonitorRefusal.Malformed)
    const params = queryParams(query)
    const link = linkOf(request, params)
    const refusal = this.#refusalOf(link, params.get(monitorNames.signature) ?? '')
    if (refusal !== null) return no(refusal)
    const facts = reader.read(kind, params, receivedAtMs, this.#devices)
    const seen = sender === 'device' ? seenByDevice(facts, request) : facts
    return { ok: true, event: this.#event(link, seen) }
  }

  #refusalOf(link: Link, signature: string): MonitorRefusal | null {
    const { signatures, mustBeSigned, hasCampaign } = this.#deps
    if (link.campaignId === '') return MonitorRefusal.NoCampaign
    if (!areIds(link)) return MonitorRefusal.Malformed
    if (signature === '') {
      if (mustBeSigned(link.advertiserId)) return MonitorRefusal.UnsignedLink
    } else if (!signatures.verify(link, signature)) return MonitorRefusal.BadSignature
    return hasCampaign(link.campaignId) ? null : MonitorRefusal.NoCampaign
  }

  #event(link: Link, facts: MonitorFacts): FeedbackEvent {
    const { medium, receivedAtMs } = link
    const kind = eventKinds[link.kind]
    const devices = keysOf(this.#devices)
    const serials = this.#serials
    const isConversion = kind === EventKind.Conversion
    const valueMicros = isConversion ? facts.valueMicros : 0
    const eventTimeMs = facts.timeMs === 0 ? receivedAtMs : facts.timeMs
    const { agent, flags } = this.#deps.traffic.judge(kind, facts.network, facts.userAgent)
    const isAhead = eventTimeMs > receivedAtMs + aheadMsMax
    // One literal: spread over a template it took four times as long.
    return {
      version: eventVersion,
      id: idOf(link, facts, devices),
      kind,
      source: EventSource.MonitorLink,
      eventTimeMs,
      receivedAtMs,
      isTest: facts.isTrial,
      flags: isAhead ? [...flags, InvalidReason.FutureTime] : flags,
      decisionId: '',
      bidNumber: 0,
      decidedAtMs: 0,
      impIndex: 0,
      medium,
      exchange: serials.of('medium', medium),
      advertiser: serials.of('advertiser', link.advertiserId),
      campaign: serials.of('campaign', link.campaignId),
      creative: serials.of('creative', link.creativeId),
      strategy: serials.of('strategy', this.#strategyOf(link, facts)),
      devices,
      priceMicros: 0,
      priceState: PriceState.None,
      bidMicros: 0,
      minToWinMicros: 0,
      currency: '',
      multiplier: 1,
      lossReason: 0,
      auctionType: 0,
      hasDeal: false,
      ctr: Number.NaN,
      cvr: Number.NaN,
      ctrModel: noSerial,
      cvrModel: noSerial,
      arms: noArms,
      action: facts.action,
      orderId: isConversion ? facts.orderId : '',
      valueMicros,
      valueCurrency: valueMicros === 0 ? '' : currency,
      clickId: facts.kept,
      network: facts.network,
      agent,
    }
  }

  /** What the medium says took part, else what the link was built for. */
  #strategyOf({ medium, strategyId }: Link, { targetId }: MonitorFacts): string {
    const told = targetId === '' ? null : this.#deps.strategyOf(medium, targetId)
    return told ?? strategyId
  }
}

function no(refusal: MonitorRefusal): MonitorReading {
  return { ok: false, refusal }
}

function linkOf(
  { medium, kind, receivedAtMs }: MonitorRequest,
  params: ReadonlyMap<string, string>,
): Link {
  return {
    medium,
    kind,
    receivedAtMs,
    advertiserId: params.get(monitorNames.advertiser) ?? '',
    campaignId: params.get(monitorNames.campaign) ?? '',
    creativeId: params.get(monitorNames.creative) ?? '',
    strategyId: params.get(monitorNames.strategy) ?? '',
  }
}

function areIds({ advertiserId, campaignId, creativeId, strategyId }: Link): boolean {
  if (!idPattern.test(advertiserId) || !idPattern.test(campaignId)) return false
  return [creativeId, strategyId].every((id) => id === '' || idPattern.test(id))
}

/** Called by the device itself: its own address and agent, where no macro tells them. */
function seenByDevice(facts: MonitorFacts, request: MonitorRequest): MonitorFacts {
  return {
    ...facts,
    network: facts.network || request.network,
    userAgent: facts.userAgent || request.agent,
  }
}

/**
 * The id of an event: a repeat of the call has the same one. An order is the advertiser's, whoever
 * tells of it; everything else is the medium's.
 */
function idOf(link: Link, facts: MonitorFacts, devices: readonly DeviceKey[]): string {
  const { kind, medium, advertiserId } = link
  const { orderId } = facts
  if (kind === 'conv' && orderId !== '') {
    return outsideEventId(EventKind.Conversion, advertiserId, orderId)
  }
  const name = `${link.campaignId}/${link.creativeId}/${nameOf(link, facts, devices)}`
  return outsideEventId(eventKinds[kind], `${medium}/${advertiserId}`, name)
}

/**
 * What makes the event that one at its medium: the first of its ids that is told. A request may
 * bring several ads, so its id counts beside the medium's ad. Without any id it is the device at a
 * moment, and without a moment told, the moment of arrival: then repeats are not known as such.
 */
function nameOf(link: Link, facts: MonitorFacts, devices: readonly DeviceKey[]): string {
  const { kind, receivedAtMs } = link
  const { clickId, impressionId, requestId, callback, unit } = facts
  const own = kind === 'imp' ? impressionId : clickId
  const action = kind === 'conv' ? `/${facts.action}` : ''
  if (own !== '') return `own/${own}${action}`
  const request = requestId || callback
  if (request !== '') return `request/${unit}/${request}${action}`
  const keys = devices.map(({ high, low }) => `${high}:${low}`).join(',')
  const from = keys === '' ? `${facts.network}/${facts.userAgent}` : keys
  return `seen/${unit}/${from}/${facts.timeMs || receivedAtMs}${action}`
}

function keysOf(devices: DeviceKeys): DeviceKey[] {
  return Array.from({ length: devices.count }, (_, i) => ({
    type: devices.type[i] ?? 0,
    high: devices.high[i] ?? 0,
    low: devices.low[i] ?? 0,
  }))
}

const noArms: readonly Serial[] = []

/** Things whose serials are kept: what a house advertises at a time, at some 100 bytes each. */
const serialsMax = 20_000

/** Serials of ids, made once: a hash each would be a third of the work. */
class Serials {
  readonly #known = new Map<string, Serial>()

  /** `noSerial` for ''. */
  of(kind: SerialKind, id: string): Serial {
    if (id === '') return noSerial
    const name = `${kind}/${id}`
    let serial = this.#known.get(name)
    if (serial === undefined) {
      if (this.#known.size === serialsMax) this.#known.clear()
      serial = serialOf(kind, id)
      this.#known.set(name, serial)
    }
    return serial
  }
}
