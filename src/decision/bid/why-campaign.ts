/** Rules that decide whether a campaign is meant for a request, and for one of its slots. */
import type { CampaignWords, DimensionWords } from '../../catalog/bid/campaign-words.ts'
import { osNames } from '../../domain/ad-request.ts'
import type { BidRequest } from '../../domain/bid-request.ts'
import { Drop } from '../../domain/drop-reason.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { ProfileState } from '../../domain/profile.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { AudienceRule } from '../../domain/strategy.ts'
import { anyDealWord } from '../../domain/targeting-words.ts'
import { isVersionIn, versionParts } from '../../domain/version-parts.ts'
import { allowedSeats, currencyOf, refusedAtGate } from './gate.ts'
import { isOfSlot, requestWords, slotWords } from './request-words.ts'
import { ScheduleRules } from './schedule-rules.ts'
import type { Slot } from './slot.ts'
import type { WhyFacts } from './why.ts'
import { dropCheck, ladder, listed, refusalCheck, type WhyCheck } from './why-check.ts'
import { capChecks } from './why-guards.ts'

/** Refusals of the gate, in its order. */
const gateRefusals: readonly Refusal[] = [
  Refusal.ExchangeOff,
  Refusal.NoUsableImp,
  Refusal.Crawler,
  Refusal.BlockedInventory,
  Refusal.IncompleteSchain,
  Refusal.BlockedSchain,
]

/** What refuses the request whatever the campaign. */
export function requestChecks({ request, snapshot }: WhyFacts, exchange: Exchange): WhyCheck[] {
  const { blocked, currency, otherCurrencies } = exchange
  const gate = ladder(gateRefusals, refusedAtGate(request, exchange), (refusal, passed) =>
    refusalCheck(refusal, passed, gateSides(refusal, request, blocked)),
  )
  const canPay = currencyOf(request, exchange, snapshot) !== null
  const sides = {
    ours: listed([currency, ...otherCurrencies]),
    request: listed(request.currencies, 'any'),
  }
  return [...gate, refusalCheck(Refusal.NoCurrency, canPay, sides)]
}

/** What of the campaign all impressions share, in the road's order. */
export function campaignChecks(facts: WhyFacts, exchange: Exchange): WhyCheck[] {
  const { words } = facts.words
  return [
    flightCheck(facts),
    ...words
      .filter(({ drop }) => !isOfSlot(drop) && drop !== Drop.Deal)
      .map((one) => wordsCheck(one, requestWords(one.drop, facts.request))),
    ...osChecks(facts.words, facts.request),
    ...scheduleChecks(facts),
    ...audienceChecks(facts),
    seatCheck(facts, exchange),
    ...capChecks(facts),
  ]
}

/** What of the campaign is of this slot: its place, and whether it can be bought at all. */
export function slotChecks(facts: WhyFacts, slot: Slot): WhyCheck[] {
  const checks: WhyCheck[] = []
  for (const one of facts.words.words) {
    const asked = isOfSlot(one.drop) ? slotWords(one.drop, slot) : null
    if (asked !== null) checks.push(wordsCheck(one, asked))
  }
  checks.push(offerCheck(facts, slot))
  if (slot.imp.isSecure) {
    const ours = `our own links are ${facts.linksAreSecure ? 'https' : 'http'}`
    checks.push(dropCheck(Drop.Secure, facts.linksAreSecure, { ours, request: 'https' }))
  }
  return checks
}

/** Whether the slot can be bought at all: in the open auction, or through a deal. */
function offerCheck({ words, snapshot }: WhyFacts, { imp }: Slot): WhyCheck {
  const own = words.words.find(({ drop }) => drop === Drop.Deal)?.allow ?? []
  const ids = imp.deals.map(({ id }) => id)
  const isOpen = ((snapshot.data.open[0] ?? 0) & 1) === 1
  const buysDeal = ids.some((id) => own.includes(id) || own.includes(anyDealWord))
  return dropCheck(
    imp.isPrivate ? Drop.PrivateAuction : Drop.Deal,
    buysDeal || (isOpen && !imp.isPrivate),
    {
      ours: `${isOpen ? 'open auction' : 'deals only'}; deals ${listed(own)}`,
      request: `${imp.isPrivate ? 'private auction' : 'open auction'}; deals ${listed(ids)}`,
    },
  )
}

function gateSides(refusal: Refusal, request: BidRequest, blocked: Exchange['blocked']) {
  const { inventory } = request
  switch (refusal) {
    case Refusal.NoUsableImp:
      return { ours: '', request: `${request.imps.length} usable impressions` }
    case Refusal.BlockedInventory:
      return {
        ours: listed([...blocked.publishers, ...blocked.domains, ...blocked.bundles]),
        request: listed([inventory.publisherId, inventory.domain, inventory.bundle]),
      }
    case Refusal.IncompleteSchain:
      return {
        ours: '',
        request: ['not sent', 'incomplete', 'complete'][request.schainComplete + 1] ?? '',
      }
    case Refusal.BlockedSchain:
      return { ours: listed(blocked.schainNodes), request: listed(request.schainNodes) }
    default:
      return { ours: '', request: '' }
  }
}

function flightCheck({ snapshot, user }: WhyFacts): WhyCheck {
  const start = snapshot.data.campaigns.startMs[0] ?? 0
  const end = snapshot.data.campaigns.endMs[0] ?? 0
  const passed = start <= user.wallMs && user.wallMs < end
  const ours = `from ${momentOf(start)} to ${momentOf(end)}`
  return dropCheck(Drop.NotLive, passed, { ours, request: momentOf(user.wallMs) })
}

function momentOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'any time'
}

function wordsCheck({ drop, allow, deny }: DimensionWords, asked: readonly string[]): WhyCheck {
  const isAllowed = allow.length === 0 || asked.some((word) => allow.includes(word))
  const isDenied = asked.some((word) => deny.includes(word))
  const denied = deny.length === 0 ? '' : `; not ${listed(deny)}`
  return dropCheck(drop, isAllowed && !isDenied, {
    ours: listed(allow, 'any') + denied,
    request: listed(asked, 'not said'),
  })
}

function osChecks({ os }: CampaignWords, { device }: BidRequest): WhyCheck[] {
  if (os.length === 0) return []
  const version = versionParts(device.osVersion)
  const passed = os.some(
    (rule) => rule.os === device.os && isVersionIn(version, rule.min, rule.max),
  )
  const ranges = os.map(({ os: number, min, max }) => {
    const range = min.length + max.length === 0 ? '' : ` ${min.join('.')}–${max.join('.')}`
    return (osNames[number] ?? '') + range
  })
  const request = `${osNames[device.os]} ${device.osVersion}`.trim()
  return [dropCheck(Drop.Os, passed, { ours: listed(ranges), request })]
}

function scheduleChecks({ words: { schedule }, user }: WhyFacts): WhyCheck[] {
  if (schedule === null) return []
  const passed = new ScheduleRules().isOn(schedule, user)
  const { zone, fallbackZone } = schedule
  const own = zone === '' ? `the user's zone, else ${fallbackZone || 'off'}` : zone
  const offset = Number.isNaN(user.utcOffsetMin)
    ? user.timeZone || 'zone not known'
    : `${user.utcOffsetMin} minutes east of UTC`
  const ours = `${schedule.minutes.length / 2} windows of the week in ${own}`
  return [
    dropCheck(Drop.Schedule, passed, { ours, request: `${momentOf(user.wallMs)}, ${offset}` }),
  ]
}

function audienceChecks(facts: WhyFacts): WhyCheck[] {
  const rule = facts.words.audience
  if (rule === null) return []
  const { profile } = facts
  const isIn = (id: string): boolean => {
    const pack = facts.packs?.numberOf.get(id) ?? -1
    return pack >= 0 && profile.state === ProfileState.Known && profile.has(pack)
  }
  const passed =
    profile.state !== ProfileState.Unavailable &&
    rule.all.every(isIn) &&
    !rule.none.some(isIn) &&
    (rule.any.length === 0 || rule.any.some(isIn))
  const named = [...new Set([...rule.all, ...rule.any, ...rule.none])]
  const states = {
    [ProfileState.Known]: `in ${listed(named.filter(isIn), 'none of these')}`,
    [ProfileState.NoId]: 'no usable id, so in no pack',
    [ProfileState.Unavailable]: 'the store could not answer, so nobody may be taken for included',
  }
  return [dropCheck(Drop.Audience, passed, { ours: ruleOf(rule), request: states[profile.state] })]
}

function ruleOf({ all, any, none }: AudienceRule): string {
  const part = (name: string, ids: readonly string[]) =>
    ids.length === 0 ? [] : [`${name} of ${listed(ids)}`]
  return [...part('all', all), ...part('any', any), ...part('none', none)].join('; ')
}

function seatCheck({ snapshot, request }: WhyFacts, exchange: Exchange): WhyCheck {
  const seats = allowedSeats(request, exchange, snapshot)
  const seat = snapshot.seatOf(0)
  const own = snapshot.data.seats[seat] || exchange.seat
  const blocked = request.blockedSeats.length === 0 ? '' : `; not ${listed(request.blockedSeats)}`
  return dropCheck(Drop.Seat, seats === null || seats[seat] === 1, {
    ours: own || 'no seat',
    request: listed(request.allowedSeats, 'any') + blocked,
  })
}
