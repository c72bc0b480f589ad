/**
 * What control explains bids with: a catalog of its own, compiled in a thread that runs only while
 * somebody explains, and a decider that counts and records nothing.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleepByTimer } from 'node:timers/promises'
import type { AudienceReader, AudienceView } from '../audience/audience-reader.ts'
import type { BidSnapshot } from '../catalog/bid/bid-snapshot.ts'
import type { BidExplainPort } from '../control/explain-port.ts'
import { explainMsMax } from '../control/limits.ts'
import { BidDecider } from '../decision/bid/bid-decide.ts'
import { userTimeOf } from '../decision/bid/user-time.ts'
import { type GeoSource, newGeoAnswer } from '../domain/geo-port.ts'
import { ProfileState } from '../domain/profile.ts'
import { SignedLinks } from '../feedback/links.ts'
import { Tokens } from '../feedback/token.ts'
import { tokenKeys } from '../feedback/token-keys.ts'
import { inflate, looksGzipped } from '../http/bid-body.ts'
import { timeMsOf } from '../http/bid-gate.ts'
import { isJsonType } from '../http/bid-head.ts'
import type { DeviceHasher } from '../identity/device-hasher.ts'
import type { Clock } from '../lib/clock.ts'
import { systemRandom } from '../lib/random.ts'
import { createOpenRtbAdapter } from '../media/openrtb/adapter.ts'
import type { Ranker } from '../scoring/ranking.ts'
import type { BidCatalogSetup } from './bid-catalog-setup.ts'
import { newDecisionIds } from './feedback-setup.ts'

/**
 * The thread holds the whole catalog once more (some 300 MB for 100 000 creatives) and compiles
 * every change anew: nothing that should go on for hours because somebody explained once.
 */
export const idleMsMax = 10 * 60 * 1_000

/** A first compilation of 100 000 creatives takes up to 6 s on a busy machine. */
const firstSnapshotMsMax = 20_000
/** A change is compiled within a second; a slow store may need a little more. */
const freshSnapshotMsMax = 3_000
const pollMs = 20

/** What the bidder of explain is built from. */
export interface ExplainBidParts {
  readonly clock: Clock
  readonly geo: GeoSource
  readonly hasher: DeviceHasher
  readonly audience: AudienceReader
  readonly audienceView: () => AudienceView | null
  readonly publicUrl: string
  /** Runs the models that `follow` opens; null = explanations are in prior order. */
  readonly ranker: Ranker | null
  /** Starts following the catalog: a thread in control, in the caller's thread in tests. */
  readonly follow: () => BidCatalogSetup
  /** Waits between two looks at what the thread has compiled. */
  readonly sleep?: (ms: number) => Promise<unknown>
}

/** The bidder of explain, and how to stop what it has started. */
export interface ExplainBidSetup {
  readonly port: BidExplainPort
  stop(): Promise<void>
}

/** Builds it; nothing is followed or compiled before the first request is explained. */
export function setUpExplainBids(parts: ExplainBidParts): ExplainBidSetup {
  const { clock, geo, hasher, audience, audienceView } = parts
  const catalog = new IdleCatalog(parts)
  // A key that nobody else has: a link copied out of an explanation bills nothing.
  const tokens = new Tokens(tokenKeys([{ id: 0, bytes: randomBytes(32) }], randomBytes(16)), clock)
  const links = new SignedLinks(parts.publicUrl, tokens, clock)
  const adapter = createOpenRtbAdapter({ hasher, links })
  const decider = new BidDecider({
    catalog,
    audienceView: { current: audienceView },
    audience,
    geo,
    clock,
    random: systemRandom,
    ids: newDecisionIds(),
    linksAreSecure: links.isSecure,
    ranker: parts.ranker,
    record: () => undefined,
  })
  const port: BidExplainPort = {
    snapshot: (revision) => catalog.snapshot(revision),
    current: () => catalog.current(),
    decode: (body, contentType, exchange, request) => {
      const plain = looksGzipped(body) ? inflate(body) : body
      if (typeof plain === 'number') return plain
      const isJson = contentType === '' ? beginsAsJson(plain) : isJsonType(contentType)
      request.isJson = isJson
      return adapter.decode(plain, isJson, exchange, request)
    },
    timeMsOf,
    adapter,
    decider,
    audienceView,
    readProfile: (request, profile) => {
      const view = audienceView()
      profile.reset(view?.packs.words ?? 1)
      if (view !== null) {
        const deadlineMs = clock.monotonicMs() + explainMsMax
        const { packs, layout } = view
        const asking = { packs, layout, asksHistory: true }
        return audience.read(request.devices, asking, deadlineMs, profile)
      }
      profile.state = ProfileState.Unavailable
      return undefined
    },
    userTime: (request, wallMs) => userTimeOf(request, wallMs, geo, newGeoAnswer()),
    linksAreSecure: links.isSecure,
  }
  return { port, stop: () => catalog.stop() }
}

/** A catalog that is followed from the first question until nobody has asked for a while. */
class IdleCatalog {
  readonly #follow: () => BidCatalogSetup
  readonly #clock: Clock
  readonly #sleep: (ms: number) => Promise<unknown>
  #followed: BidCatalogSetup | null = null
  #idle: NodeJS.Timeout | null = null

  constructor({ follow, clock, sleep = sleepByTimer }: ExplainBidParts) {
    this.#follow = follow
    this.#clock = clock
    this.#sleep = sleep
  }

  current(): BidSnapshot | null {
    return this.#followed?.catalog.current() ?? null
  }

  isStale(): boolean {
    return this.#followed?.catalog.isStale() ?? true
  }

  /** See `BidExplainPort.snapshot`. */
  async snapshot(revision: number): Promise<BidSnapshot | null> {
    this.#followed ??= this.#follow()
    this.#keepAwake()
    const { catalog } = this.#followed
    const startedMs = this.#clock.monotonicMs()
    for (;;) {
      const snapshot = catalog.current()
      const waitedMs = this.#clock.monotonicMs() - startedMs
      if (snapshot === null && waitedMs > firstSnapshotMsMax) return null
      if (snapshot !== null) {
        if (snapshot.revision >= revision || waitedMs > freshSnapshotMsMax) return snapshot
      }
      await this.#sleep(pollMs)
    }
  }

  async stop(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle)
    const followed = this.#followed
    this.#followed = null
    await followed?.stop()
  }

  #keepAwake(): void {
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#idle = setTimeout(() => void this.stop(), idleMsMax)
    this.#idle.unref()
  }
}

/**
 * An object in JSON begins with a brace; no protobuf request does (it would be a group's start).
 */
function beginsAsJson(body: Uint8Array): boolean {
  const brace = 0x7b
  for (const byte of body) if (byte > 0x20) return byte === brace
  return true
}
