/** `npm run demo`: a server, audiences, strategies, campaigns; what media and an exchange get. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../lib/clock.ts'
import type { MediumAdapter } from '../media/adapter.ts'
import { buildRequest } from './build-request.ts'
import { runDemoBids } from './demo-bids.ts'
import { runDemoFeedback } from './demo-feedback.ts'
import { runDemoFunnel } from './demo-funnel.ts'
import { grouped, Page, seconds } from './demo-page.ts'
import { type DemoServer, startDemoServer } from './demo-server.ts'
import {
  type DemoCase,
  demoCases,
  demoPacks,
  demoStrategies,
  demoTargets,
  demoUploads,
} from './demo-story.ts'
import { until } from './demo-wait.ts'
import { answerDecoder, type Exchange, exchange } from './describe.ts'

/** Where the demo writes, and which `main` it starts. */
export interface DemoOptions {
  readonly write?: (text: string) => void
  /** The built CLI; beside this module unless said. */
  readonly mainFile?: string
  /** Where the models that ship are; `models` of the package unless said. */
  readonly modelsFolder?: string
  readonly isColoured?: boolean
}

/** However the demo is ended, its server must not stay behind; a closed terminal hangs up. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs the demo; answers the exit code: 0 when every answer was the expected one. */
export async function runDemo(options: DemoOptions = {}): Promise<number> {
  const write = options.write ?? ((text: string) => void process.stdout.write(text))
  const page = new Page(write, options.isColoured ?? process.stdout.isTTY === true)
  const mainFile = options.mainFile ?? fileURLToPath(new URL('../main.js', import.meta.url))
  page.title('Sluice demo: a shoe shop decides which ad requests are worth its money')

  const startMs = systemClock.monotonicMs()
  const server = await startDemoServer(mainFile)
  const interrupted = (): void => void server.stop()
  for (const signal of endings) process.once(signal, interrupted)
  try {
    page.step(1, 'A server', `ready after ${seconds(startMs)}, data in a temporary folder`)
    await upload(server, page)
    await writeStrategies(server, page)
    const surprises = await askAll(server, page)
    const bids = await runDemoBids(server, page, 5)
    const feedback = await runDemoFeedback(server, page, 10)
    const modelsFolder = options.modelsFolder ?? join(dirname(mainFile), '../../models')
    const funnel = await runDemoFunnel(server, page, { step: 12, modelsFolder })
    const asked = demoCases.length + bids.asked + funnel.asked + feedback.asked
    const all = surprises + bids.surprises + funnel.surprises + feedback.surprises
    page.closing(asked, all)
    return all === 0 ? 0 : 1
  } finally {
    for (const signal of endings) process.off(signal, interrupted)
    await server.stop()
  }
}

async function upload(server: DemoServer, page: Page): Promise<void> {
  const startMs = systemClock.monotonicMs()
  let ids = 0
  for (const { pack, query, body, ids: count } of demoUploads) {
    await server.admin.putPack({ id: pack, query, body: body() })
    ids += count
  }
  page.step(
    2,
    'Two audiences',
    `${grouped(ids)} made-up device ids uploaded in ${seconds(startMs)}`,
  )
  for (const { id, devices, meaning } of demoPacks) {
    page.row(id, `${grouped(devices).padStart(7)} devices that ${meaning}`)
  }
}

async function writeStrategies(server: DemoServer, page: Page): Promise<void> {
  page.step(3, 'Four strategies', 'what the shop wants of each medium')
  for (const { id, mediumTitle, meaning, body } of demoStrategies) {
    await server.admin.json('PUT', `/api/v1/strategies/${id}`, body)
    const what = demoTargets.get(String(body['targetId'])) ?? ''
    page.row(mediumTitle, `${what} for ${meaning}`)
  }
}

/** Sends every case; answers how many came out otherwise than the story says. */
async function askAll(server: DemoServer, page: Page): Promise<number> {
  page.step(4, 'The media ask', "real requests on each medium's own wire (protobuf over HTTP)")
  const decoders = new Map<string, MediumAdapter>()
  for (const { medium } of demoCases) {
    if (!decoders.has(medium)) decoders.set(medium, answerDecoder(medium))
  }
  await waitUntilLive(server, decoders)
  let surprises = 0
  for (const one of demoCases) {
    const decoder = decoders.get(one.medium)
    if (decoder === undefined) continue
    const result = await ask(server, decoder, one)
    const isExpected = matches(result, one)
    if (!isExpected) surprises++
    page.exchange(one, result, isExpected)
  }
  return surprises
}

function ask(server: DemoServer, decoder: MediumAdapter, one: DemoCase): Promise<Exchange> {
  return exchange(server.url, decoder, buildRequest(one.medium, one.request))
}

/** Waits for the first yes of each medium: the strategies have reached the workers. */
async function waitUntilLive(
  server: DemoServer,
  decoders: ReadonlyMap<string, MediumAdapter>,
): Promise<void> {
  for (const [medium, decoder] of decoders) {
    const first = demoCases.find((one) => one.medium === medium && one.expected.length > 0)
    if (first === undefined) continue
    await until(async () => matches(await ask(server, decoder, first), first))
  }
}

function matches({ status, answer }: Exchange, { expected }: DemoCase): boolean {
  if (status !== 200 || !answer.valid) return false
  return [...answer.targetIds].sort().join() === [...expected].sort().join()
}
