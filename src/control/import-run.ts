/** An import under way: lines are collected into batches, checked and written. */
import { catalogBatchMax } from '../store/ports.ts'
import type { CatalogDesk, ManyPlan, Writer } from './catalog-desk.ts'
import type { CheckView } from './check-view.ts'
import { Dependents } from './dependents.ts'
import { type ImportEntry, importCountMax } from './import-line.ts'
import { ImportView } from './import-view.ts'
import { firstErrorsMax, importBatchBytesMax } from './limits.ts'
import { type FieldError, notFound, Problem } from './problem.ts'
import type { ImportAnswer } from './schemas/import-schema.ts'

/** How an import goes about. */
export interface ImportOptions {
  readonly isDryRun: boolean
  readonly stopsAtError: boolean
}

/** Mutable form of the answer. */
type Outcome = { -readonly [K in keyof Omit<ImportAnswer, 'lines' | 'dryRun'>]: ImportAnswer[K] }
type Write = ManyPlan<unknown>['writes'][number]

/** Where an error or a warning was found. */
interface Found extends FieldError {
  readonly line: number
}

/** What checking one batch came to. */
interface BatchPlan {
  readonly writes: Write[]
  readonly errors: Found[]
  readonly warnings: Found[]
  rejected: number
  /** True: the last line looked at is bad, and nothing after it may be written. */
  isStopped: boolean
}

/** Takes entries one after another; `outcome` says how far it came, also after an error. */
export class ImportRun {
  readonly outcome: Outcome = {
    written: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    deleted: 0,
    rejected: 0,
    batches: 0,
    firstErrors: [],
    firstWarnings: [],
  }
  readonly #desk: CatalogDesk
  readonly #writer: Writer
  readonly #options: ImportOptions
  #entries: ImportEntry[] = []
  #names = new Set<string>()
  #bytes = 0
  #dry: Simulation | null = null
  #isStopped = false

  constructor(desk: CatalogDesk, writer: Writer, options: ImportOptions) {
    this.#desk = desk
    this.#writer = writer
    this.#options = options
  }

  /** True when a bad line has ended the import; further entries are not taken. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Takes one entry of `bytes` bytes; writes when a batch is full. */
  async take(entry: ImportEntry, bytes: number): Promise<void> {
    const name = entry.do === 'reject' ? null : `${entry.of}/${entry.id}`
    const isFull =
      this.#entries.length === catalogBatchMax ||
      (this.#bytes > 0 && this.#bytes + bytes > importBatchBytesMax) ||
      // A batch names an entity once: a later line about it is a later batch.
      (name !== null && this.#names.has(name))
    if (isFull) await this.flush()
    if (this.#isStopped) return
    this.#entries.push(entry)
    this.#bytes += bytes
    if (name !== null) this.#names.add(name)
    // Nothing after it will be written: the rest need not even be read.
    if (entry.do === 'reject' && this.#options.stopsAtError) await this.flush()
  }

  /** Writes what was collected. */
  async flush(): Promise<void> {
    const entries = this.#entries
    if (entries.length === 0) return
    this.#entries = []
    this.#names = new Set()
    this.#bytes = 0
    const done = this.#options.isDryRun ? await this.#simulate(entries) : await this.#write(entries)
    const { outcome } = this
    outcome.created += done.created
    outcome.updated += done.updated
    outcome.written += done.created + done.updated
    outcome.unchanged += done.unchanged
    outcome.deleted += done.deleted
    outcome.batches++
    const { plan } = done
    outcome.rejected += plan.rejected
    append(outcome.firstErrors, plan.errors)
    append(outcome.firstWarnings, plan.warnings)
    this.#isStopped = plan.isStopped
  }

  async #write(entries: readonly ImportEntry[]) {
    const written = await this.#desk.changeMany(this.#writer, (view) => {
      const overlay = new ImportView(view)
      const plan = this.#plan(entries, overlay, new Dependents(overlay))
      return { action: 'import', writes: plan.writes, result: plan }
    })
    return { ...written, plan: written.result }
  }

  async #simulate(entries: readonly ImportEntry[]) {
    if (this.#dry === null) {
      const overlay = new ImportView(await this.#desk.view())
      this.#dry = { overlay, dependents: new Dependents(overlay) }
    }
    const { overlay, dependents } = this.#dry
    const before = new Map<string, string | null>()
    for (const entry of entries) {
      if (entry.do === 'reject') continue
      before.set(`${entry.of}/${entry.id}`, overlay.get(entry.of, entry.id)?.json ?? null)
    }
    const plan = this.#plan(entries, overlay, dependents)
    const counts = { created: 0, updated: 0, unchanged: 0, deleted: 0 }
    for (const { kind, id, value } of plan.writes) {
      const was = before.get(`${kind}/${id}`) ?? null
      if (value === null) counts.deleted++
      else if (was === null) counts.created++
      else if (was === JSON.stringify(value)) counts.unchanged++
      else counts.updated++
    }
    return { ...counts, plan }
  }

  #plan(entries: readonly ImportEntry[], overlay: ImportView, dependents: Dependents): BatchPlan {
    const plan: BatchPlan = { writes: [], errors: [], warnings: [], rejected: 0, isStopped: false }
    for (const entry of entries) {
      const errors = planEntry(plan, entry, overlay, dependents)
      if (errors.length === 0) continue
      plan.rejected++
      for (const error of errors) plan.errors.push({ line: entry.line, ...error })
      plan.isStopped = this.#options.stopsAtError
      if (plan.isStopped) break
    }
    return plan
  }
}

/** The catalog as a dry run would have made it so far. */
interface Simulation {
  readonly overlay: ImportView
  readonly dependents: Dependents
}

/** Adds the entry to the plan and the view, or says why not. */
function planEntry(
  plan: BatchPlan,
  entry: ImportEntry,
  overlay: ImportView,
  dependents: Dependents,
): readonly FieldError[] {
  if (entry.do === 'reject') return entry.errors
  const { of: kind, id } = entry
  const before = overlay.get(kind, id)?.json ?? null
  try {
    const value =
      entry.do === 'put'
        ? planPut(plan, entry, overlay, before === null)
        : planDeletion(entry, dependents, before === null)
    plan.writes.push({ kind, id, value })
    overlay.set(kind, id, value)
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error
    const { errors = [] } = error.extra
    return errors.length > 0 ? errors : [{ path: 'id', message: error.message }]
  }
  dependents.moved(kind, id, before, overlay.get(kind, id)?.json ?? null)
  return []
}

function planPut(
  plan: BatchPlan,
  entry: Extract<ImportEntry, { do: 'put' }>,
  view: CheckView,
  isNew: boolean,
): object {
  const countMax = importCountMax(entry.of)
  if (isNew && view.count(entry.of) >= countMax) {
    throw new Problem('SLUICE_CONTROL_LIMIT', `there are ${countMax} of this kind already`)
  }
  const { value, warnings } = entry.check(view)
  for (const warning of warnings) plan.warnings.push({ line: entry.line, ...warning })
  return value
}

function planDeletion(
  entry: Extract<ImportEntry, { do: 'delete' }>,
  dependents: Dependents,
  isMissing: boolean,
): null {
  if (isMissing) throw notFound(entry.of, entry.id)
  dependents.refuseDeletion(entry.of, entry.id)
  return null
}

function append(shown: Found[], found: readonly Found[]): void {
  for (const one of found) {
    if (shown.length >= firstErrorsMax) return
    shown.push(one)
  }
}
