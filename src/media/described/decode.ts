/** Reads a described medium's request: every path is compiled at start, one walk finds all. */
import type { AdRequest } from '../../domain/ad-request.ts'
import { Os, osNames, RequestKind } from '../../domain/ad-request.ts'
import type {
  DescribedIdField,
  DescribedIdList,
  DescribedList,
  DescribedMarker,
  DescribedMedium,
} from '../../domain/described-medium.ts'
import { idTypeNamed } from '../../domain/id-type.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { DeviceHasher } from '../../identity/device-hasher.ts'
import type { Clock } from '../../lib/clock.ts'
import { JsonPaths } from '../../lib/json-paths.ts'
import { JsonKind, JsonTape } from '../../lib/json-tape.ts'
import type { WireRequest } from '../adapter.ts'
import { createSignatureCheck, type SignatureCheck, signaturePaths } from './signature.ts'

/** Ids of one request we look at: four times what `DeviceKeys` holds, so that doubtful ones fit. */
const describedIdsMax = 64

/** Strategies of one request we answer; media ask about a few dozen. */
const describedAskedMax = 256

/** Experiment ids of one request we keep; media have fewer than ten layers. */
const describedExperimentsMax = 64

/** Bytes of a request id: it is echoed and logged. Longer ones are malformed. */
const describedRequestIdBytesMax = 256

/** What compiling needs beside the description. */
export interface DescribedReaderContext {
  readonly hasher: DeviceHasher
  readonly clock: Clock | null
}

interface Marker {
  readonly slot: number
  readonly values: ReadonlySet<string>
}

interface FieldReader {
  readonly field: DescribedIdField
  readonly type: number
  readonly slot: number
  readonly scopeSlot: number
}

interface ListReader {
  readonly list: DescribedIdList
  readonly slot: number
  readonly types: ReadonlyMap<string, TypePair>
  /** Paths within an element: value, type, scope, md5 marker. */
  readonly element: JsonPaths
  readonly md5Values: ReadonlySet<string>
}

/** Code of a type as mapped, and of its md5 form. */
interface TypePair {
  readonly plain: number
  readonly hashed: number
}

const elementSlots = { value: 0, type: 1, scope: 2, md5: 3 } as const

/** Collects paths; equal ones share a slot, null ones have slot -1. */
class SlotPlan {
  readonly paths: string[] = []

  slot(path: string | null): number {
    if (path === null) return -1
    const known = this.paths.indexOf(path)
    return known >= 0 ? known : this.paths.push(path) - 1
  }
}

/** One medium's compiled reader. Single-threaded: tape and paths are reused by every request. */
export class DescribedReader {
  readonly #tape = new JsonTape()
  readonly #paths: JsonPaths
  readonly #hasher: DeviceHasher
  readonly #signature: SignatureCheck | null
  readonly #fields: readonly FieldReader[]
  readonly #lists: readonly ListReader[]
  readonly #cachedBy: readonly number[]
  readonly #osCodes: ReadonlyMap<string, Os>
  readonly #asked: DescribedList | null
  readonly #experiments: DescribedList | null
  readonly #ping: Marker | null
  readonly #test: Marker | null
  readonly #slots: Readonly<Record<TextSlot, number>>
  #idsSeen = 0

  constructor(medium: DescribedMedium, context: DescribedReaderContext) {
    const { request } = medium
    const plan = new SlotPlan()
    this.#hasher = context.hasher
    this.#fields = request.ids.flatMap((id) => (id.kind === 'field' ? [fieldReader(id, plan)] : []))
    this.#lists = request.ids.flatMap((id) => (id.kind === 'list' ? [listReader(id, plan)] : []))
    this.#cachedBy = request.cachedBy.map(codeOf)
    const os = Object.entries(request.os?.values ?? {})
    this.#osCodes = new Map(os.map(([word, name]) => [word, osNamed(name)]))
    this.#asked = request.asked
    this.#experiments = request.experimentIds
    this.#ping = markerOf(request.ping, plan)
    this.#test = markerOf(request.test, plan)
    this.#slots = {
      requestId: plan.slot(request.requestId),
      os: plan.slot(request.os?.path ?? null),
      osVersion: plan.slot(request.osVersion),
      country: plan.slot(request.geo.country),
      city: plan.slot(request.geo.city),
      district: plan.slot(request.geo.district),
      latitude: plan.slot(request.geo.latitude),
      longitude: plan.slot(request.geo.longitude),
      ip: plan.slot(request.ip),
      slotId: plan.slot(request.slotId),
      asked: plan.slot(request.asked?.path ?? null),
      experiments: plan.slot(request.experimentIds?.path ?? null),
    }
    const { signature } = medium
    const signed = signature === null ? [] : signaturePaths(signature)
    const slotOf = new Map(signed.map((path) => [path, plan.slot(path)]))
    this.#paths = new JsonPaths(plan.paths.map((path) => [path]))
    const bodyText = (path: string) => this.#textAt(slotOf.get(path) ?? -1)
    this.#signature =
      signature === null ? null : createSignatureCheck(signature, bodyText, context.clock)
  }

  /** Fills the cleared request, see `MediumAdapter.decode`. */
  read(wire: WireRequest, request: AdRequest): Refusal {
    request.isJson = true
    if (wire.body.length === 0) return Refusal.EmptyBody
    if (!this.#tape.parse(wire.body) || !this.#isContainer()) return Refusal.Malformed
    this.#paths.find(this.#tape, 0)
    if (!this.#readRequestId(request)) return Refusal.Malformed
    if (this.#signature !== null && !this.#signature(wire)) return Refusal.BadSignature
    if (this.#isMarked(this.#ping)) request.kind = RequestKind.Ping
    request.isTest = this.#isMarked(this.#test)
    this.#readContext(request)
    this.#readIds(request)
    return Refusal.None
  }

  #isContainer(): boolean {
    const kind = this.#tape.kind[0]
    return kind === JsonKind.Object || kind === JsonKind.Array
  }

  #readRequestId(request: AdRequest): boolean {
    const node = this.#scalarAt(this.#slots.requestId)
    if (node < 0) return true
    if (bytesOf(this.#tape, node) > describedRequestIdBytesMax) return false
    request.requestId = this.#tape.text(node)
    return true
  }

  #readContext(request: AdRequest): void {
    const slots = this.#slots
    const { geo } = request
    request.os = this.#osCodes.get(this.#textAt(slots.os)) ?? Os.Unknown
    request.osVersion = this.#textAt(slots.osVersion)
    geo.country = this.#textAt(slots.country)
    geo.city = this.#textAt(slots.city)
    geo.district = this.#textAt(slots.district)
    geo.latitude = this.#numberAt(slots.latitude)
    geo.longitude = this.#numberAt(slots.longitude)
    request.ip = this.#textAt(slots.ip)
    request.slotId = this.#textAt(slots.slotId)
    if (this.#asked !== null) {
      request.asked = this.#words(slots.asked, this.#asked.separator, describedAskedMax)
    }
    if (this.#experiments === null) return
    const { separator } = this.#experiments
    for (const word of this.#words(slots.experiments, separator, describedExperimentsMax)) {
      const id = Number(word)
      if (Number.isSafeInteger(id)) request.experimentIds.push(id)
    }
  }

  #readIds(request: AdRequest): void {
    this.#idsSeen = 0
    for (const reader of this.#fields) this.#readField(request, reader)
    for (const reader of this.#lists) this.#readList(request, reader)
    const { devices } = request
    for (const type of this.#cachedBy) {
      const index = devices.type.subarray(0, devices.count).indexOf(type)
      if (index < 0) continue
      devices.cachedBy = index
      return
    }
  }

  #readField(request: AdRequest, reader: FieldReader): void {
    const { field, type, slot, scopeSlot } = reader
    const fixed = scopeSlot < 0 ? field.scope : this.#textAt(scopeSlot)
    for (const word of this.#words(slot, field.separator, describedIdsMax)) {
      const cut = field.scopeSeparator === '' ? -1 : word.indexOf(field.scopeSeparator)
      const value = cut < 0 ? word : word.slice(cut + field.scopeSeparator.length)
      this.#add(request, type, value, cut < 0 ? fixed : word.slice(0, cut))
    }
  }

  #readList(request: AdRequest, reader: ListReader): void {
    const tape = this.#tape
    const { element, list, types } = reader
    const count = this.#paths.count(reader.slot)
    for (let i = 0; i < count && this.#idsSeen < describedIdsMax; i++) {
      element.find(tape, this.#paths.node(reader.slot, i))
      const text = (slot: number) => scalarText(tape, element.node(slot))
      const word = list.typePath === null ? '*' : text(elementSlots.type)
      const pair = types.get(word) ?? types.get('*')
      if (pair === undefined) continue
      const isHashed = list.md5 !== null && reader.md5Values.has(text(elementSlots.md5))
      const type = isHashed ? pair.hashed : pair.plain
      this.#add(request, type, text(elementSlots.value), text(elementSlots.scope))
    }
  }

  #add(request: AdRequest, type: number, value: string, scope: string): void {
    if (this.#idsSeen++ < describedIdsMax) {
      this.#hasher.addText(request.devices, type, value, scope)
    }
  }

  /** The texts a slot found: array elements and texts split; empty ones are left out. */
  #words(slot: number, separator: string, wordsMax: number): string[] {
    const words: string[] = []
    if (slot < 0) return words
    const tape = this.#tape
    const count = this.#paths.count(slot)
    for (let i = 0; i < count && words.length < wordsMax; i++) {
      const node = this.#paths.node(slot, i)
      const isArray = tape.kind[node] === JsonKind.Array
      const end = tape.after[node] ?? 0
      for (let at = isArray ? node + 1 : node; at < end; at = tape.after[at] ?? end) {
        splitInto(words, scalarText(tape, at), separator, wordsMax)
        if (words.length >= wordsMax) break
      }
    }
    return words
  }

  #isMarked(marker: Marker | null): boolean {
    return marker?.values.has(this.#textAt(marker.slot)) ?? false
  }

  /** Node of the slot's first value when it has a text; -1 otherwise. */
  #scalarAt(slot: number): number {
    if (slot < 0) return -1
    const node = this.#paths.node(slot)
    return node >= 0 && this.#tape.isScalar(node) ? node : -1
  }

  #textAt(slot: number): string {
    return scalarText(this.#tape, this.#scalarAt(slot))
  }

  #numberAt(slot: number): number {
    const text = this.#textAt(slot).trim()
    const value = text === '' ? Number.NaN : Number(text)
    return Number.isFinite(value) ? value : Number.NaN
  }
}

type TextSlot =
  | 'requestId'
  | 'os'
  | 'osVersion'
  | 'country'
  | 'city'
  | 'district'
  | 'latitude'
  | 'longitude'
  | 'ip'
  | 'slotId'
  | 'asked'
  | 'experiments'

function scalarText(tape: JsonTape, node: number): string {
  return node >= 0 && tape.isScalar(node) ? tape.text(node) : ''
}

function bytesOf(tape: JsonTape, node: number): number {
  return (tape.to[node] ?? 0) - (tape.from[node] ?? 0)
}

function splitInto(words: string[], text: string, separator: string, wordsMax: number): void {
  if (separator === '') {
    if (text !== '') words.push(text)
    return
  }
  // One more than we keep bounds what a text of separators only can make.
  for (const part of text.split(separator, wordsMax)) {
    const word = part.trim()
    if (word !== '' && words.length < wordsMax) words.push(word)
  }
}

function fieldReader(field: DescribedIdField, plan: SlotPlan): FieldReader {
  const slot = plan.slot(field.path)
  return { field, type: codeOf(field.type), slot, scopeSlot: plan.slot(field.scopePath) }
}

function listReader(list: DescribedIdList, plan: SlotPlan): ListReader {
  const spelled = (path: string | null | undefined) => (typeof path === 'string' ? [path] : [])
  return {
    list,
    slot: plan.slot(list.path),
    types: new Map(Object.entries(list.types).map(([word, name]) => [word, pairOf(name)])),
    element: new JsonPaths([
      [list.valuePath],
      spelled(list.typePath),
      spelled(list.scopePath),
      spelled(list.md5?.path),
    ]),
    md5Values: new Set(list.md5?.values),
  }
}

function markerOf(marker: DescribedMarker | null, plan: SlotPlan): Marker | null {
  return marker === null ? null : { slot: plan.slot(marker.path), values: new Set(marker.values) }
}

function pairOf(name: string): TypePair {
  const plain = codeOf(name)
  return { plain, hashed: idTypeNamed(`${name}_md5`)?.code ?? plain }
}

/** Throws on a name that is no id type: the configuration schema refuses it before. */
function codeOf(name: string): number {
  const type = idTypeNamed(name)
  if (type === null) throw new RangeError(`no id type is named "${name}"`)
  return type.code
}

function osNamed(name: string): Os {
  const code = (osNames as readonly string[]).indexOf(name)
  return (code < 0 ? Os.Unknown : code) as Os
}
