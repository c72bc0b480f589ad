/**
 * The same events twice: once in order, once each and undisturbed; then three times each, out of
 * order, while real processes are killed with -9 over and over. What counts must be the same to the
 * byte, and what an honest count of the stories comes to.
 */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/lib/clock.ts'
import { tokenEnv, writeMadeUpExchange } from '../feedback/bench-tokens.ts'
import { Courier, type CourierCounts, readEvents } from '../feedback/courier.ts'
import { Crew, type Member } from '../feedback/crew.ts'
import {
  disordered,
  EventStories,
  eventWires,
  type StoryCount,
  type ToldEvent,
} from '../feedback/event-stories.ts'
import { crashes } from '../feedback/kill-plan.ts'
import {
  addTo,
  differences,
  openView,
  outcomeOf,
  type Sums,
  untilProjected,
} from '../feedback/store-view.ts'
import { type RedisServer, startRedis } from '../harness/redis-server.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import { adminKey } from '../harness/sluice-server.ts'
import { type ScenarioContext, type Size, withCleanup } from './scenario.ts'

interface OnceSize {
  /** Distinct events; `--requests` says another number. */
  readonly events: number
  readonly devices: number
  readonly kills: number
}

const onceSizes: Readonly<Record<Size, OnceSize>> = {
  tiny: { events: 600, devices: 100, kills: 1 },
  small: { events: 30_000, devices: 3_000, kills: 10 },
  full: { events: 334_000, devices: 30_000, kills: 50 },
}

/** How often each event is told, and within how many places it moves. */
const times = 3
const window = 5_000

/** Events of one request, and connections that tell them. */
const batch = 20
const connections = 16

/** Two projectors share the shards of a Redis, so that one takes over from the other. */
const projectorsOnRedis = 2

/** Milliseconds that the projector may take to the end of the log after the last event. */
const projectMs = 180_000

/** A device may click as often as it likes: what is too often depends on the order of arrival. */
const env = { ...tokenEnv, SLUICE_INVALID_DEVICE_CLICKS: '10000' }

type Outcome = Map<string, string>

/** One run of one store. */
interface Run {
  readonly outcome: Outcome
  readonly told: CourierCounts
  readonly seconds: number
  /** Crashes, and milliseconds without the process, by its name. */
  readonly crashed: Readonly<Record<string, { crashes: number; downMs: number }>>
}

interface StoreResult {
  readonly store: string
  readonly plain: Run
  readonly disturbed: Run
  readonly differences: readonly string[]
}

/** Runs both stores. */
export async function exactlyOnce(context: ScenarioContext): Promise<ScenarioResult> {
  const size = onceSizes[context.size]
  const wanted = context.options.requests ?? size.events
  const stories = new EventStories({
    seed: 5,
    devices: size.devices,
    startMs: Math.floor(systemClock.wallMs()) - 20 * 3_600_000,
    stepMs: 100,
  })
  const events: ToldEvent[] = []
  while (events.length < wanted) events.push(...stories.next())
  const results: StoreResult[] = []
  for (const store of ['lmdb', 'redis'] as const) {
    const plain = await tell(context, { store, events, kills: 0 })
    context.say(`${store}: undisturbed, ${events.length} events in ${plain.seconds.toFixed(0)} s`)
    const disturbed = await tell(context, { store, events, kills: size.kills })
    const text = JSON.stringify(disturbed.crashed)
    context.say(`${store}: disturbed, in ${disturbed.seconds.toFixed(0)} s, ${text}`)
    const differing = differences(plain.outcome, disturbed.outcome, 20)
    results.push({ store, plain, disturbed, differences: differing })
  }
  return summarize(context.size, events.length, stories.count, results)
}

interface Telling {
  readonly store: 'lmdb' | 'redis'
  readonly events: readonly ToldEvent[]
  /** 0: in order and once each, nothing is killed. */
  readonly kills: number
}

function tell(context: ScenarioContext, telling: Telling): Promise<Run> {
  const { store, events, kills } = telling
  return withCleanup(async (later) => {
    const folder = path.join(context.workFolder, `${store}-${kills}`)
    const redisFolder = path.join(folder, 'redis')
    mkdirSync(redisFolder, { recursive: true })
    const redis = store === 'lmdb' ? null : await startAlwaysFlushed(redisFolder)
    if (redis !== null) later(() => redis.stop())
    const address = redis?.url ?? `lmdb:${path.join(folder, 'data')}`
    const projectors = redis === null ? 1 : projectorsOnRedis
    const crew = await Crew.start({
      store: address,
      folder,
      projectors,
      env,
      prepare: writeMadeUpExchange,
    })
    later(() => crew.stop())
    const courier = new Courier({ port: crew.port, connections, perSecond: null, read: readEvents })
    later(() => courier.close())
    const startedMs = systemClock.monotonicMs()
    const order = kills === 0 ? events : disordered(events, { seed: 11, times, window })
    const wires = Math.ceil(order.length / batch)
    const progress = (): number => courier.counts.done / wires
    const members = [crew.decide, ...crew.projectors, ...(redis === null ? [] : [asMember(redis)])]
    const [crashed] = await Promise.all([
      kills === 0 ? {} : crashAll(members, kills, progress),
      courier.deliver(eventWires(order, { batch, key: adminKey })),
    ])
    const view = await openView(address)
    later(() => view.close())
    await untilProjected(view, projectMs, sleep)
    const seconds = (systemClock.monotonicMs() - startedMs) / 1_000
    return { outcome: await outcomeOf(view), told: courier.counts, seconds, crashed }
  })
}

function startAlwaysFlushed(folder: string): Promise<RedisServer> {
  return startRedis({ core: null, appendOnlyFolder: folder, appendFsync: 'always' })
}

function asMember(redis: RedisServer): Member {
  return {
    name: 'redis-server',
    ready: () => Promise.resolve(),
    crash: async () => {
      await redis.kill()
      await redis.restart()
    },
  }
}

/** Every process kind as often as asked; those of which there are two share the number. */
async function crashAll(
  members: readonly Member[],
  kills: number,
  progress: () => number,
): Promise<Run['crashed']> {
  const crashed: Record<string, { crashes: number; downMs: number }> = {}
  await Promise.all(
    members.map(async (member, index) => {
      const alike = members.filter(({ name }) => name === member.name).length
      const own = Math.ceil(kills / alike)
      const made = await crashes({ member, times: own, seed: 31 + index }, progress)
      const sum = crashed[member.name] ?? { crashes: 0, downMs: 0 }
      sum.crashes += made.crashes
      sum.downMs += Math.round(made.downMs)
      crashed[member.name] = sum
    }),
  )
  return crashed
}

function summarize(
  size: Size,
  events: number,
  counted: StoryCount,
  results: readonly StoreResult[],
): ScenarioResult {
  return {
    scenario: 'exactly-once',
    size,
    findings: results.flatMap((result) => findingsOf(result, events, counted)),
    notes: [
      `${events} distinct events of made-up bids (win, bill, impression, click, conversion by order or by click id, loss), told over HTTP to the real worker (POST /events, ${batch} a request). Undisturbed: in order, once. Disturbed: each ${times} times, shuffled within ${window} places, and every request that was not acknowledged again.`,
      `Killed with SIGKILL at random moments over the whole run, started again at once: decide, project (${projectorsOnRedis} on Redis share the number), on Redis redis-server too (appendfsync always, the same folder). A kill of the worker leaves its requests unacknowledged.`,
      'Compared are all rows of totals as sums over shards, the bytes of every user state, dead letters and conversions left without a click. The honest count adds up the stories and shares no code with the projector.',
    ],
    data: {
      events,
      counted,
      results: results.map(({ store, plain, disturbed, differences: differing }) => ({
        store,
        plain: withoutOutcome(plain),
        disturbed: withoutOutcome(disturbed),
        differences: differing,
      })),
    },
  }
}

function withoutOutcome({ told, seconds, crashed, outcome }: Run) {
  return { told, seconds, crashed, values: outcome.size, sums: sumsIn(outcome) }
}

/** Sums over all rows of totals of an outcome. */
function sumsIn(outcome: Outcome): Sums {
  const sums: Sums = {}
  for (const [name, value] of outcome) {
    if (name.startsWith('total')) addTo(sums, JSON.parse(value) as Sums)
  }
  return sums
}

function findingsOf(
  { store, plain, disturbed, differences: differing }: StoreResult,
  events: number,
  counted: StoryCount,
): Finding[] {
  const kills = Object.entries(disturbed.crashed).map(([name, made]) => `${name} ${made.crashes}`)
  const users = [...plain.outcome.keys()].filter((name) => name.startsWith('user')).length
  const isRight = (run: Run): boolean => {
    const sums = sumsIn(run.outcome)
    return Object.entries(counted).every(([name, count]) => sums[name] === count)
  }
  const left = [...disturbed.outcome.keys()].filter((name) => name.startsWith('left')).length
  const { done, refused, lost, wrong } = disturbed.told
  return [
    {
      line: `${store}: ${events} events × ${times}, shuffled, killed: ${kills.join(', ')}: values that differ from the undisturbed run`,
      measured: `${differing.length === 20 ? '20 or more' : differing.length} of ${plain.outcome.size} (${users} user states)`,
      bar: '0',
      met: differing.length === 0 && plain.outcome.size > 0,
    },
    {
      line: `${store}: totals equal an honest count of the stories, undisturbed / disturbed; left over`,
      measured: `${isRight(plain)} / ${isRight(disturbed)}; ${left}`,
      bar: 'true / true; 0',
      met: isRight(plain) && isRight(disturbed) && left === 0,
    },
    {
      line: `${store}: requests acknowledged / refused with 503 / lost with a connection / wrong answers`,
      measured: `${done} / ${refused} / ${lost} / ${wrong} in ${disturbed.seconds.toFixed(0)} s`,
      bar: 'wrong: 0',
      met: wrong === 0,
    },
  ]
}
