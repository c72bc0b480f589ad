/** The media of one process: adapters, rules and settings, built-in and described together. */
import { type Config, settingsOf } from '../config/config.ts'
import type { MediumRules } from '../domain/medium-rules.ts'
import type { MediumSettings } from '../domain/medium-settings.ts'
import type { DeviceHasher } from '../identity/device-hasher.ts'
import type { Clock } from '../lib/clock.ts'
import type { AdapterContext, MediumAdapter } from '../media/adapter.ts'
import { createDescribedAdapter } from '../media/described/adapter.ts'
import { builtInMedia, createAdapters, MediaSetupError } from '../media/registry.ts'
import { StartupError } from './startup-error.ts'

/** One medium, ready to be routed to and decided for. */
export interface MediumSetup {
  readonly adapter: MediumAdapter
  readonly settings: MediumSettings
  readonly rules: MediumRules
}

/** The cache seconds that a wire can say. */
type CacheRange = Pick<MediumRules, 'cacheSecondsMin' | 'cacheSecondsMax'>

/**
 * Builds every medium; throws `MediaSetupError` for a configured name that does not exist and
 * `StartupError` where the allowances leave no time to decide.
 */
export function setUpMedia(
  config: Config,
  hasher: DeviceHasher,
  clock: Clock,
): readonly MediumSetup[] {
  const contextOf = (name: string, rules: CacheRange): AdapterContext => {
    const { cacheAcceptSeconds, cacheRefuseSeconds } = settingsOf(config, name)
    return {
      hasher,
      clock,
      cacheAcceptSeconds: insideRange(cacheAcceptSeconds, rules),
      cacheRefuseSeconds: insideRange(cacheRefuseSeconds, rules),
      cacheFailureSeconds: rules.cacheSecondsMin,
    }
  }
  const described = config.described.map((one) =>
    createDescribedAdapter(one, contextOf(one.name, one.rules)),
  )
  const builtIn = Object.entries(builtInMedia).map(([name, { rules }]) => ({
    name,
    context: contextOf(name, rules),
  }))
  const adapters = createAdapters(builtIn, described)
  for (const name of Object.keys(config.media)) {
    if (!adapters.has(name)) {
      const known = [...adapters.keys()].join(', ')
      throw new MediaSetupError('SLUICE_MEDIA_UNKNOWN', `media.${name} is set; there are: ${known}`)
    }
  }
  return [...adapters.values()].map((adapter) => {
    const settings = settingsOf(config, adapter.name)
    checkTime(adapter, settings)
    return { adapter, settings, rules: adapter.rules }
  })
}

function checkTime(adapter: MediumAdapter, settings: MediumSettings): void {
  const { networkAllowanceMs, sendAllowanceMs } = settings
  const budgetMs = Math.min(adapter.rules.budgetMs, adapter.rules.secondBudgetMs)
  if (networkAllowanceMs + sendAllowanceMs < budgetMs) return
  throw new StartupError(
    'SLUICE_PROCESS_NO_TIME',
    `media.${adapter.name}: networkAllowanceMs ${networkAllowanceMs} and sendAllowanceMs ` +
      `${sendAllowanceMs} leave nothing of the medium's ${budgetMs} ms`,
  )
}

/** 0 where nothing was set or the wire cannot say a time. */
function insideRange(seconds: number | null, rules: CacheRange): number {
  if (seconds === null || rules.cacheSecondsMax === 0) return 0
  return Math.min(rules.cacheSecondsMax, Math.max(rules.cacheSecondsMin, seconds))
}
