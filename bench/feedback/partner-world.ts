/**
 * A simulated exchange: the capped campaigns it is offered, its requests, and what it reads of
 * answers.
 */
import { advertisingId } from '../data/bid-words.ts'
import { adminKey, type SluiceServer } from '../harness/sluice-server.ts'
import { AnswerKind, tencentAnswer } from '../load/answer-kinds.ts'
import type { HttpTalk } from './http-talk.ts'

/** The exchange's name in its route. */
export const partnerExchange = 'partner'

/** Something that is offered: a campaign that only banners of its own size can show. */
export interface Offer {
  /** Campaign, advertiser and creative are named by it. */
  readonly name: string
  readonly w: number
  readonly h: number
  /** Which of the three has the caps. */
  readonly cappedBy: 'campaign' | 'creative' | 'advertiser' | null
  readonly caps: readonly { readonly impressions: number; readonly minutes: number }[]
  /** True: a conversion for the advertiser takes the device out. */
  readonly leavesConverts: boolean
}

/** Writes the exchange and the offers through the admin API. */
export async function writeOffers(
  { admin }: Pick<SluiceServer, 'admin'>,
  offers: readonly Offer[],
): Promise<void> {
  const rates = { base: 'USD', asOf: '2023-01-01', rates: { EUR: 0.9 } }
  await admin.json('PUT', '/api/v1/rates', rates)
  await admin.json('PUT', `/api/v1/exchanges/${partnerExchange}`, {
    name: 'Partner',
    // A 204 would not say whether a cap or an overload is behind it.
    noBid: 'reason',
  })
  for (const { name, w, h, cappedBy, caps, leavesConverts } of offers) {
    const capsOf = (what: Offer['cappedBy']) => (what === cappedBy ? { caps } : {})
    await admin.json('PUT', `/api/v1/advertisers/${name}`, {
      currency: 'USD',
      domains: [`${name}.example`],
      ...capsOf('advertiser'),
    })
    await admin.json('PUT', `/api/v1/campaigns/${name}`, {
      advertiserId: name,
      goal: { kind: 'cpm', bidCpm: '5.00' },
      targeting: { exchanges: [partnerExchange] },
      ...capsOf('campaign'),
      ...(leavesConverts ? { converted: [{ kind: 'exclude', days: 30 }] } : {}),
    })
    await admin.json('PUT', `/api/v1/creatives/${name}`, {
      campaignId: name,
      clickUrl: `https://${name}.example/`,
      banner: { w, h, imageUrl: `https://cdn.example/${name}.png` },
      ...capsOf('creative'),
    })
  }
  await admin.json('POST', `/api/v1/exchanges/${partnerExchange}/live`, { live: true })
}

/** A request of one device with an impression for each of the offers, by JSON. */
export function partnerRequest(id: string, device: number, offers: readonly Offer[]): string {
  return JSON.stringify({
    id,
    imp: offers.map(({ w, h }, index) => ({ id: String(index + 1), banner: { w, h }, secure: 1 })),
    app: { bundle: 'com.example.app1', name: 'Some game' },
    device: {
      ua: 'Mozilla/5.0 (Linux; Android 14; SM-G991B) AppleWebKit/537.36',
      ip: '198.51.100.7',
      devicetype: 4,
      os: 'Android',
      osv: '14',
      ifa: advertisingId(deviceNumber(device)),
    },
    at: 1,
    tmax: 1_000,
    cur: ['USD'],
  })
}

/** Devices of the partner are Androids far above those of any pack. */
export function deviceNumber(device: number): number {
  return 0x2000_0000 + device * 2
}

/** A bid as the exchange sees it. */
export interface PartnerBid {
  readonly offer: string
  /** Path and query of its billing notice, macros replaced. */
  readonly billPath: string
}

/** The bids on one request; null = no decision was made (overload, deadline): it says nothing of caps. */
export async function askPartner(talk: HttpTalk, request: string): Promise<PartnerBid[] | null> {
  const headers = { 'content-type': 'application/json', 'x-openrtb-version': '2.6' }
  const answer = await talk.post(`/openrtb2/${partnerExchange}`, request, headers)
  if (answer.status !== 200) return null
  const { seatbid = [], nbr = 0 } = JSON.parse(answer.body.toString('utf8')) as WireAnswer
  if (nbr !== 0) return null
  return seatbid.flatMap(({ bid }) =>
    bid.map(({ cid = '', burl = '', price = 0 }) => ({
      offer: cid,
      billPath: billPathOf(burl, price),
    })),
  )
}

interface WireAnswer {
  /** 0 stands for every decision without a bid (docs/errors.md). */
  readonly nbr?: number
  readonly seatbid?: readonly {
    readonly bid: readonly {
      readonly cid?: string
      readonly burl?: string
      readonly price?: number
    }[]
  }[]
}

function billPathOf(link: string, price: number): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what an OpenRTB macro looks like.
  const priced = link.replaceAll('${AUCTION_PRICE}', price.toFixed(4))
  const url = new URL(priced.replaceAll(/\$\{[A-Z_]+\}/g, ''))
  return url.pathname + url.search
}

/** Tells a conversion of a device, as a shop does; answers the status. */
export async function tellConversion(
  talk: HttpTalk,
  order: { readonly advertiserId: string; readonly orderId: string; readonly eventTimeMs: number },
  device: { readonly type: string; readonly value: string },
): Promise<number> {
  const body = JSON.stringify({ type: 'conversion', ...order, devices: [device] })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` }
  return (await talk.post('/events', body, headers)).status
}

/**
 * True when Tencent's question about a device is answered with a yes; null when with no decision.
 */
export async function askTencent(talk: HttpTalk, body: Uint8Array): Promise<boolean | null> {
  const answer = await talk.post('/rta/tencent', body, { 'content-type': 'application/x-protobuf' })
  if (answer.status !== 200) return null
  const kind = tencentAnswer(answer.body, 0, answer.body.length)
  return kind === AnswerKind.Accept || kind === AnswerKind.Refuse
    ? kind === AnswerKind.Accept
    : null
}
