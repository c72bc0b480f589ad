/** Half a million damaged bid requests a wire through decode, decide and encode, a share over HTTP. */
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { bidEnv, loadBidWorld, untilBids } from '../harness/bid-setup.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { type SluiceServer, startSluice } from '../harness/sluice-server.ts'
import { type BidStorm, bidStorms } from '../hostile/bid-seeds.ts'
import { bidTarget, slowBidMs } from '../hostile/bid-storm.ts'
import { hostileBodies } from '../hostile/mutate.ts'
import { type StormReport, storm } from '../hostile/storm.ts'
import type { LoadReport } from '../load/load-record.ts'
import { Expect, writeRequestFile } from '../load/request-file.ts'
import { jobDefaults, startLoad } from '../load/run-load.ts'
import { openBidBench } from '../stage/bid-bench.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

const counts: Readonly<Record<Size, { readonly inProcess: number; readonly http: number }>> = {
  tiny: { inProcess: 2_000, http: 300 },
  small: { inProcess: 50_000, http: 5_000 },
  full: { inProcess: 500_000, http: 20_000 },
}

/** Creatives of the catalog that they meet. */
const creatives = 1_000
const knownDevices = 1_000

/** Seeds of the two supplies; another number is another half million. */
const inProcessSeed = 21
const httpSeed = 22

/** Seconds in which the bodies of one wire go over HTTP. */
const httpSeconds = 20

/** Runs the scenario. */
export async function hostileBids(context: ScenarioContext): Promise<ScenarioResult> {
  const { inProcess, http } = counts[context.size]
  const findings: Finding[] = []
  const data: Record<string, unknown> = {}
  const wires = bidStorms()
  const bench = openBidBench(creatives)
  for (const wire of wires) {
    context.say(`${wire.name}: ${inProcess} bodies through decode, decide and encode`)
    const target = bidTarget(bench, wire.isJson, wire.exchange)
    const options = { count: inProcess, slowMs: slowBidMs }
    const report = storm(target, wire.supply(inProcessSeed), options)
    data[wire.name] = report
    findings.push(...stormFindings(wire.name, report))
  }
  await withCleanup(async (later) => {
    const server = await startSluice({ redisUrl: null, workers: 1, core: null, env: bidEnv })
    later(() => server.stop())
    await loadBidWorld(server, { creatives, knownDevices })
    await untilBids(server.port, wires[0]?.seeds ?? [])
    const pids = server.pids().decide.join()
    for (const sent of overHttp(wires)) {
      context.say(`${sent.name}: ${http} bodies over HTTP`)
      const report = await send(context, server, sent, http)
      const isAlive = server.pids().decide.join() === pids
      data[`${sent.name} over HTTP`] = report
      findings.push(httpFinding(sent.name, report, { count: http, isAlive }))
    }
  })
  return {
    scenario: 'hostile-bids',
    size: context.size,
    findings,
    notes: [
      'Seeds: requests written by hand from the specification and 200 made-up ones. Every other body is damaged byte by byte (flips, insertions, cuts, repetitions, splices, nesting; one in eight is arbitrary), the rest value by value: wrong types, extreme numbers, lists blown up to 5 000, strings to 100 KB, brackets 2 000 deep, up to 256 KiB of JSON.',
      `Each body is decoded, decided over ${creatives} creatives and answered; one that takes over ${slowBidMs} ms is repeated ten times alone and the minimum counts.`,
      'An answer is read again: its id, every bid on the chosen impression, at or above its floor, with a markup.',
    ],
    data,
  }
}

/** What goes over HTTP under one name. */
interface Sent {
  readonly name: string
  readonly exchange: string
  readonly contentType: string
  readonly headers: readonly string[]
  readonly next: () => Uint8Array
}

/** Every wire, and gzip that is damaged itself. */
function overHttp(wires: readonly BidStorm[]): Sent[] {
  const plain = wires.map(({ name, exchange, contentType, supply }): Sent => {
    return { name, exchange, contentType, headers: [], next: supply(httpSeed) }
  })
  const [json] = wires
  if (json === undefined) return plain
  const headers = ['Content-Encoding: gzip', 'Accept-Encoding: gzip']
  const next = hostileBodies(
    json.seeds.map((body) => gzipSync(body)),
    httpSeed,
  )
  return [...plain, { ...json, name: 'openrtb gzip', headers, next }]
}

async function send(
  context: ScenarioContext,
  server: SluiceServer,
  sent: Sent,
  count: number,
): Promise<LoadReport> {
  const requestFile = path.join(context.workFolder, `${sent.name}.requests`)
  const requests = Array.from({ length: count }, () => ({
    body: sent.next(),
    expect: Expect.Anything,
  }))
  writeRequestFile(requestFile, requests)
  // The generator sends the file in turn; the rate makes one turn of it take about its seconds.
  return startLoad({
    ...jobDefaults,
    port: server.port,
    path: `/openrtb2/${sent.exchange}`,
    contentType: sent.contentType,
    headers: sent.headers,
    requestFile,
    perSecond: Math.ceil(count / httpSeconds),
    arrivals: 'constant',
    seconds: httpSeconds,
    warmupSeconds: 0,
    seed: 0,
    answers: 'openrtb hostile',
  }).report
}

function stormFindings(name: string, report: StormReport): Finding[] {
  const { bodies, thrown, badAnswers, decoded, slow, slowestMs } = report
  return [
    {
      line: `${name}: ${bodies} bodies, exceptions / bad answers`,
      measured: `${thrown.length} / ${badAnswers} (${decoded} decoded)`,
      bar: '0 / 0',
      met: thrown.length + badAnswers === 0,
    },
    {
      line: `${name}: bodies over ${slowBidMs} ms alone`,
      measured: `${slow.length}, the slowest of the suspected ${slowestMs.toFixed(3)} ms`,
      bar: '0',
      met: slow.length === 0,
    },
  ]
}

/** A run that could send only some of its bodies proves nothing about the others. */
const sentShareMin = 0.99

function httpFinding(
  name: string,
  report: LoadReport,
  { count, isAlive }: { readonly count: number; readonly isAlive: boolean },
): Finding {
  const [phase] = report.phases
  const bad = phase.badStatus + phase.invalid + phase.lost + report.unanswered
  return {
    line: `${name} over HTTP: other than 200, 204, 400, 413, or lost; worker alive`,
    measured: `${bad} of ${phase.answers} answers to ${count} bodies (${phase.accepts} with a body); ${isAlive ? 'yes' : 'no'}`,
    bar: '0; yes',
    met: bad === 0 && isAlive && phase.answers >= count * sentShareMin,
  }
}
