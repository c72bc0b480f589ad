/**
 * Answer templates: JSON with placeholders, compiled at start into pieces of ready text and reads
 * of one value, so that encoding is concatenation. What comes out is valid JSON whatever the
 * values are: texts are escaped, numbers finite, and a member without a value is left out.
 */
import type { ProductRef, Verdict } from '../../domain/decision.ts'
import {
  type AnswerTemplate,
  type DescribedAnswer,
  productsKey,
  strategiesKey,
} from '../../domain/described-medium.ts'
import { refusalNames } from '../../domain/refusal.ts'

/** One strategy of the answer; verdict null: asked about, and not taking part. */
export interface AnswerStrategy {
  readonly targetId: string
  readonly verdict: Verdict | null
}

/** What one answer says. */
export interface AnswerValues {
  readonly requestId: string
  readonly reason: number
  readonly cacheSeconds: number
  readonly tag: string
  readonly strategies: readonly AnswerStrategy[]
}

/** Renders one answer's JSON text. */
export type AnswerRender = (values: AnswerValues) => string

/** Units the rendering needs. */
export type AnswerUnits = Pick<DescribedAnswer, 'cacheUnit' | 'priceUnit' | 'priceDecimals'>

/** Products of one strategy we name; a wire that wants more does not exist. */
const describedProductsMax = 100

interface Frame {
  readonly values: AnswerValues
  readonly strategy: AnswerStrategy | null
  readonly product: ProductRef | null
}

/** The text of one piece; '' = no value. */
type Read = (frame: Frame) => string

interface Piece {
  readonly read: Read
  /** The text where it is always the same; null otherwise. */
  readonly literal: string | null
  readonly isOptional: boolean
}

const wholePattern = /^-?(?:0|[1-9]\d{0,19})$/
const secondsPerUnit = { s: 1, min: 60, h: 3_600 } as const
/** Micros of one unit of price. */
export const priceUnitMicros = { yuan: 1_000_000, fen: 10_000, micros: 1 } as const

/** True for text that JSON may carry as a bare 64-bit integer. */
export function isWholeText(text: string): boolean {
  return wholePattern.test(text)
}

/**
 * Compiles a template. Throws on an unknown placeholder: the configuration schema refuses it
 * before.
 */
export function compileTemplate(template: AnswerTemplate, units: AnswerUnits): AnswerRender {
  const piece = compile(template, placeholderReads(units))
  return (values) => {
    // Outside a list, strategy placeholders speak of the first one that takes part.
    const strategy = values.strategies.find(({ verdict }) => verdict !== null) ?? null
    const text = piece.read({ values, strategy, product: null })
    return text === '' ? 'null' : text
  }
}

function compile(template: AnswerTemplate, reads: ReadonlyMap<string, Placeholder>): Piece {
  if (typeof template === 'string') return compileText(template, reads)
  if (Array.isArray(template)) {
    const pieces = (template as readonly AnswerTemplate[]).map((item) => compile(item, reads))
    return joined('[', ']', pieces)
  }
  if (typeof template === 'object' && template !== null) {
    return compileObject(template as Readonly<Record<string, AnswerTemplate>>, reads)
  }
  return literalPiece(JSON.stringify(template))
}

function compileText(text: string, reads: ReadonlyMap<string, Placeholder>): Piece {
  if (!text.startsWith('$')) return literalPiece(JSON.stringify(text))
  // Two dollars are one: a text that must begin with a dollar.
  if (text.startsWith('$$')) return literalPiece(JSON.stringify(text.slice(1)))
  const placeholder = reads.get(text)
  if (placeholder === undefined) throw new RangeError(`no placeholder is named "${text}"`)
  return { read: placeholder.read, literal: null, isOptional: placeholder.isOptional }
}

function compileObject(
  template: Readonly<Record<string, AnswerTemplate>>,
  reads: ReadonlyMap<string, Placeholder>,
): Piece {
  const members = Object.entries(template)
  const [only] = members
  if (members.length === 1 && only?.[0] === strategiesKey) {
    return eachPiece(compile(only[1], reads), strategyFrames)
  }
  if (members.length === 1 && only?.[0] === productsKey) {
    return eachPiece(compile(only[1], reads), productFrames)
  }
  const pieces = members.map(([key, value]) => prefixed(`${JSON.stringify(key)}:`, value, reads))
  return joined('{', '}', pieces)
}

function prefixed(
  prefix: string,
  template: AnswerTemplate,
  reads: ReadonlyMap<string, Placeholder>,
): Piece {
  const piece = compile(template, reads)
  if (piece.literal !== null) return literalPiece(prefix + piece.literal)
  const read: Read = (frame) => {
    const text = piece.read(frame)
    return text === '' ? '' : prefix + text
  }
  return { read, literal: null, isOptional: piece.isOptional }
}

function literalPiece(literal: string): Piece {
  return { read: () => literal, literal, isOptional: false }
}

/** Pieces between brackets with commas; neighbours that never change become one text. */
function joined(open: string, close: string, pieces: readonly Piece[]): Piece {
  if (pieces.some((piece) => piece.isOptional)) return joinedWithGaps(open, close, pieces)
  const parts: (string | Read)[] = []
  let ready = open
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) ready += ','
    if (piece.literal !== null) {
      ready += piece.literal
      continue
    }
    parts.push(ready, piece.read)
    ready = ''
  }
  ready += close
  if (parts.length === 0) return literalPiece(ready)
  parts.push(ready)
  const read: Read = (frame) => {
    let text = ''
    for (const part of parts) text += typeof part === 'string' ? part : part(frame)
    return text
  }
  return { read, literal: null, isOptional: false }
}

function joinedWithGaps(open: string, close: string, pieces: readonly Piece[]): Piece {
  const read: Read = (frame) => {
    let text = open
    let comma = ''
    for (const piece of pieces) {
      const part = piece.read(frame)
      if (part === '') continue
      text += comma + part
      comma = ','
    }
    return text + close
  }
  return { read, literal: null, isOptional: false }
}

function eachPiece(element: Piece, framesOf: (frame: Frame) => Frame[]): Piece {
  const read: Read = (frame) => {
    const texts: string[] = []
    for (const inner of framesOf(frame)) {
      const text = element.read(inner)
      if (text !== '') texts.push(text)
    }
    return `[${texts.join(',')}]`
  }
  return { read, literal: null, isOptional: false }
}

function strategyFrames({ values }: Frame): Frame[] {
  return values.strategies.map((strategy) => ({ values, strategy, product: null }))
}

function productFrames({ values, strategy }: Frame): Frame[] {
  const products = strategy?.verdict?.products.slice(0, describedProductsMax) ?? []
  return products.map((product) => ({ values, strategy, product }))
}

interface Placeholder {
  readonly read: Read
  readonly isOptional: boolean
}

/** Reads that always have a value. */
const always = new Map<string, Read>([
  ['$requestId', ({ values }) => JSON.stringify(values.requestId)],
  ['$requestIdNumber', ({ values }) => wholeOrText(values.requestId)],
  ['$reason', ({ values }) => String(values.reason)],
  ['$reasonName', ({ values }) => JSON.stringify(refusalNames.get(values.reason) ?? 'none')],
  ['$targetIds', ({ values }) => `[${accepted(values).map(quoted).join(',')}]`],
  ['$targetIdNumbers', ({ values }) => `[${accepted(values).filter(isWholeText).join(',')}]`],
  ['$targetIdsJoined', ({ values }) => JSON.stringify(accepted(values).join(','))],
  ['$accepted', ({ strategy }) => String(strategy !== null && strategy.verdict !== null)],
  [
    '$acceptedNumber',
    ({ strategy }) => (strategy !== null && strategy.verdict !== null ? '1' : '0'),
  ],
  ['$productIds', (frame) => `[${productFrames(frame).map(productIdOf).map(quoted).join(',')}]`],
])

/** Reads that may have none: the member is left out. */
function optionalReads(units: AnswerUnits): Map<string, Read> {
  const price = (micros: number) => priceText(micros, units)
  return new Map<string, Read>([
    ['$cacheTime', ({ values }) => cacheText(values.cacheSeconds, secondsPerUnit[units.cacheUnit])],
    ['$requestTag', ({ values }) => (values.tag === '' ? '' : JSON.stringify(values.tag))],
    ['$targetId', ({ strategy }) => (strategy === null ? '' : JSON.stringify(strategy.targetId))],
    ['$targetIdNumber', ({ strategy }) => wholeOrNone(strategy?.targetId ?? '')],
    ['$factor', ofVerdict((verdict) => numberText(verdict.factor))],
    ['$factorPercent', ofVerdict((verdict) => numberText(Math.round(verdict.factor * 100)))],
    ['$cpcPrice', ofVerdict((verdict) => price(verdict.cpcMicros))],
    ['$cpaPrice', ofVerdict((verdict) => price(verdict.cpaMicros))],
    ['$pcvr', ofVerdict((verdict) => numberText(verdict.pcvr))],
    ['$tag', ofVerdict((verdict) => (verdict.tag === '' ? '' : JSON.stringify(verdict.tag)))],
    ['$score', ofVerdict((verdict) => (verdict.score < 0 ? '' : numberText(verdict.score)))],
    ['$libraryId', ofProduct((product) => JSON.stringify(product.libraryId))],
    ['$productId', ofProduct((product) => JSON.stringify(product.productId))],
    ['$productIdNumber', ofProduct((product) => wholeOrNone(product.productId))],
    ['$productPriority', ofProduct((product) => numberText(product.priority))],
    ['$productScore', ofProduct((product) => numberText(product.score))],
  ])
}

function placeholderReads(units: AnswerUnits): ReadonlyMap<string, Placeholder> {
  const table = new Map<string, Placeholder>()
  for (const [name, read] of always) table.set(name, { read, isOptional: false })
  for (const [name, read] of optionalReads(units)) table.set(name, { read, isOptional: true })
  return table
}

function ofVerdict(read: (verdict: Verdict) => string): Read {
  return ({ strategy }) => {
    const verdict = strategy?.verdict ?? null
    return verdict === null ? '' : read(verdict)
  }
}

function ofProduct(read: (product: ProductRef) => string): Read {
  return ({ product }) => (product === null ? '' : read(product))
}

function accepted(values: AnswerValues): string[] {
  const taking = values.strategies.filter(({ verdict }) => verdict !== null)
  return taking.map(({ targetId }) => targetId)
}

function productIdOf(frame: Frame): string {
  return frame.product?.productId ?? ''
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

function wholeOrText(text: string): string {
  return isWholeText(text) ? text : JSON.stringify(text)
}

function wholeOrNone(text: string): string {
  return isWholeText(text) ? text : ''
}

/** NaN and infinities have no JSON: they are no value. */
function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : ''
}

/** Rounded down, but at least one unit: 0 would often mean "for ever" or "your default". */
function cacheText(seconds: number, unitSeconds: number): string {
  if (!(seconds > 0)) return ''
  return String(Math.max(1, Math.floor(seconds / unitSeconds)))
}

/** Rounded down to the decimals of the unit, in integers: we never promise more than was set. */
function priceText(micros: number, units: AnswerUnits): string {
  if (!(micros > 0) || !Number.isSafeInteger(micros)) return ''
  const scale = 10 ** units.priceDecimals
  const steps = Math.floor(micros / (priceUnitMicros[units.priceUnit] / scale))
  const whole = String(Math.floor(steps / scale))
  if (units.priceDecimals === 0) return whole
  return `${whole}.${String(steps % scale).padStart(units.priceDecimals, '0')}`
}
