/** The demo's funnel: a market of 12 000 creatives ranked by models whose truth is known. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ExplainBidAnswer } from '../control/schemas/explain-bid-schema.ts'
import { osNames } from '../domain/ad-request.ts'
import type { DecisionRecord } from '../domain/decision-record.ts'
import { systemClock } from '../lib/clock.ts'
import { worldExchange } from '../world/world-words.ts'
import type { BidOutcome } from './demo-bids.ts'
import { DemoMarket, type MarketAsk } from './demo-market.ts'
import { grouped, type Page, seconds } from './demo-page.ts'
import { runDemoRanked } from './demo-ranked.ts'
import { newestRecord } from './demo-records.ts'
import type { DemoServer } from './demo-server.ts'
import { until } from './demo-wait.ts'
import { askMarket, bestCpm, type WorthFigures, worthOfBids } from './demo-worth.ts'
import type { DescribedBid } from './describe-bids.ts'
import {
  candidateLines,
  droppedOf,
  rankedByOf,
  rankedByOfRecord,
  stagesOfRecord,
  stagesOfSlot,
} from './describe-ranking.ts'
import {
  type PlacedModel,
  placeShippedModels,
  shippedModels,
  shippedPlan,
} from './shipped-models.ts'

/** Impressions of the comparison: enough that luck is a hundredth of what models bring. */
const impressions = 300

/** What the steps have in hand. */
interface Funnel {
  readonly server: DemoServer
  readonly page: Page
  readonly market: DemoMarket
  readonly models: readonly PlacedModel[]
  /** The impression that is looked at closely. */
  readonly ask: MarketAsk
}

/**
 * Runs the funnel on a server that is up, with the models of `modelsFolder`; `step` is the number
 * of the next step of the page.
 */
export async function runDemoFunnel(
  server: DemoServer,
  page: Page,
  { step, modelsFolder }: { readonly step: number; readonly modelsFolder: string },
): Promise<BidOutcome> {
  const models = await placeShippedModels(modelsFolder, server.modelsFolder)
  if (models.length < Object.keys(shippedModels).length) {
    page.step(step, 'A market', `left out: ${modelsFolder} has not both of the models that ship`)
    return { asked: 1, surprises: 1 }
  }
  const market = new DemoMarket(systemClock.wallMs(), impressions)
  const ask = market.asks.find(({ opportunity }) => !opportunity.user.isLimited)
  if (ask === undefined) throw new RangeError('every user of the demo limits ad tracking')
  const funnel = { server, page, market, models, ask }
  await openMarket(funnel, step)
  const facts = [
    await showBid(funnel, step + 1),
    await showExplained(funnel, step + 2),
    await showWorth(funnel, step + 3),
    ...(await showMissing(funnel, step + 4)),
  ]
  const ranked = await runDemoRanked(server, page, { market, step: step + 5 })
  const surprises = facts.filter((isAsTold) => !isAsTold).length
  return { asked: facts.length + ranked.asked, surprises: surprises + ranked.surprises }
}

/** Writes catalog, packs and models, and waits until the models decide. */
async function openMarket({ server, page, market, models, ask }: Funnel, step: number) {
  const { advertisers, campaigns, creatives } = market.counts
  const startMs = systemClock.monotonicMs()
  const { users, packs } = market.packs()
  for (const pack of packs) await server.admin.putPack(pack)
  await server.admin.lines('/api/v1/import', [...market.catalog()])
  page.step(step, 'A market', 'made up by `sluice world`, so that what is true of it is known')
  page.row('catalog', `${advertisers} advertisers, ${grouped(campaigns)} campaigns, all five goals`)
  page.row('', `${grouped(creatives)} creatives; imported with the packs in ${seconds(startMs)}`)
  page.row('audience', `${packs.length} packs of ${grouped(users)} users, most with a score`)
  const activeMs = systemClock.monotonicMs()
  for (const model of models) await activate(server, model)
  await rankedAs(server, ask, ({ rankedBy }) => rankedBy === 'fine')
  for (const { name, version } of models) {
    const what = name === shippedModels.fine ? 'click and conversion' : 'puts the best first'
    page.row('model', `${name}, version ${version}: ${what}`)
  }
  page.row('', `active by one call each; they decide after ${seconds(activeMs)}`)
}

/** A bid by models, as the worker recorded it. */
async function showBid({ server, page, ask }: Funnel, step: number): Promise<boolean> {
  const { record, bid } = await rankedAs(server, ask, ({ rankedBy }) => rankedBy === 'fine')
  const { country, packsMatched, imps } = record
  const wanted = [...(imps[0]?.sizes ?? [])].join(' or ') || 'a slot without sizes'
  const where = record.bundle || record.domain
  page.step(
    step,
    'One impression',
    `${wanted} on ${where}, ${country.toUpperCase()}, ${osNames[record.os] ?? 'unknown'}`,
  )
  page.row('user', `in ${packsMatched} packs`)
  page.row('funnel', `${stagesOfRecord(record)}, ${record.rankedCount} priced`)
  page.row('ranked', rankedByOfRecord(record))
  page.row('bid', bid === null ? 'none' : `${bid.creativeId} at ${bid.price} USD CPM`)
  return bid !== null && record.rankNote === 'as-planned'
}

/** The same, explained; answers whether explain comes to what the worker did. */
async function showExplained(funnel: Funnel, step: number): Promise<boolean> {
  const { server, page, market, ask } = funnel
  page.step(step, 'Why this one', 'POST /api/v1/explain with the same request')
  const answer = await explained(server, ask)
  const bids = answer.trace.slots.flatMap((slot) => slot.chosen.filter(({ isBid }) => isBid))
  for (const slot of answer.trace.slots) {
    page.row(slot.format, stagesOfSlot(slot))
    page.row('dropped', droppedOf(slot))
    for (const line of candidateLines(slot, (id) => market.worthOf(ask, id))) page.line(line)
  }
  page.row('ranked', rankedByOf(answer.trace.ranking))
  const [bid] = (await askMarket(server, worldExchange, ask)).bids
  page.row('bid', bids.map(({ creativeId }) => creativeId).join(', ') || 'none')
  return bids.length === 1 && bids[0]?.creativeId === bid?.creativeId
}

/** Models against history over many impressions; answers whether models bring more. */
async function showWorth(funnel: Funnel, step: number): Promise<boolean> {
  const { server, page, market, ask } = funnel
  page.step(
    step,
    'What it brings',
    `${impressions} impressions, bid by models and by history alone (a field of the plan)`,
  )
  const byModels = await worthOfBids(server, worldExchange, market)
  await setPlan(server, { ...shippedPlan, coarseModel: '', fineModel: '' })
  await rankedAs(server, ask, ({ rankedBy }) => rankedBy === 'prior')
  const byPrior = await worthOfBids(server, worldExchange, market)
  await setPlan(server, shippedPlan)
  await rankedAs(server, ask, ({ rankedBy }) => rankedBy === 'fine')
  const best = bestCpm(market)
  page.line(['order by'.padEnd(16), ...['bids', 'bid, CPM', 'true, CPM'].map(cell)].join(''))
  page.line(worthLine('history', byPrior, best))
  page.line(worthLine('models', byModels, best))
  page.line(`${'the truth'.padEnd(16)}${cell('')}${cell('')}${cell(best.toFixed(2))}`)
  return byModels.trueCpm > byPrior.trueCpm
}

function worthLine(name: string, { bids, bidCpm, trueCpm }: WorthFigures, best: number): string {
  const share = `  ${((100 * trueCpm) / best).toFixed(0)} % of what the truth would bring`
  const cells = [String(bids), bidCpm.toFixed(2), trueCpm.toFixed(2)].map(cell)
  return `${name.padEnd(16)}${cells.join('')}${share}`
}

function cell(text: string): string {
  return text.padStart(11)
}

/** Takes the models away one by one and puts them back; answers whether each was seen. */
async function showMissing(funnel: Funnel, step: number): Promise<boolean[]> {
  const { server, page, models, ask } = funnel
  page.step(step, 'A model goes', 'the stage before it takes over, and every answer says so')
  const seen: boolean[] = []
  const show = async (what: string, isSo: (record: DecisionRecord) => boolean): Promise<void> => {
    const { record, bid, isFound } = await rankedAs(server, ask, isSo)
    const bids = bid === null ? 'no bid' : `${bid.creativeId} at ${bid.price} USD CPM`
    page.check(isFound, `${what.padEnd(22)} ${bids}, ranked ${rankedByOfRecord(record)}`)
    seen.push(isFound)
  }
  const missing = 'model-missing'
  deactivate(server, shippedModels.fine)
  await show('without the fine one', (of) => of.rankedBy === 'coarse' && of.rankNote === missing)
  deactivate(server, shippedModels.coarse)
  await show('without both', (of) => of.rankedBy === 'prior' && of.rankNote === missing)
  for (const model of models) await activate(server, model)
  await show('both again', (of) => of.rankedBy === 'fine' && of.rankNote === 'as-planned')
  return seen
}

async function activate({ admin }: DemoServer, { name, version }: PlacedModel): Promise<void> {
  await admin.json('POST', `/api/v1/models/${name}/activate`, { version })
}

/** What an operator does: the pointer goes, the version stays. */
function deactivate({ modelsFolder }: DemoServer, name: string): void {
  rmSync(join(modelsFolder, name, 'active'))
}

async function setPlan({ admin }: DemoServer, plan: object): Promise<void> {
  const path = `/api/v1/exchanges/${worldExchange}`
  await admin.json('PUT', path, { ...((await admin.json('GET', path)) as object), plan })
}

/** Asks until the worker ranks as wanted; answers the last record and bid. */
async function rankedAs(
  server: DemoServer,
  ask: MarketAsk,
  isSo: (record: DecisionRecord) => boolean,
): Promise<{ isFound: boolean; record: DecisionRecord; bid: DescribedBid | null }> {
  let record: DecisionRecord | null = null
  let bid: DescribedBid | null = null
  const isFound = await until(async () => {
    bid = (await askMarket(server, worldExchange, ask)).bids[0] ?? null
    record = await newestRecord(server, ({ requestId }) => requestId === ask.request.id)
    // A machine that stood still for half a second gave no bid in time: asked again.
    return bid !== null && record !== null && isSo(record)
  })
  if (record === null) throw new RangeError('the worker records nothing')
  return { isFound, record, bid }
}

/** Explain has models of its own, and loads them while it is asked. */
async function explained({ admin }: DemoServer, { request }: MarketAsk): Promise<ExplainBidAnswer> {
  const question = { medium: 'openrtb', exchange: worldExchange, body: request }
  let answer: ExplainBidAnswer | null = null
  await until(async () => {
    answer = (await admin.json('POST', '/api/v1/explain', question)) as ExplainBidAnswer
    return answer.trace.ranking?.by === 'fine'
  })
  if (answer === null) throw new RangeError('nothing is explained')
  return answer
}
