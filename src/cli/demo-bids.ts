/** The demo's second half: the shop on an OpenRTB exchange, from dry run to an explained no. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  appUserLines,
  appUsers,
  type BidCase,
  bidCases,
  demoCampaigns,
  demoCatalog,
  demoExchange,
  firstBidCase,
} from './demo-bids-story.ts'
import { grouped, type Page } from './demo-page.ts'
import { newestRecord } from './demo-records.ts'
import type { DemoServer } from './demo-server.ts'
import { until } from './demo-wait.ts'
import { type BidExchange, exchangeBids } from './describe-bids.ts'
import { wireOf } from './openrtb-request.ts'
import { recordLine } from './records.ts'

/** What came out: cases asked, and those that came out otherwise than the story says. */
export interface BidOutcome {
  readonly asked: number
  readonly surprises: number
}

/** Runs the bids on a server that is up; `step` is the number of the next step of the page. */
export async function runDemoBids(
  server: DemoServer,
  page: Page,
  step: number,
): Promise<BidOutcome> {
  await writeCatalog(server, page, step)
  let surprises = await dryRun(server, page, step + 1)
  await server.admin.json('POST', `/api/v1/exchanges/${demoExchange}/live`, { live: true })
  page.step(step + 2, 'Live', 'one switch, and bids leave the house (every second one as protobuf)')
  await until(async () => (await ask(server, firstBidCase)).bids.length > 0)
  for (const [index, one] of bidCases.entries()) {
    const result = await ask(server, one, index % 2 === 1)
    const isExpected = matches(result, one)
    if (!isExpected) surprises++
    page.bids(one, result, isExpected)
  }
  await funnel(server, page, step + 3)
  const explained = await explain(server, page, step + 4)
  return { asked: bidCases.length + 2, surprises: surprises + (explained ? 0 : 1) }
}

async function writeCatalog({ admin }: DemoServer, page: Page, step: number): Promise<void> {
  const { id, idType, count } = appUsers
  await admin.putPack({ id, query: { idType }, body: appUserLines() })
  await admin.lines('/api/v1/import', demoCatalog)
  page.step(step, 'An exchange', 'an advertiser, two campaigns, five creatives, one import')
  for (const [campaign, meaning] of demoCampaigns) page.row(campaign, meaning)
  page.row(id, `${grouped(count)} devices that the shop's app has seen`)
}

/** Asks until the catalog is there, and shows what a dry run does; answers 1 for a surprise. */
async function dryRun(server: DemoServer, page: Page, step: number): Promise<number> {
  page.step(step, 'Dry run', 'a new exchange is decided and recorded, but nothing leaves the house')
  let isThere = false
  await until(async () => {
    const { status, bids } = await ask(server, firstBidCase)
    isThere = status === 200 && bids.length === 0 && (await lastRecord(server)) !== null
    return isThere
  })
  const result = await ask(server, firstBidCase)
  const record = await lastRecord(server)
  const isExpected = isThere && result.bids.length === 0
  page.bids(
    { ...firstBidCase, expected: [], why: `Recorded: ${record ?? '–'}` },
    result,
    isExpected,
  )
  return isExpected ? 0 : 1
}

/** The record of a bid that was held back, in a line; null when none is written yet. */
async function lastRecord(server: DemoServer): Promise<string | null> {
  const record = await newestRecord(server, ({ bids }) => bids.length > 0)
  return record === null ? null : recordLine(record)
}

/** Counters of the control port: what was dropped on the way to the bids, and why. */
async function funnel({ admin }: DemoServer, page: Page, step: number): Promise<void> {
  // Workers report twice a second.
  let stages = new Map<string, number>()
  await until(async () => {
    stages = await admin.counters('sluice_bid_candidates_total', 'stage')
    return (stages.get('priced') ?? 0) > 0
  })
  await sleep(600)
  stages = await admin.counters('sluice_bid_candidates_total', 'stage')
  const bids = await admin.counters('sluice_bid_bids_total', 'exchange')
  const drops = await admin.counters('sluice_bid_drops_total', 'reason')
  page.step(step, 'The funnel', 'counted by the workers, over all requests so far (/metrics)')
  const sent = [...bids.values()].reduce((sum, count) => sum + count, 0)
  const kept = ['eligible', 'recalled', 'priced'].map(
    (stage) => `${stages.get(stage) ?? 0} ${stage}`,
  )
  page.row('kept', `${kept.join(' → ')} → ${sent} bid`)
  const sorted = [...drops].filter(([, count]) => count > 0).toSorted((a, b) => b[1] - a[1])
  page.row('dropped', sorted.map(([reason, count]) => `${reason} ${count}`).join(', '))
}

/** What explain says of a campaign that did not bid; answers whether it says what it should. */
async function explain({ admin }: DemoServer, page: Page, step: number): Promise<boolean> {
  page.step(step, 'Why not?', "POST /api/v1/explain, campaign 'win-back', the stranger's banner")
  const stranger = bidCases[1]?.request
  const answer = (await admin.json('POST', '/api/v1/explain', {
    medium: 'openrtb',
    exchange: demoExchange,
    campaignId: 'win-back',
    body: stranger,
  })) as Explained
  for (const { rule, passed, ours, request } of answer.why.campaignChecks) {
    page.check(passed, `${rule.padEnd(10)} campaign: ${ours || '–'}; request: ${request || '–'}`)
  }
  page.row('verdict', answer.why.verdict)
  return answer.why.reason?.rule === 'audience'
}

interface Explained {
  readonly why: {
    readonly verdict: string
    readonly reason: { readonly rule: string } | null
    readonly campaignChecks: readonly {
      readonly rule: string
      readonly passed: boolean | null
      readonly ours: string
      readonly request: string
    }[]
  }
}

function ask(server: DemoServer, one: BidCase, protobuf = false): Promise<BidExchange> {
  return exchangeBids(server.url, demoExchange, wireOf(one.request, { protobuf }))
}

function matches({ bids }: BidExchange, { expected }: BidCase): boolean {
  const said = bids.map(({ creativeId, price, dealId }) =>
    `${creativeId} ${price} ${dealId}`.trim(),
  )
  // Creatives that are equally dear take turns: the pod may come in either order.
  return said.toSorted().join() === expected.toSorted().join()
}
