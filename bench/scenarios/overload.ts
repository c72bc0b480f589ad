/**
 * Two and five times the sustainable rate: goodput, valid answers, and the deadline of the
 * admitted.
 */
import path from 'node:path'
import { worldRequests } from '../data/rta-world.ts'
import { serverCore } from '../harness/processes.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { startSluice } from '../harness/sluice-server.ts'
import { loadWorld, preflight } from '../harness/world-setup.ts'
import type { LoadReport } from '../load/load-record.ts'
import { writeRequestFile } from '../load/request-file.ts'
import { jobDefaults, startLoad } from '../load/run-load.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

const plans: Readonly<
  Record<Size, { devices: number; requestDevices: number; seconds: number; connections: number }>
> = {
  tiny: { devices: 2_000, requestDevices: 400, seconds: 1, connections: 256 },
  small: { devices: 50_000, requestDevices: 5_000, seconds: 4, connections: 1_500 },
  full: { devices: 200_000, requestDevices: 20_000, seconds: 10, connections: 4_000 },
}

/** Tencent's budget, from send to receipt (rta-media.md §1.1). */
const budgetMs = 60

/** Runs the scenario on LMDB, one worker. */
export async function overload(context: ScenarioContext): Promise<ScenarioResult> {
  const plan = plans[context.size]
  return withCleanup(async (later) => {
    const requestFile = path.join(context.workFolder, 'overload.requests')
    const requests = worldRequests(plan)
    writeRequestFile(requestFile, requests)
    const server = await startSluice({ redisUrl: null, workers: 1, core: serverCore })
    later(() => server.stop())
    await loadWorld(server, plan)
    await preflight(server.port, requests)
    const base = { ...jobDefaults, port: server.port, requestFile, seconds: plan.seconds }
    const peak = await startLoad({ ...base, connections: 128 }).report
    context.say(`peak ${peak.decisionsPerSecond} decisions/s`)
    const reports: { times: number; report: LoadReport }[] = []
    for (const times of [2, 5]) {
      const report = await startLoad({
        ...base,
        perSecond: peak.decisionsPerSecond * times,
        connections: plan.connections,
        patienceMs: budgetMs,
      }).report
      context.say(
        `× ${times}: ${report.decisionsPerSecond} decisions/s, ${report.achievedPerSecond} answers/s`,
      )
      reports.push({ times, report })
    }
    return {
      scenario: 'overload',
      size: context.size,
      findings: reports.flatMap(({ times, report }) => findingsOf(times, report, peak)),
      notes: [
        `The medium holds at most ${plan.connections} connections and does not pipeline, so what is offered beyond them waits in the generator (reported as not kept up), exactly as it would in the medium.`,
        `Deadline of the admitted: from the real send to the answer within ${budgetMs} ms, as the medium measures it.`,
      ],
      data: { peak, reports },
    }
  })
}

function findingsOf(times: number, report: LoadReport, peak: LoadReport): Finding[] {
  const phase = report.phases[0]
  const invalid = phase.invalid + phase.badStatus + phase.lost
  const decisions = report.decisionsPerSecond / peak.decisionsPerSecond
  const answers = report.achievedPerSecond / peak.achievedPerSecond
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`
  const offered = `${report.offeredPerSecond}/s offered, ${report.achievedPerSecond}/s answered`
  return [
    {
      line: `× ${times}: goodput by peak (${offered})`,
      measured: percent(decisions),
      bar: times === 2 ? '≥ 85 %' : '',
      met: times === 2 ? decisions >= 0.85 : null,
    },
    {
      line: `× ${times}: decisions and refusals together by peak`,
      measured: percent(answers),
      bar: times === 5 ? '≥ 90 %' : '',
      met: times === 5 ? answers >= 0.9 : null,
    },
    {
      line: `× ${times}: answers that are no valid decision or refusal`,
      measured: `${invalid} of ${phase.answers}, ${phase.wrong} wrong`,
      bar: '0',
      met: invalid + phase.wrong === 0,
    },
    {
      line: `× ${times}: admitted ones, time from the send`,
      measured: `p99 ${phase.admitted.p99Ms} p99.9 ${phase.admitted.p999Ms} max ${phase.admitted.maxMs} ms`,
      bar: `p99.9 ≤ ${budgetMs} ms`,
      met: phase.admitted.p999Ms <= budgetMs,
    },
  ]
}
