/** The hour and weekday of a clock that is so many minutes ahead of UTC. */

const dayMinutes = 24 * 60

/** Hour 0-23 at `atMs` (epoch milliseconds); -1 when the offset is NaN, not known. */
export function localHour(atMs: number, utcOffsetMin: number): number {
  const minutes = localMinutes(atMs, utcOffsetMin)
  if (Number.isNaN(minutes)) return -1
  return Math.floor((minutes - Math.floor(minutes / dayMinutes) * dayMinutes) / 60)
}

/** ISO weekday 1-7, Monday is 1; 0 when the offset is NaN, not known. */
export function localWeekday(atMs: number, utcOffsetMin: number): number {
  const minutes = localMinutes(atMs, utcOffsetMin)
  if (Number.isNaN(minutes)) return 0
  // 1 January 1970 was a Thursday.
  const days = Math.floor(minutes / dayMinutes) + 3
  return days - Math.floor(days / 7) * 7 + 1
}

function localMinutes(atMs: number, utcOffsetMin: number): number {
  return Math.floor(atMs / 60_000) + utcOffsetMin
}
