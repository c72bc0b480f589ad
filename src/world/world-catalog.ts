/** The market as lines of `POST /api/v1/import`, and its users as lines of packs. */
import { known, type Market, priorRates, type TargetingBits, type WorldCreative } from './market.ts'
import { packScore, packsOf, type User } from './users.ts'
import {
  adCategories,
  countries,
  formatGroups,
  packIds,
  systems,
  topics,
  worldExchange,
} from './world-words.ts'

/** Every entity of the market, those that others name first. */
export function* catalogLines(market: Market): Generator<object> {
  yield { kind: 'exchange', value: exchange }
  for (const { id, category, tier } of market.advertisers) {
    const name = `${adCategories[category]} of price class ${tier}`
    const categories = [{ taxonomy: 1, ids: [adCategories[category]] }]
    const domains = [`${id}.example`]
    yield { kind: 'advertiser', value: { id, name, currency: 'USD', domains, categories } }
  }
  for (const { id, advertiser, goal, targeting } of market.campaigns) {
    const advertiserId = known(market.advertisers[advertiser]).id
    const value = { id, advertiserId, goal, prior: priorRates, targeting: targetingOf(targeting) }
    yield { kind: 'campaign', value }
  }
  for (const creative of market.creatives)
    yield { kind: 'creative', value: valueOf(market, creative) }
}

/** Lines of a user's packs: pack number, and `id` or `id,score`. */
export function packLines(
  user: User,
  id: string,
): { readonly pack: number; readonly line: string }[] {
  return packsOf(user.packs).map((pack) => {
    const score = packScore(user, pack)
    return { pack, line: score < 0 ? `${id}\n` : `${id},${score}\n` }
  })
}

const exchange = {
  id: worldExchange,
  name: 'The exchange of a generated world',
  live: true,
  currency: 'USD',
  auctionType: 2,
  noBid: 'reason',
  noBidRecordRate: 1,
}

function targetingOf(bits: TargetingBits): object {
  return {
    ...(bits.countries === 0
      ? {}
      : { places: chosen(bits.countries, countries).map(({ alpha3 }) => ({ country: alpha3 })) }),
    ...(bits.systems === 0 ? {} : { os: chosen(bits.systems, systems).map((os) => ({ os })) }),
    ...(bits.topics === 0
      ? {}
      : { contentCategories: { taxonomy: 1, allow: chosen(bits.topics, topics) } }),
    ...(bits.packs === 0 ? {} : { audience: { any: chosen(bits.packs, packIds) } }),
    ...(bits.hours === 0 ? {} : { schedule: scheduleOf(bits.hours) }),
  }
}

/** Hours are one run of the user's day. */
function scheduleOf(hours: number): object {
  const all = packsOf(hours)
  const fromMinute = Math.min(...all) * 60
  const toMinute = (Math.max(...all) + 1) * 60
  return { zone: 'user', windows: [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute, toMinute }] }
}

function chosen<T>(bits: number, words: readonly T[]): T[] {
  return words.filter((_, position) => ((bits >>> position) & 1) === 1)
}

function valueOf(market: Market, { id, campaign, group, history }: WorldCreative): object {
  const { id: campaignId, advertiser } = known(market.campaigns[campaign])
  const home = `https://${known(market.advertisers[advertiser]).id}.example`
  const clickUrl = `${home}/landing`
  return { id, campaignId, clickUrl, history, ...partOf(group, `${home}/${id}`) }
}

function partOf(group: number, url: string): object {
  const { format, w, h } = known(formatGroups[group])
  switch (format) {
    case 'banner':
      return { banner: { w, h, imageUrl: `${url}.png` } }
    case 'video':
      return {
        video: { durationSec: 15, files: [{ url: `${url}.mp4`, w, h, bitrateKbps: 800 }] },
      }
    case 'audio':
      return { audio: { durationSec: 20, files: [{ url: `${url}.mp3`, bitrateKbps: 128 }] } }
    case 'native':
      return {
        native: {
          titles: ['A generated offer'],
          images: [{ type: 3, url: `${url}.png`, w: 1_200, h: 627 }],
          data: [{ type: 1, value: 'A generated brand' }],
        },
      }
  }
}
