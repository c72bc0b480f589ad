/**
 * An exchange shows what it wins and reports it seconds later, sometimes twice, while the same
 * devices ask on and on: no device may be shown more than its cap and what was not reported yet.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/lib/clock.ts'
import { seededRandom } from '../data/seeded-random.ts'
import { CapBook, type CapReport } from '../feedback/cap-book.ts'
import { HttpTalk } from '../feedback/http-talk.ts'
import {
  askPartner,
  type Offer,
  type PartnerBid,
  partnerRequest,
  writeOffers,
} from '../feedback/partner-world.ts'
import { openView, untilProjected } from '../feedback/store-view.ts'
import { bidEnv } from '../harness/bid-setup.ts'
import { until } from '../harness/processes.ts'
import { startRedis } from '../harness/redis-server.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { startSluice } from '../harness/sluice-server.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

interface CapsSize {
  readonly devices: number
  readonly requestsADevice: number
  readonly seconds: number
  /** Least and most milliseconds from an impression to its report. */
  readonly reportMs: readonly [number, number]
}

const capsSizes: Readonly<Record<Size, CapsSize>> = {
  tiny: { devices: 60, requestsADevice: 12, seconds: 2, reportMs: [100, 700] },
  small: { devices: 500, requestsADevice: 20, seconds: 20, reportMs: [500, 5_000] },
  full: { devices: 2_500, requestsADevice: 24, seconds: 80, reportMs: [1_000, 10_000] },
}

/** Share of bids that win, and of impressions that are reported twice. */
const winShare = 0.7
const twiceShare = 0.2

/** A report may take so long from its acknowledgement until it is in force. */
const graceMs = [0, 200, 1_000] as const

const month = 30 * 24 * 60

/** One cap in each scope; two impressions of a request are for the first of them. */
const offers: readonly (Offer & { readonly cap: number })[] = [
  { name: 'by-campaign', w: 611, h: 71, cappedBy: 'campaign', cap: 2 },
  { name: 'by-creative', w: 613, h: 73, cappedBy: 'creative', cap: 1 },
  { name: 'by-advertiser', w: 617, h: 77, cappedBy: 'advertiser', cap: 4 },
].map((offer) => ({
  ...offer,
  cappedBy: offer.cappedBy as Offer['cappedBy'],
  caps: [{ impressions: offer.cap, minutes: month }],
  leavesConverts: false,
}))

interface StoreResult {
  readonly store: string
  readonly reports: readonly CapReport[]
  readonly requests: number
  readonly noAnswers: number
  readonly notices: number
  readonly failedNotices: number
  /** Bids to devices that had had their cap, after everything was reported. */
  readonly afterwards: number
  readonly askedAfterwards: number
}

/** Runs both stores. */
export async function caps(context: ScenarioContext): Promise<ScenarioResult> {
  const results: StoreResult[] = []
  for (const store of ['lmdb', 'redis'] as const) results.push(await capsOn(context, store))
  const { devices, requestsADevice, seconds, reportMs } = capsSizes[context.size]
  return {
    scenario: 'caps',
    size: context.size,
    findings: results.flatMap(findingsOf),
    notes: [
      `${devices} devices ask ${requestsADevice} times each at random moments of ${seconds} s, so a device has several questions under way. Each question has four impressions: two for the campaign with a cap, one each for a capped creative and a capped advertiser. ${winShare * 100} % of bids win; the bid's own billing link is called ${reportMs[0] / 1_000} to ${reportMs[1] / 1_000} s later, ${twiceShare * 100} % of them a second time.`,
      'A late bid is one that, with the impressions whose report was acknowledged before the question was sent, goes beyond the cap: counted at once, and for reports at least 200 ms and 1 s old (the promise of freshness). "Beyond" are impressions that exceed the cap and what was unreported for less than 1 s or not at all. "Too early" are questions without a bid although fewer than the cap were shown.',
      'The exchange and its books run in one process beside one worker, projector and control, on shared cores.',
    ],
    data: { results },
  }
}

function capsOn(context: ScenarioContext, store: 'lmdb' | 'redis'): Promise<StoreResult> {
  return withCleanup(async (later) => {
    const redis = store === 'redis' ? await startRedis({ core: null }) : null
    if (redis !== null) later(() => redis.stop())
    const options = { redisUrl: redis?.url ?? null, workers: 1, core: null, env: bidEnv }
    const server = await startSluice(options)
    later(() => server.stop())
    await writeOffers(server, offers)
    const talk = new HttpTalk(server.port, 256)
    later(() => talk.close())
    await until('all offers are bid for', 10_000, async () => {
      const bids = await askPartner(talk, partnerRequest('first', 900_000, offers))
      return bids?.length === offers.length
    })
    const exchange = new SimulatedExchange(talk, capsSizes[context.size])
    await exchange.run()
    const view = await openView(server.store)
    later(() => view.close())
    await untilProjected(view, 60_000, sleep)
    const result = { store, ...(await exchange.result()) }
    for (const { offer, impressions, excess } of result.reports) {
      context.say(`${store}: ${offer} ${impressions} impressions, excess ${excess.join(' ')}`)
    }
    return result
  })
}

/** Asks, wins, shows and reports. */
class SimulatedExchange {
  readonly #talk: HttpTalk
  readonly #size: CapsSize
  readonly #random = seededRandom(3)
  readonly #books = offers.map(({ name, cap }) => new CapBook(name, cap, graceMs))
  readonly #reports: Promise<void>[] = []
  #requests = 0
  #noAnswers = 0
  #notices = 0
  #failedNotices = 0

  constructor(talk: HttpTalk, size: CapsSize) {
    this.#talk = talk
    this.#size = size
  }

  /** Resolves when every question was answered and every impression reported. */
  async run(): Promise<void> {
    const { devices, requestsADevice, seconds } = this.#size
    const asked: Promise<void>[] = []
    const count = devices * requestsADevice
    const startMs = systemClock.monotonicMs()
    for (let number = 0; number < count; number++) {
      const dueMs = startMs + (number / count) * seconds * 1_000
      const waitMs = dueMs - systemClock.monotonicMs()
      if (waitMs > 1) await sleep(waitMs)
      asked.push(this.#ask(Math.floor(this.#random() * devices), number))
    }
    await Promise.all(asked)
    await Promise.all(this.#reports)
  }

  /** Asks once more for each device that has had its cap: none of them may get a bid. */
  async result(): Promise<Omit<StoreResult, 'store'>> {
    let [afterwards, askedAfterwards] = [0, 0]
    for (const [i, book] of this.#books.entries()) {
      const offer = offers[i]
      if (offer === undefined) continue
      for (const device of book.full()) {
        const bids = await this.#askAfter(device, offer)
        askedAfterwards++
        // No answer is no proof.
        if (bids === null || bids.length > 0) afterwards++
      }
    }
    return {
      reports: this.#books.map((book) => book.report()),
      requests: this.#requests,
      noAnswers: this.#noAnswers,
      notices: this.#notices,
      failedNotices: this.#failedNotices,
      afterwards,
      askedAfterwards,
    }
  }

  async #askAfter(device: number, offer: Offer): Promise<PartnerBid[] | null> {
    const request = partnerRequest('after', device, [offer])
    for (let attempt = 0; attempt < 20; attempt++) {
      const bids = await askPartner(this.#talk, request)
      if (bids !== null) return bids
      await sleep(50)
    }
    return null
  }

  async #ask(device: number, number: number): Promise<void> {
    const [first, ...others] = offers
    if (first === undefined) return
    const request = partnerRequest(`q${number}`, device, [first, first, ...others])
    const sentMs = systemClock.monotonicMs()
    this.#requests++
    const bids = await askPartner(this.#talk, request)
    if (bids === null) {
      this.#noAnswers++
      return
    }
    for (const [i, book] of this.#books.entries()) {
      const own = bids.filter(({ offer }) => offer === offers[i]?.name)
      book.answered(device, sentMs, own.length)
      for (const bid of own)
        if (this.#random() < winShare) this.#show(book, { device, sentMs, bid })
    }
  }

  #show(book: CapBook, won: { device: number; sentMs: number; bid: PartnerBid }): void {
    const impression = book.show(won.device, won.sentMs)
    const first = this.#report(won.bid).then((atMs) => {
      impression.reportedAtMs = Math.min(impression.reportedAtMs, atMs)
    })
    this.#reports.push(first)
    if (this.#random() >= twiceShare) return
    const second = this.#report(won.bid).then((atMs) => {
      impression.reportedAtMs = Math.min(impression.reportedAtMs, atMs)
    })
    this.#reports.push(second)
  }

  /** Calls the billing link after a while; resolves to when it was acknowledged. */
  async #report({ billPath }: PartnerBid): Promise<number> {
    const [least, most] = this.#size.reportMs
    await sleep(least + this.#random() * (most - least))
    this.#notices++
    const { status } = await this.#talk.get(billPath)
    if (status === 204) return systemClock.monotonicMs()
    this.#failedNotices++
    return Number.POSITIVE_INFINITY
  }
}

function findingsOf(result: StoreResult): Finding[] {
  const { store, requests, noAnswers, notices, failedNotices } = result
  const all = (pick: (report: CapReport) => number): number =>
    result.reports.reduce((sum, report) => sum + pick(report), 0)
  const scopes = result.reports.map((report): Finding => {
    const { offer, cap, impressions, devices, excess, unreportedMax, lateBids } = report
    const spread = excess.map((count, over) => `+${over}: ${count}`).join(', ')
    return {
      line: `${store}: ${offer}, cap ${cap}: devices by impressions beyond it`,
      measured: `${spread} (of ${devices}; ${impressions} impressions; most unreported at a decision ${unreportedMax}; late bids at once / 200 ms / 1 s after the report: ${lateBids.join(' / ')})`,
      bar: 'none 1 s after the report',
      met: (lateBids[lateBids.length - 1] ?? 1) === 0 && impressions > 0,
    }
  })
  return [
    ...scopes,
    {
      line: `${store}: impressions beyond cap + unreported; questions held back too early`,
      measured: `${all(({ beyond }) => beyond)}; ${all(({ tooEarly }) => tooEarly)}`,
      bar: '0; 0',
      met: all(({ beyond, tooEarly }) => beyond + tooEarly) === 0,
    },
    {
      line: `${store}: bids to devices that had their cap, after everything was reported`,
      measured: `${result.afterwards} of ${result.askedAfterwards}`,
      bar: '0',
      met: result.afterwards === 0 && result.askedAfterwards > 0,
    },
    {
      line: `${store}: questions / refused for overload or a late deadline; notices / not acknowledged`,
      measured: `${requests} / ${noAnswers}; ${notices} / ${failedNotices}`,
      bar: 'reported; 0',
      met: failedNotices === 0,
    },
  ]
}
