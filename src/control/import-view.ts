/** The catalog as it will be after the lines of an import that were taken so far. */
import { creativeKind } from '../domain/creative.ts'
import type { CheckView } from './check-view.ts'

/** A view with changes over another. */
export class ImportView implements CheckView {
  readonly #base: CheckView
  /** By kind and id; null = deleted. */
  readonly #changes = new Map<string, Map<string, string | null>>()
  readonly #grown = new Map<string, number>()

  constructor(base: CheckView) {
    this.#base = base
  }

  get(kind: string, id: string): { readonly json: string } | null {
    const json = this.#changes.get(kind)?.get(id)
    if (json === undefined) return this.#base.get(kind, id)
    return json === null ? null : { json }
  }

  count(kind: string): number {
    return this.#base.count(kind) + (this.#grown.get(kind) ?? 0)
  }

  /** Those of the base in their order, then what was put. */
  *after(kind: string, id: string): Generator<{ readonly id: string; readonly json: string }> {
    const changes = this.#changes.get(kind)
    for (const entity of this.#base.after(kind, id)) {
      if (changes?.has(entity.id) !== true) yield entity
    }
    for (const [changed, json] of changes ?? []) {
      if (changed > id && json !== null) yield { id: changed, json }
    }
  }

  /** Takes a change over; null deletes. */
  set(kind: string, id: string, value: object | null): void {
    const wasThere = this.get(kind, id) !== null
    let changes = this.#changes.get(kind)
    if (changes === undefined) {
      changes = new Map()
      this.#changes.set(kind, changes)
    }
    changes.set(id, value === null ? null : JSON.stringify(looked(kind, value)))
    const grown = Number(value !== null) - Number(wasThere)
    this.#grown.set(kind, (this.#grown.get(kind) ?? 0) + grown)
  }
}

/** Nothing is checked against a creative but whose it is: a dry run of 200 000 keeps no more. */
function looked(kind: string, value: object): object {
  if (kind !== creativeKind) return value
  return { campaignId: 'campaignId' in value ? value.campaignId : '' }
}
