/** The store dies and comes back under load; a worker is killed. Every answer stays valid. */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { worldRequests } from '../data/rta-world.ts'
import { until } from '../harness/processes.ts'
import { startRedis } from '../harness/redis-server.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { startSluice } from '../harness/sluice-server.ts'
import { loadWorld, preflight } from '../harness/world-setup.ts'
import type { LoadReport } from '../load/load-record.ts'
import { writeRequestFile } from '../load/request-file.ts'
import { jobDefaults, startLoad } from '../load/run-load.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

const plans: Readonly<
  Record<Size, { devices: number; requestDevices: number; perSecond: number; downMs: number }>
> = {
  tiny: { devices: 2_000, requestDevices: 400, perSecond: 500, downMs: 700 },
  small: { devices: 50_000, requestDevices: 5_000, perSecond: 3_000, downMs: 2_000 },
  full: { devices: 200_000, requestDevices: 20_000, perSecond: 5_000, downMs: 5_000 },
}

const connections = 64

/** Milliseconds everything may take to be as before once the fault is over. */
const recoveryMs = 10_000

/** Runs both faults. */
export async function faults(context: ScenarioContext): Promise<ScenarioResult> {
  const store = await storeFault(context)
  const worker = await workerFault(context)
  return {
    scenario: 'faults',
    size: context.size,
    findings: [...storeFindings(store), ...workerFindings(worker.report, worker.restartMs)],
    notes: [
      'The store keeps its data on disk (append-only file) over the kill; Sluice is not restarted.',
      `A killed worker may lose what was in flight: at most one request on each of the ${connections} connections.`,
    ],
    data: { store, worker },
  }
}

function storeFault(context: ScenarioContext): Promise<LoadReport> {
  const plan = plans[context.size]
  return withCleanup(async (later) => {
    const redis = await startRedis({ core: null, appendOnlyFolder: context.workFolder })
    later(() => redis.stop())
    const server = await startSluice({ redisUrl: redis.url, workers: 1, core: null })
    later(() => server.stop())
    await loadWorld(server, plan)
    const requestFile = path.join(context.workFolder, 'faults.requests')
    const requests = worldRequests(plan)
    writeRequestFile(requestFile, requests)
    await preflight(server.port, requests)
    const running = startLoad({
      ...jobDefaults,
      port: server.port,
      requestFile,
      connections,
      perSecond: plan.perSecond,
      seconds: (plan.downMs * 3) / 1_000 + 4,
    })
    await sleep(1_000 + plan.downMs)
    running.phase(1)
    context.say('store killed')
    await redis.kill()
    await sleep(plan.downMs)
    await redis.restart()
    context.say('store back')
    await until('Sluice is ready again', recoveryMs, () => server.ready())
    running.phase(2)
    return running.report
  })
}

function workerFault(context: ScenarioContext): Promise<{ report: LoadReport; restartMs: number }> {
  const plan = plans[context.size]
  return withCleanup(async (later) => {
    const server = await startSluice({ redisUrl: null, workers: 2, core: null })
    later(() => server.stop())
    await loadWorld(server, plan)
    const requestFile = path.join(context.workFolder, 'worker.requests')
    const requests = worldRequests(plan)
    writeRequestFile(requestFile, requests)
    await preflight(server.port, requests)
    const running = startLoad({
      ...jobDefaults,
      port: server.port,
      requestFile,
      connections,
      perSecond: plan.perSecond,
      seconds: (plan.downMs * 2) / 1_000 + 4,
    })
    await sleep(1_000 + plan.downMs)
    const before = server.pids().decide
    const victim = before[0]
    if (victim === undefined) throw new Error('no worker to kill was found')
    running.phase(1)
    process.kill(victim, 'SIGKILL')
    context.say(`worker ${victim} killed`)
    let restartMs = 0
    await until('the supervisor has started another worker', recoveryMs, () => {
      restartMs += 20
      const now = server.pids().decide
      return now.length === before.length && !now.includes(victim)
    })
    running.phase(2)
    return { report: await running.report, restartMs }
  })
}

function storeFindings(report: LoadReport): Finding[] {
  const invalid = report.phases.reduce(
    (sum, one) => sum + one.invalid + one.badStatus + one.lost,
    0,
  )
  const wrong = report.phases.reduce((sum, one) => sum + one.wrong, 0)
  const [, during, after] = report.phases
  return [
    {
      line: 'store killed and restarted: invalid answers or lost requests / wrong decisions',
      measured: `${invalid + report.unanswered} / ${wrong}`,
      bar: '0 / 0',
      met: invalid + report.unanswered + wrong === 0 && during.failures > 0,
    },
    {
      line: 'explicit refusals while it was away / after it was back',
      measured: `${during.failures} / ${after.failures}`,
      bar: 'after: 0, decisions go on',
      met: after.failures === 0 && after.accepts > 0,
    },
  ]
}

function workerFindings(report: LoadReport, restartMs: number): Finding[] {
  const lost = report.phases.reduce((sum, one) => sum + one.lost, 0)
  const others = report.phases.reduce(
    (sum, one) => sum + one.invalid + one.badStatus + one.failures + one.wrong,
    0,
  )
  return [
    {
      line: 'worker killed with -9: requests lost / other errors',
      measured: `${lost} / ${others}, another worker after ${restartMs} ms`,
      bar: `≤ ${connections} / 0`,
      met: lost <= connections && others === 0 && report.phases[2].accepts > 0,
    },
  ]
}
