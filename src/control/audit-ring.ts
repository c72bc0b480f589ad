/** The audit log as a ring of catalog entities: bounded, and the lock of all admin writes. */
import type { EntityWrite, StoredEntity } from '../store/ports.ts'
import { auditEntriesMax, auditFieldsMax } from './limits.ts'

/** Catalog kind of audit entries; ids are ring slots `0000` … */
const auditKind = 'audit'

/** One write, as `GET /api/v1/audit` shows it. */
export interface AuditEntry {
  /** 1 for the first write of the store; gaps never occur. */
  readonly seq: number
  readonly atMs: number
  /** Id of the API key, or `start`. */
  readonly keyId: string
  /** `create`, `update`, `delete`, `upload`, `rollback`. */
  readonly action: string
  readonly kind: string
  readonly id: string
  /** Version before and after; 0 = there was none, null = not an entity write of this room. */
  readonly before: number | null
  readonly after: number | null
  /** Top-level fields that changed, for an update. */
  readonly changed: readonly string[]
  /** Numbers of an upload and the like. */
  readonly detail: Readonly<Record<string, unknown>> | null
}

/** What a write did to its entity: `none` = it is not an entity write of this room. */
type Effect = 'put' | 'delete' | 'none'

/**
 * An entry as it is stored. The version after a put is the store's to give; the entry is written in
 * the same batch, so the version of the entry itself is the one.
 */
type AuditRecord = Omit<AuditEntry, 'after'> & { readonly effect: Effect }

/** What a write tells the ring. `before` and `json` give the changed fields. */
export interface AuditNote {
  readonly keyId: string
  readonly action: string
  readonly kind: string
  readonly id: string
  readonly before: StoredEntity | null
  readonly effect: Effect
  readonly json: string | null
  readonly detail?: Readonly<Record<string, unknown>>
}

/** The part of a catalog view the ring needs. */
export interface AuditView {
  get(kind: string, id: string): StoredEntity | null
  all(kind: string): readonly StoredEntity[]
}

/** The write that appends `note`: it takes the ring's next slot, if nobody else has by then. */
export function nextAudit(view: AuditView, note: AuditNote, atMs: number): EntityWrite {
  const seq = lastSeq(view) + 1
  const id = String(seq % auditEntriesMax).padStart(4, '0')
  const entry: AuditRecord = {
    seq,
    atMs,
    keyId: note.keyId,
    action: note.action,
    kind: note.kind,
    id: note.id,
    before: note.effect === 'none' ? null : (note.before?.version ?? 0),
    effect: note.effect,
    changed: changedFields(note.before, note.json),
    detail: note.detail ?? null,
  }
  const expectedVersion = view.get(auditKind, id)?.version ?? 0
  return { kind: auditKind, id, json: JSON.stringify(entry), expectedVersion }
}

/** Entries of the ring, newest first. */
export function auditEntries(view: AuditView): AuditEntry[] {
  return view
    .all(auditKind)
    .map(entryOf)
    .sort((a, b) => b.seq - a.seq)
}

function entryOf({ version, json }: StoredEntity): AuditEntry {
  const { effect, ...entry } = JSON.parse(json) as AuditRecord
  return { ...entry, after: effect === 'put' ? version : effect === 'delete' ? 0 : null }
}

/** The newest entry is the one written last; only that one is parsed. */
function lastSeq(view: AuditView): number {
  let last: StoredEntity | null = null
  for (const entity of view.all(auditKind)) {
    if (last === null || entity.version > last.version) last = entity
  }
  return last === null ? 0 : entryOf(last).seq
}

function changedFields(before: StoredEntity | null, json: string | null): string[] {
  if (before === null || json === null) return []
  const was = JSON.parse(before.json) as Record<string, unknown>
  const is = JSON.parse(json) as Record<string, unknown>
  const names = new Set([...Object.keys(was), ...Object.keys(is)])
  const changed = [...names].filter(
    (name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]),
  )
  return changed.slice(0, auditFieldsMax)
}
