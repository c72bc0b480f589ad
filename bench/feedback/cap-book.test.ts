import { expect, test } from 'vitest'
import { CapBook } from './cap-book.ts'

const grace = [0, 1_000]

test('impressions that nobody has reported yet excuse as many beyond the cap', () => {
  const book = new CapBook('c', 1, grace)
  for (const sentMs of [0, 10, 20]) {
    book.answered(7, sentMs, 1)
    book.show(7, sentMs)
  }
  expect(book.report()).toMatchObject({
    ...{ impressions: 3, devices: 1, excess: [0, 0, 1], unreportedMax: 2 },
    ...{ lateBids: [0, 0], beyond: 0, tooEarly: 0 },
  })
  expect(book.full()).toEqual([7])
})

test('a bid after the report is late at once, and wrong when the report is old enough', () => {
  const book = new CapBook('c', 1, grace)
  book.answered(7, 0, 1)
  book.show(7, 0).reportedAtMs = 100
  book.answered(7, 600, 1)
  book.show(7, 600)
  expect(book.report()).toMatchObject({ lateBids: [1, 0], beyond: 0 })
  book.answered(7, 1_200, 1)
  book.show(7, 1_200)
  expect(book.report()).toMatchObject({ lateBids: [2, 1], beyond: 1 })
})

test('two bids in one answer are too many where the cap has one left', () => {
  const book = new CapBook('c', 1, grace)
  book.answered(7, 0, 2)
  expect(book.report().lateBids).toEqual([1, 1])
})

test('no bid is too early only while fewer were shown than the cap allows', () => {
  const book = new CapBook('c', 2, grace)
  book.answered(7, 0, 1)
  book.show(7, 0)
  book.answered(7, 10, 0)
  expect(book.report().tooEarly).toBe(1)
  book.answered(7, 20, 1)
  book.show(7, 20)
  book.answered(7, 30, 0)
  expect(book.report()).toMatchObject({ tooEarly: 1, excess: [1] })
})
