/**
 * The project role: composes one projector with its archive and runs it until it is told to stop.
 */
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import { Projector } from '../feedback/project/projector.ts'
import { systemClock } from '../lib/clock.ts'
import { openFeedbackStore } from '../store/open-feedback-store.ts'
import { openStore } from '../store/open-store.ts'
import type { PresenceRecord } from '../store/ports.ts'
import { ArchiveMeter } from '../telemetry/archive-meter.ts'
import { createLogger } from '../telemetry/logger.ts'
import { Meter } from '../telemetry/meter.ts'
import { ProjectMeter } from '../telemetry/project-meter.ts'
import { startArchive } from './archive-setup.ts'
import { stopOnSignal, tellSupervisor } from './lifecycle.ts'
import { limited } from './limited.ts'
import { announcePresence } from './presence.ts'
import { ProjectLoop } from './project-loop.ts'

const clock = systemClock

/** Starts a projector; resolves when it runs. */
export async function runProject(config: Config, index: number): Promise<void> {
  const log = createLogger(config.logLevel, { role: 'project', worker: index })
  const options = {
    address: config.store,
    tlsCaFile: config.storeCaFile,
    // Counted for the store's own error reports; these reads are not the data plane's.
    meter: new Meter([]),
    wallMs: () => clock.wallMs(),
    monotonicMs: () => clock.monotonicMs(),
  }
  const store = await openStore({ ...options, writer: false })
  const feedback = await openFeedbackStore({ ...options, worker: null })
  const meter = new ProjectMeter()
  const projector = new Projector({
    log: feedback.log,
    state: feedback.state,
    settings: { clicksADeviceHourMax: config.clicksADeviceHourMax },
    clock,
    meter,
    onFailed: limited(clock, (error) =>
      log.error({ err: error }, 'a record could not be projected'),
    ),
  })
  const loop = new ProjectLoop({
    projector,
    log: feedback.log,
    state: feedback.state,
    name: `${hostname()}-${process.pid}`,
    clock,
    meter,
    sleep: (ms) => sleep(ms),
    onError: limited(clock, (error) => log.warn({ err: error }, 'the store did not answer')),
  })
  const archiveMeter = new ArchiveMeter()
  loop.start()
  const archive = startArchive(config, {
    ...{ index, log, meter: archiveMeter },
    parts: () => projector.parts,
  })
  const metrics = () => [...meter.snapshot(index), ...archiveMeter.snapshot(index)]
  const presence = announcePresence(
    store.presence,
    {
      record: () => ({ ...presenceOf(index, meter, loop), metrics: metrics() }),
      revision: () => 0,
    },
    limited(clock, (error) => log.warn({ err: error }, 'presence was not announced')),
  )
  stopOnSignal(
    async () => {
      await Promise.all([loop.stop(), archive.stop()])
      await presence.leave()
      await feedback.close()
      await store.close()
    },
    config.drainSeconds * 1000 - 250,
  )
  tellSupervisor({ kind: 'running' })
  log.info({}, 'projecting')
}

function presenceOf(
  index: number,
  meter: ProjectMeter,
  loop: ProjectLoop,
): Omit<PresenceRecord, 'metrics'> {
  const problem = loop.problem()
  return {
    id: `project-${hostname()}-${process.pid}`,
    role: 'project',
    pid: process.pid,
    host: hostname(),
    index,
    revision: 0,
    usesSnapshot: false,
    atMs: clock.wallMs(),
    latencyP99Us: meter.lagP99Us(),
    requestsPerSecond: 0,
    ready: problem === null,
    notReady: problem === null ? [] : [`log: ${problem}`],
  }
}
