/**
 * Opens in the deciding thread what the compiling thread has opened in its own, and puts a snapshot
 * in force when the models it names are open here: a decision never has rows of one version and a
 * network of another.
 */
import type { BidCatalog } from '../catalog/bid/bid-catalog.ts'
import type { BidData, CompileMessage, ModelMessage } from '../catalog/bid/bid-data.ts'
import type { ModelKey } from '../domain/ad-side.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { ModelMeter } from '../telemetry/model-meter.ts'
import type { WatchedModel } from './model-watch.ts'

/** A disk that does not answer must not hold a snapshot back until it is stale (10 s). */
export const openMsMax = 5_000

/** Decisions that began by the snapshot before have ended by then: no exchange waits so long. */
export const retireMs = 2_000

/** What a follower works with. */
export interface ModelFollowerDeps<M extends WatchedModel> {
  readonly catalog: BidCatalog
  readonly room: { add(model: M): void; retire(key: ModelKey): void }
  /** Opens what the compiling thread has opened; rejects when it is not that any more. */
  readonly open: (folder: string, key: ModelKey) => Promise<M>
  readonly meter: ModelMeter
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Calls `run` once after `ms`; answers how to call it off. */
  readonly later?: (ms: number, run: () => void) => () => void
}

/** A model that the compiling thread has told of. */
interface Held {
  readonly key: ModelKey
  state: 'opening' | 'open' | 'failed'
  /** Calls off its retirement; null = it is not to retire. */
  keep: (() => void) | null
  /** False from the start of another compiling thread until that one names it. */
  isTold: boolean
}

/** Takes the messages of a compiling thread in the order they were posted. */
export class ModelFollower<M extends WatchedModel> {
  readonly #deps: ModelFollowerDeps<M>
  readonly #later: (ms: number, run: () => void) => () => void
  /** By hash. */
  readonly #held = new Map<string, Held>()
  #queue: CompileMessage[] = []

  constructor(deps: ModelFollowerDeps<M>) {
    this.#deps = deps
    this.#later = deps.later ?? laterByTimer
  }

  /** Takes one message; a snapshot, and what follows it, may wait for its models. */
  take(message: CompileMessage): void {
    if (message.kind === 'model' && message.state !== 'gone') {
      this.#hear(message)
      return
    }
    this.#queue.push(message)
    this.#drain()
  }

  /** Another compiling thread begins: what the last one said and is not in force yet is void. */
  startOver(): void {
    this.#queue = []
    for (const held of this.#held.values()) held.isTold = false
    this.#deps.catalog.startOver()
  }

  /** Retires every model. */
  stop(): void {
    this.#queue = []
    for (const held of this.#held.values()) {
      held.keep?.()
      this.#retire(held)
    }
    this.#deps.meter.serve(new Map(), new Set())
  }

  #hear(message: Exclude<ModelMessage, { readonly state: 'gone' }>): void {
    switch (message.state) {
      case 'loaded':
        this.#open(message.key, message.folder)
        break
      case 'refused':
        this.#refuse(message.name, message.version, message.text)
        break
      case 'cleared':
        this.#deps.meter.clear(message.name)
    }
  }

  #open(key: ModelKey, folder: string): void {
    this.#deps.meter.clear(key.name)
    // An end that still waits behind a snapshot is of its time before.
    this.#queue = this.#queue.filter((message) => !isEndOf(message, key))
    const known = this.#held.get(key.hash)
    known?.keep?.()
    if (known !== undefined && known.state !== 'failed') {
      known.keep = null
      known.isTold = true
      return
    }
    const held: Held = { key, state: 'opening', keep: null, isTold: true }
    this.#held.set(key.hash, held)
    const cancel = this.#later(openMsMax, () => this.#fail(held, `not open after ${openMsMax} ms`))
    void this.#opened(held, folder).finally(cancel)
  }

  async #opened(held: Held, folder: string): Promise<void> {
    const { key } = held
    try {
      const model = await this.#deps.open(folder, key)
      if (held.state !== 'opening' || model.key.hash !== key.hash) {
        model.release()
        this.#fail(held, 'its files changed while it was opened')
        return
      }
      held.state = 'open'
      this.#deps.room.add(model)
      this.#deps.log.info({ model: key.name, version: key.version }, 'model open')
    } catch (error) {
      this.#fail(held, error instanceof Error ? error.message : String(error))
    }
    this.#drain()
  }

  #fail(held: Held, text: string): void {
    if (held.state !== 'opening') return
    held.state = 'failed'
    this.#refuse(held.key.name, held.key.version, text)
    this.#drain()
  }

  #refuse(name: string, version: string, problem: string): void {
    this.#deps.meter.refuse(name, version === '' ? problem : `version ${version}: ${problem}`)
    this.#deps.log.warn({ model: name, version, problem }, 'model refused, the one before stays')
  }

  #drain(): void {
    for (;;) {
      const message = this.#queue[0]
      if (message === undefined || this.#mustWait(message)) return
      this.#queue.shift()
      if (message.kind === 'snapshot') this.#putInForce(message.data)
      else if (message.kind === 'model') this.#leave(message)
      else this.#deps.catalog.receive(message)
    }
  }

  #mustWait(message: CompileMessage): boolean {
    if (message.kind !== 'snapshot') return false
    return message.data.adSides.some(({ model }) => this.#stateOf(model) === 'opening')
  }

  #putInForce(data: BidData): void {
    const adSides = data.adSides.filter(({ model }) => this.#stateOf(model) === 'open')
    this.#deps.catalog.receive({ kind: 'snapshot', data: { ...data, adSides } })
    const serving = new Map(adSides.map(({ model }) => [model.name, model.version]))
    this.#deps.meter.serve(serving, namesWanted(data))
    for (const held of this.#held.values()) if (!held.isTold) this.#retireLater(held)
  }

  #leave(message: ModelMessage): void {
    if (message.state !== 'gone') return
    const held = this.#held.get(message.key.hash)
    if (held !== undefined) this.#retireLater(held)
  }

  #retireLater(held: Held): void {
    held.keep ??= this.#later(retireMs, () => this.#retire(held))
  }

  #retire(held: Held): void {
    this.#held.delete(held.key.hash)
    if (held.state === 'open') this.#deps.room.retire(held.key)
    // What is still being opened is released when it is.
    held.state = 'failed'
  }

  #stateOf({ hash }: ModelKey): Held['state'] {
    return this.#held.get(hash)?.state ?? 'failed'
  }
}

function isEndOf(message: CompileMessage, { hash }: ModelKey): boolean {
  return message.kind === 'model' && message.state === 'gone' && message.key.hash === hash
}

function namesWanted({ exchanges }: BidData): ReadonlySet<string> {
  const names = exchanges.flatMap(({ plan }) => [plan.coarseModel, plan.fineModel])
  return new Set(names.filter((name) => name !== ''))
}

function laterByTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => clearTimeout(timer)
}
