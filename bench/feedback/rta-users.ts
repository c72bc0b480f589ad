/** Made-up users of a medium: when they could be shown our ad, and which of its regions asks us. */
import { seededRandom } from '../data/seeded-random.ts'

/** Regions of a medium that do not share their caches (rta-media.md §1.10: three at Tencent). */
export const regionCount = 3

/** What users are drawn by. */
export interface RtaUserSettings {
  readonly days: number
  /** Share of a user's sessions that the home region serves; the others share the rest evenly. */
  readonly homeShare: number
  readonly seed: number
}

/** One user: moments in ascending order, milliseconds from the start, and the region of each. */
export interface RtaUser {
  readonly atMs: readonly number[]
  readonly regions: readonly number[]
}

const dayMs = 24 * 3_600_000

/** Sessions a day (mean of an exponential over users), and ad slots of one, some seconds apart. */
const sessionsADay = 3
const slotsMean = 12
const slotGapMs = 25_000

/** User `number`: some open the app once in days, a few all day long. */
export function rtaUser(number: number, { days, homeShare, seed }: RtaUserSettings): RtaUser {
  const random = seededRandom(seed * 1_000_003 + number)
  const exponential = (mean: number): number => -Math.log(1 - random()) * mean
  const gapMs = dayMs / (0.1 + exponential(sessionsADay))
  const home = Math.floor(random() * regionCount)
  const atMs: number[] = []
  const regions: number[] = []
  for (let sessionMs = exponential(gapMs); sessionMs < days * dayMs; ) {
    const away = 1 + Math.floor(random() * (regionCount - 1))
    const region = random() < homeShare ? home : (home + away) % regionCount
    const slots = 1 + Math.floor(exponential(slotsMean))
    for (let slot = 0; slot < slots; slot++) {
      sessionMs += exponential(slotGapMs)
      atMs.push(sessionMs)
      regions.push(region)
    }
    sessionMs += exponential(gapMs)
  }
  return { atMs, regions }
}
