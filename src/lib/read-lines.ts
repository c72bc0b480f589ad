/** Lines of text files, plain or gzip. */
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { createGunzip } from 'node:zlib'

/** Bytes that are read or unpacked at once: some hundred lines, so that waiting costs little. */
const chunkBytes = 256 * 1024

/** Characters of a line that are kept: a file without line ends must not fill the memory. */
export const lineCharsMax = 16 * 1024 * 1024

/**
 * The lines of a file (UTF-8, LF or CRLF; gzip when its name ends in `.gz`), as many at a time as a
 * chunk holds. A line that is longer than `lineCharsMax` is cut there. Rejects when the file cannot
 * be read, or its gzip is damaged or cut.
 */
export async function* lineBatches(path: string): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of bytesOf(path)) {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = (lines.pop() ?? '').slice(0, lineCharsMax)
    if (lines.length > 0) yield lines.map(withoutReturn)
  }
  rest += decoder.end()
  if (rest !== '') yield [withoutReturn(rest)]
}

async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: chunkBytes })
  const bytes = path.endsWith('.gz') ? unpacked(file) : file
  try {
    yield* bytes as AsyncIterable<Buffer>
  } finally {
    // The reader may have stopped early: nothing stays open behind it.
    bytes.destroy()
    file.destroy()
  }
}

function unpacked(file: Readable): Readable {
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  file.on('error', (error) => gunzip.destroy(error))
  return file.pipe(gunzip)
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
