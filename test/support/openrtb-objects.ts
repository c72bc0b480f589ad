/** Objects of the OpenRTB schema for tests: every field filled, or arbitrary ones. */
import fc from 'fast-check'
import { type OrtbBidRequest, ortbNone } from '../../src/media/openrtb/wire/openrtb.generated.ts'
import {
  FieldKind,
  type OrtbField,
  type OrtbLayout,
  type OrtbMessage,
  type OrtbObject,
  ortbMessage,
} from '../../src/media/openrtb/wire/ortb-schema.ts'
import { upgradePlaces } from '../../src/media/openrtb/wire/upgrade-places.ts'

/** Enough variants that each member of every oneof is filled in one of them. */
export const fillVariants = [0, 1, 2, 3] as const

/**
 * An object with every field filled that the layout can carry, one member of each oneof chosen by
 * `variant`. Values tell the fields apart.
 */
export function fillMessage(path: string, layout: OrtbLayout, variant: number): OrtbObject {
  let counter = 0
  const fill = (message: OrtbMessage): OrtbObject => {
    const object = message.make()
    for (const field of message.fields) {
      if (!isCarried(field, layout) || !isChosen(message, field, variant)) continue
      object[field.name] = field.isList ? fillList(field) : fillValue(field)
    }
    return object
  }
  const fillList = (field: OrtbField): unknown[] =>
    field.kind === FieldKind.Message ? [fillValue(field)] : [fillValue(field), fillValue(field)]
  const fillValue = (field: OrtbField): unknown => {
    counter++
    switch (field.kind) {
      case FieldKind.String:
        return `${field.name}-${counter}-é`
      case FieldKind.Int32:
        return counter % 7 === 0 ? -counter : counter * 1_000
      case FieldKind.Double:
        return counter + 0.1
      case FieldKind.Bool:
        return counter % 2 === 0
      case FieldKind.Int64:
        return String(9_007_199_254_740_993n + BigInt(counter))
      case FieldKind.Json:
        return `{"n":${counter},"list":[true,null,"x"],"inner":{"a":0.5}}`
      case FieldKind.Map:
        return { key: `key-${counter}`, value: counter + 0.25 }
      case FieldKind.Message:
        return fill(field.message as OrtbMessage)
    }
  }
  return fill(ortbMessage(path))
}

/** Any object of the message that the layout can carry, as a reader would give it. */
export function arbitraryMessage(path: string, layout: OrtbLayout): fc.Arbitrary<OrtbObject> {
  const known = new Map<string, fc.Arbitrary<OrtbObject>>()
  const messageOf = (message: OrtbMessage): fc.Arbitrary<OrtbObject> => {
    const held = known.get(message.path)
    if (held !== undefined) return held
    const entries = message.fields
      .filter((field) => isCarried(field, layout))
      .map((field) => [field.name, fieldOf(field)] as const)
    const made = fc
      .record(Object.fromEntries(entries))
      .map((values) => keepOneOfEach(Object.assign(message.make(), values), message))
    known.set(message.path, made)
    return made
  }
  const fieldOf = (field: OrtbField): fc.Arbitrary<unknown> => {
    const isMessage = field.kind === FieldKind.Message
    const value = isMessage ? messageOf(field.message as OrtbMessage) : scalarOf(field.kind)
    if (!field.isList) return fc.option(value, { freq: 2, nil: null })
    const some =
      field.kind === FieldKind.Map
        ? fc.uniqueArray(value as fc.Arbitrary<{ key: string }>, {
            selector: (entry) => entry.key,
            minLength: 1,
            maxLength: 3,
          })
        : fc.array(value, { minLength: 1, maxLength: isMessage ? 2 : 4 })
    return fc.oneof({ weight: 2, arbitrary: fc.constant(ortbNone) }, some)
  }
  const root = messageOf(ortbMessage(path))
  return path === 'BidRequest' ? root.map(upgraded) : root
}

/** True when the layout has a number for the field. */
function isCarried(field: OrtbField, layout: OrtbLayout): boolean {
  return layout === 'google' || field.number > 0
}

function isChosen(message: OrtbMessage, field: OrtbField, variant: number): boolean {
  if (field.oneof.length === 0) return true
  const group = message.fields.filter(
    (other) => other === field || field.oneof.includes(other.name),
  )
  return group[variant % group.length] === field
}

function scalarOf(kind: FieldKind): fc.Arbitrary<unknown> {
  switch (kind) {
    case FieldKind.String:
      return fc.string({ unit: 'grapheme', maxLength: 20 })
    case FieldKind.Int32:
      return fc.integer()
    case FieldKind.Double:
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
    case FieldKind.Bool:
      return fc.boolean()
    case FieldKind.Int64:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
    case FieldKind.Json:
      return fc
        .jsonValue({ stringUnit: 'grapheme' })
        .filter((value) => value !== null)
        .map((value) => JSON.stringify(JSON.parse(JSON.stringify(value))))
    default:
      return fc
        .tuple(fc.string({ unit: 'grapheme', maxLength: 5 }), number)
        .map(([key, value]) => ({ key, value }))
  }
}

const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)

/** Of each oneof the last member that is set, as protobuf keeps it. */
function keepOneOfEach(object: OrtbObject, message: OrtbMessage): OrtbObject {
  for (const field of message.fields) {
    if (field.oneofLater.some((name) => object[name] !== null)) object[field.name] = null
  }
  return object
}

function upgraded(object: OrtbObject): OrtbObject {
  upgradePlaces(object as unknown as OrtbBidRequest)
  return object
}
