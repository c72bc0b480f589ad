/** `sluice trace <id>`: prints one exchange out of the exchange logs, newest file first. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { rotatedFiles } from '../telemetry/rotating-file.ts'

/** Prints every exchange with this trace id in the newest file that has one; the exit code. */
export async function runTrace(
  traceId: string,
  folder: string,
  write: (text: string) => void,
): Promise<number> {
  const files = await rotatedFiles(folder, 'exchange-')
  for (const file of files) {
    const records = await recordsIn(file, traceId)
    if (records.length === 0) continue
    for (const record of records) write(`${JSON.stringify(record, null, 2)}\n`)
    return 0
  }
  write(`no exchange with trace id ${traceId} in ${files.length} file(s) of ${folder}\n`)
  return 1
}

async function recordsIn(file: string, traceId: string): Promise<unknown[]> {
  const found: unknown[] = []
  const start = `{"traceId":${JSON.stringify(traceId)},`
  // Line by line: a file may be larger than memory should hold.
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (line.startsWith(start)) found.push(JSON.parse(line))
  }
  return found
}
