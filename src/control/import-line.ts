/** One line of an import: what it wants, or every reason why it cannot be read. */
import { type Rates, ratesId, ratesKind } from '../domain/rates.ts'
import { advertisers } from './advertisers.ts'
import { campaigns } from './campaigns.ts'
import type { Checked } from './catalog-checks.ts'
import type { AnyCatalogResource, CatalogResource } from './catalog-resource.ts'
import type { CheckView } from './check-view.ts'
import { creatives } from './creatives.ts'
import { exchanges } from './exchanges.ts'
import type { FieldError } from './problem.ts'
import { checkedRates } from './rates-checks.ts'
import { type ImportKind, importLine } from './schemas/import-schema.ts'
import { type RatesInput, ratesInput } from './schemas/rates-schema.ts'
import type { TextLine } from './text-lines.ts'
import { fieldErrorsOfZod } from './zod-errors.ts'

/** A line that was read: a put, a deletion, or errors. */
export type ImportEntry =
  | ({ readonly do: 'put'; readonly line: number; readonly of: ImportKind } & {
      readonly id: string
      readonly check: (view: CheckView) => Checked<object>
    })
  | { readonly do: 'delete'; readonly line: number; readonly of: ImportKind; readonly id: string }
  | { readonly do: 'reject'; readonly line: number; readonly errors: readonly FieldError[] }

/** What an import may write of a kind, at most. */
export function importCountMax(kind: ImportKind): number {
  return kind === 'rates' ? 1 : resources[kind].countMax
}

/** Reads a line of an import; the schemas are those of the routes. */
export function readImportLine(line: TextLine, nowMs: number): ImportEntry {
  const { number, fault } = line
  if (fault !== null) return reject(number, 'line', fault)
  const json = parsedJson(line.text)
  if (json instanceof SyntaxError) return reject(number, 'line', json.message)
  const parsed = importLine.safeParse(json)
  if (!parsed.success) {
    return { do: 'reject', line: number, errors: fieldErrorsOfZod(parsed.error) }
  }
  const { kind, value } = parsed.data
  const id = parsed.data.id ?? idInside(value) ?? (kind === ratesKind ? ratesId : undefined)
  if (id === undefined) return reject(number, 'id', 'required')
  if (value !== undefined) return readPut({ line: number, kind, id, nowMs }, value)
  if (kind === ratesKind) return reject(number, 'delete', 'the table of rates can only be replaced')
  return { do: 'delete', line: number, of: kind, id }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error instanceof SyntaxError ? error : new SyntaxError('not JSON')
  }
}

function idInside(value: { readonly id?: unknown } | undefined): string | undefined {
  return typeof value?.id === 'string' ? value.id : undefined
}

function readPut(
  put: { readonly line: number; readonly kind: ImportKind; readonly id: string; nowMs: number },
  value: object,
): ImportEntry {
  const { line, kind, id, nowMs } = put
  if (kind === ratesKind && id !== ratesId) return reject(line, 'id', `there is only ${ratesId}`)
  const input = (kind === 'rates' ? ratesInput : resources[kind].input).safeParse(value)
  if (!input.success) return { do: 'reject', line, errors: fieldErrorsOfZod(input.error) }
  const check =
    kind === 'rates'
      ? (view: CheckView): Checked<Rates> => checkedRates(input.data as RatesInput, view, nowMs)
      : (view: CheckView) => resources[kind].check(id, input.data, view)
  return { do: 'put', line, of: kind, id, check }
}

function reject(line: number, path: string, message: string): ImportEntry {
  return { do: 'reject', line, errors: [{ path, message }] }
}

const resources: Readonly<Record<Exclude<ImportKind, 'rates'>, AnyCatalogResource>> = {
  advertiser: untyped(advertisers),
  campaign: untyped(campaigns),
  creative: untyped(creatives),
  exchange: untyped(exchanges),
}

/** Its schema has made the input before its check sees it. */
function untyped<Input extends { id?: string | undefined }, Value extends object>(
  resource: CatalogResource<Input, Value>,
): AnyCatalogResource {
  return resource as unknown as AnyCatalogResource
}
