/** Clicks of TalkingData's public sample (and of files of its form) as our records and events. */
import type { DecisionRecord } from '../domain/decision-record.ts'
import { EventKind, type FeedbackEvent } from '../feedback/event.ts'
import { lineBatches } from '../lib/read-lines.ts'
import {
  type ImportedLog,
  type ImportedRecord,
  importedEvent,
  importedId,
  importedRecord,
  importRowsMax,
} from './imported-log.ts'
import { TrainingError } from './training-error.ts'

const logName = 'talkingdata'

/** `Channel.App`: its clicks are from apps. */
const inApp: DecisionRecord['channel'] = 2

/**
 * Reads a CSV file (gzip where its name ends in `.gz`): ip, app, device, os, channel, click_time,
 * is_attributed, and attributed_time where it is there. Every row is a click; times are UTC. The
 * app is the advertised one. Rows are put in order of time: the sample's are not. Rejects with
 * `TrainingError` (SLUICE_TRAINING_IMPORT) on a file of another form.
 */
export async function importTalkingData(path: string): Promise<ImportedLog> {
  const clicks: Click[] = []
  let header: Header | null = null
  let badLines = 0
  for await (const lines of lineBatches(path)) {
    for (const line of lines) {
      if (header === null) {
        header = headerOf(line, path)
        continue
      }
      const click = clickOf(line.split(','), header, clicks.length)
      if (click === null) badLines++
      else clicks.push(click)
    }
    if (clicks.length > importRowsMax) throw unusable(`${path} has over ${importRowsMax} rows`)
  }
  clicks.sort((a, b) => a.record.atMs - b.record.atMs)
  return {
    records: clicks.map(({ record }) => record),
    events: clicks.flatMap(eventsOf),
    catalog: catalogOf(clicks.map(({ app }) => app)),
    badLines,
    repeats: 0,
  }
}

interface Click {
  readonly record: ImportedRecord
  readonly app: string
  /** Epoch milliseconds; null = it did not convert. */
  readonly conversionMs: number | null
}

/** Columns by name. */
type Header = ReadonlyMap<string, number>

const columnsNeeded = ['ip', 'app', 'device', 'os', 'channel', 'click_time', 'is_attributed']

function headerOf(line: string, path: string): Header {
  const header = new Map(line.split(',').map((name, at) => [name.trim(), at]))
  const missing = columnsNeeded.filter((name) => !header.has(name))
  if (missing.length > 0) throw unusable(`${path} has no column ${missing.join(', ')}`)
  return header
}

function clickOf(cells: readonly string[], header: Header, number: number): Click | null {
  const cell = (name: string): string => cells[header.get(name) ?? -1]?.trim() ?? ''
  const atMs = utcMs(cell('click_time'))
  const app = cell('app')
  const attributed = cell('is_attributed')
  if (Number.isNaN(atMs) || app === '' || !/^[01]$/.test(attributed)) return null
  const adId = `app-${app}`
  const show = {
    decisionId: importedId(logName, String(number)),
    atMs,
    exchange: logName,
    ...{ advertiserId: adId, campaignId: adId, creativeId: adId },
  }
  const record = importedRecord(show, {
    record: {
      medium: logName,
      channel: inApp,
      // A code of theirs for the address: no address, and nothing to cut.
      network: cell('ip'),
      publisherId: cell('channel'),
      model: cell('device'),
      osVersion: cell('os'),
    },
  })
  const told = utcMs(cell('attributed_time'))
  const conversionMs = Number.isNaN(told) ? atMs : told
  return { record, app, conversionMs: attributed === '1' ? conversionMs : null }
}

function eventsOf({ record, conversionMs }: Click): FeedbackEvent[] {
  const click = importedEvent(EventKind.Click, record, record.atMs)
  if (conversionMs === null) return [click]
  return [click, importedEvent(EventKind.Conversion, record, conversionMs)]
}

/** For `sluice dataset` alone: an app has no markup that could be shown. */
function catalogOf(apps: readonly string[]): object[] {
  return [...new Set(apps)].flatMap((app) => {
    const id = `app-${app}`
    return [
      { kind: 'advertiser', value: { id } },
      { kind: 'campaign', value: { id, advertiserId: id, goal: { kind: 'cpa' } } },
      { kind: 'creative', value: { id, campaignId: id, bundle: app } },
    ]
  })
}

const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})$/
const international = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/

/** Epoch milliseconds of both spellings that its files have, in UTC; NaN for others. */
function utcMs(text: string): number {
  const short = american.exec(text)
  if (short !== null) {
    const [, month, day, year, hour, minute] = short.map(Number)
    return Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute)
  }
  return international.test(text) ? Date.parse(`${text.replace(' ', 'T')}Z`) : Number.NaN
}

function unusable(sentence: string): TrainingError {
  return new TrainingError('SLUICE_TRAINING_IMPORT', sentence)
}
