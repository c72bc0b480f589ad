/** Packs: uploads, activation, rollback, folding and sweeping. Runs in `control` alone. */
import { idTypeNamed, idTypes } from '../domain/id-type.ts'
import { type Pack, type PackVersion, packLayersMax } from '../domain/pack.ts'
import type { DeviceHasher } from '../identity/device-hasher.ts'
import type { Clock } from '../lib/clock.ts'
import type { Store } from '../store/ports.ts'
import { everyShard, type ShardWalk } from './every-shard.ts'
import { type Job, JobBook } from './job-book.ts'
import { LayoutKeeper } from './layout-keeper.ts'
import { Pacer } from './pacer.ts'
import { PackBook, slotsOf } from './pack-book.ts'
import { PackIntake } from './pack-intake.ts'
import {
  layersFull,
  refused,
  shrinkRefusal,
  shrinkShareMin,
  slotsFull,
  statusOf,
  unknownPack,
} from './pack-outcomes.ts'
import type {
  PackOutcome,
  PackService,
  PackStatus,
  UploadCounts,
  UploadInput,
  UploadOutcome,
} from './pack-types.ts'
import {
  FoldRevision,
  layerTable,
  noDeadSlots,
  SweepRevision,
  UploadRevision,
} from './revisions.ts'
import { ShardWriter } from './shard-writer.ts'
import { Spool } from './spool.ts'
import { Turns } from './turns.ts'
import { type Sleep, WorkerWatch } from './worker-watch.ts'

/** A pack whose layers reach this many is folded into one in the background. */
export const foldAtLayers = 8
/** Uploads at once: each holds 8 MiB of buffers, and 8 bytes an id on disk. */
export const uploadsMax = 8

/** What the service works with. */
export interface PackServiceDeps {
  readonly store: Store
  readonly hasher: DeviceHasher
  readonly clock: Clock
  readonly sleep: Sleep
  /** Where uploads are spooled; needs 8 bytes an id. */
  readonly spoolFolder: string
}

/** Opens the service: reads what the catalog has, and takes up what a crash left behind. */
export async function openPackService(deps: PackServiceDeps): Promise<LivePackService> {
  const service = new LivePackService(deps)
  await service.load()
  return service
}

/** The pack service on a real store. */
export class LivePackService implements PackService {
  readonly #deps: PackServiceDeps
  readonly #book: PackBook
  readonly #watch: WorkerWatch
  readonly #keeper: LayoutKeeper
  readonly #writer: ShardWriter
  readonly #jobs: JobBook
  /** One change at a time for each pack. */
  readonly #turns = new Turns()
  /** Slots of jobs under way: dirty in the book, but not to be swept. */
  readonly #reserved = new Set<number>()
  /**
   * Slots that uploads under way cut out, counted: none may be given to another upload meanwhile.
   */
  readonly #cutting = new Map<number, number>()
  #reserving: Promise<unknown> = Promise.resolve()
  #maintaining = false
  #uploads = 0
  /** Versions that did not fold because a device had no room, by pack: not tried again. */
  readonly #unfoldable = new Map<string, number>()

  constructor(deps: PackServiceDeps) {
    const { store, clock, sleep } = deps
    const nowMs = () => clock.monotonicMs()
    this.#deps = deps
    this.#book = new PackBook(store.catalog, () => store.buckets.flush())
    this.#watch = new WorkerWatch(store.presence, sleep, nowMs)
    this.#keeper = new LayoutKeeper(this.#book, store.buckets, this.#watch)
    this.#writer = new ShardWriter(store.buckets, this.#keeper)
    this.#jobs = new JobBook(clock)
  }

  /** Reads the catalog; called once before anything else. */
  load(): Promise<void> {
    return this.#book.load()
  }

  list(): readonly PackStatus[] {
    const packs = [...this.#book.packs.values()].map(statusOf)
    return packs.sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  get(packId: string): PackStatus | null {
    const pack = this.#book.packs.get(packId)
    return pack === undefined ? null : statusOf(pack)
  }

  progress() {
    return this.#jobs.list()
  }

  /** Resolves when nothing runs in the background any more: call before the store is closed. */
  settled(): Promise<void> {
    return this.#keeper.settled()
  }

  async upload(input: UploadInput): Promise<UploadOutcome> {
    const type = idTypeNamed(input.idType)
    if (type === null) {
      const known = idTypes.map(({ name }) => name).join(', ')
      return refused('SLUICE_AUDIENCE_ID_TYPE', `"${input.idType}" is none of ${known}`)
    }
    if (type.scoped !== (input.scope !== '')) {
      const need = type.scoped ? 'needs a scope (CAID version, appid)' : 'takes no scope'
      return refused('SLUICE_AUDIENCE_SCOPE', `id type ${type.name} ${need}`)
    }
    if (this.#uploads >= uploadsMax) {
      return refused('SLUICE_AUDIENCE_BUSY', `${uploadsMax} uploads are under way: try again later`)
    }
    this.#uploads++
    const spool = new Spool(this.#deps.spoolFolder)
    try {
      return await this.#jobs.run('upload', input.packId, async (job) => {
        const intake = new PackIntake(type, input.scope, this.#deps.hasher, spool)
        await this.#read(input, intake, job)
        const bad = this.#badIntake(input, intake)
        if (bad !== null) return bad
        return await this.#turns.take(input.packId, () =>
          this.#apply(input, { spool, intake, job }),
        )
      })
    } finally {
      this.#uploads--
      spool.close()
    }
  }

  async rollback(packId: string): Promise<PackOutcome> {
    return await this.#turns.take(packId, async () => {
      const pack = this.#book.packs.get(packId)
      if (pack === undefined) return unknownPack(packId)
      if (pack.previous === null) {
        return refused('SLUICE_AUDIENCE_NO_PREVIOUS', `pack ${packId} keeps no earlier version`)
      }
      const version = (pack.current?.version ?? 0) + 1
      const current = { ...pack.previous, version, activatedAtMs: this.#deps.clock.wallMs() }
      await this.#activate(pack, { ...pack, current, previous: null })
      return { ok: true, version, devices: current.devices }
    })
  }

  async remove(packId: string): Promise<PackOutcome> {
    return await this.#turns.take(packId, async () => {
      const pack = this.#book.packs.get(packId)
      if (pack === undefined) return unknownPack(packId)
      await this.#book.commit({ remove: packId, soil: [...slotsOf(pack)] })
      return { ok: true, version: pack.current?.version ?? 0, devices: 0 }
    })
  }

  /** Retires packs whose time has passed. Call about once a minute. */
  async expire(): Promise<void> {
    const now = this.#deps.clock.wallMs()
    for (const pack of [...this.#book.packs.values()]) {
      if (isDue(pack, now)) await this.#turns.take(pack.id, () => this.#retire(pack.id))
    }
  }

  /**
   * Cuts every slot that no version uses out of every value, once no worker reads it any more, and
   * makes the slots free. Resolves with the number of slots cleaned.
   */
  async sweep(): Promise<number> {
    if (this.#book.dirty.size === 0) return 0
    // Writes the dirty slots as they are: fails when another process changed them, and settles a
    // write whose reply was lost. Only then is it sure that nobody is in what is cut below.
    await this.#book.commit({ soil: [] })
    const slots = this.#cut()
    try {
      return await this.#jobs.run('sweep', '', (job) => this.#sweep(slots, job))
    } finally {
      this.#uncut(slots)
    }
  }

  /** Expires, folds and sweeps what is due. Call about twice a minute; calls do not overlap. */
  async maintain(): Promise<void> {
    if (this.#maintaining) return
    this.#maintaining = true
    try {
      await this.#keeper.publish()
      await this.expire()
      await this.fold()
      await this.sweep()
    } finally {
      this.#maintaining = false
    }
  }

  /** Folds packs of many layers into one slot. Resolves with the number of packs folded. */
  async fold(layersMin = foldAtLayers): Promise<number> {
    let folded = 0
    for (const pack of [...this.#book.packs.values()]) {
      if ((pack.current?.layers.length ?? 0) < layersMin) continue
      if (this.#unfoldable.get(pack.id) === pack.current?.version) continue
      if (await this.#turns.take(pack.id, () => this.#fold(pack.id))) folded++
    }
    return folded
  }

  async #sweep(slots: readonly number[], job: Job): Promise<number> {
    if (slots.length === 0) return 0
    job.stage = 'waiting'
    await this.#watch.reached(this.#book.revision)
    const dead = noDeadSlots()
    for (const slot of slots) dead[slot] = 1
    await everyShard(this.#walk(job), (shard) =>
      this.#writer.revise(shard, new SweepRevision(dead)),
    )
    await this.#deps.store.buckets.flush()
    const free = slots.filter((slot) => this.#cutting.get(slot) === 1)
    // Reserved while the catalog is written, so that no upload that starts now cuts them.
    for (const slot of free) this.#reserved.add(slot)
    try {
      await this.#book.commit({ clean: free })
    } finally {
      for (const slot of free) this.#reserved.delete(slot)
    }
    return free.length
  }

  /** Ends a pack whose time has passed; in its turn. */
  async #retire(packId: string): Promise<void> {
    const pack = this.#book.packs.get(packId)
    if (pack === undefined || !isDue(pack, this.#deps.clock.wallMs())) return
    await this.#activate(pack, { ...pack, current: null, previous: null })
  }

  async #read(input: UploadInput, intake: PackIntake, job: Job): Promise<void> {
    const pacer = this.#pacer()
    job.stage = 'reading'
    for await (const chunk of input.body) {
      intake.push(chunk)
      job.bytesRead += chunk.length
      job.lines = intake.lines
      job.rejected = intake.rejected
      await pacer.step()
    }
    intake.end()
    job.lines = intake.lines
    job.rejected = intake.rejected
  }

  #badIntake(input: UploadInput, intake: PackIntake): UploadOutcome | null {
    const { lines, rejected, firstErrors } = intake
    const counts = { accepted: 0, duplicates: 0, rejected, firstErrors }
    if (lines === 0 && input.mode !== 'replace') {
      return { ...refused('SLUICE_AUDIENCE_EMPTY', 'the upload has no line'), ...counts }
    }
    if (rejected > lines * input.rejectShareMax) {
      const message = `${rejected} of ${lines} lines are bad; rejectShareMax allows ${input.rejectShareMax}`
      return { ...refused('SLUICE_AUDIENCE_REJECT_SHARE', message), ...counts }
    }
    return this.#shrinks(input, lines - rejected)
      ? { ...shrinkRefusal(input.packId), ...counts }
      : null
  }

  #shrinks(input: UploadInput, devices: number): boolean {
    if (input.mode !== 'replace' || input.force) return false
    const before = this.#book.packs.get(input.packId)?.current?.devices ?? 0
    return devices < before * shrinkShareMin
  }

  async #apply(
    input: UploadInput,
    { spool, intake, job }: { spool: Spool; intake: PackIntake; job: Job },
  ): Promise<UploadOutcome> {
    await this.#retire(input.packId)
    const layers = this.#book.packs.get(input.packId)?.current?.layers.length ?? 0
    if (input.mode !== 'replace' && layers >= packLayersMax && !(await this.#fold(input.packId)))
      return layersFull(input.packId)
    const pack = this.#book.packs.get(input.packId) ?? noPack(input.packId)
    if (input.mode === 'remove' && pack.current === null) return unknownPack(input.packId)
    const slot = await this.#reserve()
    if (slot === null) return slotsFull()
    const cut = this.#cut()
    try {
      const sum = await this.#write(input, { spool, job, slot, pack, cut })
      return await this.#finish(input, { pack, slot, intake, sum })
    } finally {
      this.#reserved.delete(slot)
      this.#uncut(cut)
    }
  }

  /** Looks at what was written, and activates it unless it must not be. */
  async #finish(
    input: UploadInput,
    { pack, slot, intake, sum }: { pack: Pack; slot: number; intake: PackIntake; sum: WriteSum },
  ): Promise<UploadOutcome> {
    const counts: UploadCounts = {
      accepted: sum.unique,
      duplicates: intake.lines - intake.rejected - sum.unique - sum.refusedFull,
      rejected: intake.rejected + sum.refusedFull,
      firstErrors: intake.firstErrors,
    }
    if (sum.refusedFull > intake.lines * input.rejectShareMax) {
      const message = `${sum.refusedFull} devices are in too many packs already`
      return { ...refused('SLUICE_AUDIENCE_PROFILE_REJECTED', message), ...counts }
    }
    const before = input.mode === 'replace' ? 0 : (pack.current?.devices ?? 0)
    const devices = before + sum.gained
    if (this.#shrinks(input, devices)) return { ...shrinkRefusal(pack.id), ...counts }
    const current = this.#nextVersion(input, pack, { slot, devices, isEmpty: sum.written === 0 })
    const expiresAtMs = this.#expiry(input, pack)
    await this.#activate(pack, { id: pack.id, current, previous: pack.current, expiresAtMs })
    return { ok: true, version: current.version, devices, ...counts }
  }

  /** Writes the new slot into every device of the upload; nobody reads it before `#activate`. */
  async #write(
    input: UploadInput,
    {
      spool,
      job,
      slot,
      pack,
      cut,
    }: { spool: Spool; job: Job; slot: number; pack: Pack; cut: readonly number[] },
  ): Promise<WriteSum> {
    if (cut.length > 0) await this.#watch.reached(this.#book.revision)
    const dead = noDeadSlots()
    for (const old of cut) dead[old] = 1
    const plan = { mode: input.mode, slot, base: layerTable(pack.current), dead }
    const sum: WriteSum = { unique: 0, refusedFull: 0, written: 0, gained: 0 }
    await everyShard(this.#walk(job), async (shard) => {
      if (spool.countOf(shard) === 0) return
      const entries = spool.shard(shard)
      const revision = new UploadRevision(plan, entries)
      await this.#writer.merge(shard, entries, revision)
      sum.unique += revision.unique
      sum.refusedFull += revision.refusedFull
      sum.written += revision.written
      sum.gained += revision.gained
      job.accepted = sum.unique
    })
    await this.#deps.store.buckets.flush()
    return sum
  }

  /** Slots to cut out on the way: dirty and of no job. Held back from reuse until `#uncut`. */
  #cut(): readonly number[] {
    const slots = [...this.#book.dirty].filter((slot) => !this.#reserved.has(slot))
    for (const slot of slots) this.#cutting.set(slot, (this.#cutting.get(slot) ?? 0) + 1)
    return slots
  }

  #uncut(slots: readonly number[]): void {
    for (const slot of slots) {
      const count = (this.#cutting.get(slot) ?? 1) - 1
      if (count === 0) this.#cutting.delete(slot)
      else this.#cutting.set(slot, count)
    }
  }

  async #fold(packId: string): Promise<boolean> {
    const pack = this.#book.packs.get(packId)
    if (pack?.current === null || pack === undefined) return false
    const slot = await this.#reserve()
    if (slot === null) return false
    const { current } = pack
    try {
      return await this.#jobs.run('fold', packId, async (job) => {
        const table = layerTable(current)
        const sum = { devices: 0, refusedFull: 0 }
        const dead = noDeadSlots()
        await everyShard(this.#walk(job), async (shard) => {
          const revision = new FoldRevision(table, slot, dead)
          await this.#writer.revise(shard, revision)
          sum.devices += revision.devices
          sum.refusedFull += revision.refusedFull
        })
        await this.#deps.store.buckets.flush()
        if (sum.refusedFull > 0) {
          this.#unfoldable.set(packId, current.version)
          return false
        }
        const folded = { ...current, layers: [{ slot, sign: 1 as const }], devices: sum.devices }
        await this.#activate(pack, { ...pack, current: folded })
        return true
      })
    } finally {
      this.#reserved.delete(slot)
    }
  }

  /** Puts `next` in force: slots it uses are no longer dirty, slots that only `before` used are. */
  async #activate(before: Pack, next: Pack): Promise<void> {
    const used = slotsOf(next)
    const soil = [...slotsOf(before)].filter((slot) => !used.has(slot))
    await this.#book.commit({ put: next, soil, clean: [...used] })
  }

  /** Takes a free slot and writes it down as dirty before the first value can hold it. */
  #reserve(): Promise<number | null> {
    const mine = this.#reserving.then(async () => {
      if (this.#book.freeSlot() === null) await this.sweep()
      const slot = this.#book.freeSlot()
      if (slot === null) return null
      this.#reserved.add(slot)
      try {
        await this.#book.commit({ soil: [slot] })
      } catch (error) {
        this.#reserved.delete(slot)
        throw error
      }
      return slot
    })
    this.#reserving = mine.catch(() => undefined)
    return mine
  }

  /**
   * Starts giving old generations back. Not waited for: the workers take a moment, and neither the
   * next shards nor the activation need it. What fails is tried again by the next growth, and by
   * `maintain`.
   */
  #publishSoon(): void {
    this.#keeper.publish().catch(() => undefined)
  }

  #walk(job: Job): ShardWalk {
    return { job, pacer: () => this.#pacer(), publishSoon: () => this.#publishSoon() }
  }

  #nextVersion(
    input: UploadInput,
    pack: Pack,
    written: { slot: number; devices: number; isEmpty: boolean },
  ): PackVersion {
    const before = input.mode === 'replace' ? [] : (pack.current?.layers ?? [])
    const sign = input.mode === 'remove' ? (-1 as const) : (1 as const)
    const layers = written.isEmpty ? before : [...before, { slot: written.slot, sign }]
    const version = (pack.current?.version ?? 0) + 1
    return { version, layers, devices: written.devices, activatedAtMs: this.#deps.clock.wallMs() }
  }

  #expiry(input: UploadInput, pack: Pack): number | null {
    // A pack that had ended begins anew: its old end is not the new one's.
    if (input.ttlSeconds === null) return pack.current === null ? null : pack.expiresAtMs
    return this.#deps.clock.wallMs() + input.ttlSeconds * 1_000
  }

  #pacer(): Pacer {
    return new Pacer(this.#watch, this.#deps.sleep, () => this.#deps.clock.monotonicMs())
  }
}

/** What an upload wrote, over all shards; see `UploadRevision`. */
interface WriteSum {
  unique: number
  refusedFull: number
  written: number
  gained: number
}

function noPack(id: string): Pack {
  return { id, current: null, previous: null, expiresAtMs: null }
}

/** True when the pack is active beyond its time. */
function isDue({ current, expiresAtMs }: Pack, nowMs: number): boolean {
  return current !== null && expiresAtMs !== null && expiresAtMs <= nowMs
}
