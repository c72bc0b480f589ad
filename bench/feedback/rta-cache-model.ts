/**
 * A medium that caches our answers, and the real decider behind it: how many impressions beyond a
 * cap the cache causes. The decision, its cache time and the packed user state are those of
 * serving;
 * the medium, its users and the reports are made up.
 */
import type { AudienceReader, AudienceView } from '../../src/audience/audience-reader.ts'
import { CompileMemory } from '../../src/catalog/compile-memory.ts'
import { EntityReader } from '../../src/catalog/entities.ts'
import { compileSnapshot } from '../../src/catalog/snapshot.ts'
import { RtaDecider } from '../../src/decision/decide.ts'
import { Scratch } from '../../src/decision/scratch.ts'
import type { RtaDecision } from '../../src/domain/decision.ts'
import type { DeviceKeys } from '../../src/domain/device-keys.ts'
import type { FrequencyCap } from '../../src/domain/frequency.ts'
import { IdType } from '../../src/domain/id-type.ts'
import type { MediumRules } from '../../src/domain/medium-rules.ts'
import { type Profile, ProfileState } from '../../src/domain/profile.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import { serialOf } from '../../src/domain/serial.ts'
import { minuteOf, tagOf, UserEntry } from '../../src/domain/user-state.ts'
import { dayOf } from '../../src/feedback/event-home.ts'
import { touched } from '../../src/feedback/project/user-writer.ts'
import { ManualClock } from '../../src/lib/clock.ts'
import { oceanengineRules } from '../../src/media/oceanengine/adapter.ts'
import { tencentRules } from '../../src/media/tencent/rules.ts'
import { seededRandom } from '../data/seeded-random.ts'
import { cappedStrategy } from './capped-strategy.ts'
import { type RtaUser, regionCount } from './rta-users.ts'

/** How long the medium keeps an answer. */
export const CachePolicy = {
  /** Always as long as its setting says: no answer of ours changes it. */
  Fixed: 'fixed',
  /** As long as each answer says, a minute at least (Ocean Engine's rules). */
  MinuteAtLeast: 'minute',
  /** As long as each answer says, an hour at least (Tencent's rules). */
  HourAtLeast: 'hour',
} as const
export type CachePolicy = (typeof CachePolicy)[keyof typeof CachePolicy]

/** One way in which the medium and the strategy are set. */
export interface RtaCacheSettings {
  readonly cap: FrequencyCap
  readonly cacheSeconds: number
  readonly policy: CachePolicy
  /** Share of the slots of an accepted user that we win. */
  readonly winRate: number
  readonly seed: number
}

/** What became of the users. */
export interface RtaCacheOutcome {
  impressions: number
  /** Impressions of a user who had seen as many as the cap within its window. */
  excess: number
  users: number
  usersOver: number
  /** Of one user within the whole run. */
  excessMax: number
  /** Questions that the medium asked us. */
  asks: number
}

/** Until an impression is reported, and until the report is in force: mean and constant. */
const reportMeanMs = 5_000
const freshMs = 200

/** 2026-11-22T00:00:00Z: where the made-up time begins. */
const startMs = 1_795_305_600_000

const medium = 'bench'
const strategyId = 'capped'

/** Plays users one after another against one decider. */
export class RtaCacheModel {
  readonly outcome: RtaCacheOutcome = {
    impressions: 0,
    excess: 0,
    users: 0,
    usersOver: 0,
    excessMax: 0,
    asks: 0,
  }
  readonly #settings: RtaCacheSettings
  readonly #decider: RtaDecider
  readonly #audience = new OneUser()
  readonly #scratch = new Scratch()
  readonly #clock = new ManualClock()
  readonly #random: () => number

  constructor(settings: RtaCacheSettings) {
    this.#settings = settings
    this.#random = seededRandom(settings.seed)
    this.#decider = newDecider(settings, this.#clock, this.#audience)
  }

  /** Plays one user to the end. */
  play({ atMs, regions }: RtaUser): void {
    const { outcome } = this
    const cache = Array.from({ length: regionCount }, () => ({ isYes: false, untilMs: -1 }))
    const user = new ShownUser(this.#settings.cap)
    let excess = 0
    for (const [i, nowMs] of atMs.entries()) {
      const answer = cache[regions[i] ?? 0]
      if (answer === undefined) continue
      user.report(nowMs)
      if (nowMs >= answer.untilMs) Object.assign(answer, this.#ask(user, nowMs))
      if (!answer.isYes || this.#random() >= this.#settings.winRate) continue
      outcome.impressions++
      if (user.show(nowMs, this.#reportDelayMs())) excess++
    }
    outcome.users++
    outcome.excess += excess
    if (excess > 0) outcome.usersOver++
    outcome.excessMax = Math.max(outcome.excessMax, excess)
  }

  #ask(user: ShownUser, nowMs: number): { isYes: boolean; untilMs: number } {
    this.outcome.asks++
    this.#audience.state = user.state
    this.#clock.jumpWall(startMs + nowMs)
    const { request } = this.#scratch
    request.clear()
    request.medium = medium
    request.deadlineMs = Number.POSITIVE_INFINITY
    request.devices.push(IdType.OaidMd5, 1, 1)
    const decision = this.#decider.decide(request, this.#scratch) as RtaDecision
    const isYes = decision.refusal === Refusal.None
    if (!isYes && decision.refusal !== Refusal.FrequencyCap) {
      throw new Error(`the model was refused with ${decision.refusal}`)
    }
    const isFixed = this.#settings.policy === CachePolicy.Fixed
    const seconds = isFixed ? this.#settings.cacheSeconds : decision.cacheSeconds
    return { isYes, untilMs: nowMs + seconds * 1_000 }
  }

  #reportDelayMs(): number {
    return freshMs - Math.log(1 - this.#random()) * reportMeanMs
  }
}

/** What was shown to one user, and how much of it has been reported. */
class ShownUser {
  state: Uint8Array | null = null
  readonly #cap: FrequencyCap
  #shownMs: number[] = []
  /** Reports under way, in the order of their arrival. */
  readonly #reports: { atMs: number; shownMs: number }[] = []

  constructor(cap: FrequencyCap) {
    this.#cap = cap
  }

  /** Puts what was reported until now into the state, as the projector does. */
  report(nowMs: number): void {
    while ((this.#reports[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const shownMs = this.#reports.shift()?.shownMs ?? 0
      const minute = minuteOf(startMs + shownMs)
      this.state = touched(
        this.state,
        [{ kind: UserEntry.Strategy, tag, minute, count: 1 }],
        dayOf(startMs + shownMs),
      )
    }
  }

  /** Shows one; true when the window held as many as the cap allows. */
  show(nowMs: number, reportDelayMs: number): boolean {
    const windowFromMs = nowMs - this.#cap.minutes * 60_000
    this.#shownMs = this.#shownMs.filter((shownMs) => shownMs > windowFromMs)
    const isOver = this.#shownMs.length >= this.#cap.impressions
    this.#shownMs.push(nowMs)
    this.#reports.push({ atMs: nowMs + reportDelayMs, shownMs: nowMs })
    this.#reports.sort((a, b) => a.atMs - b.atMs)
    return isOver
  }
}

const tag = tagOf(serialOf('strategy', strategyId))

/** The audience of the model: one known user at a time, with a history and no packs. */
class OneUser implements AudienceReader {
  state: Uint8Array | null = null

  read(_devices: DeviceKeys, view: AudienceView, _deadlineMs: number, profile: Profile): undefined {
    profile.reset(view.packs.words)
    profile.state = ProfileState.Known
    profile.sawHistory = true
    if (this.state !== null) profile.history.add(this.state, 0, this.state.length)
  }
}

function newDecider(
  settings: RtaCacheSettings,
  clock: ManualClock,
  audience: AudienceReader,
): RtaDecider {
  const isHour = settings.policy === CachePolicy.HourAtLeast
  const rules: MediumRules = {
    ...(isHour ? tencentRules : oceanengineRules),
    numericTargets: false,
  }
  const strategy = cappedStrategy(medium, strategyId, settings.cap)
  const stored = { kind: 'strategy', id: strategyId, version: 1, json: JSON.stringify(strategy) }
  const snapshot = compileSnapshot(new EntityReader().read([stored]), {
    revision: 1,
    rulesOf: (name) => (name === medium ? rules : null),
    nowMs: startMs,
    memory: new CompileMemory(),
  })
  return new RtaDecider({
    catalog: { current: () => snapshot, isStale: () => false },
    audience,
    clock,
    media: [{ settings: mediumSettings(settings.cacheSeconds), rules }],
  })
}

function mediumSettings(cacheSeconds: number) {
  return {
    name: medium,
    enabled: true,
    networkAllowanceMs: 0,
    sendAllowanceMs: 0,
    qpsMax: 0,
    secretHeader: null,
    unknownProfile: { kind: 'refuse' },
    cacheAcceptSeconds: cacheSeconds,
    cacheRefuseSeconds: cacheSeconds,
    exchangeLogRate: 0,
    exchangeLogStrategies: [],
  } as const
}
