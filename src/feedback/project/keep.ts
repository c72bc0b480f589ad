/** How long derived state is kept, and what takes it away afterwards. */
import { convertedDaysMax } from '../../domain/frequency.ts'
import { minuteOf, UserStateCursor } from '../../domain/user-state.ts'
import { type StateKey, type StateStore, StateTable } from '../../store/feedback-ports.ts'
import { dayOf } from '../event-home.ts'
import { attributionDays, periodOf } from './state-keys.ts'

/** Totals are small (a row an hour, campaign and place) and are what reports show at once. */
export const totalDays = 400

/** Dead letters wait for somebody to look at them. */
export const deadDays = 30

/** Days that journeys are kept beyond the window: events may be told of a day that just began. */
const spareDays = 2

/** Drops whole days that nobody needs any more. Cheap where there is nothing to drop. */
export async function dropOldDays(state: StateStore, nowMs: number): Promise<void> {
  const today = dayOf(nowMs)
  await state.dropBefore(StateTable.Journey, today - attributionDays - spareDays)
  await state.dropBefore(StateTable.Total, today - totalDays)
  await state.dropBefore(StateTable.Dead, today - deadDays)
  // A period and the one before are looked at; those of conversions that still wait, too.
  const period = periodOf(nowMs) - attributionDays
  await state.dropBefore(StateTable.Click, period)
  await state.dropBefore(StateTable.Parked, period)
}

const minutesADay = 24 * 60

const cursor = new UserStateCursor()

/** True when nothing of a user state can matter any more: it is as old as the longest rule. */
export function isForgotten(value: Uint8Array, nowMs: number): boolean {
  let newest = 0
  cursor.reset(value, 0, value.length)
  while (cursor.next()) newest = Math.max(newest, cursor.newest)
  return newest < minuteOf(nowMs) - convertedDaysMax * minutesADay
}

/** Devices that were not met for longer than anybody asks for; at most `countMax` at a time. */
export async function forgottenDevices(
  state: StateStore,
  nowMs: number,
  countMax: number,
): Promise<StateKey[]> {
  const keys: StateKey[] = []
  await state.scan(StateTable.User, null, (key, value) => {
    if (keys.length < countMax && isForgotten(value, nowMs)) keys.push(key)
  })
  return keys
}
