/** Who of a build has caps and rules on converts, as a table over entries of user states. */
import { type Guard, GuardKind } from '../../domain/guard.ts'
import { UserEntry } from '../../domain/user-state.ts'
import { setBit, wordsOf } from '../../lib/bitset.ts'
import { GuardTableBuilder } from '../guards.ts'
import type { GuardColumns } from './bid-data.ts'
import type { AdvertiserRow, CreativeRow } from './bid-rows.ts'
import type { LiveCampaign } from './build-bid-data.ts'

/** The columns of what can bid. Most of it has no guards: then this is one walk. */
export function guardColumns(
  campaigns: readonly LiveCampaign[],
  creatives: readonly CreativeRow[],
  advertisers: readonly AdvertiserRow[],
): GuardColumns {
  const builder = new GuardTableBuilder()
  const bits = () => new Uint32Array(wordsOf(campaigns.length))
  const columns = {
    capped: bits(),
    ruled: bits(),
    requiring: bits(),
    requires: new Uint8Array(campaigns.length),
    creatives: new Uint32Array(wordsOf(creatives.length)),
  }
  for (const { row, index } of campaigns) {
    builder.add(index, row.guards)
    for (const guard of row.guards) note(columns, index, guard)
  }
  for (const [slot, { guards }] of creatives.entries()) {
    if (guards.length === 0) continue
    builder.add(slot, guards)
    setBit(columns.creatives, slot)
  }
  for (const [index, { guards }] of advertisers.entries()) builder.add(index, guards)
  const cappedByAdvertiser = bits()
  for (const { advertiser, index } of campaigns) {
    if (advertiser.guards.length > 0) setBit(cappedByAdvertiser, index)
  }
  const ofAdvertiser = byAdvertiser(campaigns, advertisers.length)
  return { table: builder.build(), ...columns, cappedByAdvertiser, ofAdvertiser }
}

function note(
  { capped, ruled, requiring, requires }: NotedColumns,
  campaign: number,
  { kind, entry }: Guard,
): void {
  setBit(entry === UserEntry.Converted ? ruled : capped, campaign)
  if (kind !== GuardKind.Require) return
  setBit(requiring, campaign)
  requires[campaign] = (requires[campaign] ?? 0) + 1
}

type NotedColumns = Pick<GuardColumns, 'capped' | 'ruled' | 'requiring' | 'requires'>

function byAdvertiser(
  campaigns: readonly LiveCampaign[],
  advertiserCount: number,
): GuardColumns['ofAdvertiser'] {
  const from = new Int32Array(advertiserCount + 1)
  const capped = campaigns.filter(({ advertiser }) => advertiser.guards.length > 0)
  for (const { advertiserIndex: at } of capped) from[at + 1] = (from[at + 1] ?? 0) + 1
  for (let at = 0; at < advertiserCount; at++) from[at + 1] = (from[at + 1] ?? 0) + (from[at] ?? 0)
  const next = from.slice()
  const items = new Int32Array(capped.length)
  for (const { advertiserIndex: at, index } of capped) {
    const place = next[at] ?? 0
    items[place] = index
    next[at] = place + 1
  }
  return { from, items }
}
