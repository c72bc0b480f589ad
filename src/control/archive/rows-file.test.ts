import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ArchiveStatus } from './archived-event.ts'
import { openDuck, sqlText } from './duck.ts'
import { rowsOfLines } from './event-columns.ts'
import { EventSpool } from './event-spool.ts'
import { writeRows } from './rows-file.ts'
import { eventNumber, newFolder } from './test-archive.ts'

test('rows fifty times as long as usual fit into the memory all the same', async () => {
  const folder = newFolder()
  const spool = await EventSpool.create(join(folder, 'rows.ndjson'))
  const duck = await openDuck({ memoryMiB: 192, folder: join(folder, 'spill') })
  // 180 MB: one row group of them would be as large as the memory.
  for (let i = 0; i < 12_288; i += 512) {
    const rows = Array.from({ length: 512 }, (_, at) => ({
      event: eventNumber(i + at, { clickId: randomBytes(11_000).toString('base64') }),
      ...{ status: ArchiveStatus.Counted, projectedFlags: [], logPart: 'w0', logAt: `${i + at}` },
    }))
    await spool.add(rows)
  }
  const path = join(folder, 'rows.parquet')
  expect(await writeRows(duck, rowsOfLines(spool.path), path)).toBe(12_288)
  const meta = `SELECT count(DISTINCT row_group_id)::INT FROM parquet_metadata(${sqlText(path)})`
  const [row] = await (await duck.connection.run(meta)).getRowsJS()
  expect(row?.[0]).toBeGreaterThan(3)
  duck.close()
  await spool.remove()
  await rm(folder, { recursive: true })
})
