/** The demo's last part: what is told of an ad changes the next decision, and how soon. */
import { systemClock } from '../lib/clock.ts'
import { buildRequest } from './build-request.ts'
import type { BidOutcome } from './demo-bids.ts'
import { demoCatalog, demoExchange, firstBidCase } from './demo-bids-story.ts'
import type { Page } from './demo-page.ts'
import type { DemoServer } from './demo-server.ts'
import { demoCases, demoStrategies } from './demo-story.ts'
import { until } from './demo-wait.ts'
import { answerDecoder, exchange } from './describe.ts'
import { exchangeBids } from './describe-bids.ts'
import { wireOf } from './openrtb-request.ts'

/** The campaign that is capped, and the strategy that customers leave. */
const campaignId = 'win-back'
const strategyId = 'tencent-shoes'
const advertiserId = 'shoe-shop'

const dayMinutes = 24 * 60

/** How soon a decision knew; a delay of null = it never did. */
interface Freshness {
  readonly delayMs: number | null
  readonly asked: number
}

/** Runs it on a server whose exchange is live; `step` is the number of the next step. */
export async function runDemoFeedback(
  server: DemoServer,
  page: Page,
  step: number,
): Promise<BidOutcome> {
  const cap = await capByExposure(server, page, step)
  const left = await leaveByConversion(server, page, step + 1)
  const surprises = [cap, left].filter((isExpected) => !isExpected).length
  return { asked: 2, surprises }
}

/** One impression a day: the exchange bills it, and the next request gets the other campaign. */
async function capByExposure(server: DemoServer, page: Page, step: number): Promise<boolean> {
  page.step(step, 'An exposure', `'${campaignId}' may be shown once a day to one device`)
  const line = demoCatalog.find((one) => idOf(one) === campaignId)
  const caps = [{ impressions: 1, minutes: dayMinutes }]
  await server.admin.lines('/api/v1/import', [withFields(line, { caps })])
  let billingUrl = ''
  const isBid = await until(async () => {
    const bid = await bidOf(server)
    billingUrl = bid?.burl ?? ''
    return bid?.cid === campaignId && billingUrl !== ''
  })
  page.row('request', isBid ? `a bid of '${campaignId}', with a billing link in it` : 'no bid')
  const startMs = systemClock.monotonicMs()
  const told = await tell(server, billingUrl)
  const { delayMs, asked } = await freshness(startMs, async () => {
    return (await bidOf(server))?.cid !== campaignId
  })
  page.row('billed', `the exchange calls it: ${told}`)
  page.row('next', `request ${asked} after it, ${inWords(delayMs)}: '${campaignId}' is capped`)
  return isBid && told === 204 && delayMs !== null
}

/** A purchase is told: the shop's strategy at Tencent leaves the buyer alone. */
async function leaveByConversion(server: DemoServer, page: Page, step: number): Promise<boolean> {
  page.step(step, 'A purchase', `'${strategyId}' leaves buyers alone for 90 days`)
  const strategy = demoStrategies.find(({ id }) => id === strategyId)
  const [visitor] = demoCases
  const converted = [{ kind: 'exclude', advertiserId, action: 'purchase', days: 90 }]
  await server.admin.json('PUT', `/api/v1/strategies/${strategyId}`, {
    ...strategy?.body,
    converted,
  })
  const oaid = visitor?.request.oaid ?? ''
  const request = buildRequest('tencent', { oaid, os: 'android' })
  const decoder = answerDecoder('tencent')
  const takesPart = async (): Promise<boolean> => {
    const { answer } = await exchange(server.url, decoder, request)
    return answer.targetIds.length > 0
  }
  const tookPart = await takesPart()
  page.row('before', tookPart ? 'the visitor takes part' : 'the visitor does not take part')
  const key = await senderKey(server)
  await inForce(server)
  const event = {
    ...{ type: 'conversion', advertiserId, action: 'purchase', orderId: 'demo-order-1' },
    ...{ eventTimeMs: systemClock.wallMs(), value: '99.90', currency: 'EUR' },
    devices: [{ type: 'oaid', value: oaid }],
  }
  let startMs = 0
  let status = 0
  await until(async () => {
    startMs = systemClock.monotonicMs()
    status = await send(server, key, event)
    return status === 202
  })
  const { delayMs, asked } = await freshness(startMs, async () => !(await takesPart()))
  page.row('told', `POST /events, an order with the phone's id: ${status}`)
  page.row('next', `request ${asked} after it, ${inWords(delayMs)}: does not take part any more`)
  return tookPart && status === 202 && delayMs !== null
}

/** Asks one after another until it is so; from when it was told. */
async function freshness(startMs: number, isSo: () => Promise<boolean>): Promise<Freshness> {
  for (let asked = 1; systemClock.monotonicMs() - startMs < patienceMs; asked++) {
    if (await isSo()) return { delayMs: systemClock.monotonicMs() - startMs, asked }
  }
  return { delayMs: null, asked: 0 }
}

/** The promise is a second; this is the patience of a slow machine. */
const patienceMs = 20_000

function inWords(delayMs: number | null): string {
  return delayMs === null ? 'never' : `${delayMs.toFixed(0)} ms after the event`
}

async function bidOf({ url }: DemoServer) {
  const { answer } = await exchangeBids(url, demoExchange, wireOf(firstBidCase.request, {}))
  return answer?.seatbid[0]?.bid[0] ?? null
}

/** Calls a link as an exchange does: its macros replaced; answers the status. */
async function tell({ url }: DemoServer, link: string): Promise<number> {
  if (link === '') return 0
  const { pathname, search } = new URL(link.replaceAll('${AUCTION_PRICE}', '7.25'))
  return (await fetch(new URL(pathname + search, url))).status
}

/** Waits until the worker decides by the newest catalog: a rule's delay is not an event's. */
async function inForce({ admin }: DemoServer): Promise<void> {
  await until(async () => {
    const lag = await admin.counters('sluice_process_catalog_lag', 'role')
    return lag.get('decide') === 0
  })
}

async function senderKey({ admin }: DemoServer): Promise<string> {
  const body = { name: 'shop backend', role: 'sender' }
  const { key } = (await admin.json('POST', '/api/v1/keys', body)) as { readonly key: string }
  return key
}

async function send({ url }: DemoServer, key: string, event: object): Promise<number> {
  const answer = await fetch(new URL('/events', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(event),
  })
  await answer.arrayBuffer()
  return answer.status
}

interface CatalogLine {
  readonly kind: string
  readonly value: { readonly id?: string }
}

function idOf(line: object): string {
  return (line as CatalogLine).value.id ?? ''
}

function withFields(line: object | undefined, fields: object): object {
  const { kind, value } = line as CatalogLine
  return { kind, value: { ...value, ...fields } }
}
