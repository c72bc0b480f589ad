/** A campaign's targeting as words of dimensions and rules: what the inverted index is made of. */
import { osNames } from '../../domain/ad-request.ts'
import type { AllowDeny, Campaign, FlagWish, Targeting } from '../../domain/campaign.ts'
import { Drop } from '../../domain/drop-reason.ts'
import type { AudienceRule, ScheduleWindow } from '../../domain/strategy.ts'
import {
  appWord,
  categoryWord,
  flagWord,
  placeWord,
  siteWord,
} from '../../domain/targeting-words.ts'
import { versionParts } from '../../domain/version-parts.ts'
import type { OsRule, ScheduleRule } from './bid-data.ts'

/** Words of one dimension: allowed ones (empty = all) and denied ones. */
export interface DimensionWords {
  readonly drop: Drop
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** Everything of a campaign that the index is made of. */
export interface CampaignWords {
  /** Only dimensions that the campaign is constrained in. */
  readonly words: readonly DimensionWords[]
  readonly os: readonly OsRule[]
  readonly schedule: ScheduleRule | null
  readonly audience: AudienceRule | null
}

/** Takes the targeting apart. */
export function campaignWords({ targeting }: Campaign): CampaignWords {
  return {
    words: dimensionWords(targeting).filter(({ allow, deny }) => allow.length + deny.length > 0),
    os: osRules(targeting),
    schedule: scheduleRule(targeting),
    audience: audienceRule(targeting.audience),
  }
}

function dimensionWords(targeting: Targeting): DimensionWords[] {
  const { contentCategories } = targeting
  const allow = (drop: Drop, words: readonly string[]): DimensionWords => ({
    drop,
    allow: words,
    deny: [],
  })
  const inTaxonomy = (ids: readonly string[]): string[] =>
    ids.map((id) => categoryWord(contentCategories.taxonomy, id))
  return [
    allow(Drop.Exchange, targeting.exchanges),
    allow(Drop.Channel, targeting.channels),
    {
      drop: Drop.Place,
      allow: targeting.places.map(placeWord),
      deny: targeting.excludedPlaces.map(placeWord),
    },
    allow(Drop.DeviceType, targeting.deviceTypes.map(String)),
    allow(Drop.Make, lower(targeting.makes)),
    allow(Drop.Model, lower(targeting.models)),
    allow(Drop.Language, lower(targeting.languages)),
    allow(Drop.Carrier, lower(targeting.carriers)),
    allow(Drop.Connection, targeting.connectionTypes.map(String)),
    inventoryWords(targeting.sites, targeting.apps),
    {
      drop: Drop.Publisher,
      allow: lower(targeting.publishers.allow),
      deny: lower(targeting.publishers.deny),
    },
    {
      drop: Drop.ContentCategory,
      allow: inTaxonomy(contentCategories.allow),
      deny: inTaxonomy(contentCategories.deny),
    },
    allow(Drop.Position, targeting.positions.map(String)),
    allow(Drop.Placement, targeting.placements.map(String)),
    allow(Drop.StartDelay, targeting.startDelays),
    allow(Drop.PodSlot, targeting.podSlots),
    allow(Drop.PodSequence, targeting.podSequences),
    allow(Drop.Interstitial, wishWords(targeting.interstitial)),
    allow(Drop.Rewarded, wishWords(targeting.rewarded)),
    allow(Drop.Deal, targeting.deals),
  ]
}

/** One list of sites and apps: a request is one or the other, and either list may let it in. */
function inventoryWords(sites: AllowDeny, apps: AllowDeny): DimensionWords {
  return {
    drop: Drop.Inventory,
    allow: [...lower(sites.allow).map(siteWord), ...apps.allow.map(appWord)],
    deny: [...lower(sites.deny).map(siteWord), ...apps.deny.map(appWord)],
  }
}

function wishWords(wish: FlagWish): string[] {
  return wish === 'any' ? [] : [flagWord(wish === 'only')]
}

function lower(words: readonly string[]): string[] {
  return words.map((word) => word.toLowerCase())
}

function osRules({ os }: Targeting): OsRule[] {
  return os.map((range) => ({
    os: (osNames as readonly string[]).indexOf(range.os),
    min: versionParts(range.minVersion),
    max: versionParts(range.maxVersion),
  }))
}

function scheduleRule({ schedule }: Targeting): ScheduleRule | null {
  if (schedule === null) return null
  const spans = schedule.windows.flatMap(spansOf).sort((a, b) => a[0] - b[0])
  return {
    zone: schedule.zone === 'user' ? '' : schedule.zone,
    fallbackZone: schedule.fallbackZone,
    minutes: spans.flat(),
  }
}

const minutesPerDay = 1_440

function spansOf({ days, fromMinute, toMinute }: ScheduleWindow): [number, number][] {
  return days.map((day) => {
    const start = (day - 1) * minutesPerDay
    return [start + fromMinute, start + toMinute]
  })
}

function audienceRule(rule: AudienceRule): AudienceRule | null {
  return rule.all.length + rule.any.length + rule.none.length === 0 ? null : rule
}
