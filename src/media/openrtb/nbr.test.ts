import { expect, test } from 'vitest'
import { requestOf } from '../../../test/support/slot-fixtures.ts'
import { Refusal } from '../../domain/refusal.ts'
import { encodeNoBid, NoBidReason, noBidReason } from './nbr.ts'
import { readBidResponseProto } from './wire/ortb-proto-reader.ts'

test('refusals are told in the numbers of the IAB', () => {
  expect(noBidReason(Refusal.Deadline)).toBe(15)
  expect(noBidReason(Refusal.Crawler)).toBe(3)
  expect(noBidReason(Refusal.IncompleteSchain)).toBe(16)
  expect(noBidReason(Refusal.BlockedSchain)).toBe(17)
  expect(noBidReason(Refusal.BlockedInventory)).toBe(7)
  expect(noBidReason(Refusal.Malformed)).toBe(2)
  expect(noBidReason(Refusal.Internal)).toBe(1)
})

test('every other refusal is the unknown reason', () => {
  const known = new Set<number>(Object.values(NoBidReason))
  for (const refusal of Object.values(Refusal)) expect(known).toContain(noBidReason(refusal))
  expect(noBidReason(Refusal.NothingEligible)).toBe(0)
  expect(noBidReason(Refusal.DryRun)).toBe(0)
})

test('a no-bid carries the id and the reason on the wire of the request', () => {
  const text = Buffer.from(encodeNoBid(requestOf([]), Refusal.Deadline)).toString()
  expect(JSON.parse(text)).toEqual({ id: 'auction-1', nbr: 15 })
  const bytes = encodeNoBid(requestOf([], false), Refusal.NothingEligible)
  expect(readBidResponseProto(bytes, 'iab')).toMatchObject({ id: 'auction-1', nbr: 0, seatbid: [] })
})
