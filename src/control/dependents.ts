/** What hangs on an advertiser or campaign: such a one is not deleted under it. */
import { advertiserKind } from '../domain/advertiser.ts'
import { campaignKind } from '../domain/campaign.ts'
import { creativeKind } from '../domain/creative.ts'
import type { CheckView } from './check-view.ts'
import { dependentsShownMax } from './limits.ts'
import { Problem } from './problem.ts'

/** Kinds that others hang on: of which kind those are, and by which field. */
const children = new Map([
  [advertiserKind, { kind: campaignKind, pattern: /"advertiserId":"([^"]*)"/ }],
  [campaignKind, { kind: creativeKind, pattern: /"campaignId":"([^"]*)"/ }],
])

/** Children by parent, read once and kept for as long as the catalog does not change. */
export class Dependents {
  readonly #view: CheckView
  readonly #byKind = new Map<string, Map<string, string[]>>()

  constructor(view: CheckView) {
    this.#view = view
  }

  /** Throws 409 with the first names of what hangs on the entity. */
  refuseDeletion(kind: string, id: string): void {
    const child = children.get(kind)
    if (child === undefined) return
    const ids = this.of(kind, id)
    if (ids.length === 0) return
    const shown = ids.slice(0, dependentsShownMax).join(', ')
    const more = ids.length > dependentsShownMax ? ', …' : ''
    const message = `${kind} '${id}' has ${ids.length} of kind ${child.kind}: ${shown}${more}`
    throw new Problem('SLUICE_CONTROL_IN_USE', message, {
      fields: { dependents: { kind: child.kind, count: ids.length } },
    })
  }

  /** Ids of what hangs on the entity. */
  of(kind: string, id: string): readonly string[] {
    let index = this.#byKind.get(kind)
    if (index === undefined) {
      index = this.#read(kind)
      this.#byKind.set(kind, index)
    }
    return index.get(id) ?? []
  }

  /** Takes note of what an import put or deleted; `json` null = deleted. */
  moved(kind: string, id: string, before: string | null, json: string | null): void {
    for (const [parentKind, child] of children) {
      if (child.kind !== kind) continue
      const index = this.#byKind.get(parentKind)
      if (index === undefined) continue
      const [was, is] = [parentIn(before, child.pattern), parentIn(json, child.pattern)]
      if (was === is) continue
      const left = (index.get(was) ?? []).filter((one) => one !== id)
      index.set(was, left)
      if (json !== null) index.set(is, [...(index.get(is) ?? []), id])
    }
  }

  #read(parentKind: string): Map<string, string[]> {
    const index = new Map<string, string[]>()
    const child = children.get(parentKind)
    if (child === undefined) return index
    for (const { id, json } of this.#view.after(child.kind, '')) {
      const parent = parentIn(json, child.pattern)
      const known = index.get(parent)
      if (known === undefined) index.set(parent, [id])
      else known.push(id)
    }
    return index
  }
}

/**
 * The parent's id, cut out of our own JSON: parsing 200 000 creatives to delete one campaign would
 * stop the process for a second. Ids hold no quotes, and quotes inside texts are escaped.
 */
function parentIn(json: string | null, pattern: RegExp): string {
  return json === null ? '' : (pattern.exec(json)?.[1] ?? '')
}
