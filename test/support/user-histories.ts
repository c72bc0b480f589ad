/** User states as tests write them, and what they say by plain counting. */
import type { FrequencyCap } from '../../src/domain/frequency.ts'
import type { Profile } from '../../src/domain/profile.ts'
import { ProfileState } from '../../src/domain/profile.ts'
import { type UserEntry, userStateVersion, writeUserTag } from '../../src/domain/user-state.ts'

/** One entry of a user state: how often, in which minutes. */
export interface Touch {
  readonly entry: UserEntry
  readonly tag: number
  readonly moments: readonly { readonly minute: number; readonly count: number }[]
}

/** The bytes of a user state (`domain/user-state.ts`); moments and entries in any order. */
export function writeHistory(touches: readonly Touch[]): Uint8Array {
  const bytes: number[] = [userStateVersion, 0, 0]
  const sorted = touches.toSorted((a, b) => a.entry - b.entry || a.tag - b.tag)
  for (const { entry, tag, moments } of sorted) {
    bytes.push(entry)
    writeUserTag(bytes, tag)
    pushVarint(bytes, moments.length)
    let last = 0
    for (const [at, { minute, count }] of newestFirst(moments).entries()) {
      const gap = at === 0 ? minute : last - minute
      last = minute
      pushVarint(bytes, gap * 2 + (count > 1 ? 1 : 0))
      if (count > 1) pushVarint(bytes, count)
    }
  }
  return Uint8Array.from(bytes)
}

/** Puts user states into a profile as a reader does that was asked for them: one a device id. */
export function fillHistory(profile: Profile, states: readonly (readonly Touch[])[]): void {
  profile.state = ProfileState.Known
  profile.sawHistory = true
  profile.history.clear()
  for (const touches of states) {
    const bytes = writeHistory(touches)
    profile.history.add(bytes, 0, bytes.length)
  }
}

/** True when a cap is reached under one of the ids: counted one by one. */
export function isCapped(
  states: readonly (readonly Touch[])[],
  of: Pick<Touch, 'entry' | 'tag'>,
  cap: FrequencyCap,
  nowMinute: number,
): boolean {
  return states.some((touches) => countOf(touches, of, nowMinute - cap.minutes) >= cap.impressions)
}

/** Moments of an entry in `since` or later. */
export function countOf(
  touches: readonly Touch[],
  of: Pick<Touch, 'entry' | 'tag'>,
  since: number,
): number {
  let count = 0
  for (const { entry, tag, moments } of touches) {
    if (entry !== of.entry || tag !== of.tag) continue
    for (const moment of moments) if (moment.minute >= since) count += moment.count
  }
  return count
}

function newestFirst(moments: Touch['moments']): Touch['moments'] {
  return moments.toSorted((a, b) => b.minute - a.minute)
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest % 128) | 0x80)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}
