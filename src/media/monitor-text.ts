/** Texts out of monitoring links: what counts as nothing, moments, amounts, CAIDs. */
import { microsPerFen } from '../domain/money.ts'
import { percentDecoded } from '../lib/query-text.ts'

/** How media write macros (rta-media.md §4), whatever stands inside; also still percent-encoded. */
const macroPattern =
  /^(?:__\w+__|\{{1,2}\w+\}{1,2}|\$\{?\w+[}$]|%%\w+%%|\[\w+\]|<\w+>|%7B\w+%7D|%5F%5F\w+%5F%5F)$/i

/** What senders put where they know nothing. `0` is one: ids of media begin at 1. */
const nothing = new Set(['null', 'nil', 'none', 'undefined', 'unknown', 'nan', '-', '0', '(null)'])

/** True for a macro that the medium did not replace. */
export function isUnreplaced(text: string): boolean {
  return macroPattern.test(text)
}

/** The text, or '' where it stands for nothing, is too long, or holds a control character. */
export function told(text: string, charsMax: number): string {
  if (text.length > charsMax || nothing.has(text.toLowerCase())) return ''
  // oxlint-disable-next-line no-control-regex -- they belong in no id, and would break a log line
  return /[\u0000-\u001f\u007f]/.test(text) ? '' : text
}

const dayMs = 24 * 3_600_000
/** Longer than any attribution window (30 days): an older "event" is a wrong unit, or made up. */
const pastMsMax = 31 * dayMs
/** Clocks that are further ahead are wrong; intake flags what is ahead at all. */
const futureMsMax = dayMs

/**
 * Epoch milliseconds of a time of whole digits, or 0. In `unit`; in the other one where only that
 * is near `nowMs`: one stray factor of 1 000 would put every event into 1970.
 */
export function timeMsOf(text: string, unit: 's' | 'ms', nowMs: number): number {
  if (!/^\d{9,14}$/.test(text)) return 0
  const number = Number(text)
  const inMs = unit === 'ms' ? [number, number * 1_000] : [number * 1_000, number]
  return inMs.find((ms) => ms >= nowMs - pastMsMax && ms <= nowMs + futureMsMax) ?? 0
}

/** 10 billion 元 (or 100 million, in 分): more is no order. Integer micros up to it are exact. */
const wholeDigitsMax = 10

/** Micros of an amount in 分 or 元, read by its digits; digits beyond a micro are cut. */
export function microsOf(text: string, unit: 'fen' | 'yuan'): number {
  const [, whole = '', fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === '' || whole.length > wholeDigitsMax) return 0
  if (unit === 'fen') {
    return Number(whole) * microsPerFen + Number(fraction.slice(0, 4).padEnd(4, '0'))
  }
  const micros = Number(whole) * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0'))
  return Number.isSafeInteger(micros) ? micros : 0
}

/** A CAID as read: version '' where none was told. */
export interface TaggedCaid {
  readonly value: string
  readonly version: string
  readonly isMd5: boolean
}

/** Versions of CAID are days of publication: 20230330. */
const versionPattern = /^\d{8}$/
/** A medium sends the last two versions; four leave room for a change of them. */
const caidsMax = 4
const caidCharsMax = 1_024

/**
 * CAIDs in the forms that media use: a JSON list of objects with value and version (Tencent, Ocean
 * Engine, Kuaishou), `version_value` joined by commas (Bilibili, Weibo), one bare value.
 */
export function caidsOf(text: string): TaggedCaid[] {
  if (text.length > caidCharsMax) return []
  // Some encode the list by itself and then the whole link once more.
  const plain = /%(?:5b|7b|22|2c)/i.test(text) ? percentDecoded(text) : text
  if (/^\s*[[{]/.test(plain)) return caidsOfJson(plain)
  return plain
    .split(',', caidsMax)
    .map(taggedOf)
    .filter(({ value }) => value !== '')
}

function taggedOf(word: string): TaggedCaid {
  const cut = word.indexOf('_')
  const [head, tail] = cut < 0 ? ['', word] : [word.slice(0, cut), word.slice(cut + 1)]
  if (versionPattern.test(head)) return { value: tail, version: head, isMd5: false }
  if (versionPattern.test(tail)) return { value: head, version: tail, isMd5: false }
  return { value: word, version: '', isMd5: false }
}

/** Names of the parts, in lower case; `qaid` and `kenyid` are what two media call a CAID. */
const valueKeys = ['caid', 'qaid', 'kenyid', 'value', 'id']
const md5Keys = ['caid_md5', 'qaid_md5', 'hash_qaid', 'kenyid_md5', 'md5']
const versionKeys = ['version', 'ver', 'caid_version', 'origin_version', 'v']

function caidsOfJson(text: string): TaggedCaid[] {
  let json: unknown
  try {
    json = JSON.parse(text.replaceAll('+', ' '))
  } catch {
    return []
  }
  const list: readonly unknown[] = Array.isArray(json) ? json : [json]
  return list.slice(0, caidsMax).flatMap(caidsOfElement)
}

function caidsOfElement(element: unknown): TaggedCaid[] {
  if (typeof element === 'string') return [taggedOf(element)]
  if (typeof element !== 'object' || element === null) return []
  const members = new Map(
    Object.entries(element).map(([key, value]) => [key.toLowerCase(), wordOf(value)]),
  )
  const first = (keys: readonly string[]): string =>
    keys.map((key) => members.get(key) ?? '').find((word) => word !== '') ?? ''
  const version = first(versionKeys)
  const found: TaggedCaid[] = [
    { value: first(valueKeys), version, isMd5: false },
    { value: first(md5Keys), version, isMd5: true },
  ]
  return found.filter(({ value }) => value !== '')
}

function wordOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
