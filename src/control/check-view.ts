/** What the checks of bid entities see of the catalog: the store's state, or one with an import. */
import type { StoredEntity } from '../store/ports.ts'

/** The part of a catalog view that checks read. */
export interface CheckView {
  get(kind: string, id: string): Pick<StoredEntity, 'json'> | null
  count(kind: string): number
  /** Those of a kind that come after an id, ascending; '' = all. */
  after(kind: string, id: string): Iterable<Pick<StoredEntity, 'id' | 'json'>>
}
