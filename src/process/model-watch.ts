/**
 * Keeps the models of a folder open: the active version of each name. One that is refused leaves
 * the version before in charge.
 */
import { join } from 'node:path'
import type { ModelMessage } from '../catalog/bid/bid-data.ts'
import type { ModelKey } from '../domain/ad-side.ts'

/**
 * Until a refused version is tried again: files may still have been on their way when the pointer
 * was written, and a check costs the thread some tenths of a second.
 */
export const retryMs = 10_000

/** A loaded model. */
export interface WatchedModel {
  readonly key: ModelKey
  release(): void
}

/** What a watch works with. */
export interface ModelWatchDeps<M extends WatchedModel> {
  readonly folder: string
  /** Active version by name; '' = the pointer names none. */
  readonly versionsOf: (folder: string) => Promise<ReadonlyMap<string, string>>
  /** Rejects with a sentence when the version cannot serve. */
  readonly open: (folder: string) => Promise<M>
  readonly post: (message: ModelMessage) => void
  readonly monotonicMs: () => number
}

interface Refused {
  readonly version: string
  readonly text: string
  readonly atMs: number
}

/** Name under which a folder that cannot be read is told of. */
const anyName = '*'

/** One `look` at a time. */
export class ModelWatch<M extends WatchedModel> {
  readonly #deps: ModelWatchDeps<M>
  readonly #open = new Map<string, M>()
  readonly #refused = new Map<string, Refused>()
  /** Names whose pointer named no version at the last look. */
  #blank: ReadonlySet<string> = new Set()
  #replaced: M[] = []

  constructor(deps: ModelWatchDeps<M>) {
    this.#deps = deps
  }

  /** The models in force, one a name. */
  get models(): readonly M[] {
    return [...this.#open.values()]
  }

  /** Looks at the folder; true when other models are in force than before. Never rejects. */
  async look(): Promise<boolean> {
    const versions = await this.#versions()
    if (versions === null) return false
    let isChanged = false
    for (const name of this.#refused.keys()) {
      if (!versions.has(name)) this.#clear(name)
    }
    for (const [name, model] of this.#open) {
      if (versions.has(name)) continue
      this.#open.delete(name)
      this.#replaced.push(model)
      isChanged = true
    }
    const blank = new Set<string>()
    for (const [name, version] of versions) {
      if (version === '') this.#passOver(name, blank)
      else if (await this.#follow(name, version)) isChanged = true
    }
    this.#blank = blank
    return isChanged
  }

  /** Releases what was replaced and is not used any more. */
  release(isUsed: (key: ModelKey) => boolean): void {
    const released = this.#replaced.filter(({ key }) => !isUsed(key))
    this.#replaced = this.#replaced.filter(({ key }) => isUsed(key))
    for (const model of released) {
      model.release()
      this.#deps.post({ kind: 'model', state: 'gone', key: model.key })
    }
  }

  async #versions(): Promise<ReadonlyMap<string, string> | null> {
    try {
      const versions = await this.#deps.versionsOf(this.#deps.folder)
      this.#clear(anyName)
      return versions
    } catch (error) {
      this.#refuse(anyName, '', error)
      return null
    }
  }

  /** What is in force stays; a pointer that is being written is whole at the next look. */
  #passOver(name: string, blank: Set<string>): void {
    blank.add(name)
    if (this.#blank.has(name)) this.#refuse(name, '', new Error('its pointer names no version'))
  }

  /** True when the version is in force that was not before. */
  async #follow(name: string, version: string): Promise<boolean> {
    const before = this.#open.get(name)
    if (before?.key.version === version) {
      this.#clear(name)
      return false
    }
    const { folder: root, monotonicMs, open, post } = this.#deps
    const refused = this.#refused.get(name)
    const isTried = refused?.version === version && monotonicMs() - refused.atMs < retryMs
    if (isTried) return false
    const folder = join(root, name, version)
    try {
      const model = await open(folder)
      if (before !== undefined) this.#replaced.push(before)
      this.#open.set(name, model)
      this.#refused.delete(name)
      post({ kind: 'model', state: 'loaded', key: model.key, folder })
      return true
    } catch (error) {
      this.#refuse(name, version, error)
      return false
    }
  }

  /** Told once: what is refused again for the same reason is no news. */
  #refuse(name: string, version: string, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    const before = this.#refused.get(name)
    this.#refused.set(name, { version, text, atMs: this.#deps.monotonicMs() })
    if (before?.version === version && before.text === text) return
    this.#deps.post({ kind: 'model', state: 'refused', name, version, text })
  }

  #clear(name: string): void {
    if (this.#refused.delete(name)) this.#deps.post({ kind: 'model', state: 'cleared', name })
  }
}
