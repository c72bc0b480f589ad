/**
 * A simulation: a medium caches the answers of a capped strategy in three regions that share
 * nothing. How many impressions beyond the cap that causes, by cache time, with and without the
 * shorter cache times that decisions give near a cap.
 */
import { CachePolicy, RtaCacheModel, type RtaCacheOutcome } from '../feedback/rta-cache-model.ts'
import { rtaUser } from '../feedback/rta-users.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import type { ScenarioContext, Size } from './scenario.ts'

const usersBySize: Readonly<Record<Size, number>> = { tiny: 150, small: 1_000, full: 6_000 }

const days = 7

/** Cache times of the medium's setting, seconds. */
const cacheTimes = [600, 1_800, 3_600, 6 * 3_600, 24 * 3_600] as const

/** At most so many impressions in 24 hours. */
const caps = [1, 3] as const
const minutesADay = 24 * 60

/** Share of the slots of an accepted user that we win. */
const winRate = 0.05

/** Home regions serve most sessions; or every session is anybody's. */
const routings = [
  { name: '85 % at home', homeShare: 0.85 },
  { name: 'at random', homeShare: 1 / 3 },
] as const

interface Row {
  readonly routing: string
  readonly cap: number
  readonly cacheSeconds: number
  readonly policy: CachePolicy
  readonly outcome: RtaCacheOutcome
}

/** Runs the simulation. */
export function rtaCache(context: ScenarioContext): Promise<ScenarioResult> {
  const rows: Row[] = []
  for (const { name, homeShare } of routings) {
    for (const cap of caps) {
      context.say(`sessions ${name}, cap ${cap} a day`)
      for (const { cacheSeconds, policy } of settings) {
        const run = { homeShare, cap, cacheSeconds, policy }
        rows.push({ routing: name, cap, cacheSeconds, policy, outcome: play(run, context.size) })
      }
    }
  }
  return Promise.resolve({
    scenario: 'rta-cache',
    size: context.size,
    findings: findingsOf(rows),
    notes: [
      `A simulation, no server: ${usersBySize[context.size]} users over ${days} days, sessions of 13 ad slots on average, 85 % or a third of them at the home region; ${winRate * 100} % of the slots of an accepted user are won; an impression is reported after 5 s on average and in force 0.2 s later.`,
      'The decision, its cache time, the caps and the packed user state are the code of serving (RtaDecider, touched, the rules of Tencent and Ocean Engine). "Fixed": the medium keeps every answer for its setting. "Shortened": one impression before a cap our answer asks for the shortest time that the medium knows (a minute at Ocean Engine, an hour at Tencent), and a refusal lasts no longer than the cap.',
      'Excess: an impression to a user who had already seen as many as the cap allows within 24 hours. The share is of all impressions.',
    ],
    data: { days, winRate, rows },
  })
}

/** Cache times with the policies that make sense of them. */
const settings = cacheTimes.flatMap((cacheSeconds) =>
  policiesFor(cacheSeconds).map((policy) => ({ cacheSeconds, policy })),
)

/** An hour at least cannot be asked for less. */
function policiesFor(cacheSeconds: number): CachePolicy[] {
  const all: CachePolicy[] = [CachePolicy.Fixed, CachePolicy.MinuteAtLeast]
  return cacheSeconds >= 3_600 ? [...all, CachePolicy.HourAtLeast] : all
}

function play(
  run: { homeShare: number; cap: number; cacheSeconds: number; policy: CachePolicy },
  size: Size,
): RtaCacheOutcome {
  const { homeShare, cacheSeconds, policy } = run
  const cap = { impressions: run.cap, minutes: minutesADay }
  const model = new RtaCacheModel({ cap, cacheSeconds, policy, winRate, seed: 7 })
  for (let user = 0; user < usersBySize[size]; user++) {
    model.play(rtaUser(user, { days, homeShare, seed: 5 }))
  }
  return model.outcome
}

function findingsOf(rows: readonly Row[]): Finding[] {
  const findings: Finding[] = []
  for (const fixed of rows.filter(({ policy }) => policy === CachePolicy.Fixed)) {
    const same = rows.filter(
      ({ routing, cap, cacheSeconds }) =>
        routing === fixed.routing && cap === fixed.cap && cacheSeconds === fixed.cacheSeconds,
    )
    const measured = same.map(({ policy, outcome }) => `${names[policy]} ${textOf(outcome)}`)
    findings.push({
      line: `cap ${fixed.cap} a day, cache ${timeText(fixed.cacheSeconds)}, sessions ${fixed.routing}: excess`,
      measured: measured.join('; '),
      bar: 'reported',
      met: null,
    })
  }
  return findings
}

const names: Readonly<Record<CachePolicy, string>> = {
  [CachePolicy.Fixed]: 'fixed',
  [CachePolicy.MinuteAtLeast]: 'shortened to a minute',
  [CachePolicy.HourAtLeast]: 'shortened to an hour',
}

function textOf({ impressions, excess, users, usersOver, excessMax }: RtaCacheOutcome): string {
  const percent = (part: number, whole: number): string =>
    `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`
  return `${percent(excess, impressions)} (${percent(usersOver, users)} of users, at most ${excessMax})`
}

function timeText(seconds: number): string {
  return seconds < 3_600 ? `${seconds / 60} min` : `${seconds / 3_600} h`
}
