/**
 * Every rule of a bid request: a fixture that keeps it and bids, a twin that breaks it and does
 * not, as JSON, as protobuf of the IAB's layout and of Google's, from the body to the answer read
 * back. The twin's reason must be exactly the rule.
 */
import { describe, expect, test } from 'vitest'
import { privacyLimitNames } from '../../src/domain/privacy.ts'
import { noBidReason } from '../../src/media/openrtb/nbr.ts'
import type { OrtbBid } from '../../src/media/openrtb/wire/openrtb.generated.ts'
import type { Json } from '../support/openrtb-decode.ts'
import { type Pair, twinRequest, twinWorld, type Wanted, type WantedBid } from './pair.ts'
import { dealPairs } from './pairs/deals.ts'
import { displayPairs } from './pairs/display.ts'
import { goalPairs } from './pairs/goals.ts'
import { mediaPairs } from './pairs/media.ts'
import { privacyPairs } from './pairs/privacy.ts'
import { targetingPairs } from './pairs/targeting.ts'
import { termPairs } from './pairs/terms.ts'
import { nativeOf, type Outcome, openRoad, type RoadWorld, type Wire, wires } from './road.ts'

const groups = {
  'terms of the request': termPairs,
  'banner and native': displayPairs,
  'video, audio and pods': mediaPairs,
  deals: dealPairs,
  privacy: privacyPairs,
  targeting: targetingPairs,
  goals: goalPairs,
}

describe.each(Object.entries(groups))('%s', (_, pairs) => {
  describe.each(wires)('as %s', (wire) => {
    test.each(pairs.map((one) => ({ ...one, pair: one })))('$rule: $about', async ({ pair }) => {
      const kept = await ask(pair.world, pair.request, wire)
      expectOutcome(kept, pair.expect)
      if (pair.gone.privacy !== undefined) expectPersonal(kept)
      const broken = await ask(twinWorld(pair), twinRequest(pair), wire)
      expectOutcome(broken, { bids: [], ...pair.gone })
      expectReason(kept, broken, pair)
    })
  })
})

test('no two pairs are the same, and there are some for every rule of the issue', () => {
  const all = Object.values(groups).flat()
  const titles = all.map(({ rule, about }) => `${rule}: ${about}`)
  expect(new Set(titles).size).toBe(titles.length)
  const rules = new Set(all.map(({ rule }) => rule))
  for (const rule of rulesOfTheIssue) expect(rules).toContain(rule)
})

/** Point 2 of the issue, word by word. */
const rulesOfTheIssue = [
  ...['tmax', 'bidfloor', 'bidfloorcur', 'durfloors', 'cur', 'bcat', 'acat', 'cattax', 'badv'],
  ...['bapp', 'battr', 'wseat', 'bseat', 'secure', 'instl', 'rwdd', 'banner size', 'format[]'],
  ...['ratio size', 'expdir', 'pos', 'mimes', 'api', 'btype', 'video mimes', 'protocols'],
  ...['minduration', 'maxduration', 'rqddurs', 'skip', 'skipmin', 'plcmt', 'linearity'],
  ...['startdelay', 'maxbitrate', 'minbitrate', 'boxingallowed', 'delivery', 'podid', 'poddedupe'],
  ...[
    'podseq',
    'slotinpod',
    'poddur',
    'maxseq',
    'mincpmpersec',
    'native',
    'qty.multiplier',
    'deal floor',
  ],
  ...['deal floor currency', 'deal auction type', 'deal wseat', 'deal wadomain'],
  ...['private_auction', 'multi-format', 'several imps', 'coppa', 'gdpr', 'gpp', 'us_privacy'],
  ...['lmt', 'dnt', 'schain', 'crawler', 'test', 'wlang', 'blocked inventory'],
]

async function ask(world: RoadWorld, request: Json, wire: Wire): Promise<Outcome> {
  const road = await openRoad(world)
  return road.ask(request, wire)
}

function expectOutcome(outcome: Outcome, wanted: Wanted): void {
  const { answer, bids, records } = outcome
  expect(answer.id).toBe('auction-1')
  if (wanted.bids !== undefined) {
    expect(bids.map((bid) => viewOf(bid, wanted.bids ?? [])).sort(byText)).toEqual(
      [...wanted.bids].sort(byText),
    )
  }
  if (wanted.cur !== undefined) expect(answer.cur).toBe(wanted.cur)
  if (wanted.records !== undefined) expect(records).toHaveLength(wanted.records)
  if (wanted.assets !== undefined) {
    const native = bids[0] === undefined ? null : nativeOf(bids[0])
    expect(native?.assets.map(({ id }) => id)).toEqual(wanted.assets)
  }
  if (bids.length > 0) expect(answer.nbr).toBeNull()
}

/** The fields that are compared, of a bid of the answer. */
function viewOf(bid: OrtbBid, wanted: readonly WantedBid[]): WantedBid {
  const names = new Set(wanted.flatMap((one) => Object.keys(one)))
  const view = [...names].map((name) => [name, bid[name as keyof OrtbBid]])
  return Object.fromEntries(view) as WantedBid
}

function byText(a: WantedBid, b: WantedBid): number {
  return (a.impid ?? a.crid ?? '') < (b.impid ?? b.crid ?? '') ? -1 : 1
}

/** The twin says no by this rule and by no other. */
function expectReason(kept: Outcome, broken: Outcome, { gone }: Pair): void {
  const isNew = (drop: string) => (broken.drops[drop] ?? 0) > (kept.drops[drop] ?? 0)
  expect(Object.keys(broken.drops).filter(isNew)).toEqual(
    gone.drop === undefined ? [] : [gone.drop],
  )
  if (gone.refusal !== undefined) expect(broken.refusal).toBe(gone.refusal)
  else if (broken.bids.length === 0) expect(broken.refusal).toMatch(/^nothing-/)
  if (broken.bids.length === 0) {
    expect(broken.answer.nbr).toBe(gone.nbr ?? 0)
    expect(noBidReason(broken.decision.refusal)).toBe(gone.nbr ?? 0)
  }
  if (gone.privacy !== undefined) expectImpersonal(broken, gone.privacy)
}

function expectPersonal({ records }: Outcome): void {
  expect(records).toHaveLength(1)
  expect(records[0]).toMatchObject({ privacyLimit: 0, usedPersonalData: true })
  expect(records[0]?.deviceKeys.length).toBeGreaterThan(0)
}

function expectImpersonal({ records, scratch }: Outcome, limit: string): void {
  expect(records).toHaveLength(1)
  expect(privacyLimitNames.get(records[0]?.privacyLimit ?? -1)).toBe(limit)
  expect(records[0]).toMatchObject({ usedPersonalData: false, deviceKeys: [] })
  const { devices, geo, yearOfBirth, gender } = scratch.request
  expect(devices.count).toBe(0)
  expect({ yearOfBirth, gender, city: geo.city, zip: geo.zip }).toEqual({
    ...{ yearOfBirth: 0, gender: '', city: '', zip: '' },
  })
}
