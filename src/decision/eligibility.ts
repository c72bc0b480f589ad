/** Whether one strategy's audience and conditions hold for a device and its request. */
import type { CompiledAudience, CompiledConditions } from '../catalog/plan.ts'
import type { Profile } from '../domain/profile.ts'
import type { Scratch } from './scratch.ts'

/** The first condition that fails, in the order they are looked at; 0 when all hold. */
export const Condition = {
  None: 0,
  Os: 1,
  Flight: 2,
  Schedule: 3,
  ExperimentIds: 4,
  Geo: 5,
} as const
export type Condition = (typeof Condition)[keyof typeof Condition]

/** Names for traces, by code. */
export const conditionNames = ['none', 'os', 'flight', 'schedule', 'experimentIds', 'geo'] as const

/**
 * Experiment ids of a request that conditions look at: a medium has a few layers, more are
 * garbage, and garbage must not cost time.
 */
const experimentIdsMax = 64

/** True when the device is in all of `all`, in one of `any` if there is any, in none of `none`. */
export function audienceFits(audience: CompiledAudience, profile: Profile): boolean {
  if (audience.impossible) return false
  const { packs } = profile
  return (
    hasAll(packs, audience.all) &&
    !hasAny(packs, audience.none) &&
    (audience.any.length === 0 || hasAny(packs, audience.any))
  )
}

/** The first condition that the request does not fulfil, or `Condition.None`. */
export function failedCondition(conditions: CompiledConditions, scratch: Scratch): Condition {
  const { request, wallMs } = scratch
  if (conditions.osMask !== 0 && ((conditions.osMask >>> request.os) & 1) === 0) return Condition.Os
  if (wallMs < conditions.startMs || wallMs >= conditions.endMs) return Condition.Flight
  const { schedule } = conditions
  if (schedule !== null) {
    const minute = schedule.zone.minuteOfWeek(wallMs)
    if ((((schedule.minutes[minute >>> 5] ?? 0) >>> (minute & 31)) & 1) === 0) {
      return Condition.Schedule
    }
  }
  if (!experimentsFit(conditions, request.experimentIds)) return Condition.ExperimentIds
  return whereFits(conditions, scratch) ? Condition.None : Condition.Geo
}

/** `pairs`: word, mask, word, mask … of `CompiledAudience`. */
function hasAll(packs: Uint32Array, pairs: Int32Array): boolean {
  for (let i = 0; i < pairs.length; i += 2) {
    const mask = pairs[i + 1] ?? 0
    if (((packs[pairs[i] ?? 0] ?? 0) & mask) !== mask) return false
  }
  return true
}

function hasAny(packs: Uint32Array, pairs: Int32Array): boolean {
  for (let i = 0; i < pairs.length; i += 2) {
    if (((packs[pairs[i] ?? 0] ?? 0) & (pairs[i + 1] ?? 0)) !== 0) return true
  }
  return false
}

/** One of `anyOf` and none of `noneOf`; a request without ids has none of either. */
function experimentsFit(conditions: CompiledConditions, sent: readonly number[]): boolean {
  const { experimentsAnyOf, experimentsNoneOf } = conditions
  if (experimentsAnyOf === null && experimentsNoneOf === null) return true
  const count = Math.min(sent.length, experimentIdsMax)
  let hit = experimentsAnyOf === null
  for (let i = 0; i < count; i++) {
    const id = sent[i] ?? 0
    if (experimentsNoneOf?.has(id) === true) return false
    if (experimentsAnyOf?.has(id) === true) hit = true
  }
  return hit
}

/** Where a medium does not say where, a wanted place is not met and an unwanted one not proven. */
function whereFits(conditions: CompiledConditions, scratch: Scratch): boolean {
  const { countries, cities, excludedCities } = conditions
  if (countries !== null && !countries.has(scratch.country)) return false
  if (cities !== null && !cities.has(scratch.city)) return false
  return excludedCities === null || !excludedCities.has(scratch.city)
}
