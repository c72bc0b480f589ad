/** `/api/v1/reports`: what campaigns got and cost, and what of it was invalid. */
import { type Serial, serialOf } from '../domain/serial.ts'
import type { StateStore } from '../store/feedback-ports.ts'
import type { ControlApp, ControlContext } from './app.ts'
import { reportDaysMax, reportRowsMax } from './limits.ts'
import { invalid, storeAnswer } from './problem.ts'
import { type ReportOrder, type ReportRow, readTotals, reasonRows } from './report-totals.ts'
import { problemResponses } from './schemas/common.ts'
import { invalidQuery, invalidReport, totalsQuery, totalsReport } from './schemas/report-schema.ts'
import { SerialNames } from './serial-names.ts'

const url = '/api/v1/reports'
const tags = ['reports']
const access = { access: 'viewer' } as const
const dayMs = 24 * 3_600_000

/** Where totals are read. */
export type TotalsStore = Pick<StateStore, 'scan'>

/** Registers the routes. */
export function reportRoutes(app: ControlApp, { deps, desk }: ControlContext): void {
  const names = new SerialNames(deps.media.keys())
  const read = async (query: PeriodQuery, by: ReportOrder['by']) => {
    const order = orderOf(query, by, deps.clock.wallMs())
    const rows = await storeAnswer(readTotals(deps.events.state, order))
    if (rows.length > reportRowsMax) {
      const message = `${rows.length} rows; ask for less time, days, or one campaign`
      throw invalid([{ path: 'query.from', message }])
    }
    names.follow(await desk.view())
    return { order, rows }
  }
  app.get(
    `${url}/totals`,
    {
      config: access,
      schema: {
        summary: 'Counts and money by hour or day of the decision, campaign and place',
        tags,
        querystring: totalsQuery,
        response: { 200: totalsReport, ...problemResponses },
      },
    },
    async ({ query }) => {
      const { order, rows } = await read(query, query.by)
      return { ...periodOf(order), by: query.by, items: rows.map((row) => shown(row, names)) }
    },
  )
  app.get(
    `${url}/invalid`,
    {
      config: access,
      schema: {
        summary: 'Events that count for nothing, by reason, campaign and place',
        tags,
        querystring: invalidQuery,
        response: { 200: invalidReport, ...problemResponses },
      },
    },
    async ({ query }) => {
      const { order, rows } = await read(query, 'all')
      const reasons = reasonRows(rows).map(({ reason, reasonName, events, ...of }) => {
        return { reason, name: reasonName, ...whose(of, names), events }
      })
      const items = rows.filter(hasInvalid).map((row) => shown(row, names))
      return { ...periodOf(order), reasons, items }
    },
  )
}

interface PeriodQuery {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly campaign?: string | undefined
}

function orderOf(query: PeriodQuery, by: ReportOrder['by'], nowMs: number): ReportOrder {
  const toMs = query.to === undefined ? nowMs : Date.parse(query.to)
  const fromMs = query.from === undefined ? toMs - dayMs : Date.parse(query.from)
  if (!(fromMs < toMs)) throw invalid([{ path: 'query.from', message: 'is not before `to`' }])
  if (toMs - fromMs > reportDaysMax * dayMs) {
    throw invalid([{ path: 'query.from', message: `more than ${reportDaysMax} days` }])
  }
  const campaign = query.campaign === undefined ? null : serialOf('campaign', query.campaign)
  return { fromMs, toMs, by, campaign }
}

function periodOf({ fromMs, toMs }: ReportOrder) {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
}

function shown(row: ReportRow, names: SerialNames) {
  const { startMs, currency, counters } = row
  return {
    from: new Date(startMs).toISOString(),
    ...whose(row, names),
    currency: currency === '' ? null : currency,
    exposures: counters.exposures,
    clicks: counters.clicks,
    conversions: counters.conversions,
    wins: counters.wins,
    bills: counters.bills,
    losses: counters.losses,
    spend: decimalOf(counters.spendCpmMicros, cpmMicrosPerUnit),
    estimatedSpend: decimalOf(counters.estimatedCpmMicros, cpmMicrosPerUnit),
    value: decimalOf(counters.valueMicros, microsPerUnit),
    invalidExposures: counters.invalidExposures,
    invalidClicks: counters.invalidClicks,
    invalidConversions: counters.invalidConversions,
    invalidSpend: decimalOf(counters.invalidCpmMicros, cpmMicrosPerUnit),
  }
}

function whose({ campaign, place }: { campaign: Serial; place: Serial }, names: SerialNames) {
  return {
    campaignId: names.campaign(campaign),
    campaignSerial: String(campaign),
    place: names.place(place),
    placeSerial: String(place),
  }
}

function hasInvalid({ counters }: ReportRow): boolean {
  const { invalidExposures, invalidClicks, invalidConversions } = counters
  return invalidExposures + invalidClicks + invalidConversions > 0
}

const microsPerUnit = 1_000_000
/** Spend counts CPM micros an impression: a thousand of them are a micro. */
const cpmMicrosPerUnit = 1_000_000_000

/** A whole number of small parts as decimal text, digit by digit: no float holds a fraction. */
function decimalOf(parts: number, partsPerUnit: number): string {
  const digits = String(partsPerUnit).length - 1
  const fraction = String(parts % partsPerUnit)
    .padStart(digits, '0')
    .replace(/0+$/, '')
  const units = String(Math.floor(parts / partsPerUnit))
  return fraction === '' ? units : `${units}.${fraction}`
}
