/**
 * What control explains with: a catalog, a reader and a decider of its own, none of them counted.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createProfileReader } from '../audience/profile-reader.ts'
import { Catalog } from '../catalog/catalog.ts'
import type { ExplainPort } from '../control/explain-port.ts'
import { RtaDecider } from '../decision/decide.ts'
import type { GeoSource } from '../domain/geo-port.ts'
import type { DeviceHasher } from '../identity/device-hasher.ts'
import type { Clock } from '../lib/clock.ts'
import { loadProtoType } from '../media/proto-root.ts'
import type { Store } from '../store/ports.ts'
import { type ExplainBidParts, setUpExplainBids } from './explain-bid-setup.ts'
import type { MediumSetup } from './media-setup.ts'

/** Message types of the media that speak protobuf: file and name. */
const requestTypes: Readonly<Record<string, readonly [file: string, name: string]>> = {
  tencent: ['tencent.proto', 'tencent.ad.rta.RtaRequest'],
  oceanengine: ['oceanengine.proto', 'sluice.oceanengine.Req'],
  sluice: ['sluice.proto', 'sluice.v1.RtaRequest'],
}

/** Strategies are looked at five times a second; a store that is slow is not waited for longer. */
const freshStrategiesMsMax = 2_000
const pollMs = 20

/** What explain shares with the rest of its process. */
export interface ExplainParts {
  readonly clock: Clock
  readonly geo: GeoSource
  readonly hasher: DeviceHasher
  readonly publicUrl: string
  readonly ranker: ExplainBidParts['ranker']
  readonly followBids: ExplainBidParts['follow']
}

/** The explain port, and how to stop what keeps it up to date. */
export function setUpExplain(
  store: Store,
  media: readonly MediumSetup[],
  parts: ExplainParts,
): { readonly port: ExplainPort; readonly stop: () => Promise<void> } {
  const { clock, geo, hasher, publicUrl, ranker, followBids } = parts
  const rules = new Map(media.map((medium) => [medium.adapter.name, medium.rules]))
  const rulesOf = (medium: string) => rules.get(medium) ?? null
  const catalog = new Catalog({ store: store.catalog, rulesOf, clock })
  void catalog.start()
  const audience = createProfileReader(store.buckets.reader)
  const bids = setUpExplainBids({
    clock,
    geo,
    hasher,
    audience,
    audienceView: () => catalog.current(),
    publicUrl,
    ranker,
    follow: followBids,
  })
  return {
    port: {
      adapters: new Map(media.map(({ adapter }) => [adapter.name, adapter])),
      decider: new RtaDecider({
        catalog,
        audience,
        clock,
        media,
        geo,
        ranker,
        bidSnapshot: () => bids.port.current(),
      }),
      prepare: async (medium, { strategies, campaigns }) => {
        const untilMs = clock.monotonicMs() + freshStrategiesMsMax
        while ((catalog.current()?.revision ?? 0) < strategies) {
          if (clock.monotonicMs() > untilMs) break
          await sleep(pollMs)
        }
        const ranks = catalog.current()?.media.get(medium)?.ranks ?? false
        // Not the revision of strategies and packs: the bidder's catalog never gets to that.
        if (ranks) await bids.port.snapshot(campaigns)
      },
      encodeRequest,
      bids: bids.port,
    },
    stop: () => {
      catalog.stop()
      return bids.stop()
    },
  }
}

/** A message in JSON as the medium's protobuf; null where the medium speaks JSON itself. */
function encodeRequest(medium: string, message: unknown): Uint8Array | null {
  const entry = Object.hasOwn(requestTypes, medium) ? requestTypes[medium] : undefined
  if (entry === undefined) return null
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new TypeError('a message is a JSON object')
  }
  const type = loadProtoType(...entry)
  // `fromObject` reads enum names, 64-bit numbers as text and bytes as base64.
  const problem = type.verify(type.toObject(type.fromObject(message)))
  if (problem !== null) throw new TypeError(problem)
  return type.encode(type.fromObject(message)).finish()
}
