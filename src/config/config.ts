/** Environment and optional file become one frozen, validated `Config`; all errors at once. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { DescribedMedium } from '../domain/described-medium.ts'
import type { MediumSettings } from '../domain/medium-settings.ts'
import { parseDescribedMedium } from './described-schema.ts'
import { mediumSettings, mediumSettingsSchema } from './medium-schema.ts'
import { type PriceKeySetting, parsePriceKeys, priceKeysWanted } from './price-keys.ts'
import {
  parsePublicUrl,
  parseTokenKeys,
  publicUrlWanted,
  type TokenSecretSetting,
  tokenKeysWanted,
} from './token-keys.ts'

/** Everything an operator can set. Each key stands in docs/configuration.md. */
export interface Config {
  readonly host: string
  readonly port: number
  readonly controlHost: string
  readonly controlPort: number
  /** Store address; may contain a password: never log it. */
  readonly store: string
  /** PEM file of the certificate authority for `rediss`; '' = the system's. */
  readonly storeCaFile: string
  /** Folder for what stays on this machine: salt, exchange log, upload spool. */
  readonly dataFolder: string
  /** Folder of the models: `<name>/<version>` and `<name>/active`. It need not be there. */
  readonly modelsFolder: string
  readonly workers: number
  /** 16 bytes, or null: then an embedded store makes and keeps one. */
  readonly deviceSalt: Uint8Array | null
  readonly adminKey: string | null
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug'
  readonly drainSeconds: number
  readonly inFlightMax: number
  readonly exchangeLogFileBytesMax: number
  readonly exchangeLogFilesMax: number
  /** MaxMind DB file that says where addresses are; '' = none. */
  readonly geoFile: string
  readonly recordFileBytesMax: number
  readonly recordFilesMax: number
  /** Where notices and clicks reach the data plane from outside; no slash at its end. */
  readonly publicUrl: string
  /** Keys of tokens, the first one signs; null = derived from the device salt. */
  readonly tokenKeys: readonly TokenSecretSetting[] | null
  /** True: monitoring links without a signature are taken too; a wrong one never is. */
  readonly unsignedLinksAllowed: boolean
  /** Clicks of one device within an hour of the clock; those beyond it are invalid. */
  readonly clicksADeviceHourMax: number
  /** Keys of encrypted prices by exchange. */
  readonly priceKeys: readonly PriceKeySetting[]
  /** Proxies of ours in front of the data plane that write `X-Forwarded-For`. */
  readonly proxyHops: number
  /** Clicks and exposures of one network and agent in a minute that are believed; 0 = any. */
  readonly invalidClicksPerMinute: number
  readonly invalidExposuresPerMinute: number
  /** Folder of the archive of events; null = none is kept. */
  readonly archiveFolder: string | null
  /** Hours for which the log keeps events that are projected and archived. */
  readonly eventHours: number
  readonly described: readonly DescribedMedium[]
  /** Operating values by medium name, as far as they were set; see `settingsOf`. */
  readonly media: Readonly<Record<string, MediumSettings>>
}

/** One thing that is wrong, with the key, the unit or form wanted, and what was got. */
export interface ConfigProblem {
  readonly key: string
  readonly wanted: string
  readonly got: string
}

/** The configuration cannot be used; `problems` has all of it. The operator must act. */
export class ConfigError extends Error {
  readonly code = 'SLUICE_CONFIG_INVALID'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ key, wanted, got }) => `  ${key}: want ${wanted}, got ${got}`)
    super(`the configuration has ${problems.length} problem(s):\n${lines.join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** Environment variables as given; absent and empty mean the same. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The process's environment; the only place in the house that reads it. */
export const processEnvironment: Environment = process.env

/** Values of these keys are secrets: a complaint about them never shows what was got. */
const secretKeys = new Set([
  'SLUICE_DEVICE_SALT',
  'SLUICE_ADMIN_KEY',
  'SLUICE_STORE',
  'SLUICE_TOKEN_KEYS',
  'SLUICE_PRICE_KEYS',
])

/** A configuration file longer than this is not one. */
const fileBytesMax = 1024 * 1024

/**
 * Reads and checks the configuration. `readText` reads the file that `SLUICE_CONFIG` names.
 * Throws `ConfigError` with every problem found.
 */
export function loadConfig(
  environment: Environment = processEnvironment,
  readText: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Config {
  const problems: ConfigProblem[] = []
  const values = readEnvironment(environment, problems)
  const file = readFile(values.SLUICE_CONFIG, readText, problems)
  const described = readDescribed(file.described, environment, problems)
  const media: Record<string, MediumSettings> = {}
  for (const [name, set] of Object.entries(file.media)) media[name] = mediumSettings(name, set)
  const isEmbedded = values.SLUICE_STORE.startsWith('lmdb:')
  if (values.SLUICE_DEVICE_SALT === undefined && !isEmbedded) {
    problems.push({
      key: 'SLUICE_DEVICE_SALT',
      wanted: '32 hex digits, the same on every machine (required with a Redis store)',
      got: 'nothing',
    })
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze({
    host: values.SLUICE_HOST,
    port: values.SLUICE_PORT,
    controlHost: values.SLUICE_CONTROL_HOST,
    controlPort: values.SLUICE_CONTROL_PORT,
    store: values.SLUICE_STORE,
    storeCaFile: values.SLUICE_STORE_CA,
    dataFolder: dataFolderOf(values),
    modelsFolder: values.SLUICE_MODELS,
    workers: values.SLUICE_WORKERS,
    deviceSalt: saltOf(values.SLUICE_DEVICE_SALT),
    adminKey: values.SLUICE_ADMIN_KEY ?? null,
    logLevel: values.SLUICE_LOG_LEVEL,
    drainSeconds: values.SLUICE_DRAIN_SECONDS,
    inFlightMax: values.SLUICE_IN_FLIGHT_MAX,
    exchangeLogFileBytesMax: values.SLUICE_EXCHANGE_LOG_FILE_MB * 1024 * 1024,
    exchangeLogFilesMax: values.SLUICE_EXCHANGE_LOG_FILES,
    geoFile: values.SLUICE_GEO_MMDB,
    recordFileBytesMax: values.SLUICE_RECORD_FILE_MB * 1024 * 1024,
    recordFilesMax: values.SLUICE_RECORD_FILES,
    publicUrl: parsePublicUrl(values.SLUICE_PUBLIC_URL) ?? '',
    tokenKeys:
      values.SLUICE_TOKEN_KEYS === undefined ? null : parseTokenKeys(values.SLUICE_TOKEN_KEYS),
    unsignedLinksAllowed: values.SLUICE_UNSIGNED_LINKS === 'allow',
    clicksADeviceHourMax: values.SLUICE_INVALID_DEVICE_CLICKS,
    priceKeys: parsePriceKeys(values.SLUICE_PRICE_KEYS) ?? [],
    proxyHops: values.SLUICE_PROXY_HOPS,
    invalidClicksPerMinute: values.SLUICE_INVALID_CLICKS_PER_MINUTE,
    invalidExposuresPerMinute: values.SLUICE_INVALID_EXPOSURES_PER_MINUTE,
    archiveFolder: archiveOf(values),
    eventHours: values.SLUICE_EVENT_HOURS,
    described: Object.freeze(described),
    media: Object.freeze(media),
  })
}

/** The settings of a medium: what the file says, over the defaults. */
export function settingsOf(config: Config, medium: string): MediumSettings {
  return config.media[medium] ?? mediumSettings(medium, {})
}

const storePattern = /^(?:lmdb:.*|rediss?(?:-cluster)?:\/\/.+)$/
const portSchema = integer(0, 65_535, 'a port')

const environmentSchema = z.object({
  SLUICE_CONFIG: z.string().default(''),
  SLUICE_HOST: z.string().default('127.0.0.1'),
  SLUICE_PORT: portSchema.default(8080),
  SLUICE_CONTROL_HOST: z.string().default('127.0.0.1'),
  SLUICE_CONTROL_PORT: portSchema.default(8081),
  SLUICE_STORE: z
    .string()
    .regex(
      storePattern,
      'lmdb:<folder>, redis://, rediss://, redis-cluster:// or rediss-cluster://',
    )
    .default('lmdb:./data'),
  SLUICE_STORE_CA: z.string().default(''),
  SLUICE_DATA: z.string().default(''),
  SLUICE_MODELS: z.string().default('./models'),
  SLUICE_WORKERS: integer(1, 256, 'processes').default(Math.max(1, availableParallelism() - 1)),
  SLUICE_DEVICE_SALT: z
    .string()
    .regex(/^[0-9a-f]{32}$/i, '32 hex digits')
    .optional(),
  SLUICE_ADMIN_KEY: z.string().optional(),
  SLUICE_LOG_LEVEL: z
    .enum(['silent', 'error', 'warn', 'info', 'debug'], 'silent, error, warn, info or debug')
    .default('info'),
  SLUICE_DRAIN_SECONDS: integer(1, 600, 'seconds').default(10),
  SLUICE_IN_FLIGHT_MAX: integer(1, 100_000, 'requests').default(2_000),
  SLUICE_EXCHANGE_LOG_FILE_MB: integer(1, 10_240, 'MiB').default(64),
  SLUICE_EXCHANGE_LOG_FILES: integer(1, 1_000, 'files').default(7),
  SLUICE_GEO_MMDB: z.string().default(''),
  SLUICE_RECORD_FILE_MB: integer(1, 10_240, 'MiB').default(256),
  SLUICE_RECORD_FILES: integer(1, 1_000, 'files').default(7),
  SLUICE_INVALID_DEVICE_CLICKS: integer(1, 10_000, 'clicks').default(60),
  SLUICE_ARCHIVE: z.string().default(''),
  SLUICE_EVENT_HOURS: integer(1, 8_760, 'hours').default(48),
  SLUICE_PUBLIC_URL: z
    .string()
    .refine((text) => parsePublicUrl(text) !== null, publicUrlWanted)
    .default('https://localhost:8080'),
  SLUICE_TOKEN_KEYS: z
    .string()
    .refine((text) => parseTokenKeys(text) !== null, tokenKeysWanted)
    .optional(),
  SLUICE_PRICE_KEYS: z
    .string()
    .refine((text) => parsePriceKeys(text) !== null, priceKeysWanted)
    .default(''),
  SLUICE_PROXY_HOPS: integer(0, 8, 'proxies').default(0),
  SLUICE_INVALID_CLICKS_PER_MINUTE: integer(0, 1_000_000, 'clicks').default(300),
  SLUICE_INVALID_EXPOSURES_PER_MINUTE: integer(0, 10_000_000, 'exposures').default(6_000),
  SLUICE_UNSIGNED_LINKS: z.enum(['refuse', 'allow'], 'refuse or allow').default('refuse'),
})

type EnvironmentValues = z.output<typeof environmentSchema>

/** Names of all environment keys; a test compares them with docs/configuration.md. */
export const environmentKeys: readonly string[] = Object.keys(environmentSchema.shape)

const fileSchema = z.strictObject({
  media: z.record(z.string(), mediumSettingsSchema).default({}),
  described: z.array(z.unknown()).default([]),
})

type FileValues = z.output<typeof fileSchema>

function integer(min: number, max: number, unit: string) {
  const wanted = `${unit}: a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d+$/, wanted)
    .transform(Number)
    .refine((value) => value >= min && value <= max, wanted)
}

function readEnvironment(environment: Environment, problems: ConfigProblem[]): EnvironmentValues {
  const given: Record<string, string> = {}
  for (const key of environmentKeys) {
    const value = environment[key]
    if (value !== undefined && value !== '') given[key] = value
  }
  const result = environmentSchema.safeParse(given)
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    const key = String(issue.path[0])
    problems.push({ key, wanted: issue.message, got: shown(key, given[key]) })
    delete given[key]
  }
  // Again without the wrong ones, so that the file is checked in the same go.
  return environmentSchema.parse(given)
}

function readFile(
  path: string,
  readText: (path: string) => string,
  problems: ConfigProblem[],
): FileValues {
  const empty: FileValues = { media: {}, described: [] }
  if (path === '') return empty
  const text = attempt(() => readText(path))
  if (text instanceof Error || text.length > fileBytesMax) {
    const got = text instanceof Error ? text.message : `${text.length} characters`
    problems.push({ key: 'SLUICE_CONFIG', wanted: 'a readable JSON file up to 1 MiB', got })
    return empty
  }
  const json = attempt(() => JSON.parse(text) as unknown)
  if (json instanceof Error) {
    problems.push({ key: path, wanted: 'JSON', got: json.message })
    return empty
  }
  const result = fileSchema.safeParse(json)
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    const value = issue.path.reduce<unknown>(child, json)
    const key = issue.path.map(String).join('.')
    const hidden = issue.path.includes('secretHeader')
    problems.push({ key, wanted: issue.message, got: hidden ? '(hidden)' : brief(value) })
  }
  return empty
}

function readDescribed(
  entries: readonly unknown[],
  environment: Environment,
  problems: ConfigProblem[],
): DescribedMedium[] {
  return entries.flatMap((entry, index) => {
    const result = parseDescribedMedium(entry, environment)
    if (result.ok) return [result.medium]
    for (const { path, message } of result.problems) {
      const value = path.split('.').reduce<unknown>(child, entry)
      const got = /secret/i.test(path) ? '(hidden)' : brief(value)
      problems.push({ key: `described.${index}.${path}`, wanted: message, got })
    }
    return []
  })
}

function saltOf(hex: string | undefined): Uint8Array | null {
  return hex === undefined ? null : Uint8Array.from(Buffer.from(hex, 'hex'))
}

function dataFolderOf({ SLUICE_DATA, SLUICE_STORE }: EnvironmentValues): string {
  return SLUICE_DATA || folderOf(SLUICE_STORE)
}

function archiveOf(values: EnvironmentValues): string | null {
  if (values.SLUICE_ARCHIVE === 'off') return null
  return values.SLUICE_ARCHIVE || join(dataFolderOf(values), 'archive')
}

function folderOf(store: string): string {
  return store.startsWith('lmdb:') ? store.slice('lmdb:'.length) || './data' : './data'
}

function shown(key: string, value: string | undefined): string {
  return secretKeys.has(key) ? `${value?.length ?? 0} characters (hidden)` : brief(value)
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function child(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined
}

function attempt<T>(run: () => T): T | Error {
  try {
    return run()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
