/** Who is alive, in an LMDB environment that is never flushed: it means nothing after a crash. */
import type { RootDatabase } from 'lmdb'
import { type PresenceRecord, type PresenceStore, presenceTtlMs } from '../ports.ts'

/** `PresenceStore` on an LMDB environment of its own. */
export class LmdbPresence implements PresenceStore {
  readonly #database: RootDatabase<PresenceRecord, string>
  readonly #wallMs: () => number

  constructor(database: RootDatabase<PresenceRecord, string>, wallMs: () => number) {
    this.#database = database
    this.#wallMs = wallMs
  }

  async announce(record: PresenceRecord): Promise<void> {
    await this.#database.put(record.id, record)
  }

  async leave(id: string): Promise<void> {
    await this.#database.remove(id)
  }

  async list(): Promise<PresenceRecord[]> {
    const now = this.#wallMs()
    const records: PresenceRecord[] = []
    const gone: string[] = []
    for (const { key, value } of this.#database.getRange({ snapshot: true })) {
      if (now - value.atMs <= presenceTtlMs) records.push(value)
      else gone.push(key)
    }
    for (const id of gone) await this.#database.remove(id)
    return records
  }
}
