/** What the history of a device holds back of a catalog, in words for explain. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import { guardAt } from '../../domain/guard.ts'
import type { Profile } from '../../domain/profile.ts'
import { minuteOf, UserEntry } from '../../domain/user-state.ts'
import { GuardHits } from '../guard-hits.ts'
import { type Standing, standingOf } from '../history.ts'

/** A cap that is reached, or a rule on converts that keeps the device out. */
export interface HeldBack extends Standing {
  readonly kind: 'creative' | 'campaign' | 'advertiser'
  readonly id: string
}

/** Told one by one; a device with a history of years has no more. */
const heldBackMax = 50

/**
 * Everything that holds something back now. Not those that want a conversion which is not there:
 * they are as many as the catalog has, and counted in the funnel.
 */
export function heldBackOf(snapshot: BidSnapshot, profile: Profile, wallMs: number): HeldBack[] {
  const { table } = snapshot.data.guards
  const nowMinute = minuteOf(wallMs)
  const hits = new GuardHits()
  hits.find(table, profile.history, nowMinute)
  const held: HeldBack[] = []
  for (let hit = 0; hit < hits.count && held.length < heldBackMax; hit++) {
    const row = hits.rows[hit] ?? 0
    const guard = guardAt(table, row)
    const standing = standingOf(guard, profile.history, nowMinute)
    if (standing === null || !standing.isHolding) continue
    held.push({ ...nameOf(snapshot, guard.entry, table.things[row] ?? 0), ...standing })
  }
  return held
}

function nameOf(
  snapshot: BidSnapshot,
  entry: UserEntry,
  thing: number,
): Pick<HeldBack, 'kind' | 'id'> {
  if (entry === UserEntry.Creative) return { kind: 'creative', id: snapshot.creative(thing).id }
  if (entry === UserEntry.Advertiser)
    return { kind: 'advertiser', id: snapshot.advertiser(thing).id }
  return { kind: 'campaign', id: snapshot.campaign(thing).id }
}
