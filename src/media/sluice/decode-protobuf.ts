/** Reads the protobuf form of `sluice.v1.RtaRequest` (proto/sluice.proto), field by field. */
import type { AdRequest, AskedAd, AskedProduct, Geo } from '../../domain/ad-request.ts'
import { Os } from '../../domain/ad-request.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { DeviceHasher } from '../../identity/device-hasher.ts'
import { ProtoReader, textOf, WireType } from '../../lib/proto-reader.ts'
import {
  addId,
  adsMax,
  allPartsMax,
  askedMax,
  experimentsMax,
  fieldsMax,
  finish,
  idsMax,
  keyAt,
  partsMax,
  requestIdBytesMax,
} from './request.ts'

const outer = new ProtoReader()
const inner = new ProtoReader()
const innermost = new ProtoReader()
const id = { type: 0, value: '', scope: '' }
const state = { idsSeen: 0, isPing: false, cacheKeyIndex: -1, fields: 0, parts: 0 }

/** Where a text was last seen: it is read once, at the end, however often it is repeated. */
const osVersionSpan = { from: 0, to: -1 }
const ipSpan = { from: 0, to: -1 }
const slotSpan = { from: 0, to: -1 }
const spans = [osVersionSpan, ipSpan, slotSpan]

/** Fills the cleared request, see `MediumAdapter.decode`. */
export function decodeProtobuf(
  body: Uint8Array,
  request: AdRequest,
  hasher: DeviceHasher,
): Refusal {
  outer.reset(body)
  state.idsSeen = 0
  state.isPing = false
  state.cacheKeyIndex = -1
  state.fields = 0
  state.parts = 0
  for (const span of spans) span.to = -1
  while (nextOf(outer)) {
    if (outer.is(WireType.Bytes)) readBytes(request, hasher)
    else if (outer.is(WireType.Varint)) readVarint(request)
    else outer.skip()
  }
  request.devices.cachedBy = keyAt(state.cacheKeyIndex, state.idsSeen)
  request.osVersion = spanText(osVersionSpan)
  request.ip = spanText(ipSpan)
  request.slotId = spanText(slotSpan)
  if (!outer.ok) return Refusal.Malformed
  return finish(request, state.isPing)
}

/** Moves on, up to the limit of fields: a text of 30 000 tiny fields is no request. */
function nextOf(reader: ProtoReader): boolean {
  if (!reader.next()) return false
  if (++state.fields > fieldsMax) reader.ok = false
  return reader.ok
}

function readBytes(request: AdRequest, hasher: DeviceHasher): void {
  switch (outer.field) {
    case 1:
      readRequestId(request)
      return
    case 2:
      readId(request, hasher)
      return
    case 4:
      noteSpan(osVersionSpan)
      return
    case 5:
      readGeo(request.geo)
      return
    case 6:
      readExperiments(request)
      return
    case 7:
      readAsked(request)
      return
    case 10:
      noteSpan(ipSpan)
      return
    case 11:
      noteSpan(slotSpan)
      return
    case 12:
      readAd(request)
      return
    default:
      outer.skip()
  }
}

function readVarint(request: AdRequest): void {
  switch (outer.field) {
    case 3:
      request.os = osOf(outer.int32())
      return
    case 6:
      takeExperiment(request, outer)
      return
    case 8:
      state.isPing = outer.bool()
      return
    case 9:
      request.isTest = outer.bool()
      return
    case 13:
      state.cacheKeyIndex = outer.varint()
      return
    default:
      outer.skip()
  }
}

function noteSpan(span: { from: number; to: number }): void {
  if (!outer.span()) return
  span.from = outer.from
  span.to = outer.to
}

function spanText(span: { readonly from: number; readonly to: number }): string {
  return span.to < 0 ? '' : textOf(outer.bytes, span.from, span.to)
}

function readRequestId(request: AdRequest): void {
  if (outer.span() && outer.to - outer.from <= requestIdBytesMax) {
    request.requestId = textOf(outer.bytes, outer.from, outer.to)
    return
  }
  // Echoed and logged: one that long is no trace id.
  outer.ok = false
}

function readAsked(request: AdRequest): void {
  const { asked } = request
  if (asked === null) request.asked = [outer.text()]
  else if (asked.length < askedMax) asked.push(outer.text())
  else outer.skip()
}

function readExperiments(request: AdRequest): void {
  if (!outer.message(inner)) return
  const { experimentIds } = request
  while (inner.position < inner.end && inner.ok && experimentIds.length < experimentsMax) {
    takeExperiment(request, inner)
  }
  joinOk(inner)
}

function takeExperiment(request: AdRequest, reader: ProtoReader): void {
  const value = reader.varint()
  if (reader.ok && request.experimentIds.length < experimentsMax) request.experimentIds.push(value)
}

function readId(request: AdRequest, hasher: DeviceHasher): void {
  if (state.idsSeen >= idsMax) {
    outer.skip()
    return
  }
  if (!outer.message(inner)) return
  id.type = 0
  id.value = ''
  id.scope = ''
  while (nextOf(inner)) {
    if (inner.field === 1 && inner.is(WireType.Varint)) id.type = inner.int32()
    else if (inner.field === 2 && inner.is(WireType.Bytes)) id.value = inner.text()
    else if (inner.field === 3 && inner.is(WireType.Bytes)) id.scope = inner.text()
    else inner.skip()
  }
  joinOk(inner)
  if (!outer.ok) return
  addId(request, hasher, id, state.idsSeen++)
}

/** Repeated geo messages merge, as protobuf demands. Cases are tags: field << 3 | wire type. */
function readGeo(geo: Geo): void {
  if (!outer.message(inner)) return
  while (nextOf(inner)) {
    switch (inner.tag) {
      case 0x0a:
        geo.country = inner.text()
        break
      case 0x12:
        geo.city = inner.text()
        break
      case 0x1a:
        geo.district = inner.text()
        break
      case 0x21:
        geo.latitude = degrees(inner.double())
        break
      case 0x29:
        geo.longitude = degrees(inner.double())
        break
      default:
        inner.skip()
    }
  }
  joinOk(inner)
}

function readAd(request: AdRequest): void {
  if (request.ads.length >= adsMax) {
    outer.skip()
    return
  }
  if (!outer.message(inner)) return
  const ids = { adGroupId: '0', advertiserId: '0', outTargetId: '' }
  const creativeIds: string[] = []
  const products: AskedProduct[] = []
  while (nextOf(inner)) {
    switch (inner.tag) {
      case 0x08:
        ids.adGroupId = inner.uint64Text()
        break
      case 0x10:
        ids.advertiserId = inner.uint64Text()
        break
      case 0x1a:
        ids.outTargetId = inner.text()
        break
      case 0x20:
      case 0x22:
        readCreatives(creativeIds)
        break
      case 0x2a:
        readProduct(products)
        break
      default:
        inner.skip()
    }
  }
  joinOk(inner)
  const ad: AskedAd = { ...ids, creativeIds, products }
  request.ads.push(ad)
}

function readCreatives(creativeIds: string[]): void {
  if (inner.is(WireType.Varint)) {
    takeCreative(creativeIds, inner)
    return
  }
  if (!inner.message(innermost)) return
  while (innermost.position < innermost.end && innermost.ok && creativeIds.length < partsMax) {
    takeCreative(creativeIds, innermost)
  }
  if (!innermost.ok) inner.ok = false
}

function takeCreative(creativeIds: string[], reader: ProtoReader): void {
  if (creativeIds.length < partsMax && state.parts++ < allPartsMax) {
    const value = reader.uint64Text()
    if (reader.ok) creativeIds.push(value)
  } else reader.varint()
}

function readProduct(products: AskedProduct[]): void {
  if (!inner.message(innermost)) return
  let libraryId = '0'
  let productId = ''
  while (nextOf(innermost)) {
    if (innermost.field === 1 && innermost.is(WireType.Varint)) libraryId = innermost.uint64Text()
    else if (innermost.field === 2 && innermost.is(WireType.Bytes)) productId = innermost.text()
    else innermost.skip()
  }
  if (!innermost.ok) inner.ok = false
  const hasRoom = products.length < partsMax && state.parts++ < allPartsMax
  if (hasRoom) products.push({ libraryId, productId })
}

function joinOk(reader: ProtoReader): void {
  if (!reader.ok) outer.ok = false
}

function osOf(code: number): Os {
  return code >= Os.Unknown && code <= Os.Other ? (code as Os) : Os.Unknown
}

function degrees(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN
}
