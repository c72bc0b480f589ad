/**
 * Everything that was told of one bid (or of one event from outside): merged so that neither order
 * nor repeats matter. What it counts for is a function of it alone (`contribution.ts`).
 */
import { EventKind, type FeedbackEvent, PriceState } from '../event.ts'

/** How sure the spend of a bid is; the surest that was told counts. */
export const SpendKind = {
  None: 0,
  /** Shown, but no price was told: what was bid stands for it. */
  Estimated: 1,
  /** Told with the exposure. */
  Exposure: 2,
  /** Told with the billing notice. */
  Bill: 3,
} as const
export type SpendKind = (typeof SpendKind)[keyof typeof SpendKind]

/** A journey. Times are epoch milliseconds, 0 = not told. */
export interface Journey {
  /** Bit n is set when an event of kind n was told; bit 0 when its conversion seeks its click. */
  seen: number
  /** The earliest exposure (or billing) and click that were told. */
  exposedAtMs: number
  clickedAtMs: number
  spendKind: SpendKind
  /** CPM micros × impressions. */
  spendCpmMicros: number
  /** Earliest time, and highest value (micros), that were told of a conversion. */
  convertedAtMs: number
  valueMicros: number
  /**
   * Reasons of `InvalidReason` by bit that every telling had, of exposures, clicks, conversions.
   */
  exposureFlags: number
  clickFlags: number
  conversionFlags: number
  /** Changes so far: names the messages that they send. */
  revision: number
}

/** A bid of which nothing was told yet. */
export function newJourney(): Journey {
  return {
    seen: 0,
    exposedAtMs: 0,
    clickedAtMs: 0,
    spendKind: SpendKind.None,
    spendCpmMicros: 0,
    convertedAtMs: 0,
    valueMicros: 0,
    exposureFlags: 0,
    clickFlags: 0,
    conversionFlags: 0,
    revision: 0,
  }
}

/** True when the event of this kind was told. */
export function hasSeen({ seen }: Journey, kind: EventKind): boolean {
  return ((seen >>> kind) & 1) === 1
}

/** True when its conversion seeks its click, and counts where that is. */
export function isSought({ seen }: Journey): boolean {
  return (seen & 1) === 1
}

/** Notes that the conversion seeks its click. */
export function markSought(journey: Journey): void {
  journey.seen |= 1
}

/** Shown, by the pixel or by the bill: whichever comes, and both are one impression. */
export function wasShown(journey: Journey): boolean {
  return hasSeen(journey, EventKind.Exposure) || hasSeen(journey, EventKind.Bill)
}

/** The earliest time that was told of a kind of event; 0 = none was, or none is kept. */
export function earliestMsOf(journey: Journey, kind: EventKind): number {
  if (kind === EventKind.Click) return journey.clickedAtMs
  if (kind === EventKind.Conversion) return journey.convertedAtMs
  return kind === EventKind.Exposure ? journey.exposedAtMs : 0
}

/** The journey with the event in it; the same object when it tells nothing new. */
export function merged(before: Journey, event: FeedbackEvent, flags: number): Journey {
  const after = { ...before, seen: before.seen | (1 << event.kind) }
  // One clean telling is enough: else whoever has a link (a preview, a crawler) could take back
  // what
  // a person did by calling it again.
  const common = (flag: 'exposureFlags' | 'clickFlags' | 'conversionFlags'): number =>
    hasSeen(before, event.kind) ? before[flag] & flags : flags
  switch (event.kind) {
    case EventKind.Exposure:
    case EventKind.Bill:
      after.exposedAtMs = earlier(before.exposedAtMs, event.eventTimeMs)
      // A bill comes from a server, and says nothing of who saw it.
      if (event.kind === EventKind.Exposure) after.exposureFlags = common('exposureFlags')
      mergeSpend(after, event)
      break
    case EventKind.Click:
      after.clickedAtMs = earlier(before.clickedAtMs, event.eventTimeMs)
      after.clickFlags = common('clickFlags')
      break
    case EventKind.Conversion:
      after.convertedAtMs = earlier(before.convertedAtMs, event.eventTimeMs)
      after.valueMicros = Math.max(before.valueMicros, event.valueMicros)
      after.conversionFlags = common('conversionFlags')
      break
    case EventKind.Win:
    case EventKind.Loss:
      break
  }
  if (isSame(before, after)) return before
  after.revision = before.revision + 1
  return after
}

function earlier(known: number, told: number): number {
  return known === 0 ? told : Math.min(known, told)
}

/** The surest kind wins; of two that are equally sure the higher one. */
function mergeSpend(journey: Journey, event: FeedbackEvent): void {
  const kind = spendKindOf(event)
  const micros = kind === SpendKind.Estimated ? event.bidMicros : event.priceMicros
  // Not a number: nobody has told of more than one impression.
  const impressions = Number.isNaN(event.multiplier) ? 1 : event.multiplier
  const amount = Math.round(micros * impressions)
  if (!Number.isSafeInteger(amount) || kind < journey.spendKind) return
  const isSurer = kind > journey.spendKind
  journey.spendCpmMicros = isSurer ? amount : Math.max(journey.spendCpmMicros, amount)
  journey.spendKind = kind
}

function spendKindOf({ kind, priceState }: FeedbackEvent): SpendKind {
  if (priceState !== PriceState.Known) return SpendKind.Estimated
  return kind === EventKind.Bill ? SpendKind.Bill : SpendKind.Exposure
}

const fields = [
  'seen',
  'exposedAtMs',
  'clickedAtMs',
  'spendKind',
  'spendCpmMicros',
  'convertedAtMs',
  'valueMicros',
  'exposureFlags',
  'clickFlags',
  'conversionFlags',
  'revision',
] as const

function isSame(a: Journey, b: Journey): boolean {
  return fields.every((field) => a[field] === b[field])
}

/** First byte of a stored journey. */
const journeyVersion = 1

/** The version, then a varint a field, in the order above; zeros at the end are left out. */
export function encodeJourney(journey: Journey): Uint8Array {
  const bytes: number[] = [journeyVersion]
  for (const field of fields) {
    let rest: number = journey[field]
    while (rest >= 128) {
      bytes.push((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    bytes.push(rest)
  }
  return Uint8Array.from(bytes)
}

/** The journey of a stored value; a new one where there is none. Throws on another version. */
export function decodeJourney(value: Uint8Array | null): Journey {
  const journey = newJourney()
  if (value === null) return journey
  if (value[0] !== journeyVersion) throw new RangeError(`journey of version ${value[0]}`)
  const values: Record<string, number> = {}
  let at = 1
  for (const field of fields) {
    let scale = 1
    let byte = 128
    values[field] = 0
    while (byte >= 128 && at < value.length) {
      byte = value[at++] ?? 0
      values[field] += (byte & 0x7f) * scale
      scale *= 128
    }
  }
  return Object.assign(journey, values)
}
