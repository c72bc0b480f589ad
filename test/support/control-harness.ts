/** The admin API over fakes, for tests: a memory store, scripted packs, and keys of every role. */
import { Registry } from 'prom-client'
import type {
  JobProgress,
  PackOutcome,
  PackService,
  PackStatus,
  UploadInput,
  UploadOutcome,
} from '../../src/audience/pack-types.ts'
import { sealKey } from '../../src/control/api-keys.ts'
import type { ControlApp } from '../../src/control/app.ts'
import { CatalogDesk } from '../../src/control/catalog-desk.ts'
import type { ControlDeps } from '../../src/control/control-deps.ts'
import { DeadLetters } from '../../src/control/dead-letters.ts'
import { buildControl } from '../../src/control/server.ts'
import { type Role, roles } from '../../src/domain/api-key.ts'
import { LinkSignatures } from '../../src/feedback/link-signature.ts'
import { MonitorLinks } from '../../src/feedback/monitor-links.ts'
import { saltSecret } from '../../src/feedback/token-keys.ts'
import { ManualClock } from '../../src/lib/clock.ts'
import { builtInMonitors } from '../../src/media/registry.ts'
import type { PresenceRecord, PresenceStore } from '../../src/store/ports.ts'
import { MemoryCatalogStore } from './memory-catalog.ts'
import { MemoryFeedback } from './memory-feedback.ts'
import { packOf, testRules } from './rta-fixtures.ts'

/** Packs that do what a test says; by default an upload reads its body and is accepted. */
export class FakePacks implements PackService {
  readonly packs = new Map<string, PackStatus>()
  jobs: JobProgress[] = []
  /** Bodies of finished uploads, as text. */
  readonly uploaded: string[] = []
  readonly inputs: UploadInput[] = []
  /** Called with each chunk as it is read. */
  onChunk: (chunk: Uint8Array) => void = () => undefined
  outcome: UploadOutcome | null = null
  moved: PackOutcome = { ok: true, version: 1, devices: 10 }
  /** Uploads that rejected: their body failed. */
  failures = 0

  async upload(input: UploadInput): Promise<UploadOutcome> {
    this.inputs.push(input)
    const chunks: Uint8Array[] = []
    try {
      for await (const chunk of input.body) {
        this.onChunk(chunk)
        // A copy of a short body only: large ones are there to be counted, not kept.
        if (chunks.length < 16) chunks.push(chunk.slice())
      }
    } catch (error) {
      this.failures++
      throw new Error('upload failed', { cause: error })
    }
    this.uploaded.push(Buffer.concat(chunks).toString())
    const counts = { accepted: 2, duplicates: 1, rejected: 1 }
    const firstErrors = [{ line: 3, reason: 'not 32 hex digits' }]
    return this.outcome ?? { ok: true, version: 7, devices: 2, ...counts, firstErrors }
  }

  async rollback(): Promise<PackOutcome> {
    return this.moved
  }

  async remove(packId: string): Promise<PackOutcome> {
    if (this.moved.ok) this.packs.delete(packId)
    return this.moved
  }

  list(): readonly PackStatus[] {
    return [...this.packs.values()]
  }

  get(packId: string): PackStatus | null {
    return this.packs.get(packId) ?? null
  }

  progress(): readonly JobProgress[] {
    return this.jobs
  }
}

/** Presence that a test fills. */
export class FakePresence implements PresenceStore {
  records: PresenceRecord[] = []
  failure: Error | null = null

  async announce(record: PresenceRecord): Promise<void> {
    this.records.push(record)
  }

  async leave(id: string): Promise<void> {
    this.records = this.records.filter((record) => record.id !== id)
  }

  async list(): Promise<readonly PresenceRecord[]> {
    if (this.failure !== null) throw this.failure
    return this.records
  }
}

/** A pack's status as the service shows it. */
export function packStatus(id: string, over: Partial<PackStatus> = {}): PackStatus {
  return {
    id,
    version: 3,
    devices: 1_000,
    layers: 1,
    activatedAtMs: 1_000,
    expiresAtMs: null,
    previousVersion: 2,
    previousDevices: 900,
    ...over,
  }
}

/** An answer of the API, its body parsed. */
export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly text: string
  readonly headers: Record<string, unknown>
}

/** A test's admin API. */
export interface Harness {
  readonly app: ControlApp
  readonly deps: ControlDeps
  readonly catalog: MemoryCatalogStore
  readonly packs: FakePacks
  readonly presence: FakePresence
  /** Where events, dead letters and totals lie. */
  readonly feedback: MemoryFeedback
  readonly clock: ManualClock
  readonly keys: Readonly<Record<Role, string>>
  /** Faults that were logged. */
  readonly logged: { readonly fields: object; readonly message: string }[]
  /** Sends a request as `role` (marketer unless said); null = without a key. */
  readonly call: (
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    url: string,
    more?: {
      role?: Role | null
      body?: unknown
      headers?: Record<string, string>
      address?: string
    },
  ) => Promise<Answer>
}

const keys = {
  sender: `sluice_sender_${'s'.repeat(43)}`,
  viewer: `sluice_viewer_${'v'.repeat(43)}`,
  marketer: `sluice_marketer_${'m'.repeat(43)}`,
  admin: `sluice_admin_${'a'.repeat(43)}`,
} as const

/** Dependencies over fakes; `over` replaces any. */
export function fakeDeps(over: Partial<ControlDeps> = {}) {
  const catalog = new MemoryCatalogStore()
  const packs = new FakePacks()
  const presence = new FakePresence()
  const feedback = new MemoryFeedback(true)
  const clock = new ManualClock(1_700_000_000_000)
  const logged: { fields: object; message: string }[] = []
  const log = (fields: object, message: string): void => void logged.push({ fields, message })
  const deps: ControlDeps = {
    listen: { host: '127.0.0.1', port: 0 },
    version: '0.1.0',
    clock,
    log: { error: log, warn: log },
    store: { kind: 'memory', catalog, presence, problem: () => null },
    packs,
    media: new Map([
      ['tencent', testRules],
      ['oceanengine', { ...testRules, numericTargets: true, targetIdCharsMax: 19 }],
      ['plain', { ...testRules, cacheSecondsMin: 0, cacheSecondsMax: 0, factorMax: 100 }],
    ]),
    links: new MonitorLinks(
      'https://ads.example.com',
      new LinkSignatures([saltSecret], new Uint8Array(16)),
      new Map(builtInMonitors.map((one) => [one.name, one])),
    ),
    explain: {
      adapters: new Map(),
      decider: { decide: () => Promise.reject(new Error('not scripted')) },
      prepare: () => Promise.resolve(),
      encodeRequest: () => null,
      bids: null,
    },
    events: { state: feedback, dead: new DeadLetters(feedback) },
    models: {
      list: async () => [],
      has: async () => false,
      activate: () => Promise.reject(new Error('not scripted')),
    },
    adminKey: null,
    onFirstKey: () => undefined,
    registry: new Registry(),
    presenceId: 'control-self',
    ...over,
  }
  return { deps, catalog, packs, presence, feedback, clock, logged }
}

/** Builds the API with a key of each role and the packs `vip` and `churned`. */
export async function newHarness(over: Partial<ControlDeps> = {}): Promise<Harness> {
  const fakes = fakeDeps(over)
  const { deps, catalog } = fakes
  for (const role of roles) {
    const order = { id: role, name: role, role, createdAtMs: 0, createdBy: 'test' }
    await catalog.put('key', role, sealKey(order, keys[role]))
  }
  for (const [slot, id] of ['vip', 'churned'].entries()) {
    await catalog.put('pack', id, packOf(id, slot))
    fakes.packs.packs.set(id, packStatus(id))
  }
  const desk = new CatalogDesk(deps.store.catalog, deps.clock)
  const app = await buildControl({ deps, desk })
  const call: Harness['call'] = async (method, url, more = {}) => {
    const role = more.role === undefined ? 'marketer' : more.role
    const authorization = role === null ? {} : { authorization: `Bearer ${keys[role]}` }
    const response = await app.inject({
      method,
      url,
      headers: { ...authorization, ...more.headers },
      ...(more.address === undefined ? {} : { remoteAddress: more.address }),
      ...(more.body === undefined ? {} : { payload: more.body as object }),
    })
    const isJson = String(response.headers['content-type'] ?? '').includes('json')
    const body = isJson ? (JSON.parse(response.body) as Answer['body']) : {}
    return { status: response.statusCode, body, text: response.body, headers: response.headers }
  }
  return { ...fakes, app, keys, call }
}
