/** A bidder in this process over the made-up world: everything but sockets and stores. */
import type { AudienceReader, AudienceView } from '../../src/audience/audience-reader.ts'
import { BidRows } from '../../src/catalog/bid/bid-rows.ts'
import { BidSnapshot } from '../../src/catalog/bid/bid-snapshot.ts'
import { buildBidData } from '../../src/catalog/bid/build-bid-data.ts'
import { BidDecider } from '../../src/decision/bid/bid-decide.ts'
import { DecisionIds } from '../../src/domain/decision-id.ts'
import type { DeviceKeys } from '../../src/domain/device-keys.ts'
import type { Exchange } from '../../src/domain/exchange.ts'
import { noGeo } from '../../src/domain/geo-port.ts'
import { emptyLayout, indexPacks } from '../../src/domain/pack.ts'
import { type Profile, ProfileState } from '../../src/domain/profile.ts'
import { SignedLinks } from '../../src/feedback/links.ts'
import { Tokens } from '../../src/feedback/token.ts'
import { saltSecret, tokenKeys } from '../../src/feedback/token-keys.ts'
import { DeviceHasher } from '../../src/identity/device-hasher.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import type { BidAdapter } from '../../src/media/bid-adapter.ts'
import { createOpenRtbAdapter } from '../../src/media/openrtb/adapter.ts'
import { benchExchange, bidPackCount, bidPackName, bidPackOffsets } from '../data/bid-words.ts'
import { bidWorld } from '../data/bid-world.ts'
import { seededRandom } from '../data/seeded-random.ts'

/** Everything that a stage may need. */
export interface BidBench {
  readonly snapshot: BidSnapshot
  readonly view: AudienceView
  readonly audience: AudienceReader
  readonly adapter: BidAdapter
  readonly links: SignedLinks
  readonly decider: BidDecider
  readonly clock: Clock
  readonly random: () => number
  /** Milliseconds of this thread: texts to rows, and rows to arrays. */
  readonly compileMs: { readonly parse: number; readonly build: number }
}

/** A Wednesday afternoon in the flight of most campaigns. */
const benchWallMs = Date.parse('2026-11-18T15:00:00Z')

/** Calendars stand still, so that every run decides the same; durations are real. */
const benchClock: Clock = {
  wallMs: () => benchWallMs,
  monotonicMs: () => systemClock.monotonicMs(),
}

const salt = new Uint8Array(16).fill(7)

/** Compiles a world of `creatives` creatives and puts a bidder on it. */
export function openBidBench(creatives: number): BidBench {
  const { snapshot, compileMs } = compiled(creatives)
  const random = seededRandom(1)
  const links = new SignedLinks(
    'https://bid.sluice.example',
    new Tokens(tokenKeys([saltSecret], salt), benchClock),
    benchClock,
  )
  const packs = Array.from({ length: bidPackCount }, (_, number) => ({
    id: bidPackName(number),
    current: null,
    previous: null,
    expiresAtMs: null,
  }))
  const view = { packs: indexPacks(packs, benchWallMs), layout: emptyLayout() }
  const decider = new BidDecider({
    catalog: { current: () => snapshot, isStale: () => false },
    audienceView: { current: () => view },
    audience: freeAudience,
    geo: noGeo,
    clock: benchClock,
    random,
    ids: new DecisionIds(() => 1),
    ranker: null,
    linksAreSecure: links.isSecure,
    record: () => undefined,
  })
  const adapter = createOpenRtbAdapter({ hasher: new DeviceHasher(salt), links })
  const audience = freeAudience
  return {
    snapshot,
    view,
    audience,
    adapter,
    links,
    decider,
    clock: benchClock,
    random,
    compileMs,
  }
}

/** An exchange of the bench's world. */
export function exchangeOf(bench: BidBench, id: string = benchExchange): Exchange {
  const exchange = bench.snapshot.exchange(id)
  if (exchange === null) throw new Error(`the world has no exchange ${id}`)
  return exchange
}

function compiled(creatives: number): Pick<BidBench, 'snapshot' | 'compileMs'> {
  const entities = Array.from(bidWorld(creatives), ({ kind, id, value }) => ({
    kind,
    id,
    version: 1,
    json: JSON.stringify(value),
  }))
  const startMs = systemClock.monotonicMs()
  const rows = new BidRows()
  for (const entity of entities) rows.put(entity)
  const readMs = systemClock.monotonicMs()
  const data = buildBidData(rows, 1, 1)
  const builtMs = systemClock.monotonicMs()
  if (data.problemCount > 0) throw new Error(`the world is broken: ${data.problems[0]?.reason}`)
  const { shape, brand, os, schedule, audience } = rows.tables
  const snapshot = new BidSnapshot(data, {
    shape: shape.items,
    brand: brand.items,
    os: os.items,
    schedule: schedule.items,
    audience: audience.items,
  })
  return { snapshot, compileMs: { parse: readMs - startMs, build: builtMs - readMs } }
}

/** Knows half of the devices without asking anybody: five packs each, with a score. */
const freeAudience: AudienceReader = {
  read: (devices, _view, _deadlineMs, profile) => {
    fillProfile(devices, profile)
    return undefined
  },
}

function fillProfile(devices: DeviceKeys, profile: Profile): void {
  if (devices.count === 0) return
  profile.state = ProfileState.Known
  const low = devices.low[0] ?? 0
  if ((low & 1) === 0) return
  profile.idsFound = 1
  for (const offset of bidPackOffsets) {
    profile.add(((low >>> 8) + offset) % bidPackCount, low & 0xff)
  }
}
