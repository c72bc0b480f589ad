/** The control role: composes the admin API and the pack service, and runs them. */
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { type LivePackService, openPackService } from '../audience/pack-service.ts'
import type { Config } from '../config/config.ts'
import { DeadLetters } from '../control/dead-letters.ts'
import { type ControlServer, startControl } from '../control/server.ts'
import { DeviceHasher } from '../identity/device-hasher.ts'
import { systemClock } from '../lib/clock.ts'
import { protoFolder } from '../media/proto-root.ts'
import { ModelDesk } from '../scoring/model-desk.ts'
import { ModelRoom } from '../scoring/model-room.ts'
import type { FeedbackStore } from '../store/feedback-ports.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/ports.ts'
import { createLogger, type Logger } from '../telemetry/logger.ts'
import { Meter } from '../telemetry/meter.ts'
import { ModelMeter } from '../telemetry/model-meter.ts'
import { RankMeter } from '../telemetry/rank-meter.ts'
import { followBidCatalog } from './bid-catalog-setup.ts'
import { openEventStore } from './event-store.ts'
import { setUpExplain } from './explain-setup.ts'
import { setUpGeo } from './geo-setup.ts'
import { stopOnSignal, tellSupervisor } from './lifecycle.ts'
import { type MediumSetup, setUpMedia } from './media-setup.ts'
import { setUpMonitorLinks } from './monitor-setup.ts'
import { newRanker } from './ranker-setup.ts'
import { checkFingerprint, resolveSalt } from './salt.ts'
import { isUnusable } from './startup-error.ts'

/** Between two attempts to start on a store that does not answer. */
const retryMs = 1_000
/** The pack service asks for maintenance about twice a minute. */
const maintainEveryMs = 30_000

/** Unix niceness of control; 0 is normal, 19 the lowest. */
const controlNiceness = 10

const clock = systemClock

/** Everything of the process that does not depend on the store answering. */
interface Parts {
  readonly config: Config
  readonly log: Logger
  readonly store: Store
  readonly feedback: FeedbackStore
  readonly hasher: DeviceHasher
  readonly media: readonly MediumSetup[]
}

/** Starts control; resolves when it listens, which waits for the store. Rejects if it never can. */
export async function runControl(config: Config): Promise<void> {
  const log = createLogger(config.logLevel, { role: 'control', worker: 0 })
  const hasher = new DeviceHasher(resolveSalt(config))
  const media = setUpMedia(config, hasher, clock)
  const geo = await setUpGeo(config, log)
  const store = await openStore({
    address: config.store,
    tlsCaFile: config.storeCaFile,
    writer: true,
    // Counted for the store's own error reports; control's reads are not the data plane's.
    meter: new Meter([]),
    wallMs: () => clock.wallMs(),
    monotonicMs: () => clock.monotonicMs(),
  })
  const feedback = await openEventStore(config, { mayAppend: true })
  const parts: Parts = { config, log, store, feedback, hasher, media }
  const explain = setUpExplain(store, media, {
    clock,
    geo: geo.source,
    hasher,
    publicUrl: config.publicUrl,
    ...explainModels(config, log),
  })
  let server: ControlServer | null = null
  let maintenance: NodeJS.Timeout | null = null
  let packs: LivePackService | null = null
  stopOnSignal(
    async () => {
      if (maintenance !== null) clearInterval(maintenance)
      geo.stop()
      await server?.close()
      await explain.stop()
      await packs?.settled()
      await feedback.close()
      await store.close()
    },
    config.drainSeconds * 1000 - 250,
  )
  const service = await untilStoreAnswers(log, () => openPacks(parts))
  packs = service
  server = await untilStoreAnswers(log, () => listen(parts, service, explain.port))
  // Not before it listens: the start of a busy machine would take many times as long.
  yieldToDeciders()
  maintenance = setInterval(() => {
    service
      .maintain()
      .catch((error: unknown) => log.warn({ err: error }, 'pack maintenance failed'))
  }, maintainEveryMs)
  tellSupervisor({ kind: 'listening', host: config.controlHost, port: server.port })
  log.info({ host: config.controlHost, port: server.port }, 'control listens')
}

/**
 * Explanations are made by models of their own, loaded while somebody explains, and not counted.
 */
function explainModels(config: Config, log: Logger) {
  const room = new ModelRoom()
  const modelMeter = new ModelMeter()
  return {
    ranker: newRanker({ room, clock, meter: new RankMeter(), log }),
    followBids: () => followBidCatalog({ config, clock, log, room, modelMeter }),
  }
}

async function openPacks({ config, store, hasher }: Parts): Promise<LivePackService> {
  await checkFingerprint(store.catalog, hasher.fingerprint(), true)
  return openPackService({
    store,
    hasher,
    clock,
    sleep: (ms) => sleep(ms),
    spoolFolder: join(config.dataFolder, 'spool'),
  })
}

function listen(
  { config, log, store, feedback, media }: Parts,
  packs: LivePackService,
  explain: ReturnType<typeof setUpExplain>['port'],
): Promise<ControlServer> {
  return startControl({
    listen: { host: config.controlHost, port: config.controlPort },
    version: packageVersion(),
    clock,
    log,
    store,
    packs,
    media: new Map(media.map((medium) => [medium.adapter.name, medium.rules])),
    links: setUpMonitorLinks(config, resolveSalt(config)),
    explain,
    events: { state: feedback.state, dead: new DeadLetters(feedback) },
    models: new ModelDesk(config.modelsFolder),
    adminKey: config.adminKey,
    onFirstKey: (key) => {
      // Shown once, to the person at the terminal; never a log line.
      if (!tellSupervisor({ kind: 'firstKey', key })) process.stdout.write(`admin key: ${key}\n`)
    },
    registry: new Registry(),
    presenceId: '',
  })
}

async function untilStoreAnswers<T>(log: Logger, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (isUnusable(error)) throw error
      log.warn({ err: error }, 'control waits for the store')
    }
    await sleep(retryMs)
  }
}

/** Uploads must not take the processor from decisions; a system that forbids it is no problem. */
function yieldToDeciders(): void {
  try {
    setPriority(0, controlNiceness)
  } catch {
    // Not permitted here: then control shares the processor as an equal.
  }
}

function packageVersion(): string {
  const json = readFileSync(join(protoFolder(), '..', 'package.json'), 'utf8')
  return (JSON.parse(json) as { readonly version: string }).version
}
