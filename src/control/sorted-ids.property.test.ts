import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SortedIds } from './sorted-ids.ts'

const idOf = fc.string({ minLength: 1, maxLength: 2, unit: fc.constantFrom('a', 'b', '-', 'é') })
const steps = fc.array(
  fc.record({ id: idOf, looks: fc.boolean(), after: fc.oneof(idOf, fc.constant('')) }),
  { maxLength: 60 },
)

test('is a sorted set, whatever comes and goes between two looks', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const ids = new SortedIds()
      const expected = new Set<string>()
      for (const { id, looks, after } of script) {
        if (expected.delete(id)) ids.remove(id)
        else {
          expected.add(id)
          ids.add(id)
        }
        if (!looks) continue
        const sorted = [...expected].sort((a, b) => (a < b ? -1 : 1))
        expect(ids.all()).toEqual(sorted)
        expect(ids.all().slice(ids.positionAfter(after))).toEqual(
          sorted.filter((one) => one > after),
        )
      }
    }),
  )
})
