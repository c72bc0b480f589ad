import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LineSink, lineBytesMax, PackLines } from './pack-lines.ts'

function cut(chunks: readonly Uint8Array[]): string[] {
  const rows: string[] = []
  const sink: LineSink = {
    line: (bytes, start, end, score) => {
      rows.push(`${Buffer.from(bytes.slice(start, end)).toString('latin1')}|${score}`)
    },
    fault: (fault) => {
      rows.push(fault)
    },
  }
  const lines = new PackLines(sink)
  for (const chunk of chunks) lines.push(chunk)
  lines.end()
  return rows
}

const mark = Buffer.from([0xef, 0xbb, 0xbf]).toString('latin1')
const tooLong = 'line too long'
const badScore = 'score is not a whole number from 0 to 255'

/** What the rules say, on the whole text at once. */
function naive(text: string): string[] {
  const body = text.startsWith(mark) ? text.slice(mark.length) : text
  const rows: string[] = []
  const raw = body.split('\n')
  if (raw.at(-1) === '') raw.pop()
  for (const line of raw) {
    if (line.length > lineBytesMax) {
      rows.push(tooLong)
      continue
    }
    const trimmed = line.replace(/\r$/, '').replace(/^[ \t]+|[ \t]+$/g, '')
    if (trimmed === '') continue
    const comma = trimmed.lastIndexOf(',')
    if (comma < 0 || comma < trimmed.length - 6) rows.push(`${trimmed}|-1`)
    else {
      const score = trimmed.slice(comma + 1).replace(/^[ \t]+/, '')
      const isGood = /^\d{1,3}$/.test(score) && Number(score) <= 255
      const id = trimmed.slice(0, comma).replace(/[ \t]+$/, '')
      rows.push(isGood ? `${id}|${Number(score)}` : badScore)
    }
  }
  return rows
}

const piece = fc.oneof(
  fc.constantFrom('\n', '\r\n', '\r', ',', ' ', '\t', '7', '255', '256', 'abc', mark, '\n\n'),
  fc.stringMatching(/^[a-f0-9]{1,40}$/),
  fc.constantFrom('x'.repeat(lineBytesMax - 1), 'y'.repeat(lineBytesMax * 2), ' '.repeat(1_500)),
)

test('any chunking gives the lines that the rules give for the whole text', () => {
  const texts = fc.array(piece, { maxLength: 25 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(
      texts,
      fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 40 }),
      (text, at) => {
        const bytes = Buffer.from(text, 'latin1')
        const chunks: Uint8Array[] = []
        let from = 0
        for (const length of at) {
          chunks.push(bytes.subarray(from, from + length))
          from += length
        }
        chunks.push(bytes.subarray(from))
        expect(cut(chunks)).toEqual(naive(text))
        expect(cut([bytes])).toEqual(naive(text))
      },
    ),
    { numRuns: 400 },
  )
})

test('single bytes give the same lines, with a byte order mark in three chunks', () => {
  const text = `${mark}one\r\n\ntwo,5\n three , 255 \nfour,256`
  const bytes = Buffer.from(text, 'latin1')
  expect(cut([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual([
    'one|-1',
    'two|5',
    'three|255',
    badScore,
  ])
})

test('an endless line is one fault and takes no memory', () => {
  const chunk = Buffer.alloc(64 * 1_024, 'z')
  const rows = cut([...Array.from({ length: 64 }, () => chunk), Buffer.from('\nok\n')])
  expect(rows).toEqual([tooLong, 'ok|-1'])
})
