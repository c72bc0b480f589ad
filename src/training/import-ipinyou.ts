/** iPinYou's impressions and clicks (24 columns, from its second season on) in our form. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DecisionRecord } from '../domain/decision-record.ts'
import { Format } from '../domain/format.ts'
import { IdType } from '../domain/id-type.ts'
import { deviceTypeOf, osOf, osVersionOf } from '../domain/user-agent.ts'
import { EventKind, type FeedbackEvent } from '../feedback/event.ts'
import { lineBatches } from '../lib/read-lines.ts'
import { truncateIp } from '../lib/truncate-ip.ts'
import {
  type ImportedLog,
  type ImportedRecord,
  importedEvent,
  importedId,
  importedRecord,
  importRowsMax,
} from './imported-log.ts'
import { TrainingError } from './training-error.ts'

const logName = 'ipinyou'

/** Its columns, in order. */
const columns = [
  ...['bidid', 'timestamp', 'logtype', 'ipinyouid', 'useragent', 'ip', 'region', 'city'],
  ...['adexchange', 'domain', 'url', 'urlid', 'slotid', 'slotwidth', 'slotheight'],
  ...['slotvisibility', 'slotformat', 'slotprice', 'creative', 'bidprice', 'payprice'],
  ...['keypage', 'advertiser', 'usertag'],
] as const

type Row = Readonly<Record<(typeof columns)[number], string>>

/** How the files are read. */
export interface IpinyouOptions {
  /**
   * Lines of the click files become impressions too, as positives of a case-control set: the
   * published samples of impressions and clicks are not of the same auctions. User tags are left
   * out then: click files lack them, and their absence would be the label.
   */
  readonly caseControl: boolean
}

/**
 * Reads the files `imp.*` and `clk.*` of a folder (gzip where the name ends in `.gz`). Lines of one
 * auction are one impression, the earliest; clicks of one auction are one click. Rejects with
 * `TrainingError` (SLUICE_TRAINING_IMPORT) where a kind of file is missing or no line of it fits.
 */
export async function importIpinyou(folder: string, options: IpinyouOptions): Promise<ImportedLog> {
  const shown = await rowsOf(folder, 'imp.')
  const clicked = await rowsOf(folder, 'clk.')
  const asShown = options.caseControl ? [...shown.rows, ...clicked.rows] : shown.rows
  const impressions = byAuction(asShown, !options.caseControl)
  const clicks = byAuction(clicked.rows, false)
  const records = [...impressions.values()].toSorted((a, b) => a.record.atMs - b.record.atMs)
  return {
    records: records.map(({ record }) => record),
    events: [...records.map(exposureOf), ...[...clicks.values()].map(clickOf)],
    catalog: catalogOf(asShown),
    badLines: shown.badLines + clicked.badLines,
    repeats: asShown.length - impressions.size + clicked.rows.length - clicks.size,
  }
}

interface Auction {
  readonly record: ImportedRecord
  readonly row: Row
}

interface Rows {
  readonly rows: readonly Row[]
  readonly badLines: number
}

async function rowsOf(folder: string, prefix: string): Promise<Rows> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix)).toSorted()
  if (names.length === 0) throw unusable(`${folder} has no file ${prefix}*`)
  const rows: Row[] = []
  let badLines = 0
  for (const name of names) {
    for await (const lines of lineBatches(join(folder, name))) {
      const read = lines.flatMap((line) => rowOf(line) ?? [])
      badLines += lines.length - read.length
      rows.push(...read)
      if (rows.length > importRowsMax) throw unusable(`${folder} has over ${importRowsMax} lines`)
    }
  }
  if (rows.length === 0) throw unusable(`no line of ${names.join(', ')} has its 24 columns`)
  return { rows, badLines }
}

function rowOf(line: string): Row | null {
  const cells = line.split('\t')
  if (cells.length !== columns.length) return null
  const row = Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? ''])) as Row
  return row.bidid === '' || Number.isNaN(atMsOf(row)) ? null : row
}

/** One record for each auction: of its lines the earliest. */
function byAuction(rows: readonly Row[], withTags: boolean): Map<string, Auction> {
  const auctions = new Map<string, Auction>()
  for (const row of rows) {
    const known = auctions.get(row.bidid)
    if (known !== undefined && known.record.atMs <= atMsOf(row)) continue
    auctions.set(row.bidid, { record: recordOf(row, withTags), row })
  }
  return auctions
}

/** Prices are CPM in a unit that the log does not name; one of it is a million of our micros. */
const unitMicros = 1_000_000

/** The log's clock: China has one zone. */
const utcOffsetMin = 480

/** `Channel.Site`: every line names a domain. */
const onSite: DecisionRecord['channel'] = 1

function recordOf(row: Row, withTags: boolean): ImportedRecord {
  const atMs = atMsOf(row)
  const size = `${row.slotwidth}x${row.slotheight}`
  const floorMicros = Number(row.slotprice) * unitMicros
  const packIds = withTags ? listOf(row.usertag) : []
  const show = {
    decisionId: importedId(logName, row.bidid),
    atMs,
    exchange: `${logName}-${row.adexchange}`,
    advertiserId: row.advertiser,
    campaignId: row.advertiser,
    creativeId: row.creative,
  }
  return importedRecord(show, {
    record: {
      medium: logName,
      requestId: row.bidid,
      channel: onSite,
      domain: known(row.domain),
      ...whoOf(row),
      utcOffsetMin,
      packsMatched: packIds.length,
      packIds,
      packScores: packIds.map(() => -1),
    },
    imp: {
      formats: [Format.Banner],
      sizes: [size],
      floorMicros,
      tagId: known(row.slotid),
      position: positions[row.slotvisibility] ?? 0,
    },
    bid: {
      format: Format.Banner,
      size,
      floorMicros,
      priceMicros: Number(row.bidprice) * unitMicros,
    },
  })
}

function whoOf({ useragent, ip, region, city, ipinyouid }: Row): Partial<DecisionRecord> {
  const os = osOf(useragent)
  const user = known(ipinyouid)
  return {
    deviceTypes: user === '' ? [] : [IdType.BuyerUid],
    deviceKeys: user === '' ? [] : [importedId(`${logName}/user`, user)],
    network: truncateIp(ip.replace('*', '0')),
    country: 'CHN',
    region: placeOf(region),
    city: placeOf(city),
    os,
    osVersion: osVersionOf(useragent, os),
    deviceType: deviceTypeOf(useragent),
  }
}

/** OpenRTB `pos`: 1 seen at once, 3 seen after scrolling; its "other" and "Na" say neither. */
const positions: Readonly<Record<string, number>> = {
  FirstView: 1,
  SecondView: 3,
  ThirdView: 3,
  FourthView: 3,
  FifthView: 3,
  SixthView: 3,
  SeventhView: 3,
  EighthView: 3,
  NinthView: 3,
  TenthView: 3,
}

function exposureOf({ record, row }: Auction): FeedbackEvent {
  const priceMicros = Number(row.payprice) * unitMicros
  return importedEvent(EventKind.Exposure, record, record.atMs, priceMicros)
}

function clickOf({ record }: Auction): FeedbackEvent {
  return importedEvent(EventKind.Click, record, record.atMs)
}

/** For `sluice dataset` alone: the log has sizes of its creatives, and no markup. */
function catalogOf(rows: readonly Row[]): object[] {
  const creatives = new Map(rows.map((row) => [row.creative, row]))
  const advertisers = [...new Set(rows.map(({ advertiser }) => advertiser))]
  return [
    ...advertisers.flatMap((id) => [
      { kind: 'advertiser', value: { id } },
      { kind: 'campaign', value: { id, advertiserId: id, goal: { kind: 'cpc' } } },
    ]),
    ...[...creatives].map(([id, { advertiser, slotwidth, slotheight }]) => ({
      kind: 'creative',
      value: {
        id,
        campaignId: advertiser,
        banner: { w: Number(slotwidth), h: Number(slotheight) },
      },
    })),
  ]
}

const stamp = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{3})$/

/** Epoch milliseconds; NaN for what is no moment. */
function atMsOf({ timestamp }: Row): number {
  const match = stamp.exec(timestamp)
  if (match === null) return Number.NaN
  const [, year, month, day, hour, minute, second, ms] = match.map(Number)
  return (
    Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, ms) - utcOffsetMin * 60_000
  )
}

function known(text: string): string {
  return text === 'null' || text === 'Na' ? '' : text
}

/** Ids of regions and cities; 0 is none. */
function placeOf(id: string): string {
  return id === '0' ? '' : known(id)
}

function listOf(text: string): string[] {
  return known(text)
    .split(',')
    .filter((tag) => tag !== '')
}

function unusable(sentence: string): TrainingError {
  return new TrainingError('SLUICE_TRAINING_IMPORT', sentence)
}
