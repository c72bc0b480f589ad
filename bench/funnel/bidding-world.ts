/** A generated world and a bidder on it in this process: everything but sockets and stores. */
import type { AudienceReader, AudienceView } from '../../src/audience/audience-reader.ts'
import { BidCatalog } from '../../src/catalog/bid/bid-catalog.ts'
import { BidCompiler } from '../../src/catalog/bid/bid-compiler.ts'
import { BidSnapshot } from '../../src/catalog/bid/bid-snapshot.ts'
import { BidDecider } from '../../src/decision/bid/bid-decide.ts'
import { DecisionIds } from '../../src/domain/decision-id.ts'
import type { DecisionRecord } from '../../src/domain/decision-record.ts'
import type { DeviceKeys } from '../../src/domain/device-keys.ts'
import type { BidPlan, Exchange } from '../../src/domain/exchange.ts'
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
import { adEncoderOf } from '../../src/scoring/ad-encoder.ts'
import { Batcher } from '../../src/scoring/batcher.ts'
import { ModelRoom } from '../../src/scoring/model-room.ts'
import type { OpenedModel } from '../../src/scoring/open-model.ts'
import type { CatalogStore, StoredEntity } from '../../src/store/ports.ts'
import { RankMeter } from '../../src/telemetry/rank-meter.ts'
import { packScore, packsOf, type User } from '../../src/world/users.ts'
import { packIds, worldExchange } from '../../src/world/world-words.ts'
import { seededRandom } from '../data/seeded-random.ts'
import { coarseName, fineName } from './bench-models.ts'

/** The models of a run, opened in this thread. */
export interface BenchModels {
  readonly coarse: OpenedModel
  readonly fine: OpenedModel
}

/** Calendars stand where they are told to, durations are real. */
export class WorldClock implements Clock {
  #wallMs = 0

  /** From now on it is this moment. */
  set(wallMs: number): void {
    this.#wallMs = wallMs
  }

  wallMs(): number {
    return this.#wallMs
  }

  monotonicMs(): number {
    return systemClock.monotonicMs()
  }
}

/** Knows the users whose requests it was shown, without asking anybody. */
export class WorldAudience implements AudienceReader {
  readonly #users = new Map<string, User>()

  put(devices: DeviceKeys, user: User): void {
    if (devices.count > 0) this.#users.set(devices.hex(0), user)
  }

  read(devices: DeviceKeys, _view: AudienceView, _deadlineMs: number, profile: Profile): undefined {
    const user = this.#users.get(devices.hex(0))
    profile.state = ProfileState.Known
    if (user === undefined) return
    profile.idsFound = 1
    for (const pack of packsOf(user.packs)) profile.add(pack, packScore(user, pack))
  }
}

/** Everything that a stage or an evaluation may need. */
export interface BiddingWorld {
  readonly snapshot: BidSnapshot
  readonly exchange: Exchange
  readonly view: AudienceView
  readonly audience: WorldAudience
  readonly adapter: BidAdapter
  readonly clock: WorldClock
  readonly models: BenchModels
  readonly batcher: Batcher
  readonly meter: RankMeter
  /** What broke in a model or a job so far. */
  readonly failures: readonly unknown[]
}

const salt = new Uint8Array(16).fill(7)

/** Compiles `entities` with the sides of the models. */
export async function openBiddingWorld(
  entities: readonly StoredEntity[],
  models: BenchModels,
): Promise<BiddingWorld> {
  const clock = new WorldClock()
  const snapshot = await compiled(entities, models, clock)
  const exchange = snapshot.exchange(worldExchange)
  if (exchange === null) throw new Error('the market has no exchange')
  const links = new SignedLinks(
    'https://bid.sluice.example',
    new Tokens(tokenKeys([saltSecret], salt), clock),
    clock,
  )
  const packs = packIds.map((id) => ({ id, current: null, previous: null, expiresAtMs: null }))
  const room = new ModelRoom()
  for (const model of [models.coarse, models.fine]) room.add(model)
  const meter = new RankMeter()
  const failures: unknown[] = []
  const batcher = new Batcher({
    ...{ room, clock, meter },
    later: (run) => void setImmediate(run),
    onFailure: (error) => failures.push(error),
  })
  return {
    ...{ snapshot, exchange, clock, models, batcher, meter, failures },
    view: { packs: indexPacks(packs, 0), layout: emptyLayout() },
    audience: new WorldAudience(),
    adapter: createOpenRtbAdapter({ hasher: new DeviceHasher(salt), links }),
  }
}

/** A bidder on the same snapshot under another plan; its records go to `record`. */
export function deciderOf(
  bidding: BiddingWorld,
  plan: BidPlan,
  record: (record: DecisionRecord) => void = () => undefined,
): BidDecider {
  const { snapshot, view, audience, clock, batcher } = bidding
  const exchange = { ...bidding.exchange, plan }
  const planned = new BidSnapshot({ ...snapshot.data, exchanges: [exchange] }, snapshot.tables)
  return new BidDecider({
    catalog: { current: () => planned, isStale: () => false },
    audienceView: { current: () => view },
    audience,
    geo: noGeo,
    clock,
    random: seededRandom(1),
    ids: new DecisionIds(() => 1),
    ranker: batcher,
    linksAreSecure: true,
    record,
  })
}

/** A plan with both models, with the coarse one alone, or with none. */
export function planOf(
  recallMax: number,
  fineMax: number,
  stages: 'fine' | 'coarse' | 'prior' = 'fine',
): BidPlan {
  return {
    ...{ recallMax, fineMax },
    coarseModel: stages === 'prior' ? '' : coarseName,
    fineModel: stages === 'fine' ? fineName : '',
  }
}

async function compiled(
  entities: readonly StoredEntity[],
  { coarse, fine }: BenchModels,
  clock: Clock,
): Promise<BidSnapshot> {
  const catalog = new BidCatalog(clock)
  const compiler = new BidCompiler({
    store: storeOf(entities),
    post: (message) => catalog.receive(message),
  })
  compiler.useModels([adEncoderOf(coarse), adEncoderOf(fine)])
  await compiler.look()
  const snapshot = catalog.current()
  if (snapshot === null) throw new Error(`the market was not compiled: ${catalog.problem()}`)
  const { problems, adSides } = snapshot.data
  if (problems.length > 0) throw new Error(`the market is broken: ${problems[0]?.reason}`)
  if (adSides.length !== 2) throw new Error('the snapshot has not the sides of both models')
  return snapshot
}

/** A store of one revision that nobody writes to. */
function storeOf(entities: readonly StoredEntity[]): CatalogStore {
  const revision = 1
  return {
    revision: () => Promise.resolve(revision),
    load: () => Promise.resolve({ revision, entities }),
    changes: () => Promise.resolve({ revision, entities: [], deleted: [] }),
    write: () => Promise.reject(new Error('this store is read only')),
  }
}
