/** Who may send events: the catalog's API keys, followed by every deciding process. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type ApiKey, bearerOf, isKey, keyIdOf, keyKind, mayDo } from '../domain/api-key.ts'
import type { CatalogStore } from '../store/ports.ts'

/** What an Authorization header is worth. Numbers stand in no answer and no metric. */
export const KeyCheck = {
  /** A key that may send events. */
  Ok: 0,
  /** No `Bearer` key in it. */
  Missing: 1,
  /** A key that nobody made, or that was revoked. */
  Unknown: 2,
  /** A key that may only look. */
  Forbidden: 3,
  /** The store has not told the keys yet. */
  NotLoaded: 4,
} as const
export type KeyCheck = (typeof KeyCheck)[keyof typeof KeyCheck]

/** Checks the keys of senders. */
export interface SenderKeys {
  check(authorization: string): KeyCheck
}

/** Between two looks at the store: a revoked key is refused within a second or so. */
export const keysEveryMs = 1_000

/** What a follower of keys works with. */
export interface EventKeysDeps {
  readonly store: Pick<CatalogStore, 'load' | 'changes'>
  /** The admin key of the configuration; null = none. It holds while no store tells keys. */
  readonly configured: string | null
  /** Calls `run` once after `delayMs`; timers by default. */
  readonly schedule?: (run: () => void, delayMs: number) => () => void
}

/**
 * Follows the kind `key` of the catalog. While the store is away the keys last seen hold: events
 * are refused where the log is away as well, and for no other reason.
 */
export class EventKeys implements SenderKeys {
  readonly #deps: EventKeysDeps
  readonly #configured: Buffer | null
  readonly #keys = new Map<string, ApiKey>()
  #revision = -1
  #isRunning = false
  #cancel: (() => void) | null = null
  #problem: string | null = 'the keys were not loaded yet'

  constructor(deps: EventKeysDeps) {
    this.#deps = deps
    this.#configured = deps.configured === null ? null : digestOf(deps.configured)
  }

  /** Starts looking; resolves after the first look, whether it succeeded or not. */
  async start(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    await this.#look()
  }

  /** Stops looking; the keys stay. */
  stop(): void {
    this.#isRunning = false
    this.#cancel?.()
    this.#cancel = null
  }

  /** Why the last look failed, or null when it did not. */
  problem(): string | null {
    return this.#problem
  }

  check(authorization: string): KeyCheck {
    const text = bearerOf(authorization)
    if (text === null) return KeyCheck.Missing
    const isConfigured =
      this.#configured !== null && timingSafeEqual(this.#configured, digestOf(text))
    if (isConfigured) return KeyCheck.Ok
    if (this.#revision < 0) return KeyCheck.NotLoaded
    const key = this.#keys.get(keyIdOf(text))
    if (key === undefined || !isKey(key, text)) return KeyCheck.Unknown
    return mayDo(key.role, 'sender') ? KeyCheck.Ok : KeyCheck.Forbidden
  }

  /** The next look is planned only when this one has ended, so they never pile up. */
  async #look(): Promise<void> {
    try {
      await this.#follow()
      this.#problem = null
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error)
    }
    if (!this.#isRunning) return
    const schedule = this.#deps.schedule ?? byTimer
    this.#cancel = schedule(() => void this.#look(), keysEveryMs)
  }

  async #follow(): Promise<void> {
    const { store } = this.#deps
    const changes = this.#revision < 0 ? null : await store.changes(this.#revision, [keyKind])
    if (changes === null) {
      const { revision, entities } = await store.load([keyKind])
      this.#keys.clear()
      this.#learn(entities)
      this.#revision = revision
      return
    }
    this.#learn(changes.entities)
    for (const { id } of changes.deleted) this.#keys.delete(id)
    this.#revision = changes.revision
  }

  #learn(entities: readonly { readonly id: string; readonly json: string }[]): void {
    for (const { id, json } of entities) this.#keys.set(id, JSON.parse(json) as ApiKey)
  }
}

/** Texts of any length as bytes of one length, so that comparing tells nothing. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** An unreferenced timer: looking never keeps a process alive that wants to end. */
function byTimer(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs)
  timer.unref()
  return () => clearTimeout(timer)
}
