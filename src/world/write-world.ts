/** Writes a world to a folder: the catalog, its packs, traffic, the log, and the truth apart. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type WorldSettings, worldStartMs, worldVersion } from './settings.ts'
import { World, type WorldRow } from './world.ts'
import { catalogLines, packLines } from './world-catalog.ts'
import { WorldEvents } from './world-events.ts'
import { type FileFacts, WorldFile } from './world-file.ts'
import { recordOf } from './world-record.ts'
import { requestOf } from './world-request.ts'
import { packIds, packIdType, worldExchange } from './world-words.ts'

/** `world.json`: all that makes the world, and what came out. No moment, no machine. */
export interface WorldManifest {
  readonly worldVersion: number
  readonly settings: WorldSettings
  readonly startMs: number
  readonly endMs: number
  readonly counts: {
    /** Impressions for which something was eligible, and those that log and truth keep. */
    readonly impressions: number
    readonly rows: number
    readonly clicks: number
    /** All conversions, and those that the log has. */
    readonly conversions: number
    readonly conversionsLogged: number
  }
  /** How `packs/<id>.csv.gz` are uploaded: query of `PUT /api/v1/packs/<id>`. */
  readonly packs: { readonly idType: string; readonly scope: string }
  readonly files: readonly FileFacts[]
}

/** Name of the manifest. */
export const manifestName = 'world.json'

/** Bytes of a row of truth.bin (docs/world.md). */
export const truthRowBytes = 24

/** Bits of a truth row's flags. */
export const TruthFlag = { Click: 1, Conversion: 2, ConversionLogged: 4 } as const

/** Rows between two reports: a few a minute. */
const rowsPerReport = 100_000

/** Makes the world's files in a folder, which is created. Rejects when the disk refuses. */
export async function writeWorld(
  settings: WorldSettings,
  folder: string,
  onRows: (rows: number) => void = () => undefined,
): Promise<WorldManifest> {
  const world = new World(settings)
  const files = [await writeCatalog(world, folder), ...(await writePacks(world, folder))]
  const log = await writeLog(world, folder, onRows)
  const manifest: WorldManifest = {
    worldVersion,
    settings,
    startMs: worldStartMs,
    endMs: world.endMs,
    counts: log.counts,
    packs: { idType: packIdType, scope: worldExchange },
    files: [...files, ...log.files],
  }
  await writeFile(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

async function writeCatalog({ market }: World, folder: string): Promise<FileFacts> {
  const file = await WorldFile.open(folder, 'catalog.ndjson')
  for (const line of catalogLines(market)) {
    if (file.add(`${JSON.stringify(line)}\n`)) await file.flush()
  }
  return file.close()
}

async function writePacks(world: World, folder: string): Promise<FileFacts[]> {
  const { users } = world.opportunities
  const files = await Promise.all(packIds.map((id) => WorldFile.open(folder, `packs/${id}.csv.gz`)))
  for (let index = 0; index < users.count; index++) {
    const user = users.user(index)
    for (const { pack, line } of packLines(user, users.idOf(user))) {
      const file = files[pack]
      if (file?.add(line) === true) await file.flush()
    }
  }
  return Promise.all(files.map((file) => file.close()))
}

interface LogFiles {
  readonly log: WorldFile
  readonly events: WorldFile
  readonly truth: WorldFile
  readonly traffic: WorldFile
}

interface Counts {
  impressions: number
  rows: number
  clicks: number
  conversions: number
  conversionsLogged: number
}

async function writeLog(
  world: World,
  folder: string,
  onRows: (rows: number) => void,
): Promise<{ readonly files: FileFacts[]; readonly counts: Counts }> {
  const { rows, requests } = world.settings
  const files: LogFiles = {
    log: await WorldFile.open(folder, 'log.ndjson.gz'),
    events: await WorldFile.open(folder, 'events.ndjson.gz'),
    truth: await WorldFile.open(folder, 'truth.bin'),
    traffic: await WorldFile.open(folder, 'traffic.ndjson.gz'),
  }
  const events = new WorldEvents(world)
  const counts: Counts = {
    impressions: 0,
    rows: 0,
    clicks: 0,
    conversions: 0,
    conversionsLogged: 0,
  }
  for (let row = 0; row < rows; row++) {
    const made = world.row(row)
    if (isRequested(row, rows, requests)) await addTraffic(world, made, files.traffic)
    if (made.outcome !== null) counts.impressions++
    if (made.isLogged) {
      await addRow(world, made, files, events)
      countRow(world, made, counts)
    }
    if ((row + 1) % rowsPerReport === 0) onRows(row + 1)
  }
  const closed = await Promise.all(Object.values(files).map((file: WorldFile) => file.close()))
  return { files: closed, counts }
}

/** Evenly spread: of every rows / requests rows one. */
function isRequested(row: number, rows: number, requests: number): boolean {
  return Math.floor(((row + 1) * requests) / rows) > Math.floor((row * requests) / rows)
}

async function addTraffic(world: World, { opportunity }: WorldRow, file: WorldFile): Promise<void> {
  const { atMs, row } = opportunity
  const body = requestOf(world, opportunity)
  if (file.add(`${JSON.stringify({ atMs, row, body })}\n`)) await file.flush()
}

// oxlint-disable-next-line max-params -- a row, and where it goes
async function addRow(
  world: World,
  row: WorldRow,
  files: LogFiles,
  events: WorldEvents,
): Promise<void> {
  if (files.log.add(`${JSON.stringify(recordOf(world, row))}\n`)) await files.log.flush()
  for (const event of events.of(row)) {
    if (files.events.add(`${JSON.stringify(event)}\n`)) await files.events.flush()
  }
  if (files.truth.addBytes(truthBytes(row, world.endMs))) await files.truth.flush()
}

/** Little endian: f64 true CTR, f64 true CVR, u32 flags, f32 minutes from click to conversion. */
function truthBytes({ outcome }: WorldRow, endMs: number): Buffer {
  const bytes = Buffer.alloc(truthRowBytes)
  if (outcome === null) return bytes
  const { isClick, isConversion, conversionAtMs, clickAtMs } = outcome
  bytes.writeDoubleLE(outcome.ctr, 0)
  bytes.writeDoubleLE(outcome.cvr, 8)
  bytes.writeUInt32LE(
    (isClick ? TruthFlag.Click : 0) |
      (isConversion ? TruthFlag.Conversion : 0) |
      (conversionAtMs < endMs ? TruthFlag.ConversionLogged : 0),
    16,
  )
  bytes.writeFloatLE(isConversion ? (conversionAtMs - clickAtMs) / 60_000 : 0, 20)
  return bytes
}

function countRow({ endMs }: World, { outcome }: WorldRow, counts: Counts): void {
  counts.rows++
  if (outcome === null) return
  if (outcome.isClick) counts.clicks++
  if (outcome.isConversion) counts.conversions++
  if (outcome.conversionAtMs < endMs) counts.conversionsLogged++
}
