/** What a medium asks, in our words: one shape for every wire. */
import { DeviceKeys } from './device-keys.ts'
import type { Micros } from './money.ts'

/** Ping: answer at once, touch no store. Second: the medium's second request, with its ads. */
export const RequestKind = { Decide: 0, Ping: 1, Second: 2 } as const
export type RequestKind = (typeof RequestKind)[keyof typeof RequestKind]

/** Operating systems as conditions name them. HarmonyOS is Tencent's 7 (rta-media.md §1.3). */
export const Os = {
  Unknown: 0,
  Ios: 1,
  Android: 2,
  Windows: 3,
  Mac: 4,
  Harmony: 5,
  Other: 6,
} as const
export type Os = (typeof Os)[keyof typeof Os]

/** API names of the operating systems, by code. */
export const osNames = ['unknown', 'ios', 'android', 'windows', 'mac', 'harmony', 'other'] as const

/** A product an ad of a second request advertises. Ids are decimal strings (64 bit). */
export interface AskedProduct {
  readonly libraryId: string
  readonly productId: string
}

/** One ad of a second request (Tencent `AdInfo`). Ids are decimal strings (64 bit). */
export interface AskedAd {
  readonly adGroupId: string
  readonly advertiserId: string
  readonly outTargetId: string
  readonly creativeIds: readonly string[]
  readonly products: readonly AskedProduct[]
}

/** Where the device is, as far as the medium says; empty string or NaN where it does not. */
export interface Geo {
  country: string
  /** City name or the medium's city code as text. */
  city: string
  district: string
  latitude: number
  longitude: number
}

/**
 * One request in our words. A scratch owns it and clears it: nothing may keep it after the
 * answer. All fields are always present, in this order (style.md rule 7).
 */
export class AdRequest {
  /** Name in the medium registry: `tencent`, `oceanengine`, `sluice`, or a described one. */
  medium = ''
  /** The medium's request or trace id, as text; may be empty. */
  requestId = ''
  kind: RequestKind = RequestKind.Decide
  /** A simulated call: it is decided, but counts nothing. */
  isTest = false
  /** Monotonic milliseconds (lib/clock) at which the request reached the socket, estimated. */
  receivedAtMs = 0
  /** Monotonic milliseconds after which an answer is worth nothing. */
  deadlineMs = 0
  readonly devices = new DeviceKeys()
  os: Os = Os.Unknown
  osVersion = ''
  /** The medium's own experiment buckets (`exps`, `vids`, `experiment`); order as sent. */
  experimentIds: number[] = []
  /**
   * Strategies the medium asks about, by the id the medium knows (Ocean Engine `rta_ids`, as
   * decimal strings); null when the medium asks "which of all?" (Tencent).
   */
  asked: string[] | null = null
  readonly geo: Geo = {
    country: '',
    city: '',
    district: '',
    latitude: Number.NaN,
    longitude: Number.NaN,
  }
  /** IP as text; never logged whole. */
  ip = ''
  /** The medium's ad slot or site set, as text. */
  slotId = ''
  /** Ads of a second request; empty otherwise. */
  ads: AskedAd[] = []
  /** True when the wire of this request was JSON where a medium speaks JSON and protobuf. */
  isJson = false

  /** Puts every field back; `AdRequest`s are pooled. */
  clear(): void {
    this.medium = ''
    this.requestId = ''
    this.kind = RequestKind.Decide
    this.isTest = false
    this.receivedAtMs = 0
    this.deadlineMs = 0
    this.devices.clear()
    this.os = Os.Unknown
    this.osVersion = ''
    if (this.experimentIds.length > 0) this.experimentIds = []
    this.asked = null
    clearGeo(this.geo)
    this.ip = ''
    this.slotId = ''
    if (this.ads.length > 0) this.ads = []
    this.isJson = false
  }
}

/** A price rule's answer for one part of a second request's ad. */
export interface AdPrice {
  readonly cpcMicros: Micros
  readonly cpaMicros: Micros
  /** NaN when no factor applies. */
  readonly factor: number
}

function clearGeo(geo: Geo): void {
  geo.country = ''
  geo.city = ''
  geo.district = ''
  geo.latitude = Number.NaN
  geo.longitude = Number.NaN
}
