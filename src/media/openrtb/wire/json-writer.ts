/**
 * Writes OpenRTB JSON in one pass over an object of the schema: what is absent is left out, flags
 * are 0 or 1, numbers are the shortest decimals that read back the same.
 */
import type {
  OrtbBidRequest,
  OrtbBidResponse,
  OrtbEntry,
  OrtbNativeRequest,
  OrtbNativeResponse,
} from './openrtb.generated.ts'
import {
  FieldKind,
  type OrtbField,
  type OrtbMessage,
  type OrtbObject,
  ortbMessage,
} from './ortb-schema.ts'

class OrtbJsonWriter {
  #text = ''

  /** The compact JSON text of an object. */
  write(object: OrtbObject, message: OrtbMessage): string {
    this.#text = ''
    this.#message(object, message)
    return this.#text
  }

  #message(object: OrtbObject, message: OrtbMessage): void {
    let open = '{'
    for (const field of message.fields) {
      const value = object[field.name]
      if (value === null || isSuperseded(object, field)) continue
      if (field.isList) {
        if ((value as readonly unknown[]).length === 0) continue
        this.#text += open + field.jsonPrefix
        this.#list(value as readonly unknown[], field)
      } else {
        if (typeof value === 'number' && !Number.isFinite(value)) continue
        this.#text += open + field.jsonPrefix
        this.#value(value, field)
      }
      open = ','
    }
    this.#text += open === '{' ? '{}' : '}'
  }

  #list(list: readonly unknown[], field: OrtbField): void {
    if (field.kind === FieldKind.Map) {
      this.#entries(list as readonly OrtbEntry[])
      return
    }
    let open = '['
    for (const value of list) {
      this.#text += open
      open = ','
      this.#value(value, field)
    }
    this.#text += ']'
  }

  #entries(entries: readonly OrtbEntry[]): void {
    let open = '{'
    for (const { key, value } of entries) {
      this.#text += `${open}${JSON.stringify(key)}:${decimalText(value)}`
      open = ','
    }
    this.#text += '}'
  }

  #value(value: unknown, field: OrtbField): void {
    switch (field.kind) {
      case FieldKind.Message:
        this.#message(value as OrtbObject, field.message as OrtbMessage)
        return
      case FieldKind.Bool:
        this.#text += value === true ? '1' : '0'
        return
      case FieldKind.Int32:
      case FieldKind.Double:
        this.#text += decimalText(value as number)
        return
      case FieldKind.Json:
        this.#text += value as string
        return
      default:
        this.#text += JSON.stringify(value)
    }
  }
}

const bidRequest = ortbMessage('BidRequest')
const bidResponse = ortbMessage('BidResponse')
const nativeRequest = ortbMessage('NativeRequest')
const nativeResponse = ortbMessage('NativeResponse')

// Writing never waits, so one writer serves all.
const writer = new OrtbJsonWriter()
const utf8 = new TextEncoder()

/** The bid request as JSON bytes; for tools, benches and tests. */
export function writeBidRequestJson(request: OrtbBidRequest): Uint8Array {
  return utf8.encode(writer.write(request as unknown as OrtbObject, bidRequest))
}

/** The bid response as JSON bytes. */
export function writeBidResponseJson(response: OrtbBidResponse): Uint8Array {
  return utf8.encode(writer.write(response as unknown as OrtbObject, bidResponse))
}

/** The native request as the text that `imp.native.request` holds; for tools and tests. */
export function writeNativeRequestJson(request: OrtbNativeRequest): string {
  return writer.write(request as unknown as OrtbObject, nativeRequest)
}

/** The native response as the text that `bid.adm` holds. */
export function writeNativeResponseJson(response: OrtbNativeResponse): string {
  return writer.write(response as unknown as OrtbObject, nativeResponse)
}

/** Shortest decimal that reads back as the same number, never with an exponent. */
export function decimalText(value: number): string {
  const text = String(value)
  return text.includes('e') ? withoutExponent(text) : text
}

function withoutExponent(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = ''] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? []
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return sign + digits.padEnd(point, '0')
}

/** An object's text form is written before its parsed form: both have the same JSON key. */
function isSuperseded(object: OrtbObject, field: OrtbField): boolean {
  return field.textForm !== null && object[field.textForm] !== null
}
