/** `sluice world`: makes a market whose true rates are known, as traffic and as logs. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { daysMax, rowsMax, usersMax, worldDefaults, worldVersion } from '../world/settings.ts'
import { manifestName, type WorldManifest, writeWorld } from '../world/write-world.ts'

/** What the command line says. */
export interface WorldOptions {
  readonly seed: number
  readonly days: number
  readonly rows: number
  readonly requests: number
  readonly users: number
  readonly negatives: number
  readonly out: string
}

/** Writes the world; answers the exit code. A folder that already holds one is left alone. */
export async function runWorld(
  options: WorldOptions,
  write: (text: string) => void,
): Promise<number> {
  const { out, ...asked } = options
  const fault = faultOf(asked)
  if (fault !== null) {
    write(`${fault}\n`)
    return 1
  }
  if (await isThere(join(out, manifestName))) {
    write(`${out} already holds a world: name another folder, or remove it\n`)
    return 1
  }
  const settings = { ...worldDefaults, ...asked, requests: Math.min(asked.requests, asked.rows) }
  const manifest = await writeWorld(settings, out, (rows) => write(`${rows} rows\n`))
  write(summaryOf(manifest, out))
  return 0
}

function faultOf(options: Omit<WorldOptions, 'out'>): string | null {
  const { days, rows, users, negatives } = options
  if (!(negatives > 0 && negatives <= 1)) return '--negatives is a share above 0, at most 1'
  if (days < 1 || days > daysMax) return `--days is 1 to ${daysMax}`
  if (rows < 1 || rows > rowsMax) return `--rows is 1 to ${rowsMax}`
  return users < 1 || users > usersMax ? `--users is 1 to ${usersMax}` : null
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

function summaryOf({ counts, files }: WorldManifest, out: string): string {
  const { impressions, rows, clicks, conversions, conversionsLogged } = counts
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return [
    `world version ${worldVersion} in ${out}: ${files.length} files, ${bytes} bytes unpacked`,
    `${impressions} impressions (${rows} of them in the log), ` +
      `${clicks} clicks (${percent(clicks, impressions)}), ` +
      `${conversions} conversions (${percent(conversions, clicks)}), ` +
      `${conversionsLogged} of them before the end of the log\n`,
  ].join('\n')
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(3)} %`
}
