/** Reads what models need of a catalog's import file: `{kind, value}` a line, values partial. */
import type { adFactsOf } from '../domain/ad-facts-of.ts'
import type { CategorySet } from '../domain/advertiser.ts'
import type { Goal } from '../domain/campaign.ts'
import type { FormatName } from '../domain/format.ts'
import { lineBatches } from '../lib/read-lines.ts'

/** Entities as far as models look at them. */
type CreativeFacts = Parameters<typeof adFactsOf>[0]
type CampaignFacts = Parameters<typeof adFactsOf>[1] & { readonly advertiserId: string }
type AdvertiserFacts = Parameters<typeof adFactsOf>[2]

/** A catalog as far as models look at it; its lines may come in any order. */
export interface CatalogFacts {
  readonly advertisers: ReadonlyMap<string, AdvertiserFacts>
  readonly campaigns: ReadonlyMap<string, CampaignFacts>
  readonly creatives: ReadonlyMap<string, CreativeFacts>
}

/** A catalog without anything. */
export const noCatalog: CatalogFacts = {
  advertisers: new Map(),
  campaigns: new Map(),
  creatives: new Map(),
}

/** Rates of a campaign that names none: those of the admin API. */
export const priorDefault = { ctr: 0.001, cvr: 0.01 }

/**
 * Reads the file (gzip where its name ends in `.gz`). It is no check of a catalog, that is what the
 * admin API does: what is missing or of a wrong type gets the API's default, and lines that are no
 * entity are passed over. Rejects when the file cannot be read.
 */
export async function readCatalog(path: string): Promise<CatalogFacts> {
  const advertisers = new Map<string, AdvertiserFacts>()
  const campaigns = new Map<string, CampaignFacts>()
  const creatives = new Map<string, CreativeFacts>()
  for await (const lines of lineBatches(path)) {
    for (const line of lines) {
      const { kind, value } = entityOf(line)
      const id = textOf(value['id'])
      if (id === '') continue
      if (kind === 'advertiser') advertisers.set(id, advertiserOf(id, value))
      else if (kind === 'campaign') campaigns.set(id, campaignOf(id, value))
      else if (kind === 'creative') creatives.set(id, creativeOf(id, value))
    }
  }
  return { advertisers, campaigns, creatives }
}

type Json = Readonly<Record<string, unknown>>

function entityOf(line: string): { readonly kind: string; readonly value: Json } {
  let parsed: Json
  try {
    parsed = objectOf(JSON.parse(line))
  } catch {
    parsed = {}
  }
  const value = objectOf(parsed['value'])
  // A line that deletes has no value: the log may still show what is gone by now.
  const isPut = 'value' in parsed
  const id = isPut ? textOf(value['id']) || textOf(parsed['id']) : ''
  return { kind: textOf(parsed['kind']), value: { ...value, id } }
}

function advertiserOf(id: string, value: Json): AdvertiserFacts {
  const { domains, categories } = value
  return { id, domains: textsOf(domains), categories: categoriesOf(categories) }
}

const goalKinds: readonly string[] = ['cpm', 'cpc', 'cpa', 'roas', 'ltv']

function campaignOf(id: string, value: Json): CampaignFacts {
  const kind = textOf(objectOf(value['goal'])['kind'])
  const { ctr, cvr } = objectOf(value['prior'])
  const { startMs } = value
  return {
    id,
    advertiserId: textOf(value['advertiserId']),
    startMs: typeof startMs === 'number' ? startMs : null,
    prior: { ctr: numberOf(ctr, priorDefault.ctr), cvr: numberOf(cvr, priorDefault.cvr) },
    goal: { kind: isGoalKind(kind) ? kind : 'cpm' },
  }
}

function isGoalKind(kind: string): kind is Goal['kind'] {
  return goalKinds.includes(kind)
}

function creativeOf(id: string, value: Json): CreativeFacts {
  const { impressions, clicks, conversions } = objectOf(value['history'])
  const { attributes } = value
  const banner = value['banner'] ? objectOf(value['banner']) : null
  return {
    id,
    campaignId: textOf(value['campaignId']),
    format: formatOf(value),
    domains: textsOf(value['domains']),
    categories: categoriesOf(value['categories']),
    bundle: textOf(value['bundle']),
    language: textOf(value['language']),
    attributes: listOf(attributes).filter((code) => typeof code === 'number'),
    history: {
      impressions: numberOf(impressions, 0),
      clicks: numberOf(clicks, 0),
      conversions: numberOf(conversions, 0),
    },
    banner: banner === null ? null : { w: numberOf(banner['w'], 0), h: numberOf(banner['h'], 0) },
    video: mediaOf(value['video']),
    audio: mediaOf(value['audio']),
  }
}

/** As said, else that of the part that is there. */
function formatOf(value: Json): FormatName {
  const names: readonly FormatName[] = ['banner', 'video', 'audio', 'native']
  const said = names.find((name) => name === value['format'])
  return said ?? names.find((name) => Boolean(value[name])) ?? 'banner'
}

function mediaOf(part: unknown): { readonly durationSec: number } | null {
  return part ? { durationSec: numberOf(objectOf(part)['durationSec'], 0) } : null
}

function categoriesOf(value: unknown): CategorySet[] {
  return listOf(value).map((set) => {
    const { taxonomy, ids } = objectOf(set)
    return { taxonomy: numberOf(taxonomy, 1), ids: textsOf(ids) }
  })
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textsOf(value: unknown): string[] {
  return listOf(value).filter((text) => typeof text === 'string')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function numberOf(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback
}
