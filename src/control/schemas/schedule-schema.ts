/** Hours of a week and time zones, as strategies and campaigns have them. */
import { z } from 'zod'

const minute = z.int().min(0).max(1_440)

/** One window of a weekly schedule. */
export const windowSchema = z
  .strictObject({
    days: z.array(z.int().min(1).max(7)).min(1).max(7).describe('1 = Monday … 7 = Sunday'),
    fromMinute: minute,
    toMinute: minute,
  })
  .refine((window) => window.fromMinute < window.toMinute, {
    path: ['toMinute'],
    message: 'must be after fromMinute; write a window over midnight as two',
  })

/** Zones found good already: asking ICU costs some 50 µs, and an import asks 100 000 times. */
const known = new Set<string>()

/** True for a zone that this machine's ICU knows; fixed offsets such as `+08:00` are not zones. */
export function isTimeZone(name: string): boolean {
  if (known.has(name)) return true
  if (/^[+-]/.test(name)) return false
  try {
    if (new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone === '') {
      return false
    }
  } catch {
    return false
  }
  // ICU takes any case of some 600 names; what is written otherwise is asked about again.
  if (known.size < zonesRememberedMax) known.add(name)
  return true
}

const zonesRememberedMax = 1_024
