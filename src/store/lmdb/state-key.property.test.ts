import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type StateKey, StateTable } from '../feedback-ports.ts'
import { numberAsBytes, readNumber } from './log-layout.ts'
import {
  dayStart,
  readStateKey,
  readUserKey,
  stateKeyBytesMax,
  writeNamedUserKey,
  writeStateKey,
  writeUserKey,
} from './state-key.ts'

const names = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/)
const shards = fc.integer({ min: 0, max: 1_023 })
const keys: fc.Arbitrary<StateKey> = fc.record({
  table: fc.constantFrom(...Object.values(StateTable)),
  shard: shards,
  day: fc.integer({ min: 0, max: 65_535 }),
  name: names,
})
const field = fc.record({
  high: fc.integer({ min: 0, max: 0xffff_ffff }),
  low: fc.integer({ min: 0, max: 0xffff }),
})

const bytesOf = (key: StateKey) => writeStateKey(new Uint8Array(stateKeyBytesMax), key).slice()

describe('keys of derived state', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(readStateKey(bytesOf(key))).toEqual(key)
      }),
    )
  })

  test('of a day of a table lie between its start and the next one, and no others do', () => {
    fc.assert(
      fc.property(keys, keys, (key, { table, day }) => {
        const bytes = bytesOf(key)
        const isAfter = Buffer.compare(bytes, dayStart(table, day)) >= 0
        const isBefore = Buffer.compare(bytes, dayStart(table, day + 1)) < 0
        expect(isAfter && isBefore).toBe(key.table === table && key.day === day)
        expect(Buffer.compare(bytes, dayStart(key.table, 65_536))).toBe(-1)
      }),
    )
  })

  test('of users are the same from a name and from an address', () => {
    fc.assert(
      fc.property(shards, field, (shard, { high, low }) => {
        const fromAddress = new Uint8Array(8)
        writeUserKey(fromAddress, shard, high, low)
        const name = high.toString(16).padStart(8, '0') + low.toString(16).padStart(4, '0')
        const key: StateKey = { table: StateTable.User, shard, day: 0, name }
        const fromName = writeNamedUserKey(new Uint8Array(stateKeyBytesMax), key)
        expect(fromName).toEqual(fromAddress)
        expect(readUserKey(fromName)).toEqual(key)
      }),
    )
  })

  test.each(['', '123', '00000000000g', 'g00000000000', '0000000000000'])(
    'of a user whose name is no field are refused: "%s"',
    (name) => {
      const key: StateKey = { table: StateTable.User, shard: 1, day: 0, name }
      expect(() => writeNamedUserKey(new Uint8Array(stateKeyBytesMax), key)).toThrow(RangeError)
    },
  )

  test('without a name, or with a too long one, are refused', () => {
    for (const name of ['', 'x'.repeat(65)]) {
      expect(() => bytesOf({ table: StateTable.Dead, shard: 1, day: 1, name })).toThrow(RangeError)
    }
  })
})

test('keys of the log are in the order of their numbers, and are read as they were written', () => {
  const numbers = fc.integer({ min: 0, max: 2 ** 48 - 1 })
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      expect(readNumber(numberAsBytes(a))).toBe(a)
      expect(Math.sign(Buffer.compare(numberAsBytes(a), numberAsBytes(b)))).toBe(Math.sign(a - b))
    }),
  )
})
