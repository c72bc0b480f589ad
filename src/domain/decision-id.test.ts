import { expect, test } from 'vitest'
import { DecisionIds } from './decision-id.ts'

test('ids are 16 hex digits: the word of the process, then a count', () => {
  const ids = new DecisionIds(() => 0xab)
  expect([ids.next(), ids.next()]).toEqual(['000000ab00000000', '000000ab00000001'])
})

test('a new word is drawn when the count is used up', () => {
  const words = [1, 2]
  const ids = new DecisionIds(() => words.shift() ?? 0, 0xffff_ffff)
  expect([ids.next(), ids.next()]).toEqual(['00000001ffffffff', '0000000200000000'])
})
