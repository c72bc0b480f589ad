/**
 * What the history of a device says of one thing: for decisions that count, and for explanations.
 */
import { type Guard, GuardKind, isInWindow } from '../domain/guard.ts'
import { type Profile, ProfileState } from '../domain/profile.ts'
import {
  msOfMinute,
  type UserEntry,
  type UserHistory,
  UserStateCursor,
} from '../domain/user-state.ts'

/**
 * True where the device has a history that nobody could read, or nobody asked for. Without any id
 * there is none that could be missing.
 */
export function isHistoryUnknown({
  profile,
  idCount,
}: {
  readonly profile: Profile
  readonly idCount: number
}): boolean {
  return profile.state === ProfileState.Unavailable || (idCount > 0 && !profile.sawHistory)
}

/** Impressions of one thing since a minute, the most under any key of the device. */
export function mostSince(
  history: UserHistory,
  thing: { readonly entry: UserEntry; readonly tag: number },
  since: number,
): number {
  let most = 0
  forEachEntry(history, thing, (cursor) => {
    most = Math.max(most, cursor.countSince(since))
  })
  return most
}

/** One cap or rule as it stands for a device. */
export interface Standing {
  readonly rule: 'cap' | 'exclude' | 'require'
  /** Of a cap: what it allows; 0 for others. */
  readonly impressions: number
  readonly minutes: number
  /** Impressions, or conversions, in the window: the most under any key. */
  readonly counted: number
  /** True: it keeps its thing out. */
  readonly isHolding: boolean
  /** Epoch milliseconds at which its window lets go of what it holds by; null = it does not. */
  readonly untilMs: number | null
}

const ruleNames = new Map<GuardKind, Standing['rule']>([
  [GuardKind.Cap, 'cap'],
  [GuardKind.Exclude, 'exclude'],
  [GuardKind.Require, 'require'],
])

/** How a guard stands; null for one that keeps nothing out by itself. */
export function standingOf(guard: Guard, history: UserHistory, nowMinute: number): Standing | null {
  const rule = ruleNames.get(guard.kind)
  if (rule === undefined) return null
  let until = -1
  forEachEntry(history, guard, (cursor) => {
    const minute = cursor.minuteOfNth(guard.nth)
    if (isInWindow(minute, guard.minutes, nowMinute))
      until = Math.max(until, minute + guard.minutes)
  })
  const isMet = until >= 0
  return {
    rule,
    impressions: rule === 'cap' ? guard.nth : 0,
    minutes: guard.minutes,
    counted: mostSince(history, guard, nowMinute - guard.minutes),
    isHolding: rule === 'require' ? !isMet : isMet,
    untilMs: isMet ? msOfMinute(until + 1) : null,
  }
}

/** A standing in words: `cap: 3 of 3 impressions in 60 minutes, until 2026-…`. */
export function standingText({ rule, impressions, minutes, ...standing }: Standing): string {
  const { counted, untilMs } = standing
  const until = untilMs === null ? '' : `, until ${new Date(untilMs).toISOString()}`
  if (rule === 'cap')
    return `cap: ${counted} of ${impressions} impressions in ${minutes} minutes${until}`
  const days = minutes / minutesPerDay
  return `${rule}: ${counted === 0 ? 'no conversion' : 'converted'} in ${days} days${until}`
}

const minutesPerDay = 1_440

function forEachEntry(
  { bytes, from, count }: UserHistory,
  { entry, tag }: { readonly entry: UserEntry; readonly tag: number },
  visit: (cursor: UserStateCursor) => void,
): void {
  const cursor = new UserStateCursor()
  for (let key = 0; key < count; key++) {
    cursor.reset(bytes, from[key] ?? 0, from[key + 1] ?? 0)
    while (cursor.next()) if (cursor.kind === entry && cursor.tag === tag) visit(cursor)
  }
}
