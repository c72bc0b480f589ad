/**
 * Reads the JSON form of `sluice.v1.RtaRequest`: proto3's JSON mapping. Members may be written
 * in snake_case or camelCase; 64-bit numbers as text or as numbers, every digit is kept.
 */
import { type AdRequest, type AskedProduct, Os, osNames } from '../../domain/ad-request.ts'
import { idTypeNamed } from '../../domain/id-type.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { DeviceHasher } from '../../identity/device-hasher.ts'
import { JsonPaths } from '../../lib/json-paths.ts'
import { JsonKind, JsonTape } from '../../lib/json-tape.ts'
import {
  addId,
  adsMax,
  allPartsMax,
  askedMax,
  experimentsMax,
  finish,
  idsMax,
  keyAt,
  partsMax,
  requestIdBytesMax,
} from './request.ts'

const tape = new JsonTape()

/** Members by slot; both spellings of each. */
const slots = [
  'request_id',
  'ids[*]',
  'os',
  'os_version',
  'geo.country',
  'geo.city',
  'geo.district',
  'geo.latitude',
  'geo.longitude',
  'experiment_ids[*]',
  'target_ids[*]',
  'ping',
  'test',
  'ip',
  'slot_id',
  'ads[*]',
  'cache_key_index',
] as const
const paths = pathsOf(slots)
const idSlots = ['type', 'value', 'scope'] as const
const idPaths = pathsOf(idSlots)
const adSlots = [
  'ad_group_id',
  'advertiser_id',
  'target_id',
  'creative_ids[*]',
  'products[*]',
] as const
const adPaths = pathsOf(adSlots)
const productSlots = ['library_id', 'product_id'] as const
const productPaths = pathsOf(productSlots)
const id = { type: 0, value: '', scope: '' }

/** Fills the cleared request, see `MediumAdapter.decode`. */
export function decodeJson(body: Uint8Array, request: AdRequest, hasher: DeviceHasher): Refusal {
  if (!tape.parse(body) || tape.kind[0] !== JsonKind.Object) return Refusal.Malformed
  paths.find(tape, 0)
  const requestId = paths.node(0)
  if (requestId >= 0 && sizeOf(requestId) > requestIdBytesMax) return Refusal.Malformed
  request.requestId = textAt('request_id')
  request.os = osNamed(textAt('os'))
  request.osVersion = textAt('os_version')
  request.isTest = textAt('test') === 'true'
  request.ip = textAt('ip')
  request.slotId = textAt('slot_id')
  readGeo(request)
  readLists(request)
  readIds(request, hasher)
  readAds(request)
  return finish(request, textAt('ping') === 'true')
}

function pathsOf(names: readonly string[]): JsonPaths {
  return new JsonPaths(names.map((name) => [...new Set([name, camelCase(name)])]))
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function textAt(name: (typeof slots)[number]): string {
  return textOfNode(paths.node(slots.indexOf(name)))
}

function textOfNode(node: number): string {
  return node >= 0 && tape.isScalar(node) ? tape.text(node) : ''
}

function sizeOf(node: number): number {
  return (tape.to[node] ?? 0) - (tape.from[node] ?? 0)
}

/** `ios`, `IOS`, `OS_IOS` or the number. */
function osNamed(text: string): Os {
  const name = text.toLowerCase().replace(/^os_/, '')
  const code = (osNames as readonly string[]).indexOf(name)
  const number = code >= 0 ? code : wholeOf(text)
  return number >= Os.Unknown && number <= Os.Other ? (number as Os) : Os.Unknown
}

function readGeo(request: AdRequest): void {
  const { geo } = request
  geo.country = textAt('geo.country')
  geo.city = textAt('geo.city')
  geo.district = textAt('geo.district')
  geo.latitude = degrees(textAt('geo.latitude'))
  geo.longitude = degrees(textAt('geo.longitude'))
}

function readLists(request: AdRequest): void {
  const experiments = slots.indexOf('experiment_ids[*]')
  for (let i = 0; i < Math.min(paths.count(experiments), experimentsMax); i++) {
    const value = wholeOf(textOfNode(paths.node(experiments, i)))
    if (value >= 0) request.experimentIds.push(value)
  }
  const asked = slots.indexOf('target_ids[*]')
  const count = Math.min(paths.count(asked), askedMax)
  if (count === 0) return
  request.asked = Array.from({ length: count }, (_, i) => textOfNode(paths.node(asked, i)))
}

function readIds(request: AdRequest, hasher: DeviceHasher): void {
  const list = slots.indexOf('ids[*]')
  const count = Math.min(paths.count(list), idsMax)
  for (let i = 0; i < count; i++) {
    idPaths.find(tape, paths.node(list, i))
    id.type = typeNamed(textOfNode(idPaths.node(0)))
    id.value = textOfNode(idPaths.node(1))
    id.scope = textOfNode(idPaths.node(2))
    addId(request, hasher, id, i)
  }
  request.devices.cachedBy = keyAt(wholeOf(textAt('cache_key_index')), count)
}

/** `oaid_md5`, `OAID_MD5` or the number; 0 for anything else. */
function typeNamed(text: string): number {
  const type = text.length > 32 ? null : idTypeNamed(text.toLowerCase())
  return type?.code ?? Math.max(0, wholeOf(text))
}

function readAds(request: AdRequest): void {
  const list = slots.indexOf('ads[*]')
  const count = Math.min(paths.count(list), adsMax)
  let room = allPartsMax
  for (let i = 0; i < count; i++) {
    adPaths.find(tape, paths.node(list, i))
    const text = (slot: number) => textOfNode(adPaths.node(slot))
    const creativeIds: string[] = []
    for (let j = 0; j < Math.min(adPaths.count(3), partsMax, room); j++) {
      creativeIds.push(wideOf(textOfNode(adPaths.node(3, j))))
    }
    room -= creativeIds.length
    const products: AskedProduct[] = []
    for (let j = 0; j < Math.min(adPaths.count(4), partsMax, room); j++) {
      productPaths.find(tape, adPaths.node(4, j))
      const libraryId = wideOf(textOfNode(productPaths.node(0)))
      products.push({ libraryId, productId: textOfNode(productPaths.node(1)) })
    }
    room -= products.length
    const ids = { adGroupId: wideOf(text(0)), advertiserId: wideOf(text(1)), outTargetId: text(2) }
    request.ads.push({ ...ids, creativeIds, products })
  }
}

/** A 64-bit id as decimal text; '0', protobuf's "absent", for anything that is none. */
function wideOf(text: string): string {
  if (!/^\d{1,20}$/.test(text)) return '0'
  return text.startsWith('0') ? text.replace(/^0+(?=\d)/, '') : text
}

/** A whole 32-bit number; -1 for anything else. */
function wholeOf(text: string): number {
  if (!/^\d{1,10}$/.test(text)) return -1
  const value = Number(text)
  return value <= 0xffff_ffff ? value : -1
}

function degrees(text: string): number {
  const value = text === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : Number.NaN
}
