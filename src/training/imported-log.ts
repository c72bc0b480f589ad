/** Logs of others in our form: what a public log tells of an impression, as record and events. */
import { createHash } from 'node:crypto'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import {
  type DecisionRecord,
  decisionRecordVersion,
  type RecordedBid,
  type RecordedImp,
} from '../domain/decision-record.ts'
import type { Format } from '../domain/format.ts'
import { PrivacyLimit } from '../domain/privacy.ts'
import { Refusal } from '../domain/refusal.ts'
import { type Serial, type SerialKind, serialOf } from '../domain/serial.ts'
import {
  EventKind,
  eventOfNoBid,
  type FeedbackEvent,
  outsideEventId,
  PriceState,
} from '../feedback/event.ts'

/** A record of one bid that was shown; what its log does not tell is "not known". */
export interface ImportedRecord extends Omit<DecisionRecord, 'bids'> {
  readonly bids: readonly [ImportedBid]
}

/** Format 0: the log does not say. */
type ImportedBid = Omit<RecordedBid, 'format'> & { readonly format: Format | 0 }

/** What an importer must know of an impression, beside the fields of the record. */
export interface ImportedShow {
  readonly decisionId: string
  readonly atMs: number
  readonly exchange: string
  readonly advertiserId: string
  readonly campaignId: string
  readonly creativeId: string
}

/** Parts that the log has more of. */
export interface ImportedParts {
  readonly record?: Partial<Omit<DecisionRecord, 'bids' | 'imps'>>
  readonly imp?: Partial<RecordedImp>
  readonly bid?: Partial<ImportedBid>
}

/** What an import is made of: all in memory, as public logs are samples. */
export interface ImportedLog {
  readonly records: readonly ImportedRecord[]
  readonly events: readonly FeedbackEvent[]
  /** Lines of the catalog, `{kind, value}`. */
  readonly catalog: readonly object[]
  /** Lines that could not be read, and those that repeat another. */
  readonly badLines: number
  readonly repeats: number
}

/** Impressions of an import, at most: 2 KB each while they are sorted. */
export const importRowsMax = 1_000_000

/** Characters that are packed at once. */
const textChars = 256 * 1024

/** A decision id for what a log calls by another name: 64 bits of its hash. */
export function importedId(log: string, name: string): string {
  return createHash('sha256').update(`${log}/${name}`).digest('hex').slice(0, 16)
}

/** The record of an impression. */
export function importedRecord(show: ImportedShow, parts: ImportedParts): ImportedRecord {
  const { decisionId, atMs, exchange, ...ids } = show
  const { imp, bid, record } = parts
  return {
    ...unknownRecord,
    decisionId,
    atMs,
    exchange,
    requestId: decisionId,
    ...record,
    imps: [{ ...unknownImp, ...imp }],
    bids: [{ ...unknownBid, ...ids, ...bid }],
  }
}

/** An event of an imported impression. */
export function importedEvent(
  kind: EventKind,
  record: ImportedRecord,
  eventTimeMs: number,
  priceMicros = 0,
): FeedbackEvent {
  const [bid] = record.bids
  return {
    ...eventOfNoBid(kind, eventTimeMs),
    id: outsideEventId(kind, record.medium, record.decisionId),
    decisionId: record.decisionId,
    bidNumber: 1,
    decidedAtMs: record.atMs,
    medium: record.medium,
    exchange: knownSerial('exchange', record.exchange),
    advertiser: knownSerial('advertiser', bid.advertiserId),
    campaign: knownSerial('campaign', bid.campaignId),
    creative: knownSerial('creative', bid.creativeId),
    priceMicros,
    priceState: priceMicros > 0 ? PriceState.Known : PriceState.None,
    bidMicros: bid.priceMicros,
    action: kind === EventKind.Conversion ? 'conversion' : '',
  }
}

/** Serials are hashes: those of the few hundred ids of a sample are made once. */
const serials = new Map<string, Serial>()

function knownSerial(kind: SerialKind, id: string): Serial {
  const name = `${kind}/${id}`
  const serial = serials.get(name) ?? serialOf(kind, id)
  serials.set(name, serial)
  return serial
}

/** Writes `log.ndjson.gz`, `events.ndjson.gz` and `catalog.ndjson.gz` into a folder. */
export async function writeImportedLog(log: ImportedLog, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await Promise.all([
    writeLines(join(folder, 'log.ndjson.gz'), log.records),
    writeLines(join(folder, 'events.ndjson.gz'), log.events),
    writeLines(join(folder, 'catalog.ndjson.gz'), log.catalog),
  ])
}

async function writeLines(path: string, values: readonly object[]): Promise<void> {
  await pipeline(Readable.from(texts(values)), createGzip(), createWriteStream(path))
}

/** Some hundred lines at once: each piece is a turn of the loop and a call of gzip. */
function* texts(values: readonly object[]): Generator<string> {
  let text = ''
  for (const value of values) {
    text += `${JSON.stringify(value)}\n`
    if (text.length < textChars) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

const unknownImp: RecordedImp = {
  id: '1',
  index: 0,
  formats: [],
  sizes: [],
  floorMicros: 0,
  floorCurrency: '',
  isPrivate: false,
  dealIds: [],
  dealFloorsMicros: [],
  isSecure: false,
  isInterstitial: false,
  isRewarded: false,
  tagId: '',
  position: 0,
  podId: '',
  multiplier: 1,
}

const unknownBid: ImportedBid = {
  impIndex: 0,
  advertiserId: '',
  campaignId: '',
  creativeId: '',
  valueMicros: 0,
  ctr: Number.NaN,
  cvr: Number.NaN,
  rates: 'prior',
  features: null,
  rank: 1,
  bidId: '1',
  format: 0,
  size: '',
  durationSec: 0,
  seat: '',
  dealId: '',
  priceMicros: 0,
  floorMicros: 0,
  auctionType: 0,
  propensity: 0,
}

const unknownRecord: Omit<DecisionRecord, 'bids' | 'imps'> = {
  version: decisionRecordVersion,
  decisionId: '',
  atMs: 0,
  medium: '',
  exchange: '',
  revision: 0,
  requestId: '',
  isTest: false,
  isLive: true,
  auctionType: 0,
  currencies: [],
  tmaxMs: 0,
  impsDropped: 0,
  privacyLimit: PrivacyLimit.None,
  usedPersonalData: true,
  deviceTypes: [],
  deviceKeys: [],
  network: '',
  channel: 0,
  inventoryId: '',
  domain: '',
  bundle: '',
  publisherId: '',
  country: '',
  region: '',
  city: '',
  os: 0,
  osVersion: '',
  deviceType: 0,
  make: '',
  model: '',
  connectionType: 0,
  language: '',
  carrier: '',
  utcOffsetMin: Number.NaN,
  contentCategories: [],
  packsMatched: 0,
  packIds: [],
  packScores: [],
  eligibleCount: 0,
  recalledCount: 0,
  rankedCount: 0,
  dropReasons: [],
  dropCounts: [],
  rankedBy: 'prior',
  ctrModel: '',
  cvrModel: '',
  arms: [],
  refusal: Refusal.None,
  losers: [],
  queueUs: Number.NaN,
  decodeUs: Number.NaN,
  audienceUs: Number.NaN,
  decideUs: Number.NaN,
  leftMs: Number.NaN,
}
