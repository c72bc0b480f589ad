/** The feedback side of every kind of store that the contract suites run on. */
import type { FeedbackStore, LogRecord } from '../../src/store/feedback-ports.ts'
import { openFeedbackStore } from '../../src/store/open-feedback-store.ts'
import type { Store } from '../../src/store/ports.ts'
import { openTestStore, testStores } from './stores.ts'

/** A fresh and empty store, opened as often as a test likes, as several processes would. */
export interface FeedbackHome {
  readonly address: string
  /** Opens it as worker `worker` of `decide`, or (null) as a projector. */
  open(worker: number | null): Promise<FeedbackStore>
  /** Opens what `decide` reads of it. */
  openReader(): Promise<Store>
  /** The part that takes a record of this shard from this worker. */
  partOf(worker: number, shard: number): string
  /** Closes whatever was opened and throws the store away. */
  end(): Promise<void>
}

/** Names of the kinds: `lmdb`, `redis`, `redis-cluster`. */
export const feedbackKinds = Object.keys(testStores)

/** Errors that the stores reported while tests ran. */
export const reported: string[] = []

const meter = {
  read: () => undefined,
  error: (kind: string) => {
    reported.push(kind)
  },
}

/** Opens the feedback side of the store at an address with the machine's clocks. */
export function openTestFeedback(address: string, worker: number | null): Promise<FeedbackStore> {
  return openFeedbackStore({
    address,
    tlsCaFile: '',
    worker,
    meter,
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
  })
}

/** Makes a store of a kind. */
export async function feedbackHome(kind: string): Promise<FeedbackHome> {
  const make = testStores[kind]
  if (make === undefined) throw new Error(`no kind of store is called ${kind}`)
  const { address, ...made } = await make()
  const opened = new Set<{ close(): Promise<void> }>()
  const kept = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const store = await opening
    opened.add(store)
    const close = store.close.bind(store)
    // A test may close a store itself; the end of the suite then leaves it alone.
    store.close = () => (opened.delete(store) ? close() : Promise.resolve())
    return store
  }
  return {
    address,
    open: (worker) => kept(openTestFeedback(address, worker)),
    openReader: () => kept(openTestStore(address)),
    partOf: (worker, shard) => (kind === 'lmdb' ? `w${worker}` : String(shard)),
    end: async () => {
      for (const store of [...opened]) await store.close()
      await made.end()
    },
  }
}

/** Everything that a part has after a place. */
export async function readAll(
  store: FeedbackStore,
  part: string,
  after = '',
): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  while (true) {
    const [more = []] = await store.log.read([{ part, after: records.at(-1)?.at ?? after }], 500)
    if (more.length === 0) return records
    records.push(...more)
  }
}

/** A record with a text in it. */
export function textRecord(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The texts of records. */
export function textsOf(records: readonly LogRecord[]): string[] {
  return records.map(({ bytes }) => new TextDecoder().decode(bytes))
}
