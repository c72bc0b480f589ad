import { expect, test } from 'vitest'
import { Drop } from '../../domain/drop-reason.ts'
import { dropCheck, firstFailed, ladder, listed, type WhyCheck } from './why-check.ts'

const rules: readonly Drop[] = [Drop.Format, Drop.Secure, Drop.Size]
const passed = (checks: readonly WhyCheck[]) => checks.map((check) => [check.rule, check.passed])

test('rules before the broken one hold, those after it were not looked at', () => {
  expect(passed(ladder(rules, Drop.Secure, dropCheck))).toEqual([
    ['format', true],
    ['secure', false],
    ['size', null],
  ])
  expect(firstFailed(ladder(rules, Drop.None, dropCheck))).toBe(-1)
})

test('a broken rule that the list does not know is told first', () => {
  expect(passed(ladder(rules, Drop.Unfit, dropCheck))).toEqual([
    ['unfit', false],
    ['format', null],
    ['secure', null],
    ['size', null],
  ])
})

test('a list is told in words, and a long one is cut', () => {
  expect(listed([])).toBe('–')
  expect(listed([], 'any')).toBe('any')
  expect(listed(['a', '', 'b'])).toBe('a, b')
  expect(listed(Array.from({ length: 22 }, (_, index) => index))).toMatch(/, 19 and 2 more$/)
})
