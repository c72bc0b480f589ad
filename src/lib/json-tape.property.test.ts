import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonPaths } from './json-paths.ts'
import { JsonKind, JsonTape, jsonDepthMax, jsonNodesMax } from './json-tape.ts'

const encoder = new TextEncoder()
const tape = new JsonTape()

/** The tape's value as JavaScript, numbers as their digits. */
function valueOf(node: number): unknown {
  switch (tape.kind[node]) {
    case JsonKind.Object: {
      const entries: [string, unknown][] = []
      for (let at = node + 1; at < tape.after[node]!; at = tape.after[at + 1]!) {
        entries.push([tape.text(at), valueOf(at + 1)])
      }
      return Object.fromEntries(entries)
    }
    case JsonKind.Array: {
      const elements: unknown[] = []
      for (let at = node + 1; at < tape.after[node]!; at = tape.after[at]!)
        elements.push(valueOf(at))
      return elements
    }
    case JsonKind.Number:
      return Number(tape.text(node))
    case JsonKind.True:
      return true
    case JsonKind.False:
      return false
    case JsonKind.Null:
      return null
    default:
      return tape.text(node)
  }
}

function parsed(text: string): unknown {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}

/** Text that looks like JSON: grammar's own characters, rarely valid as a whole. */
const almostJson = fc
  .array(
    fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"', '"a"', '"\\n"', '\\u00', '1', '-', '0', '.5', 'e+1'],
      ...['true', 'null', ' ', '\t', 'tru', '"\\u0061"', '\u0001', 'é', '\\'],
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

test('reads exactly what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      expect(tape.parse(encoder.encode(text))).toBe(true)
      expect(valueOf(0)).toEqual(JSON.parse(text))
    }),
    { numRuns: 500 },
  )
})

test('accepts a text exactly when JSON.parse does', () => {
  fc.assert(
    fc.property(almostJson, (text) => {
      const expected = parsed(text)
      expect(tape.parse(encoder.encode(text))).toBe(expected !== null)
      if (expected !== null) expect({ value: valueOf(0) }).toEqual(expected)
    }),
    { numRuns: 5_000 },
  )
})

test('never throws on arbitrary bytes', () => {
  const paths = new JsonPaths([['a'], ['a[*].b', 'c'], ['[*]'], ['']])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      if (tape.parse(bytes)) paths.find(tape, 0)
    }),
    { numRuns: 2_000 },
  )
})

test('keeps every digit of whole numbers of any length', () => {
  fc.assert(
    fc.property(fc.bigInt(), (wide) => {
      expect(tape.parse(encoder.encode(`{"id":${wide}}`))).toBe(true)
      expect(tape.text(2)).toBe(wide.toString())
    }),
  )
})

test('finds a member by its key however the key is escaped', () => {
  const key = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[.[\]]/.test(text))
  fc.assert(
    fc.property(key, fc.boolean(), (text, isEscaped) => {
      // Characters beyond U+FFFF stand as UTF-8; all others may be written as escapes.
      const written = isEscaped
        ? Array.from(text, (c) => (c.length === 1 ? escape(c) : c)).join('')
        : JSON.stringify(text).slice(1, -1)
      const paths = new JsonPaths([[text]])
      expect(tape.parse(encoder.encode(`{"other":1,"${written}":2}`))).toBe(true)
      paths.find(tape, 0)
      expect(tape.text(paths.node(0))).toBe('2')
    }),
  )
})

test('finds what walking the parsed value finds, the last duplicate included', () => {
  const word = fc.constantFrom('a', 'b')
  const leaf = fc.integer({ min: 0, max: 9 }).map(String)
  const text = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }).map((all) => `[${all.join(',')}]`),
      fc
        .array(fc.tuple(word, tie('value')), { maxLength: 4 })
        .map((all) => `{${all.map(([key, value]) => `"${key}":${value}`).join(',')}}`),
    ),
  })).value
  const paths = new JsonPaths([['a.b'], ['a[*].b'], ['b[1]'], ['[*].a.a']])
  fc.assert(
    fc.property(text, (json) => {
      expect(tape.parse(encoder.encode(json))).toBe(true)
      paths.find(tape, 0)
      // biome-ignore lint: parsed JSON of unknown shape, on purpose
      const root = JSON.parse(json) as Record<string, Record<string, unknown>>
      const own = (value: unknown, key: string): unknown[] =>
        typeof value === 'object' && value !== null && !Array.isArray(value) && key in value
          ? [(value as Record<string, unknown>)[key]]
          : []
      const each = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
      const expected = [
        own(root, 'a').flatMap((a) => own(a, 'b')),
        own(root, 'a').flatMap((a) => each(a).flatMap((element) => own(element, 'b'))),
        own(root, 'b').flatMap((b) => each(b).slice(1, 2)),
        each(root).flatMap((element) => own(element, 'a').flatMap((a) => own(a, 'a'))),
      ]
      for (const [slot, values] of expected.entries()) {
        const found = Array.from({ length: paths.count(slot) }, (_, i) =>
          valueOf(paths.node(slot, i)),
        )
        expect(found).toEqual(values)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('follows nesting up to the limit and refuses beyond it', () => {
  const nested = (depth: number) => encoder.encode('['.repeat(depth) + ']'.repeat(depth))
  expect(tape.parse(nested(jsonDepthMax))).toBe(true)
  expect(tape.parse(nested(jsonDepthMax + 1))).toBe(false)
  expect(tape.parse(encoder.encode('['.repeat(65_536)))).toBe(false)
})

test('takes texts of up to the limit of values and refuses longer ones', () => {
  const list = (count: number) => encoder.encode(`[${Array(count).fill(1).join(',')}]`)
  expect(tape.parse(list(jsonNodesMax - 1))).toBe(true)
  expect(tape.parse(list(jsonNodesMax))).toBe(false)
  expect(tape.parse(list(3))).toBe(true)
})

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
