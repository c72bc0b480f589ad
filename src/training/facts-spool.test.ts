import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AskFacts, emptyAskFacts } from '../domain/feature-facts.ts'
import { FactsSpool } from './facts-spool.ts'
import { temporaryFolder } from './test-logs.ts'

let folder = ''
let remove: () => void
beforeEach(() => {
  ;({ folder, remove } = temporaryFolder())
})
afterEach(() => remove())

/** Rows of very different lengths: some fill a block and more. */
function factsOf(n: number): AskFacts {
  return { ...emptyAskFacts(), city: 'köln'.repeat((n % 7) ** 6), tagId: `t${n}`, packIds: ['a'] }
}

test('gives back each row, in whatever order it is asked for, and then leaves no file', () => {
  const path = join(folder, 'facts.spool')
  const spool = new FactsSpool(path)
  const places = Array.from({ length: 300 }, (_, n) => spool.add(factsOf(n)))
  const asked = [...places.keys()]
  for (const n of [...asked, ...asked.toReversed(), 7, 200, 7]) {
    expect(spool.read(places[n] ?? -1)).toEqual(factsOf(n))
  }
  spool.remove()
  expect(existsSync(path)).toBe(false)
})
