/** The bid catalog of a deciding process: takes what the compiler posts, swaps by one assignment. */
import type { Clock } from '../../lib/clock.ts'
import { staleAfterMs } from '../catalog.ts'
import type { CompileMessage, TableName, Tables } from './bid-data.ts'
import { BidSnapshot } from './bid-snapshot.ts'
import { brandIndexOf } from './brand-index.ts'

/** Holds the snapshot in force. */
export class BidCatalog {
  readonly #clock: Clock
  #snapshot: BidSnapshot | null = null
  #tables = emptyTables()
  #epoch = -1
  #confirmedAtMs = Number.NEGATIVE_INFINITY
  #problem: string | null = 'the bid catalog was not loaded yet'

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The snapshot in force, or null before the first one. Hold it for a whole request. */
  current(): BidSnapshot | null {
    return this.#snapshot
  }

  /** Milliseconds since the store last confirmed the snapshot in force; infinite before. */
  ageMs(): number {
    return this.#clock.monotonicMs() - this.#confirmedAtMs
  }

  /** True when the snapshot must not be decided by: money would be spent on old limits. */
  isStale(): boolean {
    return this.ageMs() > staleAfterMs
  }

  /** Why the last look failed, or null when it did not. */
  problem(): string | null {
    return this.#problem
  }

  /**
   * Another compiler begins: its epochs have nothing to do with those before, though they count
   * from the same number. What was decided by stays, with the tables it was made for.
   */
  startOver(): void {
    this.#epoch = -1
  }

  /** Takes one message of the compiler, in the order they were posted. */
  receive(message: CompileMessage): void {
    switch (message.kind) {
      case 'table':
        this.#grow(message.epoch, message.table, message.items)
        break
      case 'snapshot':
        this.#beginEpoch(message.data.epoch)
        this.#snapshot = new BidSnapshot(message.data, this.#tables)
        this.#confirm()
        break
      case 'confirmed':
        this.#confirm()
        break
      case 'problem':
        this.#problem = message.text
        break
      case 'model':
        // The process loads models (model-follower.ts); a snapshot has their rows.
        break
    }
  }

  #confirm(): void {
    this.#confirmedAtMs = this.#clock.monotonicMs()
    this.#problem = null
  }

  #grow(epoch: number, table: TableName, items: readonly unknown[]): void {
    this.#beginEpoch(epoch)
    // What stands in a table never changes: the snapshot in force reads on while it grows.
    const rows: unknown[] = this.#tables[table]
    for (const item of items) rows.push(item)
    // A few at a time, as they come: nobody waits for the whole index later.
    if (table === 'brand') brandIndexOf(this.#tables.brand).sync()
  }

  /** A new epoch has tables of its own; the old snapshot keeps the old ones. */
  #beginEpoch(epoch: number): void {
    if (epoch === this.#epoch) return
    this.#epoch = epoch
    this.#tables = emptyTables()
  }
}

function emptyTables(): Tables {
  return { shape: [], brand: [], os: [], schedule: [], audience: [] }
}
