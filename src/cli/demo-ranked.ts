/** The demo's ranked strategy: a medium asks about phones, and the market's campaigns decide. */
import type { TracedRtaRanking } from '../decision/rank/rank-trace.ts'
import { packIds } from '../world/world-words.ts'
import { type BuiltRequest, buildRequest } from './build-request.ts'
import type { BidOutcome } from './demo-bids.ts'
import type { DemoMarket } from './demo-market.ts'
import { factorIn, type Page } from './demo-page.ts'
import type { DemoServer } from './demo-server.ts'
import { until } from './demo-wait.ts'
import { answerDecoder, exchange } from './describe.ts'
import { rankingLines } from './explain-rta.ts'
import { md5Hex } from './request-options.ts'
import { shippedModels } from './shipped-models.ts'

const medium = 'tencent'
const targetId = 'market_offers'
const strategyId = 'market-offers'
const factorMax = 4

/** A phone of the story: of one interest, the score of its pack the highest. */
interface Phone {
  readonly pack: string
  readonly request: BuiltRequest
  /** Expected CPM of the best creative for its user, micros of USD. */
  readonly valueMicros: number
}

/** Runs the story on a server whose market is open and whose models decide. */
export async function runDemoRanked(
  server: DemoServer,
  page: Page,
  { market, step }: { readonly market: DemoMarket; readonly step: number },
): Promise<BidOutcome> {
  const { id, campaigns } = market.advertiserOfManyGoals()
  page.step(step, 'A strategy with models', `campaigns of ${id} decide which phones Tencent brings`)
  const writeStrategy = (minValueMicros: number, valueAtOneMicros: number): Promise<unknown> =>
    server.admin.json('PUT', `/api/v1/strategies/${strategyId}`, {
      ...{ name: 'Offers of the market', medium, targetId, registered: true },
      audience: { any: packIds.filter(isInterest) },
      ranking: {
        ...{ campaigns, currency: 'USD', whenUnranked: 'refuse', minValueMicros },
        ...{ coarseModel: shippedModels.coarse, fineModel: shippedModels.fine, fineMax: 64 },
        bid: { kind: 'factor', valueAtOneMicros, min: 0.5, max: factorMax },
      },
    })
  await writeStrategy(0, 1)
  const phones = await valuedPhones(server)
  const [best, middle, worst] = [0, Math.floor(phones.length / 2), -1].map((at) => phones.at(at))
  if (best === undefined || middle === undefined || worst === undefined) {
    page.row('', 'nothing could be valued')
    return { asked: 1, surprises: 1 }
  }
  const least = middle.valueMicros
  await writeStrategy(least, least)
  page.row('ranking', `${campaigns.length} campaigns behind one target id, scored for each phone`)
  page.row('phones', `${phones.length}, each of one interest: worth ${spread(phones)} USD CPM`)
  page.row('rule', `takes part from ${cpm(least)} on, where the factor is 1`)
  const isLive = await until(async () => {
    const told = await Promise.all([best, worst].map((phone) => toldOf(server, phone)))
    return told[1] === null && isAbout(told[0], best.valueMicros / least)
  })
  for (const phone of [best, middle, worst]) {
    const factor = await toldOf(server, phone)
    const verdict = factor === null ? null : `takes part, at ${factor} times the normal bid`
    page.ranked(`a phone of ${phone.pack}, worth ${cpm(phone.valueMicros)}`, verdict)
  }
  page.line(`Explained, the phone of ${worst.pack}:`)
  const ranking = await explained(server, worst.request)
  for (const line of rankingLines(ranking)) page.line(line)
  return { asked: 2, surprises: (isLive ? 0 : 1) + (ranking?.by === 'fine' ? 0 : 1) }
}

/** Puts a phone into each pack of interests and asks what its user is worth; the best first. */
async function valuedPhones(server: DemoServer): Promise<Phone[]> {
  const phones: Phone[] = []
  for (const pack of packIds.filter(isInterest)) {
    const oaid = md5Hex(`demo phone of ${pack}`).slice(0, 16)
    const body = [Buffer.from(`${md5Hex(oaid)},255\n`, 'latin1')]
    await server.admin.putPack({ id: pack, query: { idType: 'oaid_md5', mode: 'add' }, body })
    phones.push({
      pack,
      request: buildRequest(medium, { oaid, os: 'android' }),
      valueMicros: 0,
    })
  }
  const last = phones.at(-1)
  // Explain sees the last upload and the models a moment later.
  await until(async () => last === undefined || (await valueOf(server, last)) > 0)
  const valued: Phone[] = []
  for (const phone of phones) valued.push({ ...phone, valueMicros: await valueOf(server, phone) })
  return valued.filter(({ valueMicros }) => valueMicros > 0).toSorted(byValue)
}

function byValue(a: Phone, b: Phone): number {
  return b.valueMicros - a.valueMicros
}

async function valueOf(server: DemoServer, { request }: Phone): Promise<number> {
  const ranking = await explained(server, request)
  return ranking?.by === 'fine' ? (ranking.worths[0]?.valueMicros ?? 0) : 0
}

async function explained(
  { admin }: DemoServer,
  { body }: BuiltRequest,
): Promise<TracedRtaRanking | null> {
  const question = { medium, bodyBase64: Buffer.from(body).toString('base64') }
  const answer = (await admin.json('POST', '/api/v1/explain', question)) as {
    readonly trace: { readonly ranking: TracedRtaRanking | null } | null
  }
  return answer.trace?.ranking ?? null
}

const decoder = answerDecoder(medium)

/** The factor that the medium is told; null = the phone does not take part. */
async function toldOf({ url }: DemoServer, { request }: Phone): Promise<number | null> {
  const { answer } = await exchange(url, decoder, request)
  return answer.targetIds.length === 0 ? null : (factorIn(answer.message) ?? 1)
}

/** Media honour two decimals; the strategy's own limits come first. */
function isAbout(factor: number | null | undefined, ratio: number): boolean {
  return typeof factor === 'number' && Math.abs(factor - Math.min(factorMax, ratio)) < 0.02
}

function isInterest(pack: string): boolean {
  return pack.startsWith('segment-')
}

function spread(phones: readonly Phone[]): string {
  const micros = [phones.at(-1), phones[0]].map((phone) => cpm(phone?.valueMicros ?? 0))
  return micros.join(' to ')
}

function cpm(micros: number): string {
  return (micros / 1_000_000).toFixed(2)
}
