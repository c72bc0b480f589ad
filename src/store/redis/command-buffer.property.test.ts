import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CommandBuffer } from './command-buffer.ts'
import { respWord } from './resp-pipe.ts'

/** One argument: how the buffer is told, and what the wire must carry. */
interface Argument {
  readonly write: (to: CommandBuffer) => void
  readonly bytes: Buffer
}

const field = fc
  .tuple(fc.nat({ max: 0xffffffff }), fc.nat({ max: 0xffff }))
  .map(([high, low]): Argument => {
    const bytes = Buffer.alloc(6)
    bytes.writeUInt32BE(high, 0)
    bytes.writeUInt16BE(low, 4)
    return { write: (to) => to.field(high, low), bytes }
  })

const key = fc.tuple(fc.constantFrom('{0}a', '{1023}b'), fc.nat({ max: 2 ** 21 })).map(
  ([prefix, bucket]): Argument => ({
    write: (to) => to.key(Buffer.from(prefix), bucket),
    bytes: Buffer.from(prefix + bucket.toString(36)),
  }),
)

const stretch = fc
  .tuple(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 5 }))
  .map(([bytes, skip]): Argument => {
    const start = Math.min(skip, bytes.length)
    return {
      write: (to) => to.bytes(bytes, start, bytes.length),
      bytes: Buffer.from(bytes.subarray(start)),
    }
  })

const word = fc.constantFrom('HGET', 'HSET', 'UNLINK').map(
  (text): Argument => ({
    write: (to) => to.ready(Buffer.from(respWord(text))),
    bytes: Buffer.from(text),
  }),
)

const text = fc
  .stringMatching(/^[ -~]{0,90}$/)
  .map((ascii): Argument => ({ write: (to) => to.text(ascii), bytes: Buffer.from(ascii) }))

const commands = fc.array(
  fc.array(fc.oneof(field, key, stretch, word, text), { minLength: 1, maxLength: 120 }),
  { maxLength: 30 },
)

function naive(command: readonly Argument[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${command.length}\r\n`)]
  for (const { bytes } of command) {
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}

test('commands are the bytes that a naive encoder makes, over any growth of the buffer', () => {
  const buffer = new CommandBuffer()
  fc.assert(
    fc.property(commands, (all) => {
      for (const command of all) {
        buffer.command(command.length)
        for (const argument of command) argument.write(buffer)
      }
      const taken = buffer.take()
      expect(taken.equals(Buffer.concat(all.map(naive)))).toBe(true)
      expect(buffer.length).toBe(0)
    }),
    { numRuns: 60 },
  )
})
