/** Keeps the snapshot in force equal to the store's catalog, within a fifth of a second. */
import type { MediumRules } from '../domain/medium-rules.ts'
import type { Clock } from '../lib/clock.ts'
import type { CatalogStore } from '../store/ports.ts'
import { CompileMemory } from './compile-memory.ts'
import { EntityReader, gateKinds, type ReadEntity } from './entities.ts'
import type { Snapshot } from './plan.ts'
import { compileSnapshot } from './snapshot.ts'

/**
 * Between two looks at the store's revision: a change must be live within 1 s (issue 2), and the
 * look, the load and the compilation fit four times into it.
 */
export const pollEveryMs = 200

/**
 * A snapshot that the store has not confirmed for so long is not decided by: its pack slots may
 * have been swept and given to other packs. The sweeper waits longer than this for readers.
 */
export const staleAfterMs = 10_000

/** Calls `run` once after `delayMs`; answers how to call it off. */
export type Schedule = (run: () => void, delayMs: number) => () => void

/** What a catalog works with. */
export interface CatalogDeps {
  readonly store: CatalogStore
  readonly rulesOf: (medium: string) => MediumRules | null
  readonly clock: Clock
  /** Timers by default; tests inject one that they drive. */
  readonly schedule?: Schedule
}

/** The catalog as a deciding process sees it. */
export class Catalog {
  readonly #store: CatalogStore
  readonly #rulesOf: (medium: string) => MediumRules | null
  readonly #clock: Clock
  readonly #schedule: Schedule
  readonly #entityReader = new EntityReader()
  readonly #memory = new CompileMemory()
  #entities: readonly ReadEntity[] = []
  /** Revision that `#entities` are of; the snapshot may be of an older one when it broke. */
  #revision = -1
  /** True while `#entities` differ from what the snapshot was compiled from. */
  #isChanged = true
  #snapshot: Snapshot | null = null
  #confirmedAtMs = Number.NEGATIVE_INFINITY
  #problem: string | null = 'the catalog was not loaded yet'
  #cancel: (() => void) | null = null
  #running = false

  constructor(deps: CatalogDeps) {
    this.#store = deps.store
    this.#rulesOf = deps.rulesOf
    this.#clock = deps.clock
    this.#schedule = deps.schedule ?? byTimer
  }

  /** The snapshot in force, or null before the first one. Hold it for a whole request. */
  current(): Snapshot | null {
    return this.#snapshot
  }

  /** Milliseconds since the store last confirmed the snapshot in force; infinite before. */
  ageMs(): number {
    return this.#clock.monotonicMs() - this.#confirmedAtMs
  }

  /** True when the snapshot must not be decided by; see `staleAfterMs`. */
  isStale(): boolean {
    return this.ageMs() > staleAfterMs
  }

  /** Why the last look failed, or null when it did not. */
  problem(): string | null {
    return this.#problem
  }

  /** Starts looking; resolves after the first look, whether it succeeded or not. */
  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    await this.#look()
  }

  /** Stops looking; the snapshot stays and grows old. */
  stop(): void {
    this.#running = false
    this.#cancel?.()
    this.#cancel = null
  }

  /** Looks once; the next look is planned only when this one has ended, so they never pile up. */
  async #look(): Promise<void> {
    try {
      await this.#refresh()
      this.#problem = null
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error)
    }
    if (!this.#running) return
    this.#cancel?.()
    this.#cancel = this.#schedule(() => void this.#look(), pollEveryMs)
  }

  async #refresh(): Promise<void> {
    // Taken before the store is asked: what it says was true at some moment after.
    const askedAtMs = this.#clock.monotonicMs()
    const revision = await this.#store.revision()
    if (revision !== this.#revision) await this.#follow(revision)
    const before = this.#snapshot
    if (before === null || this.#isChanged || this.#clock.wallMs() >= before.nextExpiryMs) {
      this.#snapshot = this.#compile()
      this.#isChanged = false
    } else if (before.revision !== this.#revision) {
      // Others' kinds changed, or nothing that counts: the same plans are true at a later revision.
      this.#snapshot = { ...before, revision: this.#revision }
    }
    this.#confirmedAtMs = askedAtMs
  }

  /** Brings the entities to the store's present revision: by its changes, else by all of it. */
  async #follow(revision: number): Promise<void> {
    // A store that went back (a restored backup) has another history than the one we followed.
    const isAhead = this.#revision >= 0 && revision > this.#revision
    const changes = isAhead ? await this.#store.changes(this.#revision, gateKinds) : null
    if (changes === null) {
      const loaded = await this.#store.load(gateKinds)
      this.#entities = this.#entityReader.read(loaded.entities)
      this.#isChanged = true
      this.#revision = loaded.revision
      return
    }
    const entities = this.#entityReader.apply(changes)
    if (entities !== null) {
      this.#entities = entities
      this.#isChanged = true
    }
    this.#revision = changes.revision
  }

  #compile(): Snapshot {
    return compileSnapshot(this.#entities, {
      revision: this.#revision,
      rulesOf: this.#rulesOf,
      nowMs: this.#clock.wallMs(),
      memory: this.#memory,
    })
  }
}

/** An unreferenced timer: looking never keeps a process alive that wants to end. */
function byTimer(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs)
  timer.unref()
  return () => clearTimeout(timer)
}
