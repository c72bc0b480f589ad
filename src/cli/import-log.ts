/** `sluice import-log`: public logs as decision records and events, for `sluice dataset`. */
import { importIpinyou } from '../training/import-ipinyou.ts'
import { importTalkingData } from '../training/import-talkingdata.ts'
import { type ImportedLog, writeImportedLog } from '../training/imported-log.ts'

/** What the command line says. */
export interface ImportLogOptions {
  readonly out: string
  /** iPinYou: click lines are impressions too. */
  readonly caseControl?: boolean
}

/** Imports a log of this form; answers the exit code. */
export async function runImportLog(
  form: string,
  path: string,
  { out, caseControl = false }: ImportLogOptions,
  write: (text: string) => void,
): Promise<number> {
  if (form !== 'talkingdata' && form !== 'ipinyou') {
    write(`no importer is called ${form}: talkingdata and ipinyou are\n`)
    return 1
  }
  const log =
    form === 'ipinyou' ? await importIpinyou(path, { caseControl }) : await importTalkingData(path)
  await writeImportedLog(log, out)
  write(summaryOf(log, out))
  return 0
}

function summaryOf({ records, events, catalog, badLines, repeats }: ImportedLog, out: string) {
  return (
    `${records.length} records, ${events.length} events, ${catalog.length} catalog lines ` +
    `in ${out}; ${badLines} lines unreadable, ${repeats} repeats left out\n`
  )
}
