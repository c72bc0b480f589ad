/** Frequency caps and rules on converts, as checks of "why does this campaign not bid". */
import { Drop } from '../../domain/drop-reason.ts'
import { type Guard, guardAt } from '../../domain/guard.ts'
import { minuteOf, UserEntry } from '../../domain/user-state.ts'
import { isHistoryUnknown, type Standing, standingOf, standingText } from '../history.ts'
import type { WhyFacts } from './why.ts'
import { dropCheck, listed, type WhyCheck } from './why-check.ts'

/** Caps of the campaign and its advertiser, and the rules on converts: entries and their drops. */
const guardedEntries: readonly (readonly [UserEntry, Drop])[] = [
  [UserEntry.Campaign, Drop.CampaignCap],
  [UserEntry.Advertiser, Drop.AdvertiserCap],
  [UserEntry.Converted, Drop.Converted],
]

/** What of them the campaign has. */
export function capChecks(facts: WhyFacts): WhyCheck[] {
  return guardedEntries.flatMap(([entry, drop]) => guardCheck(facts, entry, drop))
}

/** The check of the caps of one creative, where it has any. */
export function creativeCapCheck(facts: WhyFacts, creative: number): WhyCheck[] {
  return guardCheck(facts, UserEntry.Creative, Drop.CreativeCap, creative)
}

/** One check for all guards that look at entries of a kind; of creatives only those of one. */
// oxlint-disable-next-line max-params -- what is checked, of which kind and thing
function guardCheck(facts: WhyFacts, entry: UserEntry, drop: Drop, thing = -1): WhyCheck[] {
  const { snapshot, profile, request, user } = facts
  const { table } = snapshot.data.guards
  const guards: Guard[] = []
  for (let row = 0; row < table.things.length; row++) {
    const isIts = table.entries[row] === entry && (thing === -1 || table.things[row] === thing)
    if (isIts) guards.push(guardAt(table, row))
  }
  if (guards.length === 0) return []
  const nowMinute = minuteOf(user.wallMs)
  const standings = guards.flatMap((guard) => standingOf(guard, profile.history, nowMinute) ?? [])
  const isUnknown = isHistoryUnknown({ profile, idCount: request.devices.count })
  const told = isUnknown
    ? ['the history could not be read, so nothing may be taken for little']
    : standings.map(standingText)
  return [
    dropCheck(drop, !isUnknown && !standings.some(({ isHolding }) => isHolding), {
      ours: listed(standings.map(limitText)),
      request: told.join('; '),
    }),
  ]
}

function limitText({ rule, impressions, minutes }: Standing): string {
  if (rule === 'cap') return `${impressions} in ${minutes} minutes`
  return `${rule} for ${minutes / minutesPerDay} days`
}

const minutesPerDay = 1_440
