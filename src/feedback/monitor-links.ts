/** Builds the monitoring links that a marketer pastes into a medium. */
import {
  type MonitorDescription,
  type MonitorKind,
  type MonitorParam,
  monitorKinds,
  monitorNames,
} from '../domain/monitor.ts'
import type { LinkName, LinkSignatures } from './link-signature.ts'

/** Whose events the links make; '' = not said. */
export type LinkOwner = Omit<LinkName, 'medium' | 'kind'>

/** A medium's links for one owner. */
export interface BuiltLinks {
  /** Null where the medium has no such link. */
  readonly links: Readonly<Record<MonitorKind, string | null>>
  readonly params: readonly MonitorParam[]
  /** The medium's own notes, and what is wrong with our address for it. */
  readonly notes: readonly string[]
}

/** Builds links. One a process. */
export class MonitorLinks {
  /** By name. */
  readonly media: ReadonlyMap<string, MonitorDescription>
  readonly #publicUrl: string
  readonly #signatures: LinkSignatures

  /** `publicUrl` is absolute and without a slash at its end. */
  constructor(
    publicUrl: string,
    signatures: LinkSignatures,
    media: ReadonlyMap<string, MonitorDescription>,
  ) {
    this.#publicUrl = publicUrl
    this.#signatures = signatures
    this.media = media
  }

  /** All links of one medium, signed, macros unescaped as media want them. */
  of(medium: MonitorDescription, owner: LinkOwner): BuiltLinks {
    const link = (kind: MonitorKind): string | null => this.#link(medium, kind, owner)
    const links = { imp: link('imp'), click: link('click'), conv: link('conv') }
    return {
      links,
      params: paramsOf(medium),
      notes: [...this.#problems(medium, links), ...medium.notes],
    }
  }

  #link(medium: MonitorDescription, kind: MonitorKind, owner: LinkOwner): string | null {
    const params = medium.links[kind]
    if (params === null) return null
    const signature = this.#signatures.sign({ ...owner, medium: medium.name, kind })
    const fixed = [
      [monitorNames.advertiser, owner.advertiserId],
      [monitorNames.campaign, owner.campaignId],
      [monitorNames.creative, owner.creativeId],
      [monitorNames.strategy, owner.strategyId],
      [monitorNames.signature, signature],
    ].flatMap(([name, value]) => (value === '' ? [] : [`${name}=${value}`]))
    const macros = params.map(({ name, macro }) => `${name}=${macro}`)
    const suffix = medium.suffix === '' ? [] : [medium.suffix]
    const query = [...fixed, ...macros, ...suffix].join('&')
    return `${this.#publicUrl}/m/${medium.name}/${kind}?${query}`
  }

  #problems(medium: MonitorDescription, links: BuiltLinks['links']): string[] {
    const { hostname, protocol } = new URL(this.#publicUrl)
    const problems: string[] = []
    if (medium.needsHttps && protocol !== 'https:') {
      problems.push('WARNING: the medium takes https links only; see SLUICE_PUBLIC_URL.')
    }
    if (medium.needsDomain && !isDomain(hostname)) {
      problems.push(`WARNING: the medium wants a public domain, not ${hostname}.`)
    }
    for (const [kind, link] of Object.entries(links)) {
      if (link === null || link.length <= medium.linkCharsMax) continue
      problems.push(`WARNING: the ${kind} link has more than ${medium.linkCharsMax} characters.`)
    }
    return problems
  }
}

/** False for addresses and names without a dot. */
function isDomain(hostname: string): boolean {
  return /\.[a-z][a-z0-9-]*\.?$/i.test(hostname)
}

/** Each parameter once, in the order of the links. */
function paramsOf({ links }: MonitorDescription): MonitorParam[] {
  const all = new Map<string, MonitorParam>()
  for (const kind of monitorKinds) {
    for (const param of links[kind] ?? []) all.set(`${param.name}/${param.macro}`, param)
  }
  return [...all.values()]
}
