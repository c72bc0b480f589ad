/** The price parameter of a notice: whatever an exchange may put where its macro stood. */
import type { Exchange } from '../domain/exchange.ts'
import { PriceState } from './event.ts'
import { type GooglePriceKeys, looksSealed, openGooglePrice } from './google-price.ts'

/** How one exchange tells prices. */
export interface PriceForm {
  readonly unit: Exchange['priceUnit']
  /** Its macro asks for base64 (`${AUCTION_PRICE:B64}`). */
  readonly isBase64: boolean
  /** Keys of encrypted prices; null = it has none, or we do not hold them. */
  readonly keys: GooglePriceKeys | null
}

/** What the parameter said; `micros` is CPM micros where `state` is `Known`, else 0. */
export interface PriceReading {
  readonly state: PriceState
  readonly micros: number
}

/** CPM micros of one unit. */
const microsOf: Readonly<Record<Exchange['priceUnit'], number>> = {
  cpm: 1e6,
  cpmMicros: 1,
  perImpression: 1e9,
}

/** The words of an exchange that renders markup for a check (OpenRTB 2.6 §4.4). */
const auditWord = 'AUDIT'

/** Real prices have under 20 characters, ciphertexts 40; longer texts are not looked at. */
const priceCharsMax = 128

const numberPattern = /^(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{1,2})?$/i
const macroPattern = /^(?:\$\{.*\}|%%.*%%|__.*__|\{.*\}|\[.*\])$/
const base64Pattern = /^[A-Za-z0-9+/_-]+={0,2}$/

const none: PriceReading = { state: PriceState.None, micros: 0 }
const audit: PriceReading = { state: PriceState.Audit, micros: 0 }
const unexpanded: PriceReading = { state: PriceState.Unexpanded, micros: 0 }
const unreadable: PriceReading = { state: PriceState.Unreadable, micros: 0 }

/** True for a macro that its sender left standing, in any of the dresses that are in use. */
export function isUnexpanded(text: string): boolean {
  return macroPattern.test(text)
}

/**
 * Reads a price as `form` tells it; null and '' are "not told". Without a form nobody knows the
 * unit, and a number is unreadable. Prices are rounded to the nearest micro. Never throws.
 */
export function readPrice(text: string | null, form: PriceForm | null): PriceReading {
  const trimmed = text?.trim() ?? ''
  if (trimmed === '') return none
  if (trimmed.length > priceCharsMax) return unreadable
  if (trimmed === auditWord) return audit
  if (isUnexpanded(trimmed)) return unexpanded
  return form === null ? unreadable : readTold(trimmed, form)
}

/**
 * A price above the bid is none that we agreed to pay: links are called from pages, where anybody
 * may write into them. One part in a hundred and a cent of CPM are left for exchanges that round.
 */
const paidShareMax = 1.01
const paidRoundingMicros = 10_000

/** A price that was paid for a bid (CPM micros); unreadable where it is above the bid. */
export function believablePrice(price: PriceReading, bidMicros: number): PriceReading {
  const max = bidMicros * paidShareMax + paidRoundingMicros
  return price.micros <= max ? price : unreadable
}

function readTold(text: string, form: PriceForm): PriceReading {
  if (form.keys !== null && looksSealed(text)) {
    const micros = openGooglePrice(text, form.keys)
    if (micros !== null) return known(micros)
  }
  // Digits alone may be base64 as well: what the exchange was asked for comes first.
  const inside = base64Text(text)
  const [first, second] = form.isBase64 ? [inside, text] : [text, inside]
  const told = readPlain(first, form)
  return told.state === PriceState.Unreadable ? readPlain(second, form) : told
}

function readPlain(text: string, { unit }: PriceForm): PriceReading {
  if (text === auditWord) return audit
  return numberPattern.test(text) ? known(Math.round(Number(text) * microsOf[unit])) : unreadable
}

function base64Text(text: string): string {
  return base64Pattern.test(text) ? Buffer.from(text, 'base64').toString('latin1') : ''
}

function known(micros: number): PriceReading {
  return Number.isSafeInteger(micros) ? { state: PriceState.Known, micros } : unreadable
}
