/** What happened to the impressions of a world, as the event log would tell it. */
import { createHash } from 'node:crypto'
import { noSerial, type Serial, serialOf } from '../domain/serial.ts'
import type { EventKind, FeedbackEvent } from '../feedback/event.ts'
import { known } from './market.ts'
import type { World, WorldRow } from './world.ts'
import { decisionIdOf } from './world-record.ts'
import { worldExchange } from './world-words.ts'

/** `EventKind`, `EventSource` and `PriceState` by number (docs/records.md): fixed for ever. */
const exposure: EventKind = 1
const click: EventKind = 2
const conversion: EventKind = 3
const fromNotice: FeedbackEvent['source'] = 1
const fromApi: FeedbackEvent['source'] = 3
const priceKnown: FeedbackEvent['priceState'] = 1
const noPrice: FeedbackEvent['priceState'] = 0

/** An event reaches us within two seconds. */
const lateMsMax = 2_000

/** Makes events; serials are hashes, so each is made once. */
export class WorldEvents {
  readonly #world: World
  readonly #exchange = serialOf('exchange', worldExchange)
  readonly #names = new Map<number, Names>()

  constructor(world: World) {
    this.#world = world
  }

  /**
   * Exposure, click and conversion of a row, as far as they lie before the end of the log: a
   * conversion that comes later is missing, as it would be (its row of truth has it).
   */
  of(row: WorldRow): FeedbackEvent[] {
    const { outcome, opportunity } = row
    const { endMs } = this.#world
    if (outcome === null) return []
    const events = [this.#event(row, exposure, opportunity.atMs)]
    if (outcome.clickAtMs < endMs) events.push(this.#event(row, click, outcome.clickAtMs))
    if (outcome.conversionAtMs < endMs) {
      events.push(this.#event(row, conversion, outcome.conversionAtMs))
    }
    return events
  }

  #event({ opportunity, winner }: WorldRow, kind: EventKind, eventTimeMs: number): FeedbackEvent {
    const { market, settings } = this.#world
    const creative = known(market.creatives[winner])
    const names = this.#namesOf(winner)
    const decisionId = decisionIdOf(settings.seed, opportunity.row)
    const isConversion = kind === conversion
    const orderId = isConversion ? `order-${opportunity.row}` : ''
    return {
      version: 1,
      id: idOf(
        isConversion
          ? `out/${kind}/${names.advertiserId.length}/${names.advertiserId}/${orderId}`
          : `bid/${kind}/${decisionId}/1/${opportunity.atMs}`,
      ),
      kind,
      source: isConversion ? fromApi : fromNotice,
      eventTimeMs,
      receivedAtMs: eventTimeMs + 50 + (opportunity.row % (lateMsMax - 50)),
      isTest: false,
      flags: [],
      decisionId,
      bidNumber: 1,
      decidedAtMs: opportunity.atMs,
      impIndex: 0,
      medium: 'openrtb',
      exchange: this.#exchange,
      advertiser: names.advertiser,
      campaign: names.campaign,
      creative: names.creative,
      strategy: noSerial,
      devices: [],
      priceMicros: kind === exposure ? opportunity.context.floorMicros : 0,
      priceState: kind === exposure ? priceKnown : noPrice,
      bidMicros: creative.priorValueMicros,
      minToWinMicros: 0,
      currency: 'USD',
      multiplier: 1,
      lossReason: 0,
      auctionType: 2,
      hasDeal: false,
      ctr: creative.priorCtr,
      cvr: creative.priorCvr,
      ctrModel: noSerial,
      cvrModel: noSerial,
      arms: [],
      action: isConversion ? 'purchase' : '',
      orderId,
      valueMicros: 0,
      valueCurrency: '',
      clickId: '',
      network: '',
      agent: 0,
    }
  }

  /** Serials of a creative and of those above it. */
  #namesOf(creative: number): Names {
    const found = this.#names.get(creative)
    if (found !== undefined) return found
    const { market } = this.#world
    const { id, campaign } = known(market.creatives[creative])
    const { id: campaignId, advertiser } = known(market.campaigns[campaign])
    const { id: advertiserId } = known(market.advertisers[advertiser])
    const names = {
      advertiserId,
      advertiser: serialOf('advertiser', advertiserId),
      campaign: serialOf('campaign', campaignId),
      creative: serialOf('creative', id),
    }
    this.#names.set(creative, names)
    return names
  }
}

/** A creative in events. */
interface Names {
  readonly advertiserId: string
  readonly advertiser: Serial
  readonly campaign: Serial
  readonly creative: Serial
}

/** As `noticeEventId` and `outsideEventId` of feedback/ make it (docs/records.md, "The id"). */
function idOf(name: string): string {
  return createHash('sha256').update(name).digest().toString('base64url', 0, 16)
}
