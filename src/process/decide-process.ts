/** The decide role: composes one data-plane process and runs it until it is told to stop. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createProfileReader } from '../audience/profile-reader.ts'
import { timedReader } from '../audience/timed-reader.ts'
import { Catalog, staleAfterMs } from '../catalog/catalog.ts'
import type { Config } from '../config/config.ts'
import { RtaDecider } from '../decision/decide.ts'
import { Scratch } from '../decision/scratch.ts'
import { ScratchPool } from '../decision/scratch-pool.ts'
import { Step } from '../domain/step.ts'
import { createDataPlane, type DataPlane } from '../http/server.ts'
import { DeviceHasher } from '../identity/device-hasher.ts'
import { systemClock } from '../lib/clock.ts'
import { systemRandom } from '../lib/random.ts'
import { openFeedbackStore } from '../store/open-feedback-store.ts'
import { openStore } from '../store/open-store.ts'
import type { PresenceRecord, Store } from '../store/ports.ts'
import { ExchangeLog, exchangeLogFolder } from '../telemetry/exchange-log.ts'
import { createLogger, type Logger } from '../telemetry/logger.ts'
import { Meter } from '../telemetry/meter.ts'
import { RotatingFile } from '../telemetry/rotating-file.ts'
import { type BidSetup, setUpBids } from './bid-setup.ts'
import { setUpGeo } from './geo-setup.ts'
import { type IntakeSetup, setUpIntake } from './intake-setup.ts'
import { closeReserveMs, stopOnSignal, tellSupervisor } from './lifecycle.ts'
import { limited } from './limited.ts'
import { type MediumSetup, setUpMedia } from './media-setup.ts'
import { announcePresence } from './presence.ts'
import { checkFingerprint, resolveSalt } from './salt.ts'
import { isUnusable, sentenceOf, unusableExitCode } from './startup-error.ts'

const saltRetryMs = 250

const clock = systemClock
const startedAtMs = clock.monotonicMs()

/** Starts worker `index`; resolves when it listens. Rejects when it cannot start. */
export async function runDecide(config: Config, index: number): Promise<void> {
  const log = createLogger(config.logLevel, { role: 'decide', worker: index })
  const salt = resolveSalt(config)
  const hasher = new DeviceHasher(salt)
  const media = setUpMedia(config, hasher, clock)
  const meter = new Meter(media.map((medium) => medium.adapter.name))
  const geo = await setUpGeo(config, log)
  const { store, feedback } = await openStores(config, index, meter)
  const catalog = newCatalog(store, media)
  const identity = proveSalt(store, hasher.fingerprint(), log)
  const exchangeLog = newExchangeLog(config, index, media, meter)
  const audience = createProfileReader(store.buckets.reader)
  const bids = setUpBids({
    ...{ config, index, salt, hasher, clock, log, audience },
    audienceView: () => catalog.current(),
    geo: geo.source,
  })
  const intake = setUpIntake({
    ...{ config, salt, hasher, clock, log },
    store: feedback,
    catalog: store.catalog,
    bids: () => bids.snapshot(),
    strategies: () => catalog.current(),
  })
  // A log that takes no events is no reason: decisions need none, and it is away for all at once.
  const notReady = () => [...reasons(store, catalog, identity.isProven()), ...bids.notReady()]
  const plane = createDataPlane({
    clock,
    media,
    meter,
    exchangeLog,
    notReady,
    models: () => bids.models(),
    decider: new RtaDecider({
      catalog,
      audience: timedReader(audience, clock, (ms) => meter.step(Step.Audience, ms)),
      clock,
      media,
      geo: geo.source,
      ...bids.forStrategies,
    }),
    scratches: new ScratchPool(() => new Scratch(), config.inFlightMax),
    bids: bids.deps,
    feedback: intake.deps,
    onInternalError: limited(clock, (error) => log.error({ err: error }, 'a decision broke')),
  })
  // The data plane listens whatever the store does: every request gets its refusal.
  const port = await plane.listen(config.host, config.port)
  const presence = announcePresence(
    store.presence,
    {
      record: () => presenceOf({ index, catalog, meter, bids, intake, plane, notReady }),
      revision: () => catalog.current()?.revision ?? 0,
    },
    limited(clock, (error) => log.warn({ err: error }, 'presence was not announced')),
  )
  // Announced (with revision 0) before the first snapshot is read: a writer that publishes in
  // between must know that somebody may be reading by the one before.
  void presence.announced.then(() => catalog.start())
  stopOnSignal(
    () =>
      stopAll({
        ...{ config, plane, catalog, identity, geo, bids, intake },
        ...{ presence, exchangeLog, meter, store },
      }),
    config.drainSeconds * 1000 - 250,
  )
  tellSupervisor({ kind: 'listening', host: config.host, port })
  log.info({ host: config.host, port }, 'deciding')
}

function newCatalog(store: Store, media: readonly MediumSetup[]): Catalog {
  const rules = new Map(media.map((medium) => [medium.adapter.name, medium.rules]))
  const rulesOf = (medium: string) => rules.get(medium) ?? null
  return new Catalog({ store: store.catalog, rulesOf, clock })
}

/** The store of decisions, and the log and state of feedback beside it. */
async function openStores(config: Config, index: number, meter: Meter) {
  const opening = {
    address: config.store,
    tlsCaFile: config.storeCaFile,
    meter,
    wallMs: () => clock.wallMs(),
    monotonicMs: () => clock.monotonicMs(),
  }
  const store = await openStore({ ...opening, writer: false })
  return { store, feedback: await openFeedbackStore({ ...opening, worker: index }) }
}

/** Everything that is to be stopped, in the order of `stopAll`. */
interface Running {
  readonly config: Config
  readonly plane: DataPlane
  readonly catalog: Catalog
  readonly identity: { stop(): void }
  readonly geo: { stop(): void }
  readonly bids: BidSetup
  readonly intake: IntakeSetup
  readonly presence: { leave(): Promise<unknown> }
  readonly exchangeLog: ExchangeLog
  readonly meter: Meter
  readonly store: Store
}

/** Drains first: what is in flight still needs everything else. */
async function stopAll(running: Running): Promise<void> {
  const { config, plane, presence, exchangeLog, bids } = running
  await plane.drain(Math.max(0, config.drainSeconds * 1000 - closeReserveMs))
  running.catalog.stop()
  running.identity.stop()
  running.geo.stop()
  await Promise.all([presence.leave(), exchangeLog.close(), bids.stop(), running.intake.stop()])
  running.meter.close()
  await running.store.close()
}

function reasons(store: Store, catalog: Catalog, isProven: boolean): readonly string[] {
  const all: string[] = []
  const problem = store.problem()
  if (problem !== null) all.push(`store: ${problem}`)
  if (catalog.current() === null) {
    all.push(`catalog: ${catalog.problem() ?? 'none loaded yet'}`)
  } else if (catalog.isStale()) {
    all.push(`catalog: stale (${catalog.problem() ?? 'not confirmed by the store'})`)
  }
  if (!isProven) all.push('identity: the store has not confirmed the device salt yet')
  return all
}

/**
 * Compares the salt with the store's, as soon as the store can tell; ends the process if it
 * differs.
 */
function proveSalt(store: Store, fingerprint: string, log: Logger) {
  let isProven = false
  let timer: NodeJS.Timeout | null = null
  const look = async (): Promise<void> => {
    try {
      isProven = await checkFingerprint(store.catalog, fingerprint, false)
    } catch (error) {
      if (isUnusable(error)) {
        log.error({}, sentenceOf(error))
        process.exit(unusableExitCode)
      }
    }
    if (!isProven) timer = setTimeout(() => void look(), saltRetryMs)
  }
  void look()
  return {
    isProven: () => isProven,
    stop: () => {
      if (timer !== null) clearTimeout(timer)
    },
  }
}

function newExchangeLog(
  config: Config,
  index: number,
  media: readonly MediumSetup[],
  meter: Meter,
): ExchangeLog {
  const adapters = new Map(media.map(({ adapter }) => [adapter.name, adapter]))
  const path = join(config.dataFolder, exchangeLogFolder, `exchange-${index}.ndjson`)
  const limits = {
    bytesMax: config.exchangeLogFileBytesMax,
    filesMax: config.exchangeLogFilesMax,
  }
  return new ExchangeLog({
    file: new RotatingFile(path, limits),
    clock,
    random: systemRandom,
    describe: (medium, answer) => adapters.get(medium)?.describeAnswer(answer).message ?? null,
    onDropped: (count) => {
      meter.exchangesDropped += count
    },
  })
}

interface PresenceParts {
  readonly index: number
  readonly catalog: Catalog
  readonly meter: Meter
  readonly bids: BidSetup
  readonly intake: IntakeSetup
  readonly plane: DataPlane
  readonly notReady: () => readonly string[]
}

function presenceOf({
  index,
  catalog,
  meter,
  bids,
  intake,
  plane,
  notReady,
}: PresenceParts): PresenceRecord {
  const reasonsNow = plane.isDraining ? ['draining'] : notReady()
  const wallMs = clock.wallMs()
  const revision = catalog.current()?.revision ?? 0
  meter.snapshotRevision = revision
  if (catalog.current() !== null) meter.snapshotConfirmedAtMs = wallMs - catalog.ageMs()
  const report = meter.report(clock.monotonicMs())
  return {
    id: `decide-${hostname()}-${process.pid}`,
    role: 'decide',
    pid: process.pid,
    host: hostname(),
    index,
    revision,
    usesSnapshot: usesSnapshot(catalog),
    atMs: wallMs,
    ...report,
    ready: reasonsNow.length === 0,
    notReady: reasonsNow,
    metrics: [...meter.snapshot(index, wallMs), ...bids.metrics(index), ...intake.metrics(index)],
  }
}

/**
 * False while nothing is decided by a snapshot: it is stale, or none came in all the time after
 * which one would be stale. A worker that has just started counts as using the one it is loading.
 */
function usesSnapshot(catalog: Catalog): boolean {
  return catalog.current() === null
    ? clock.monotonicMs() - startedAtMs < staleAfterMs
    : !catalog.isStale()
}
