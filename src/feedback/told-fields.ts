/** Fields of events that are told from outside, one group after another. */
import { noSerial, type Serial, type SerialKind, serialOf } from '../domain/serial.ts'
import { EventKind, type FeedbackEvent } from './event.ts'
import type { OutsideEvent } from './outside-event.ts'

/** What the event is about; a token's ids come before those that were told beside it. */
export function subjectFields(base: FeedbackEvent, told: OutsideEvent, advertiserId: string) {
  const { medium, clickId, action, orderId, isTest } = told
  const isConversion = base.kind === EventKind.Conversion
  return {
    isTest: base.isTest || isTest,
    medium: base.medium || medium,
    exchange: base.exchange === noSerial ? serialOrNone('medium', medium) : base.exchange,
    advertiser: base.advertiser || serialOrNone('advertiser', advertiserId),
    campaign: base.campaign || serialOrNone('campaign', told.campaignId),
    creative: base.creative || serialOrNone('creative', told.creativeId),
    strategy: base.strategy || serialOrNone('strategy', told.strategyId),
    clickId,
    action: isConversion ? action : '',
    orderId: isConversion ? orderId : '',
  }
}

/** What a conversion was worth, and why an auction was lost. */
export function moneyFields(kind: EventKind, { value, currency, lossReason }: OutsideEvent) {
  const isConversion = kind === EventKind.Conversion && value !== ''
  return {
    valueMicros: isConversion ? microsOf(value) : 0,
    valueCurrency: isConversion ? currency : '',
    lossReason: kind === EventKind.Loss ? lossReason : 0,
  }
}

/** Micros of a text of `valuePattern`, digit by digit: no float ever holds a fraction of it. */
function microsOf(text: string): number {
  const [units = '0', fraction = ''] = text.split('.')
  return Number(units) * 1_000_000 + Number(fraction.padEnd(6, '0'))
}

function serialOrNone(kind: SerialKind, id: string): Serial {
  return id === '' ? noSerial : serialOf(kind, id)
}
