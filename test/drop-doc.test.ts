/** docs/errors.md lists exactly the drop reasons of the bidder, and the no-bid numbers we give. */
import { expect, test } from 'vitest'
import { Drop, dropNames } from '../src/domain/drop-reason.ts'
import { Refusal, refusalNames } from '../src/domain/refusal.ts'
import { NoBidReason, noBidReason } from '../src/media/openrtb/nbr.ts'
import { sourceText } from './support/source-tree.ts'

const page = sourceText('docs/errors.md')

/** The text of a section, up to the next one. */
function section(title: string): string {
  const [, text = ''] = page.split(`\n## ${title}\n`)
  return text.split('\n## ')[0] ?? ''
}

test('each drop reason has one row, in the order of the numbers, and says who acts', () => {
  const rows = [
    ...section('Drop reasons of the bidder').matchAll(
      /^\| `([a-z-]+)` \| (\d+) \| ([^|]+) \| ([^|]+) \|$/gm,
    ),
  ]
  const real = Object.values(Drop).map((number) => `${number} ${dropNames.get(number)}`)
  expect(rows.map(([, name, number]) => `${number} ${name}`)).toEqual(real)
})

test('each refusal stands under the number that exchanges get for it', () => {
  const rows = [
    ...section('No-bid reasons on OpenRTB').matchAll(/^\| nbr (\d+) \| [^|]+ \| ([^|]+) \|$/gm),
  ]
  const listed = new Map(
    rows.flatMap(([, number, names = '']) =>
      [...names.matchAll(/`([a-z-]+)`/g)].map(([, name]) => [name, Number(number)] as const),
    ),
  )
  for (const refusal of Object.values(Refusal)) {
    const name = refusalNames.get(refusal)
    expect([name, listed.get(name) ?? 0]).toEqual([name, noBidReason(refusal)])
  }
  const numbers = rows.map(([, number]) => Number(number))
  expect(numbers).toEqual(Object.values(NoBidReason).toSorted((a, b) => a - b))
})

test('the table of refusals names the same numbers', () => {
  const rows = page.matchAll(/^\| (\d+) \| `([a-z-]+)` \|.*\| no bid, nbr (\d+) \|/gm)
  let count = 0
  for (const [, refusal, name, number] of rows) {
    count++
    expect([name, Number(number)]).toEqual([name, noBidReason(Number(refusal) as Refusal)])
  }
  expect(count).toBeGreaterThan(8)
})
