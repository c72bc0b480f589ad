/** An RTA strategy that everybody matches, with a cap: as the admin API stores it. */
import type { FrequencyCap } from '../../src/domain/frequency.ts'
import type { Strategy } from '../../src/domain/strategy.ts'

/** The strategy, registered and switched on. */
export function cappedStrategy(medium: string, id: string, cap: FrequencyCap): Strategy {
  return {
    id,
    name: id,
    medium,
    targetId: id,
    registered: true,
    enabled: true,
    priority: 0,
    audience: { all: [], any: [], none: [] },
    conditions: {
      os: [],
      schedule: null,
      startMs: null,
      endMs: null,
      experimentIds: { anyOf: [], noneOf: [] },
      geo: { countries: [], cities: [], excludedCities: [] },
    },
    action: {
      bid: { kind: 'none' },
      products: [],
      advertiserIds: [],
      adIds: [],
      tag: '',
      pcvr: null,
      cacheAcceptSeconds: null,
      cacheRefuseSeconds: null,
    },
    ranking: null,
    caps: [cap],
    converted: [],
    secondPrices: [],
  }
}
