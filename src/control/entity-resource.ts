/** What strategies and experiments have in common: conditional writes, deletion, pages. */
import type { StoredEntity } from '../store/ports.ts'
import type { Caller } from './api-keys.ts'
import { type CatalogDesk, type CatalogView, entityValue } from './catalog-desk.ts'
import { checkConditions, type WriteConditions } from './etag.ts'
import { pageScanMax } from './limits.ts'
import { type FieldError, notFound, Problem } from './problem.ts'

/** A kind of entity as the API names it. */
export interface EntityKind {
  readonly kind: string
  readonly countMax: number
}

/** One wanted put. `check` runs against the catalog that will be written, maybe more than once. */
export interface EntityPut<T> {
  readonly id: string
  readonly caller: Caller
  readonly conditions: WriteConditions
  /** True for POST: an entity that exists is a conflict. */
  readonly mustBeNew: boolean
  check(view: CatalogView): { readonly value: T; readonly warnings: readonly FieldError[] }
}

/** A put that was written. */
export interface EntityWritten<T> {
  readonly version: number
  readonly isNew: boolean
  readonly value: T
  readonly warnings: FieldError[]
}

/** Writes one entity; throws 400, 409, 412 or 503. */
export async function putEntity<T extends object>(
  desk: CatalogDesk,
  of: EntityKind,
  put: EntityPut<T>,
): Promise<EntityWritten<T>> {
  const written = await desk.change(put.caller, (view) => {
    const present = view.get(of.kind, put.id)
    if (put.mustBeNew && present !== null) throw existsAlready(of.kind, put.id)
    checkConditions(put.conditions, present?.version ?? 0)
    if (present === null && view.count(of.kind) >= of.countMax) throw tooMany(of)
    const { value, warnings } = put.check(view)
    const action = present === null ? 'create' : 'update'
    return { write: { kind: of.kind, id: put.id, value, action }, result: { value, warnings } }
  })
  const { value, warnings } = written.result
  return { version: written.version, isNew: written.isNew, value, warnings: [...warnings] }
}

/** Deletes one entity; throws 404, 412 or 503. */
export async function deleteEntity(
  desk: CatalogDesk,
  of: EntityKind,
  wanted: Pick<EntityPut<never>, 'id' | 'caller' | 'conditions'>,
): Promise<void> {
  const { id, caller, conditions } = wanted
  await desk.change(caller, (view) => {
    const present = view.get(of.kind, id)
    if (present === null) throw notFound(of.kind, id)
    checkConditions(conditions, present.version)
    return { write: { kind: of.kind, id, value: null, action: 'delete' }, result: null }
  })
}

/** One entity, or 404. */
export function entityOf(view: CatalogView, kind: string, id: string): StoredEntity {
  const entity = view.get(kind, id)
  if (entity === null) throw notFound(kind, id)
  return entity
}

/**
 * A page of a kind by id, and where the next begins. A page that looked at `pageScanMax` entities
 * ends there: it may be short, even empty, and still have a next one.
 */
export function pageOf<T>(
  view: CatalogView,
  kind: string,
  query: { readonly limit: number; readonly after: string },
  keep: (value: T) => boolean = () => true,
): { readonly items: { version: number; value: T }[]; readonly next: string | null } {
  const items: { version: number; value: T }[] = []
  let lastId = ''
  let looked = 0
  for (const entity of view.after(kind, query.after)) {
    if (looked === pageScanMax) return { items, next: lastId }
    looked++
    const value = entityValue<T>(entity)
    const isKept = keep(value)
    if (isKept && items.length === query.limit) return { items, next: lastId }
    if (isKept) items.push({ version: entity.version, value })
    lastId = entity.id
  }
  return { items, next: null }
}

function existsAlready(kind: string, id: string): Problem {
  return new Problem('SLUICE_CONTROL_EXISTS', `${kind} '${id}' exists; use PUT to change it`)
}

function tooMany(of: EntityKind): Problem {
  const message = `there are ${of.countMax} entities of kind ${of.kind} already; delete some`
  return new Problem('SLUICE_CONTROL_LIMIT', message)
}
