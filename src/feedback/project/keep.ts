/** How long derived state is kept, and what takes it away afterwards. */
import { convertedDaysMax } from '../../domain/frequency.ts'
import { minuteOf, UserStateCursor } from '../../domain/user-state.ts'
import {
  type FeedbackStore,
  logStart,
  type StateKey,
  type StateStore,
  StateTable,
} from '../../store/feedback-ports.ts'
import { dayOf } from '../event-home.ts'
import { attributionDays, periodOf } from './state-keys.ts'

/** Totals are small (a row an hour, campaign and place) and are what reports show at once. */
export const totalDays = 400

/** Dead letters wait for somebody to look at them. */
export const deadDays = 30

/** Days that journeys are kept beyond the window: events may be told of a day that just began. */
const spareDays = 2

/**
 * Drops whole days that nobody needs any more. Cheap where there is nothing to drop. What "any
 * more"
 * means is said by the oldest record that is not projected yet, of any part: a projector that was
 * away for days must find what repeats of then are known by.
 */
export async function dropOldDays(
  { log, state }: Pick<FeedbackStore, 'log' | 'state'>,
  wallMs: number,
): Promise<void> {
  const nowMs = await oldestWaitingMs({ log, state }, wallMs)
  const today = dayOf(nowMs)
  await state.dropBefore(StateTable.Journey, today - attributionDays - spareDays)
  await state.dropBefore(StateTable.Total, today - totalDays)
  await state.dropBefore(StateTable.Dead, today - deadDays)
  // A period and the one before are looked at; those of conversions that still wait, too. What a
  // conversion that is told late looks for was clicked up to two windows ago.
  const period = periodOf(nowMs) - attributionDays
  await state.dropBefore(StateTable.Click, period - attributionDays)
  await state.dropBefore(StateTable.Parked, period)
}

/** When the oldest record was stored that no projector has projected; now, where there is none. */
async function oldestWaitingMs(
  { log, state }: Pick<FeedbackStore, 'log' | 'state'>,
  nowMs: number,
): Promise<number> {
  const parts = await log.parts()
  const places = await state.positions(parts, 'project')
  const wanted = parts.map((part, i) => ({ part, after: places[i] ?? logStart }))
  const heads = await log.read(wanted, 1)
  return heads.reduce((oldestMs, [head]) => Math.min(oldestMs, head?.storedAtMs ?? nowMs), nowMs)
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

/**
 * Devices that were not met for longer than anybody asks for; at most `countMax` at a time. Rejects
 * when `goesOn` says no: it may take minutes.
 */
export async function forgottenDevices(
  state: StateStore,
  { nowMs, goesOn }: { readonly nowMs: number; readonly goesOn: () => boolean },
  countMax: number,
): Promise<StateKey[]> {
  const keys: StateKey[] = []
  await state.scan(StateTable.User, null, (key, value) => {
    if (!goesOn()) throw new Error('the look at all devices was broken off')
    if (keys.length < countMax && isForgotten(value, nowMs)) keys.push(key)
  })
  return keys
}
