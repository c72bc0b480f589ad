/**
 * Tencent `RtaRequest` (proto/tencent.proto) to `AdRequest`: a partial reader that looks at every
 * field once, in whatever order it comes, and keeps positions until the message is known whole.
 */
import { type AdRequest, RequestKind } from '../../domain/ad-request.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { DeviceHasher } from '../../identity/device-hasher.ts'
import { ProtoReader, textOf, wideText } from '../../lib/proto-reader.ts'
import { AdInfoReader } from './ad-info-reader.ts'
import { DeviceReader } from './device-reader.ts'

/**
 * Trace ids have a few dozen characters; a longer one is not worth echoing (the echo is optional).
 */
export const requestIdBytesMax = 256
/** Layers of platform experiments are a handful; beyond it ids are dropped. */
export const experimentIdsMax = 64

/** Reads requests; one per adapter, not re-entrant. */
export class TencentDecoder {
  readonly #reader = new ProtoReader()
  readonly #inner = new ProtoReader()
  readonly #devices: DeviceReader
  readonly #ads = new AdInfoReader()
  #idFrom = 0
  #idTo = 0
  #isPing = false
  #requestType = 0
  #hasSite = false
  #siteHigh = 0
  #siteLow = 0

  constructor(hasher: DeviceHasher) {
    this.#devices = new DeviceReader(hasher)
  }

  /**
   * Fills a cleared request. `Refusal.Malformed` when the bytes are no `RtaRequest`; an empty body
   * is one, with nothing in it.
   */
  decode(body: Uint8Array, request: AdRequest): Refusal {
    this.#start()
    const reader = this.#reader.reset(body)
    while (reader.next()) this.#field(reader, request)
    if (!reader.ok) return Refusal.Malformed
    if (this.#idTo - this.#idFrom <= requestIdBytesMax) {
      request.requestId = textOf(body, this.#idFrom, this.#idTo)
    }
    if (this.#hasSite) request.slotId = wideText(this.#siteHigh, this.#siteLow)
    this.#devices.finish(body, request)
    if (this.#isPing) request.kind = RequestKind.Ping
    else if (this.#requestType === 2) request.kind = RequestKind.Second
    if (request.kind !== RequestKind.Second && request.ads.length > 0) request.ads = []
    return Refusal.None
  }

  #start(): void {
    this.#idFrom = 0
    this.#idTo = 0
    this.#isPing = false
    this.#requestType = 0
    this.#hasSite = false
    this.#devices.start()
    this.#ads.start()
  }

  // Cases are whole tags, field << 3 | wire type: a field of another wire type is an unknown one.
  #field(reader: ProtoReader, request: AdRequest): void {
    switch (reader.tag) {
      case (1 << 3) | 2: // id
        if (reader.span()) {
          this.#idFrom = reader.from
          this.#idTo = reader.to
        }
        return
      case (2 << 3) | 0: // is_ping
        this.#isPing = reader.bool()
        return
      case (3 << 3) | 0: // is_test
        request.isTest = reader.bool()
        return
      case (5 << 3) | 2: // device
        this.#devices.read(reader)
        return
      case (6 << 3) | 0: // siteset_id
        this.#hasSite = true
        this.#siteLow = reader.varint()
        this.#siteHigh = reader.high
        return
      case (8 << 3) | 2: // request_info
        this.#readRequestInfo(reader)
        return
      case (9 << 3) | 2: // exps
        this.#readExperiment(reader, request)
        return
      case (11 << 3) | 2: // ad_infos
        this.#ads.read(reader, request)
        return
      default:
        reader.skip()
    }
  }

  #readRequestInfo(reader: ProtoReader): void {
    const inner = this.#inner
    if (!reader.message(inner)) return
    while (inner.next()) {
      if (inner.tag === ((1 << 3) | 0)) {
        const type = inner.int32()
        // Values the enum does not have are unknown fields (proto2): the last known one stays.
        if (type === 0 || type === 2) this.#requestType = type
      } else {
        inner.skip()
      }
    }
    if (!inner.ok) reader.ok = false
  }

  #readExperiment(reader: ProtoReader, request: AdRequest): void {
    const inner = this.#inner
    if (!reader.message(inner)) return
    let id = -1
    while (inner.next()) {
      if (inner.tag === ((1 << 3) | 0)) id = inner.varint()
      else inner.skip()
    }
    if (!inner.ok) reader.ok = false
    else if (id >= 0 && request.experimentIds.length < experimentIdsMax) {
      request.experimentIds.push(id)
    }
  }
}
