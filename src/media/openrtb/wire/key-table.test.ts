/** Keys found by their bytes. */
import { describe, expect, test } from 'vitest'
import { KeyTable } from './key-table.ts'
import { ortbMessages } from './ortb-schema.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a table of keys', () => {
  const table = new KeyTable(
    new Map([
      ['w', 1],
      ['h', 2],
      ['wmin', 3],
      ['wmax', 4],
    ]),
  )
  const find = (text: string): number | null => {
    const bytes = bytesOf(`__${text}__`)
    return table.find(bytes, 2, bytes.length - 2)
  }

  test('finds every key inside of a larger text', () => {
    expect(['w', 'h', 'wmin', 'wmax'].map(find)).toEqual([1, 2, 3, 4])
  })

  test.each(['', 'x', 'W', 'wm', 'wmix', 'wminn', 'ẅ'])('%j is unknown', (text) => {
    expect(find(text)).toBeNull()
  })

  test('an empty table knows nothing', () => {
    expect(new KeyTable(new Map()).find(bytesOf('id'), 0, 2)).toBeNull()
  })
})

test('every message finds all its fields by their JSON keys, and no near miss', () => {
  for (const message of ortbMessages.values()) {
    for (const field of message.fields) {
      const key = field.jsonPrefix.slice(1, -2)
      const bytes = bytesOf(key)
      const found = message.keys.find(bytes, 0, bytes.length)?.field
      expect(found?.jsonPrefix, `${message.path}.${key}`).toBe(field.jsonPrefix)
      const miss = bytesOf(`${key}_`)
      expect(message.keys.find(miss, 0, miss.length)).toBeNull()
    }
  }
})
