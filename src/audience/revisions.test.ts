import { expect, test } from 'vitest'
import { MembershipWriter } from './membership.ts'
import { layerTable, noDeadSlots, UploadRevision } from './revisions.ts'

const oneEntry = { count: 1, fieldHigh: () => 0, fieldLow: () => 0, score: () => 9 }
const version = {
  version: 1,
  layers: [{ slot: 0, sign: 1 as const }],
  devices: 1,
  activatedAtMs: 0,
}

function uploadOf(mode: 'replace' | 'add' | 'remove') {
  const plan = { mode, slot: 4, base: layerTable(version), dead: noDeadSlots() }
  return new UploadRevision(plan, oneEntry)
}

test.each([
  ['replace', false],
  ['replace', true],
  ['add', false],
  ['add', true],
  ['remove', true],
] as const)(
  '%s: a device that has no room (member before: %s) changes no count but refusedFull',
  (mode, isMember) => {
    const revision = uploadOf(mode)
    const value = new MembershipWriter()
    if (isMember) value.push(0, -1)
    const revised = revision.revise(value.bytes, 0, value.length, 0, new MembershipWriter())
    expect(revised).toBe(true)
    revision.full(0)
    const { unique, written, gained, refusedFull } = revision
    expect({ unique, written, gained, refusedFull }).toEqual({
      unique: 0,
      written: 0,
      gained: 0,
      refusedFull: 1,
    })
  },
)
