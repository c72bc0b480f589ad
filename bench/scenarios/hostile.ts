/** A million arbitrary and damaged bodies per medium against its decoder, and a share over HTTP. */
import path from 'node:path'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { type SluiceServer, startSluice } from '../harness/sluice-server.ts'
import { decodeStorm, slowMs } from '../hostile/decode-storm.ts'
import { hostileBodies } from '../hostile/mutate.ts'
import { storms } from '../hostile/seeds.ts'
import type { StormReport } from '../hostile/storm.ts'
import type { LoadReport } from '../load/load-record.ts'
import { Expect, writeRequestFile } from '../load/request-file.ts'
import { jobDefaults, startLoad } from '../load/run-load.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

const counts: Readonly<Record<Size, { readonly decode: number; readonly http: number }>> = {
  tiny: { decode: 2_000, http: 200 },
  small: { decode: 100_000, http: 5_000 },
  full: { decode: 1_000_000, http: 20_000 },
}

/** Seeds of the two supplies; another number is another million. */
const decodeSeed = 11
const httpSeed = 12

/** Runs the scenario. */
export async function hostile(context: ScenarioContext): Promise<ScenarioResult> {
  const { decode, http } = counts[context.size]
  const findings: Finding[] = []
  const data: Record<string, unknown> = {}
  for (const storm of storms()) {
    context.say(`${storm.name}: ${decode} bodies against the decoder`)
    const next = hostileBodies(storm.seeds, decodeSeed)
    const report = decodeStorm(storm.adapter, next, decode, storm.contentType)
    data[storm.name] = report
    findings.push(...stormFindings(storm.name, report))
  }
  await withCleanup(async (later) => {
    const server = await startSluice({ redisUrl: null, workers: 1, core: null })
    later(() => server.stop())
    const pids = server.pids().decide.join()
    for (const storm of storms()) {
      if (storm.isDescribed) continue
      context.say(`${storm.name}: ${http} bodies over HTTP`)
      const report = await overHttp(context, server, storm, http)
      const isAlive = server.pids().decide.join() === pids
      data[`${storm.name} over HTTP`] = report
      findings.push(httpFinding(storm.name, report, isAlive))
    }
  })
  return {
    scenario: 'hostile',
    size: context.size,
    findings,
    notes: [
      'One body in eight is arbitrary bytes; the others are real requests with one to six changes: flips, insertions, cuts, repetitions, splices and deep nesting, up to 64 KiB.',
      `A body that takes over ${slowMs} ms is repeated ten times alone; the minimum counts.`,
    ],
    data,
  }
}

async function overHttp(
  context: ScenarioContext,
  server: SluiceServer,
  storm: ReturnType<typeof storms>[number],
  count: number,
): Promise<LoadReport> {
  const next = hostileBodies(storm.seeds, httpSeed)
  const requestFile = path.join(context.workFolder, `hostile-${storm.name}.requests`)
  const requests = Array.from({ length: count }, () => ({ body: next(), expect: Expect.Anything }))
  writeRequestFile(requestFile, requests)
  // The generator sends the file in turn; the rate makes one turn of it take about its seconds.
  const seconds = 5
  return startLoad({
    ...jobDefaults,
    port: server.port,
    path: `/rta/${storm.adapter.name}`,
    contentType: storm.contentType,
    requestFile,
    perSecond: Math.ceil(count / seconds),
    arrivals: 'constant',
    seconds,
    warmupSeconds: 0,
    seed: 0,
    answers: storm.adapter.name === 'tencent' ? 'tencent' : 'any',
  }).report
}

function stormFindings(name: string, report: StormReport): Finding[] {
  return [
    {
      line: `${name}: ${report.bodies} bodies, exceptions / unreadable refusals`,
      measured: `${report.thrown.length} / ${report.badAnswers} (${report.decoded} decoded)`,
      bar: '0 / 0',
      met: report.thrown.length + report.badAnswers === 0,
    },
    {
      line: `${name}: bodies over ${slowMs} ms alone`,
      measured: `${report.slow.length}, the slowest ${report.slowestMs.toFixed(3)} ms`,
      bar: '0',
      met: report.slow.length === 0,
    },
  ]
}

function httpFinding(name: string, report: LoadReport, isAlive: boolean): Finding {
  const phase = report.phases[0]
  const bad = phase.badStatus + phase.invalid + phase.lost
  return {
    line: `${name} over HTTP: other than 200, unreadable or lost; worker alive`,
    measured: `${bad} of ${phase.answers}; ${isAlive ? 'yes' : 'no'}`,
    bar: '0; yes',
    met: bad === 0 && isAlive && phase.answers > 0,
  }
}
