/**
 * Follows the store and compiles what bids are made from. Runs in a thread of its own where there
 * is much to compile, in the caller's where there is little (tests, explain).
 */
import type { AdEncoder, AdSide, ModelKey } from '../../domain/ad-side.ts'
import type { CatalogStore } from '../../store/ports.ts'
import { AdSides } from './ad-sides.ts'
import type { BidData, BidProblem, CompileMessage } from './bid-data.ts'
import { BidRows, bidKinds, tableNames } from './bid-rows.ts'
import { buildBidData, problemsMax } from './build-bid-data.ts'

/** What the compiler works with. */
export interface BidCompilerDeps {
  readonly store: CatalogStore
  /** Buffers may be moved to the reader: the compiler does not look at them again. */
  readonly post: (message: CompileMessage, move: readonly ArrayBuffer[]) => void
  /**
   * Waited for after each part of a table: messages that lie ready are taken in one turn of the
   * reader's loop, and fifty of them kept it for a tenth of a second. Absent = no waiting.
   */
  readonly pause?: () => Promise<unknown>
  /**
   * True where the reader decides by a snapshot of another compiler: then the first one is not
   * held back until the models know every creative. Absent = it has none.
   */
  readonly readerHasSnapshot?: boolean
}

/**
 * Creatives encoded for models that are new, between two looks at the store: about a tenth of a
 * second, so that changes of the catalog go out meanwhile.
 */
const fillMax = 2_000

/**
 * Table items of one message: the reader unpacks and indexes them on its loop, about 5 µs each, so
 * that no message keeps it for more than a millisecond.
 */
const itemsPerMessage = 200

/**
 * Items of tables that may be dead: beyond the number of creatives and this, the tables begin
 * anew with a load of everything.
 */
const deadItemsMax = 100_000

/**
 * Rules that may be dead beyond eight for each campaign: every request looks along them all, at a
 * nanosecond each.
 */
const deadRulesMax = 10_000

/** Keeps the reader's snapshot equal to the store; one `look` at a time. */
export class BidCompiler {
  readonly #store: CatalogStore
  readonly #post: BidCompilerDeps['post']
  readonly #pause: () => Promise<unknown>
  readonly #sides: AdSides
  #rows = new BidRows()
  #epoch = 0
  #revision = -1
  #readerHasSnapshot: boolean

  constructor(deps: BidCompilerDeps) {
    const { store, post, pause = noPause, readerHasSnapshot = false } = deps
    this.#store = store
    this.#post = post
    this.#pause = pause
    this.#readerHasSnapshot = readerHasSnapshot
    this.#sides = new AdSides(({ name, version }, text) =>
      post({ kind: 'model', state: 'refused', name, version, text }, []),
    )
  }

  /**
   * The models from now on: those of the snapshot when their rows are whole. Not while a look is
   * under way.
   */
  useModels(encoders: readonly AdEncoder[]): void {
    this.#sides.use(encoders)
  }

  /** True while the encoder of a model is needed, be it to replace it only later. */
  usesModel(key: ModelKey): boolean {
    return this.#sides.uses(key)
  }

  /** True when the next look has more to do than to ask the store. */
  get isBehind(): boolean {
    return this.#sides.isFilling || this.#sides.isChanged
  }

  /** Looks at the store once and posts what is new; a failure is posted, not thrown. */
  async look(): Promise<void> {
    try {
      const changed = await this.#follow()
      if (changed || this.#sides.isChanged) await this.#publishOrForget()
      else this.#post({ kind: 'confirmed' }, [])
      await this.#sides.fill(this.#rows, fillMax)
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      this.#post({ kind: 'problem', text }, [])
    }
  }

  /** Brings the rows to the store's revision; false when nothing of theirs has changed. */
  async #follow(): Promise<boolean> {
    if (this.#revision === -1 || this.#tablesAreFull()) return this.#load()
    const before = this.#revision
    if ((await this.#store.revision()) === before) return false
    const changes = await this.#store.changes(before, bidKinds)
    if (changes === null) return this.#load()
    for (const { kind, id } of changes.deleted) this.#rows.remove(kind, id)
    for (const entity of changes.entities) this.#rows.put(entity)
    this.#revision = changes.revision
    return changes.deleted.length + changes.entities.length > 0
  }

  async #load(): Promise<true> {
    const { revision, entities } = await this.#store.load(bidKinds)
    this.#rows = new BidRows()
    this.#sides.beginAnew()
    this.#epoch++
    // Half-filled rows must never be taken for those of a revision.
    this.#revision = -1
    for (const entity of entities) this.#rows.put(entity)
    this.#revision = revision
    return true
  }

  #tablesAreFull(): boolean {
    const { tables, creatives, campaigns } = this.#rows
    const items = tables.shape.items.length + tables.brand.items.length
    if (items > 2 * creatives.size + deadItemsMax) return true
    const rules = tables.os.items.length + tables.schedule.items.length
    return rules + tables.audience.items.length > 8 * campaigns.size + deadRulesMax
  }

  /**
   * What could not be sent is not known to the reader: the next look must not confirm it. Its
   * tables may have arrived in part, so everything is loaded and sent anew.
   */
  async #publishOrForget(): Promise<void> {
    try {
      await this.#publish()
    } catch (error) {
      this.#revision = -1
      throw error
    }
  }

  async #publish(): Promise<void> {
    this.#rows.tidy()
    const built = buildBidData(this.#rows, this.#revision, this.#epoch)
    // Nobody decides yet: better by models a little later than by the prior at once.
    if (!this.#readerHasSnapshot) await this.#sides.fill(this.#rows, Number.POSITIVE_INFINITY)
    const data = withSides(built, await this.#sides.build(this.#rows), this.#sides.problems())
    for (const table of tableNames) {
      const items: readonly unknown[] = this.#rows.tables[table].takeNew()
      for (let from = 0; from < items.length; from += itemsPerMessage) {
        const part = items.slice(from, from + itemsPerMessage)
        this.#post({ kind: 'table', epoch: this.#epoch, table, items: part }, [])
        await this.#pause()
      }
    }
    this.#post({ kind: 'snapshot', data }, buffersOf(data))
    this.#readerHasSnapshot = true
  }
}

const noPause = (): Promise<void> => Promise.resolve()

function withSides(
  data: BidData,
  adSides: readonly AdSide[],
  problems: readonly BidProblem[],
): BidData {
  if (adSides.length + problems.length === 0) return data
  return {
    ...data,
    adSides,
    problems: [...problems, ...data.problems].slice(0, problemsMax),
    problemCount: data.problemCount + problems.length,
  }
}

/** Every buffer of the data's arrays that can be moved; shared ones need not be. */
function buffersOf(data: BidData): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  const collect = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) {
      if (value.buffer instanceof ArrayBuffer) buffers.add(value.buffer)
    } else if (isPlain(value)) {
      for (const part of Object.values(value)) collect(part)
    }
  }
  const { exchanges: _, rates: __, problems: ___, adSides, ...columns } = data
  collect(columns)
  for (const side of adSides) collect(side)
  return [...buffers]
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
