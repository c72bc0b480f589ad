/** What a deciding process makes of the configuration for notices and decision records. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { DecisionIds } from '../domain/decision-id.ts'
import { SignedLinks } from '../feedback/links.ts'
import { RecordLog, recordsFolder } from '../feedback/record-log.ts'
import { Tokens } from '../feedback/token.ts'
import { saltSecret, tokenKeys } from '../feedback/token-keys.ts'
import type { Clock } from '../lib/clock.ts'
import { systemRandom } from '../lib/random.ts'
import { RotatingFile } from '../telemetry/rotating-file.ts'

/** The tokens of this process, and the links made with them. */
export interface NoticeSetup {
  readonly tokens: Tokens
  readonly links: SignedLinks
}

/** Keys from the configuration, else from the device salt (`resolveSalt`). */
export function setUpNotices(config: Config, salt: Uint8Array, clock: Clock): NoticeSetup {
  const tokens = new Tokens(tokenKeys(config.tokenKeys ?? [saltSecret], salt), clock)
  return { tokens, links: new SignedLinks(config.publicUrl, tokens, clock) }
}

/** The decision ids of this process's life. */
export function newDecisionIds(): DecisionIds {
  return new DecisionIds(() => randomBytes(4).readUInt32BE())
}

/** The record log of worker `index`; `onDropped` counts what is lost. */
export function openRecordLog(
  config: Config,
  index: number,
  onDropped: (count: number) => void,
): RecordLog {
  const path = join(config.dataFolder, recordsFolder, `records-${index}.ndjson`)
  const limits = { bytesMax: config.recordFileBytesMax, filesMax: config.recordFilesMax }
  return new RecordLog({
    file: new RotatingFile(path, limits),
    random: systemRandom,
    onDropped,
  })
}
