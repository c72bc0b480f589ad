/** Reads an answer of a described medium back: it is valid when it is an instance of a template. */
import { type AnswerTemplate, productsKey, strategiesKey } from '../../domain/described-medium.ts'
import { JsonKind, JsonTape } from '../../lib/json-tape.ts'
import type { AnswerSummary } from '../adapter.ts'

/** The templates of one medium. */
export interface AnswerTemplates {
  readonly accept: AnswerTemplate
  readonly refuse: AnswerTemplate
  readonly failure: AnswerTemplate | null
}

interface Captured {
  targetId: string
  isAccepted: boolean
  /** True once a placeholder spoke of it. */
  isTold: boolean
}

type JsonObject = Readonly<Record<string, unknown>>

/** Placeholders that tell who takes part; a template with none accepts by its literals alone. */
const tellingPattern =
  /"\$(?:targetId|targetIdNumber|targetIds|targetIdNumbers|targetIdsJoined|accepted|acceptedNumber)"/

/** Summarises answer bytes; for tests, bench and `try`, not for the hot path. */
export function describeByTemplates(templates: AnswerTemplates, body: Uint8Array): AnswerSummary {
  const tape = new JsonTape()
  if (!tape.parse(body)) return { valid: false, accepted: false, targetIds: [], message: null }
  const message = plainOf(tape, 0)
  const captured = match(templates.accept, message)
  if (captured !== null && (captured.some(takesPart) || !tells(templates.accept))) {
    const targetIds = captured.filter(takesPart).map(({ targetId }) => targetId)
    return { valid: true, accepted: true, targetIds: targetIds.filter((id) => id !== ''), message }
  }
  const no = [templates.refuse, ...(templates.failure === null ? [] : [templates.failure])]
  const valid = captured !== null || no.some((template) => match(template, message) !== null)
  return { valid, accepted: false, targetIds: [], message }
}

/** A tape value as plain JSON; numbers that a double cannot hold stay text. */
function plainOf(tape: JsonTape, node: number): unknown {
  const end = tape.after[node] ?? 0
  switch (tape.kind[node]) {
    case JsonKind.Object:
      return plainObject(tape, node + 1, end)
    case JsonKind.Array:
      return plainArray(tape, node + 1, end)
    case JsonKind.Number: {
      const value = Number(tape.text(node))
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? tape.text(node) : value
    }
    case JsonKind.Null:
      return null
    case JsonKind.True:
    case JsonKind.False:
      return tape.kind[node] === JsonKind.True
    default:
      return tape.text(node)
  }
}

function plainObject(tape: JsonTape, first: number, end: number): object {
  const entries: [string, unknown][] = []
  for (let at = first; at < end; at = tape.after[at + 1] ?? end) {
    entries.push([tape.text(at), plainOf(tape, at + 1)])
  }
  return Object.fromEntries(entries)
}

function plainArray(tape: JsonTape, first: number, end: number): unknown[] {
  const elements: unknown[] = []
  for (let at = first; at < end; at = tape.after[at] ?? end) elements.push(plainOf(tape, at))
  return elements
}

function takesPart(captured: Captured): boolean {
  return captured.isAccepted
}

function tells(template: AnswerTemplate): boolean {
  return tellingPattern.test(JSON.stringify(template))
}

function match(template: AnswerTemplate, value: unknown): Captured[] | null {
  const captured: Captured[] = []
  const outer = emptyCapture()
  if (!isInstance(template, value, { captured, current: outer })) return null
  // A strategy told outside of any list is the first one of it, if there is one.
  if (captured.length === 0 && outer.isTold) captured.push(outer)
  return captured
}

function emptyCapture(): Captured {
  return { targetId: '', isAccepted: true, isTold: false }
}

interface Capture {
  readonly captured: Captured[]
  readonly current: Captured
}

function isInstance(template: AnswerTemplate, value: unknown, capture: Capture): boolean {
  if (typeof template === 'string') return isTextInstance(template, value, capture)
  if (typeof template !== 'object' || template === null) return template === value
  if (Array.isArray(template)) {
    return Array.isArray(value) && isListInstance(template, value, capture)
  }
  const object = template as Readonly<Record<string, AnswerTemplate>>
  const keys = Object.keys(object)
  const [only = ''] = keys
  if (keys.length === 1 && only === strategiesKey) {
    return isEachStrategy(object[only] as AnswerTemplate, value, capture)
  }
  if (keys.length === 1 && only === productsKey) {
    const element = object[only] as AnswerTemplate
    return Array.isArray(value) && value.every((item) => isInstance(element, item, capture))
  }
  return isObjectInstance(object, value, capture)
}

function isObjectInstance(
  template: Readonly<Record<string, AnswerTemplate>>,
  value: unknown,
  capture: Capture,
): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const object = value as JsonObject
  if (Object.keys(object).some((key) => !Object.hasOwn(template, key))) return false
  return Object.entries(template).every(([key, inner]) =>
    Object.hasOwn(object, key) ? isInstance(inner, object[key], capture) : isPlaceholder(inner),
  )
}

/** Elements in order; those of a placeholder may be missing. */
function isListInstance(
  template: readonly AnswerTemplate[],
  values: readonly unknown[],
  capture: Capture,
): boolean {
  let at = 0
  for (const inner of template) {
    if (at < values.length && isInstance(inner, values[at], capture)) at++
    else if (!isPlaceholder(inner)) return false
  }
  return at === values.length
}

function isEachStrategy(element: AnswerTemplate, value: unknown, capture: Capture): boolean {
  if (!Array.isArray(value)) return false
  return value.every((item) => {
    const current = emptyCapture()
    capture.captured.push(current)
    return isInstance(element, item, { captured: capture.captured, current })
  })
}

function isPlaceholder(template: AnswerTemplate): boolean {
  return typeof template === 'string' && template.startsWith('$') && !template.startsWith('$$')
}

function isTextInstance(template: string, value: unknown, capture: Capture): boolean {
  if (!isPlaceholder(template)) {
    return value === (template.startsWith('$$') ? template.slice(1) : template)
  }
  const reader = captureReaders.get(template)
  return reader === undefined ? isWord(value) : reader(value, capture)
}

type CaptureReader = (value: unknown, capture: Capture) => boolean

const captureReaders: ReadonlyMap<string, CaptureReader> = new Map([
  ['$targetId', captureId],
  ['$targetIdNumber', captureId],
  ['$accepted', captureAccepted],
  ['$acceptedNumber', captureAccepted],
  ['$targetIds', captureIds],
  ['$targetIdNumbers', captureIds],
  ['$targetIdsJoined', captureJoined],
  ['$productIds', (value) => Array.isArray(value)],
])

function isWord(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number'
}

function captureId(value: unknown, { current }: Capture): boolean {
  current.targetId = String(value)
  current.isTold = true
  return isWord(value)
}

function captureAccepted(value: unknown, { current }: Capture): boolean {
  current.isAccepted = value === true || value === 1
  current.isTold = true
  return typeof value === 'boolean' || value === 0 || value === 1
}

function captureJoined(value: unknown, capture: Capture): boolean {
  return typeof value === 'string' && captureIds(value.split(',').filter(Boolean), capture)
}

function captureIds(ids: unknown, capture: Capture): boolean {
  if (!Array.isArray(ids)) return false
  for (const id of ids as unknown[]) {
    capture.captured.push({ targetId: String(id), isAccepted: true, isTold: true })
  }
  return true
}
