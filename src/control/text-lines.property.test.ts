/** However a stream is cut into chunks, its lines are the same. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type TextLine, TextLines } from './text-lines.ts'

function cut(bytes: Uint8Array, at: readonly number[], bytesMax: number): TextLine[] {
  const lines = new TextLines(bytesMax)
  const found: TextLine[] = []
  let from = 0
  for (const to of [...at].sort((a, b) => a - b).concat(bytes.length)) {
    // A buffer that is filled again, as a socket's may be.
    const chunk = bytes.slice(from, to)
    found.push(...lines.push(chunk))
    chunk.fill(0)
    from = to
  }
  found.push(...lines.end())
  return found
}

const text = fc.array(fc.constantFrom('a', 'é', '线', '"', ' ', '\r', '\n', '\n', '🙂'), {
  maxLength: 60,
})

test('lines do not depend on chunks, and are the text without its blank lines', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(200), { maxLength: 8 }), (parts, cuts) => {
      const whole = parts.join('')
      const bytes = new TextEncoder().encode(whole)
      const at = cuts.map((one) => Math.min(one, bytes.length))
      const found = cut(bytes, at, 1_000)
      const wanted = whole
        .split('\n')
        .map((line, i) => ({ number: i + 1, text: line.trim() }))
        .filter((line) => line.text !== '')
      expect(found.map(({ number, text: line }) => ({ number, text: line }))).toEqual(wanted)
      expect(found).toEqual(cut(bytes, [], 1_000))
    }),
  )
})

test('a line over the limit is a fault, wherever it is cut; its neighbours are read', () => {
  const bytes = new TextEncoder().encode(`a\n${'b'.repeat(11)}\nc\n${'d'.repeat(10)}`)
  for (let at = 0; at <= bytes.length; at++) {
    expect(cut(bytes, [at], 10)).toMatchObject([
      { number: 1, text: 'a', fault: null },
      { number: 2, text: '', fault: 'line too long' },
      { number: 3, text: 'c', fault: null },
      { number: 4, text: 'd'.repeat(10), fault: null },
    ])
  }
})

test('bytes that are no UTF-8 are a fault of their line alone; a byte order mark is none', () => {
  const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 97, 10, 0xff, 10, 98)
  expect(cut(bytes, [2], 100)).toMatchObject([
    { text: 'a', fault: null },
    { text: '', fault: 'not UTF-8' },
    { text: 'b', fault: null },
  ])
})
