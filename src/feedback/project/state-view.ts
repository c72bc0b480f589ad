/** State as one batch sees it: what was loaded, and what the batch has made of it. */
import type { StateKey, StateStore, StateWrite } from '../../store/feedback-ports.ts'

interface Held {
  readonly key: StateKey
  readonly value: Uint8Array | null
  readonly isChanged: boolean
}

/** The values of one part's batch. A step reads and writes here; a commit takes `writes`. */
export class StateView {
  readonly #held = new Map<string, Held>()
  /** What writes have replaced, oldest first: by it a step that fails is taken back. */
  readonly #before: { readonly text: string; readonly held: Held | null }[] = []

  /** Those of these keys that were not loaded yet. */
  missing(keys: Iterable<StateKey>): StateKey[] {
    const missing = new Map<string, StateKey>()
    for (const key of keys) {
      const text = textOf(key)
      if (!this.#held.has(text)) missing.set(text, key)
    }
    return [...missing.values()]
  }

  /** Takes in a loaded value; what the batch has written meanwhile stays. */
  hold(key: StateKey, value: Uint8Array | null): void {
    const text = textOf(key)
    if (!this.#held.has(text)) this.#held.set(text, { key, value, isChanged: false })
  }

  /** The value of a key that was loaded. Throws where it was not: a step must name its keys. */
  get(key: StateKey): Uint8Array | null {
    const held = this.#held.get(textOf(key))
    if (held === undefined) throw new RangeError(`${textOf(key)} was not loaded`)
    return held.value
  }

  /** Of keys under which one value may be, the one that has it; else the first. They were loaded. */
  placeOf(keys: readonly StateKey[]): StateKey {
    const place = keys.find((key) => this.get(key) !== null) ?? keys[0]
    if (place === undefined) throw new RangeError('a value without a key')
    return place
  }

  /** Writes a value, or takes it away. */
  put(key: StateKey, value: Uint8Array | null): void {
    const text = textOf(key)
    this.#before.push({ text, held: this.#held.get(text) ?? null })
    this.#held.set(text, { key, value, isChanged: true })
  }

  /** A point to come back to by `undo`. */
  mark(): number {
    return this.#before.length
  }

  /** Takes back what was written since the mark. */
  undo(mark: number): void {
    for (let i = this.#before.length - 1; i >= mark; i--) {
      const { text, held } = this.#before[i] as { text: string; held: Held | null }
      if (held === null) this.#held.delete(text)
      else this.#held.set(text, held)
    }
    this.#before.length = mark
  }

  /** Everything that was written. */
  writes(): StateWrite[] {
    const writes: StateWrite[] = []
    for (const { key, value, isChanged } of this.#held.values()) {
      if (isChanged) writes.push({ key, value })
    }
    return writes
  }
}

/** Loads what the views miss, in one trip. */
export async function loadInto(
  state: Pick<StateStore, 'load'>,
  wanted: readonly { readonly view: StateView; readonly keys: Iterable<StateKey> }[],
): Promise<void> {
  const missing = wanted.map(({ view, keys }) => ({ view, keys: view.missing(keys) }))
  const keys = missing.flatMap((one) => one.keys)
  if (keys.length === 0) return
  const values = await state.load(keys)
  let at = 0
  for (const { view, keys: own } of missing) {
    for (const key of own) view.hold(key, values[at++] ?? null)
  }
}

function textOf({ table, shard, day, name }: StateKey): string {
  return `${table}${shard}.${day}.${name}`
}
