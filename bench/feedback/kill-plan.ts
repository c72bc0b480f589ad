/** Crashes of real processes, spread over the progress of a run and not over its time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/lib/clock.ts'
import { seededRandom } from '../data/seeded-random.ts'
import type { Member } from './crew.ts'

/** How often which process is killed. */
export interface KillPlan {
  readonly member: Member
  readonly times: number
  readonly seed: number
}

/** Milliseconds after a process works within which it is killed: into whatever it is doing. */
const withinMs = 400

/**
 * Kills the member `times` times while `progress` goes from 0 to 1: each time it works again, and a
 * moment of its own later. Resolves with the crashes that were made and the milliseconds without
 * it.
 */
export async function crashes(
  { member, times, seed }: KillPlan,
  progress: () => number,
): Promise<{ readonly crashes: number; readonly downMs: number }> {
  const random = seededRandom(seed)
  let downMs = 0
  for (let crash = 0; crash < times; crash++) {
    const from = (crash + random()) / times
    while (progress() < from) await sleep(5)
    await sleep(random() * withinMs)
    const startedMs = systemClock.monotonicMs()
    await member.crash()
    await member.ready()
    downMs += systemClock.monotonicMs() - startedMs
  }
  return { crashes: times, downMs }
}
