import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DropRing } from './drop-ring.ts'

test('keeps the newest in order and drops exactly what does not fit, whatever is done to it', () => {
  const steps = fc.array(fc.oneof(fc.constant('push' as const), fc.nat(5)), { maxLength: 60 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), steps, (capacity, todo) => {
      const ring = new DropRing<number>(capacity)
      let naive: number[] = []
      let next = 0
      for (const step of todo) {
        if (step === 'push') {
          const isFull = naive.length === capacity
          naive = [...naive, next].slice(-capacity)
          expect(ring.push(next++)).toBe(isFull)
        } else {
          expect(ring.take(step)).toEqual(naive.slice(0, step))
          naive = naive.slice(step)
        }
        expect(ring.count).toBe(naive.length)
      }
    }),
  )
})
