/** The binary form of a token before it is sealed and signed; docs/tokens.md is its table. */
import type { DeviceKeys } from '../domain/device-keys.ts'
import type { Serial } from '../domain/serial.ts'

/** What a token says of one bid, device keys apart. */
export interface TokenFields {
  /** 16 hex digits. */
  readonly decisionId: string
  /** Which bid of the decision, 1-65535: with the decision id it names the bid. */
  readonly bidNumber: number
  /** Epoch milliseconds of the decision. */
  readonly issuedAtMs: number
  /** Minutes for which notices and links are taken. */
  readonly lifeMinutes: number
  /** Position of the impression in the request. */
  readonly impIndex: number
  /** The exchange, or an RTA medium. */
  readonly exchange: Serial
  readonly advertiser: Serial
  readonly campaign: Serial
  readonly creative: Serial
  /** RTA strategy; `noSerial` for a bid. */
  readonly strategy: Serial
  /** What was bid: CPM micros of `currency`. */
  readonly priceMicros: number
  /** ISO 4217, or ''. */
  readonly currency: string
  /** 1 first price, 2 second price plus, 3 fixed price; 0 unknown. */
  readonly auctionType: number
  readonly hasDeal: boolean
  readonly isTest: boolean
  /** Predicted rates in [0, 1] to 0.02 %; NaN = none was made. Below 1e-9 it is 1e-9, or 0. */
  readonly ctr: number
  readonly cvr: number
  /** Models that predicted; `noSerial` = the prior. */
  readonly ctrModel: Serial
  readonly cvrModel: Serial
  /** Experiment arms the decision was made in. */
  readonly arms: readonly Serial[]
  /** Impressions one win stands for (DOOH), to a millionth. */
  readonly multiplier: number
}

/** One device key out of a token or an event. */
export interface DeviceKey {
  /** `IdType` code. */
  readonly type: number
  readonly high: number
  readonly low: number
}

/** A token, read. */
export interface BidToken extends TokenFields {
  /** Most important first; as many as fitted. */
  readonly devices: readonly DeviceKey[]
}

/** No token is longer; device keys that do not fit are left out. */
export const tokenCharsMax = 200
/** Bytes that stay readable: version, key id, issue time, decision id, bid number. 24 characters. */
export const headerBytes = 18
/** 200 characters of URL, less 24 of the header and 16 of the tag, are 160: 120 bytes. */
export const bodyBytesMax = 120
/** Arms that fit beside everything else and at least one device key. */
export const armsMax = 7
/** Four bits of the flags count device keys; a usual bid has room for 7. */
const devicesMax = 15
const deviceBytes = 9
const serialBytes = 6
/** Three bytes of varint: four years of minutes; so that one device key fits beside anything. */
const shortMax = 2 ** 21 - 1

const Flag = {
  Test: 1,
  Deal: 2,
  Strategy: 16,
  Rates: 32,
  CtrModel: 64,
  CvrModel: 128,
  Multiplier: 256,
} as const
const auctionShift = 2
const armShift = 9
const deviceShift = 12

/** Writes the bid's name into the header, behind version and key id. */
export function writeName(target: Buffer, fields: TokenFields): void {
  const { decisionId } = fields
  target.writeUIntBE(fields.issuedAtMs, 2, 6)
  target.writeUInt32BE(Number.parseInt(decisionId.slice(0, 8), 16) >>> 0, 8)
  target.writeUInt32BE(Number.parseInt(decisionId.slice(8), 16) >>> 0, 12)
  target.writeUInt16BE(fields.bidNumber & 0xffff, 16)
}

/** Order of the keys: what the medium caches by, then as the request had them. */
export function writeBody(
  target: Buffer,
  at: number,
  fields: TokenFields,
  devices: DeviceKeys,
): number {
  const arms = Math.min(fields.arms.length, armsMax)
  let flags = flagsOf(fields) | (arms << armShift)
  let end = writeVarint(target, at + 2, Math.min(fields.lifeMinutes, shortMax))
  end = writeVarint(target, end, Math.min(fields.impIndex, shortMax))
  end = writeSerial(target, end, fields.exchange)
  end = writeSerial(target, end, fields.advertiser)
  end = writeSerial(target, end, fields.campaign)
  end = writeSerial(target, end, fields.creative)
  if ((flags & Flag.Strategy) !== 0) end = writeSerial(target, end, fields.strategy)
  end = writeVarint(target, end, fields.priceMicros)
  end = target.writeUInt16BE(currencyCode(fields.currency), end)
  if ((flags & Flag.Rates) !== 0) {
    end = target.writeUInt16BE(rateCode(fields.ctr), end)
    end = target.writeUInt16BE(rateCode(fields.cvr), end)
  }
  if ((flags & Flag.CtrModel) !== 0) end = writeSerial(target, end, fields.ctrModel)
  if ((flags & Flag.CvrModel) !== 0) end = writeSerial(target, end, fields.cvrModel)
  if ((flags & Flag.Multiplier) !== 0) {
    end = writeVarint(target, end, multiplierCode(fields.multiplier))
  }
  for (let i = 0; i < arms; i++) end = writeSerial(target, end, fields.arms[i] ?? 0)
  const room = Math.floor((bodyBytesMax - (end - at)) / deviceBytes)
  const count = Math.min(devices.count, room, devicesMax)
  flags |= count << deviceShift
  target.writeUInt16BE(flags, at)
  return writeDevices(target, end, devices, count)
}

/** Device keys that a body just written at `at` holds. */
export function devicesIn(target: Buffer, at: number): number {
  return target.readUInt16BE(at) >>> deviceShift
}

/**
 * Reads header and body of a token whose signature holds; null when they are not of this form.
 */
export function readToken(header: Buffer, body: Buffer): BidToken | null {
  if (body.length < 2) return null
  const reader = new BodyReader(body)
  const flags = reader.uint16()
  const lifeMinutes = reader.varint()
  const impIndex = reader.varint()
  const exchange = reader.serial()
  const advertiser = reader.serial()
  const campaign = reader.serial()
  const creative = reader.serial()
  const strategy = reader.serial((flags & Flag.Strategy) !== 0)
  const priceMicros = reader.varint()
  const currency = currencyOf(reader.uint16())
  const hasRates = (flags & Flag.Rates) !== 0
  const ctr = hasRates ? rateOf(reader.uint16()) : Number.NaN
  const cvr = hasRates ? rateOf(reader.uint16()) : Number.NaN
  const ctrModel = reader.serial((flags & Flag.CtrModel) !== 0)
  const cvrModel = (flags & Flag.CvrModel) !== 0 ? reader.serial() : ctrModel
  const multiplier = (flags & Flag.Multiplier) !== 0 ? reader.varint() / 1e6 : 1
  const arms = Array.from({ length: (flags >>> armShift) & armsMax }, () => reader.serial())
  const devices = Array.from({ length: flags >>> deviceShift }, () => reader.device())
  if (!reader.isAtEnd()) return null
  return {
    decisionId: header.toString('hex', 8, 16),
    bidNumber: header.readUInt16BE(16),
    issuedAtMs: header.readUIntBE(2, 6),
    lifeMinutes,
    impIndex,
    exchange,
    advertiser,
    campaign,
    creative,
    strategy,
    priceMicros,
    currency,
    auctionType: (flags >>> auctionShift) & 3,
    hasDeal: (flags & Flag.Deal) !== 0,
    isTest: (flags & Flag.Test) !== 0,
    ctr,
    cvr,
    ctrModel,
    cvrModel,
    arms,
    multiplier,
    devices,
  }
}

/** Reads fields one after another; what is not there is 0, and then it is never at its end. */
class BodyReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** True when exactly everything was read. */
  isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  uint16(): number {
    const at = this.#take(2)
    return at < 0 ? 0 : this.#bytes.readUInt16BE(at)
  }

  serial(isThere = true): Serial {
    if (!isThere) return 0 as Serial
    const at = this.#take(serialBytes)
    return (at < 0 ? 0 : this.#bytes.readUIntBE(at, serialBytes)) as Serial
  }

  varint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const at = this.#take(1)
      if (at < 0) return 0
      const byte = this.#bytes[at] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
  }

  device(): DeviceKey {
    const at = this.#take(deviceBytes)
    if (at < 0) return { type: 0, high: 0, low: 0 }
    const bytes = this.#bytes
    return {
      type: bytes.readUInt8(at),
      high: bytes.readUInt32BE(at + 1),
      low: bytes.readUInt32BE(at + 5),
    }
  }

  #take(count: number): number {
    const at = this.#at
    this.#at = at + count
    return this.#at <= this.#bytes.length ? at : -1
  }
}

function flagsOf(fields: TokenFields): number {
  const hasRates = !Number.isNaN(fields.ctr) || !Number.isNaN(fields.cvr)
  return (
    (fields.isTest ? Flag.Test : 0) |
    (fields.hasDeal ? Flag.Deal : 0) |
    ((fields.auctionType & 3) << auctionShift) |
    (fields.strategy !== 0 ? Flag.Strategy : 0) |
    (hasRates ? Flag.Rates : 0) |
    (fields.ctrModel !== 0 ? Flag.CtrModel : 0) |
    (fields.cvrModel !== fields.ctrModel ? Flag.CvrModel : 0) |
    (fields.multiplier !== 1 ? Flag.Multiplier : 0)
  )
}

function writeDevices(target: Buffer, at: number, devices: DeviceKeys, count: number): number {
  const first = devices.cachedBy >= 0 && devices.cachedBy < devices.count ? devices.cachedBy : 0
  let end = at
  for (let n = 0; n < count; n++) {
    // `first` goes to the front, what stood before it moves one back.
    const i = n === 0 ? first : n <= first ? n - 1 : n
    end = target.writeUInt8(devices.type[i] ?? 0, end)
    end = target.writeUInt32BE(devices.high[i] ?? 0, end)
    end = target.writeUInt32BE(devices.low[i] ?? 0, end)
  }
  return end
}

function writeSerial(target: Buffer, at: number, serial: number): number {
  return target.writeUIntBE(serial, at, serialBytes)
}

/** A whole number up to 2^53, seven bits a byte, lowest first; others are written as 0. */
function writeVarint(target: Buffer, at: number, value: number): number {
  let rest = Number.isSafeInteger(value) && value > 0 ? value : 0
  let end = at
  while (rest > 0x7f) {
    target[end++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  target[end++] = rest
  return end
}

/** 2^35 - 1 millionths, five bytes: 34 359 impressions for one win are beyond any screen. */
const multiplierCodeMax = 2 ** 35 - 1

function multiplierCode(multiplier: number): number {
  const code = Math.round(multiplier * 1e6)
  return code > 0 ? Math.min(code, multiplierCodeMax) : 0
}

const currencyBase = 'A'.charCodeAt(0)
const noCurrency = 0xffff

/** Three capitals in 15 bits; anything else is none. */
function currencyCode(currency: string): number {
  if (currency.length !== 3) return noCurrency
  let code = 0
  for (let i = 0; i < 3; i++) {
    const letter = currency.charCodeAt(i) - currencyBase
    if (letter < 0 || letter > 25) return noCurrency
    code = code * 32 + letter
  }
  return code
}

function currencyOf(code: number): string {
  if (code === noCurrency) return ''
  const letter = (shift: number): number => currencyBase + ((code >>> shift) & 31)
  return String.fromCharCode(letter(10), letter(5), letter(0))
}

/** Codes of rates: equal steps of the logarithm from 1 down to 1e-9, 0.032 % each. */
const rateSteps = 65_533
const rateLogMin = Math.log(1e-9)
const noRate = 65_534
const zeroRate = 65_535

function rateCode(rate: number): number {
  if (Number.isNaN(rate)) return noRate
  if (rate <= 0) return zeroRate
  const share = Math.log(Math.min(rate, 1)) / rateLogMin
  return Math.min(rateSteps, Math.round(share * rateSteps))
}

function rateOf(code: number): number {
  if (code === noRate) return Number.NaN
  return code === zeroRate ? 0 : Math.exp((code / rateSteps) * rateLogMin)
}
