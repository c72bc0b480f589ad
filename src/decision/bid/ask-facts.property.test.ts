import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bannerSlot, impOf, mediaSlot, nativeSlot } from '../../../test/support/slot-fixtures.ts'
import { askOfRecord } from '../../domain/ask-of-record.ts'
import { noBid } from '../../domain/bid-decision.ts'
import { BidRequest, Channel, type Imp } from '../../domain/bid-request.ts'
import { emptyAskFacts } from '../../domain/feature-facts.ts'
import type { Micros } from '../../domain/money.ts'
import { indexPacks, type PackIndex } from '../../domain/pack.ts'
import { PrivacyLimit } from '../../domain/privacy.ts'
import { Profile, ProfileState } from '../../domain/profile.ts'
import { Refusal } from '../../domain/refusal.ts'
import { decodeRecord, encodeRecord } from '../../feedback/record-codec.ts'
import { Encoder } from '../../scoring/encoder.ts'
import { houseFeatures, lrFeatures } from '../../scoring/features.ts'
import { askShared, fillAsk, packFactsOf } from './ask-facts.ts'
import { type RecordFacts, recordOf } from './bid-record.ts'
import { BidScratch } from './bid-scratch.ts'
import { slotsOf } from './slot.ts'

describe('facts of a request being decided', () => {
  test('are those read back from its record, slot by slot', () => {
    let slots = 0
    fc.assert(
      fc.property(anyCase, (one) => {
        const scratch = scratchOf(one)
        const line = encodeRecord(recordOf(noBid(Refusal.NothingEligible, null), factsOf(scratch)))
        const record = decodeRecord(line)
        if (record === null) throw new Error('the line cannot be read')
        for (const [facts, impIndex] of asksOf(scratch)) {
          slots++
          const read = askOfRecord(record, { impIndex, format: facts.format as 1 })
          expect(read).toEqual(facts)
          expect(rowOf(read)).toEqual(rowOf(facts))
        }
      }),
      { numRuns: 300 },
    )
    expect(slots).toBeGreaterThan(300)
  })

  test('have no packs where personal data may not be used, and neither has the record', () => {
    fc.assert(
      fc.property(anyCase, fc.constantFrom(...limits), (one, limit) => {
        const scratch = scratchOf(one)
        scratch.request.privacyLimit = limit
        const record = recordOf(noBid(Refusal.NothingEligible, null), factsOf(scratch))
        expect(record).toMatchObject({ packIds: [], packScores: [], usedPersonalData: false })
        for (const [facts] of asksOf(scratch)) {
          expect(facts).toMatchObject({ packIds: [], packScores: [] })
        }
      }),
    )
  })

  test('have the packs of a known device with their scores, by name', () => {
    const profile = new Profile()
    profile.reset(2)
    profile.state = ProfileState.Known
    profile.add(3, -1)
    profile.add(39, 200)
    expect(packFactsOf(profile, packs, PrivacyLimit.None)).toEqual({
      ids: ['pack-3', 'pack-39'],
      scores: [-1, 200],
    })
  })

  test.each([ProfileState.NoId, ProfileState.Unavailable])(
    'have no packs of a device in state %i, whatever bits are left',
    (state) => {
      const profile = new Profile()
      profile.add(3, -1)
      profile.state = state
      expect(packFactsOf(profile, packs, PrivacyLimit.None)).toEqual({ ids: [], scores: [] })
    },
  )

  test('forget what was in them', () => {
    fc.assert(
      fc.property(anyCase, anyCase, (before, after) => {
        const [[, , slot] = []] = asksOf(scratchOf(before))
        const scratch = scratchOf(after)
        const [[fresh, , wanted] = []] = asksOf(scratch)
        if (slot === undefined || wanted === undefined) return
        const facts = emptyAskFacts()
        fillAsk(facts, scratchOf(before).request, slot, sharedOf(scratchOf(before)))
        fillAsk(facts, scratch.request, wanted, sharedOf(scratch))
        expect(facts).toEqual(fresh)
      }),
    )
  })
})

const limits = Object.values(PrivacyLimit).filter((limit) => limit !== PrivacyLimit.None)

const packs: PackIndex = indexPacks(
  Array.from({ length: 40 }, (_, number) => ({
    ...{ id: `pack-${number}`, current: null, previous: null, expiresAtMs: null },
  })),
  0,
)

const text = fc.oneof(
  fc.constantFrom('', 'Berlin', 'İzmir'),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const code = fc.nat(7)
/** IPv4, IPv6, and what is neither. */
const ip = fc.oneof(fc.ipV4(), fc.ipV6(), text)

const anyImp = fc.record({
  formats: fc.subarray(['banner', 'video', 'audio', 'native'] as const, { minLength: 1 }),
  position: code,
  floor: fc.nat(),
  isInterstitial: fc.boolean(),
  isRewarded: fc.boolean(),
  tagId: text,
})

const anyCase = fc.record({
  exchange: text,
  imps: fc.array(anyImp, { minLength: 1, maxLength: 3 }),
  texts: fc.array(text, { minLength: 14, maxLength: 14 }),
  categories: fc.array(text, { maxLength: 3 }),
  codes: fc.array(code, { minLength: 3, maxLength: 3 }),
  channel: fc.constantFrom(...Object.values(Channel)),
  ip,
  offset: fc.oneof(fc.constant(Number.NaN), fc.integer({ min: -720, max: 840 })),
  state: fc.constantFrom(...Object.values(ProfileState)),
  members: fc.array(fc.tuple(fc.nat(39), fc.integer({ min: -1, max: 255 })), { maxLength: 6 }),
  isRead: fc.boolean(),
  wallMs: fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
})

type Case = typeof anyCase extends fc.Arbitrary<infer Value> ? Value : never

interface CaseScratch extends BidScratch {
  index?: PackIndex | null
}

function scratchOf(one: Case): CaseScratch {
  const scratch: CaseScratch = new BidScratch()
  scratch.request = requestOf(one)
  scratch.wallMs = one.wallMs
  scratch.index = one.isRead ? packs : null
  scratch.profile.reset(packs.words)
  for (const [number, score] of one.members) scratch.profile.add(number, score)
  scratch.profile.state = one.state
  return scratch
}

function requestOf({ texts, codes, ...one }: Case): BidRequest {
  const request = new BidRequest()
  const [id = '', domain = '', bundle = '', publisherId = '', country = '', region = ''] = texts
  const [city = '', osVersion = '', make = '', model = '', language = ''] = texts.slice(6)
  const [os = 0, type = 0, connectionType = 0] = codes
  const { channel, ip: address, offset: utcOffsetMin } = one
  const carrier = texts[11] ?? ''
  request.exchange = one.exchange
  request.ip = address
  Object.assign(request.inventory, { channel, id, domain, bundle, publisherId })
  request.inventory.categories = one.categories
  Object.assign(request.device, { os, osVersion, type, connectionType, make, model, language })
  request.device.carrier = carrier
  Object.assign(request.geo, { country, region, city, utcOffsetMin })
  // Some impressions of the request were not usable: their places stay empty.
  request.imps = one.imps.map((imp, at) => impFrom(imp, 2 * at))
  return request
}

function impFrom({ formats, position, floor, ...own }: Case['imps'][number], index: number): Imp {
  const has = (format: (typeof formats)[number]) => formats.includes(format)
  return impOf({
    ...own,
    index,
    floor: { cpmMicros: floor as Micros, currency: 'USD' },
    banner: has('banner') ? bannerSlot({ position }) : null,
    video: has('video') ? mediaSlot({ position: position + 1 }) : null,
    audio: has('audio') ? mediaSlot({ position: position + 2 }) : null,
    native: has('native') ? nativeSlot() : null,
  })
}

function sharedOf({ request, profile, index, wallMs }: CaseScratch) {
  return askShared(request, packFactsOf(profile, index ?? null, request.privacyLimit), wallMs)
}

function asksOf(scratch: CaseScratch) {
  const shared = sharedOf(scratch)
  return scratch.request.imps.flatMap((imp) =>
    slotsOf(imp).map((slot) => {
      const facts = emptyAskFacts()
      fillAsk(facts, scratch.request, slot, shared)
      return [facts, imp.index, slot] as const
    }),
  )
}

/** What a decision without a bid is recorded from: no pricing has run. */
function factsOf(scratch: CaseScratch): RecordFacts {
  return {
    ...({ snapshot: null, pricing: { last: null } } as unknown as RecordFacts),
    scratch,
    packs: scratch.index ?? null,
    random: () => 0.5,
    decisionId: 'd',
    decideUs: 1,
    leftMs: 1,
  }
}

const encoders = [houseFeatures, lrFeatures].map((list) => new Encoder(list))

function rowOf(facts: Parameters<Encoder['ask']>[0]): number[][] {
  return encoders.map((encoder) => {
    const index = new Int32Array(encoder.layout.askWidth)
    const value = new Float32Array(encoder.layout.askWidth)
    encoder.ask(facts, 1_795_305_600_000, index, value, 0)
    return [...index, ...value]
  })
}
