/**
 * The house's logger: pino JSON lines on stderr or a given stream; ids and secrets are redacted.
 */
import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

/** Levels an operator may choose. */
export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * Field names whose values never reach a log line, at the top and one level down: what media call
 * device ids, addresses, bodies, and our own secrets. Nothing should log them; this is the net.
 */
export const redactedFields = [
  'body',
  'caid',
  'did',
  'gaid',
  'idfa',
  'imei',
  'ip',
  'mac',
  'oaid',
  'openid',
  'adminKey',
  'authorization',
  'password',
  'salt',
  'secret',
] as const

/** Makes the process's logger; `role` and `worker` stand in every line. */
export function createLogger(
  level: LogLevel,
  who: { readonly role: string; readonly worker: number },
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  const paths = redactedFields.flatMap((field) => [field, `*.${field}`])
  return pino({ level, base: who, redact: { paths, censor: '[redacted]' } }, destination)
}
