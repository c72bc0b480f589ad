/** `sluice events`: what is in the log, as lines or as a file, and what could not be projected. */
import {
  type ExportOrder,
  type ExportProgress,
  type ExportSource,
  exportEvents,
} from '../control/archive/export-events.ts'
import type { RowsForm } from '../control/archive/rows-file.ts'
import type { DeadLetter, DeadLetters } from '../control/dead-letters.ts'
import { invalidReasonNames } from '../domain/invalid-reason.ts'
import { EventKind, type FeedbackEvent, PriceState } from '../feedback/event.ts'
import { eventOfRecord } from '../feedback/log-record.ts'
import { type EventLog, type LogRecord, logStart } from '../store/feedback-ports.ts'
import { CliError } from './request-options.ts'

/** What `tail` shows. */
export interface EventsTailOptions {
  readonly lines: number
  readonly json?: boolean
  readonly follow?: boolean
}

/** What `tail` uses of the process. */
export interface TailProcess {
  readonly write: (text: string) => void
  /** Waits between two looks at the log; false = it is over. */
  readonly pause: () => Promise<boolean>
}

/** Options of `export`, as texts. */
export interface EventsExportOptions {
  readonly out: string
  readonly from?: string
  readonly to?: string
  readonly all?: boolean
}

/** Records of the log are looked at for each event wanted: some are messages of projectors. */
const recordsPerLine = 4
const followRecordsMax = 512

/** Prints the newest events of all parts by time, then (`follow`) what comes; the exit code. */
export async function runEventsTail(
  log: Pick<EventLog, 'parts' | 'newest' | 'read' | 'fresh'>,
  { lines, json = false, follow = false }: EventsTailOptions,
  { write, pause }: TailProcess,
): Promise<number> {
  const parts = await log.parts()
  const newest = await Promise.all(parts.map((part) => log.newest(part, lines * recordsPerLine)))
  const places = new Map(parts.map((part, i) => [part, newest[i]?.at(-1)?.at ?? logStart]))
  const show = (records: readonly LogRecord[], countMax: number): void => {
    const events = records
      .toSorted((a, b) => a.storedAtMs - b.storedAtMs)
      .flatMap(({ bytes }) => eventOfRecord(bytes) ?? [])
    for (const event of countMax === 0 ? [] : events.slice(-countMax)) {
      write(`${json ? JSON.stringify(event) : eventLine(event)}\n`)
    }
  }
  show(newest.flat(), lines)
  while (follow && (await pause())) {
    const wanted = log.fresh().map((part) => ({ part, after: places.get(part) ?? logStart }))
    const read = wanted.length === 0 ? [] : await log.read(wanted, followRecordsMax)
    for (const [i, { part }] of wanted.entries()) {
      const last = read[i]?.at(-1)
      if (last !== undefined) places.set(part, last.at)
    }
    show(read.flat(), Number.POSITIVE_INFINITY)
  }
  return 0
}

/** Writes events to a file whose name says its form; progress goes to `tell`; the exit code. */
export async function runEventsExport(
  source: ExportSource,
  options: EventsExportOptions,
  write: (text: string) => void,
  tell: (text: string) => void,
): Promise<number> {
  const order = exportOrderOf(options)
  let isTold = false
  const rows = await exportEvents(source, order, (progress) => {
    tell(`\r${progressText(progress)}`)
    isTold = true
  })
  if (isTold) tell('\n')
  write(`${rows} events in ${options.out}\n`)
  return 0
}

/** Prints dead letters, newest first; the exit code. */
export async function runEventsDead(
  dead: Pick<DeadLetters, 'list'>,
  { lines, json = false }: EventsTailOptions,
  write: (text: string) => void,
): Promise<number> {
  const { letters, total } = await dead.list(lines)
  for (const letter of letters) {
    write(`${json ? JSON.stringify(letter) : deadLine(letter)}\n`)
  }
  if (!json && total === 0) write('no dead letters\n')
  if (!json && total > letters.length) write(`and ${total - letters.length} older ones\n`)
  return 0
}

/**
 * Sends one dead letter, or (`name` undefined, `all`) every one, through the log; the exit code.
 */
export async function runEventsReplay(
  dead: Pick<DeadLetters, 'replay' | 'replayAll'>,
  { name, all = false }: { readonly name?: string | undefined; readonly all?: boolean },
  write: (text: string) => void,
  tell: (text: string) => void,
): Promise<number> {
  if ((name === undefined) === !all) {
    throw new CliError('SLUICE_CLI_OPTION', 'say the name of a dead letter, or --all')
  }
  if (name === undefined) {
    const count = await dead.replayAll((done, of) => tell(`\r${done} of ${of}`))
    if (count > 0) tell('\n')
    write(`dead letters in the log again: ${count}\n`)
    return 0
  }
  const isThere = await dead.replay(name)
  write(isThere ? `${name} is in the log again\n` : `there is no dead letter ${name}\n`)
  return isThere ? 0 : 1
}

const kindNames: ReadonlyMap<number, string> = new Map(
  Object.entries(EventKind).map(([name, kind]) => [kind, name.toLowerCase()]),
)

/** One event in a line: when it came, what it is, of which bid, for how much, and what is wrong. */
export function eventLine(event: FeedbackEvent): string {
  const { receivedAtMs, eventTimeMs, kind, medium, decisionId, bidNumber, campaign } = event
  const bid = decisionId === '' ? 'no bid of ours' : `${decisionId}/${bidNumber}`
  const lateS = Math.round((receivedAtMs - eventTimeMs) / 1_000)
  return [
    new Date(receivedAtMs).toISOString(),
    kindNames.get(kind) ?? `kind-${kind}`,
    medium,
    bid,
    campaign === 0 ? 'no campaign' : `campaign ${campaign}`,
    ...amountsOf(event),
    ...(lateS > 0 ? [`${lateS} s late`] : []),
    ...event.flags.map((flag) => `[${invalidReasonNames.get(flag) ?? flag}]`),
    ...(event.isTest ? ['[test]'] : []),
  ].join(' ')
}

function amountsOf(event: FeedbackEvent): string[] {
  const { priceState, priceMicros, currency, valueMicros, valueCurrency } = event
  const price = `price ${priceMicros / 1_000_000} ${currency}`
  const value = `value ${valueMicros / 1_000_000} ${valueCurrency}`
  return [...(priceState === PriceState.Known ? [price] : []), ...(valueMicros > 0 ? [value] : [])]
}

function deadLine({ name, day, reasonName, bytes, event }: DeadLetter): string {
  const date = new Date(day * 86_400_000).toISOString().slice(0, 10)
  const what = event === null ? `${bytes} bytes` : eventLine(event)
  return `${name} ${date} ${reasonName}: ${what}`
}

/** What is longer ends in one of the others. */
const forms: readonly RowsForm[] = ['ndjson.gz', 'csv.gz', 'ndjson', 'csv', 'parquet']

function exportOrderOf({ out, from, to, all = false }: EventsExportOptions): ExportOrder {
  const form = forms.find((one) => out.endsWith(`.${one}`))
  if (form === undefined) {
    const message = `--out ends in ${forms.map((one) => `.${one}`).join(', ')}; got "${out}"`
    throw new CliError('SLUICE_CLI_OPTION', message)
  }
  const fromMs = from === undefined ? 0 : timeOf('from', from)
  const toMs = to === undefined ? Number.MAX_SAFE_INTEGER : timeOf('to', to)
  if (fromMs >= toMs) throw new CliError('SLUICE_CLI_OPTION', '--from is not before --to')
  return { fromMs, toMs, path: out, form, withRepeats: all }
}

/** A date (UTC), or a date with a time; without a zone it is UTC. */
function timeOf(option: string, text: string): number {
  const match = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(
    text,
  )
  const zone = match?.[1] !== undefined && match[4] === undefined ? 'Z' : ''
  const ms = match === null ? Number.NaN : Date.parse(text + zone)
  if (!Number.isNaN(ms)) return ms
  const message = `--${option} is a date or a time such as 2026-11-22T10:00, got "${text}"`
  throw new CliError('SLUICE_CLI_OPTION', message)
}

function progressText({ records, percent }: ExportProgress): string {
  const log = `${records} records of the log`
  return percent === null ? `reading: ${log}` : `reading: ${log}; writing: ${Math.floor(percent)} %`
}
