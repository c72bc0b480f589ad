/** Changes packed user states: impressions and clicks come and go, whatever the order. */
import {
  minuteOfDay,
  UserEntry,
  UserStateCursor,
  userStateVersion,
  writeUserTag,
} from '../../domain/user-state.ts'

/** One change of a device's state: `count` impressions (or clicks …) at a minute. */
export interface Touch {
  readonly kind: UserEntry
  readonly tag: number
  /** As `minuteOf` counts. */
  readonly minute: number
  /** 1, or -1 for one that turned out to be at another minute, or invalid. */
  readonly count: number
}

/** Minutes of one entry that are kept, the newest; as many impressions as a cap may allow. */
export const momentsMax = 128

/** Things a device is remembered with; beyond it the one that was met longest ago is forgotten. */
export const entriesMax = 192

/** Days before the latest that told of a device for which an entry of a kind is kept. */
const keptDays: Readonly<Record<UserEntry, number>> = {
  [UserEntry.Creative]: 30,
  [UserEntry.Campaign]: 30,
  [UserEntry.Advertiser]: 30,
  [UserEntry.Strategy]: 30,
  [UserEntry.Converted]: 180,
  [UserEntry.Clicked]: 30,
  [UserEntry.Clicks]: 1,
}

interface Entry {
  readonly kind: UserEntry
  readonly tag: number
  /** Minute and count, newest first. */
  moments: [minute: number, count: number][]
}

const cursor = new UserStateCursor()

/**
 * The state after these touches of a decision (or an event of nobody's decision) of epoch day
 * `day`;
 * null = nothing is left to be known. What is kept depends on the touches alone, not on their
 * order:
 * each minute is counted by itself, the newest minutes stay, and age is measured from the latest
 * day
 * that ever told of the device. (Not from its newest moment: that one may be taken back.)
 */
export function touched(
  value: Uint8Array | null,
  touches: readonly Touch[],
  day: number,
): Uint8Array | null {
  const entries = value === null ? [] : readEntries(value)
  for (const touch of touches) apply(entries, touch)
  const latest = Math.max(day, value === null ? 0 : dayIn(value))
  return encode(kept(entries, latest), latest)
}

/** How many moments of an entry lie in [from, to), minutes. */
export function countBetween(
  value: Uint8Array | null,
  thing: Pick<Touch, 'kind' | 'tag'>,
  [from, to]: readonly [number, number],
): number {
  if (value === null) return 0
  let count = 0
  cursor.reset(value, 0, value.length)
  while (cursor.next()) {
    if (cursor.kind !== thing.kind || cursor.tag !== thing.tag) continue
    cursor.forEachMoment((minute, times) => {
      if (minute >= from && minute < to) count += times
    })
  }
  return count
}

function dayIn(value: Uint8Array): number {
  return (value[1] ?? 0) | ((value[2] ?? 0) << 8)
}

function readEntries(value: Uint8Array): Entry[] {
  const entries: Entry[] = []
  cursor.reset(value, 0, value.length)
  while (cursor.next()) {
    const moments: Entry['moments'] = []
    cursor.forEachMoment((minute, count) => moments.push([minute, count]))
    entries.push({ kind: cursor.kind, tag: cursor.tag, moments })
  }
  return entries
}

function apply(entries: Entry[], { kind, tag, minute, count }: Touch): void {
  let entry = entries.find((other) => other.kind === kind && other.tag === tag)
  if (entry === undefined) {
    if (count < 0) return
    entry = { kind, tag, moments: [] }
    entries.push(entry)
  }
  const { moments } = entry
  const at = moments.findIndex((moment) => moment[0] <= minute)
  const here = at < 0 ? undefined : moments[at]
  if (here !== undefined && here[0] === minute) here[1] += count
  else if (count > 0) moments.splice(at < 0 ? moments.length : at, 0, [minute, count])
}

/** Without what is over, too much or too old. */
function kept(entries: readonly Entry[], latest: number): Entry[] {
  const living = entries.filter((entry) => {
    const oldest = minuteOfDay(latest - keptDays[entry.kind])
    entry.moments = entry.moments
      .filter(([minute, count]) => count > 0 && minute >= oldest)
      .slice(0, momentsMax)
    return entry.moments.length > 0
  })
  if (living.length > entriesMax) {
    living.sort((a, b) => newestOf(b) - newestOf(a) || a.kind - b.kind || a.tag - b.tag)
    living.length = entriesMax
  }
  return living.sort((a, b) => a.kind - b.kind || a.tag - b.tag)
}

function newestOf({ moments }: Entry): number {
  return moments[0]?.[0] ?? 0
}

function encode(entries: readonly Entry[], latest: number): Uint8Array | null {
  if (entries.length === 0) return null
  const bytes: number[] = [userStateVersion, latest & 0xff, (latest >>> 8) & 0xff]
  for (const { kind, tag, moments } of entries) {
    bytes.push(kind)
    writeUserTag(bytes, tag)
    varint(bytes, moments.length)
    let before = 0
    for (const [i, [minute, count]] of moments.entries()) {
      varint(bytes, (i === 0 ? minute : before - minute) * 2 + (count > 1 ? 1 : 0))
      if (count > 1) varint(bytes, count)
      before = minute
    }
  }
  return Uint8Array.from(bytes)
}

function varint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}
