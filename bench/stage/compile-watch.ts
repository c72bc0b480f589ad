/** The compiling of a bid catalog watched from a process that does nothing else. */
import { openSync, readSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { BidCatalog } from '../../src/catalog/bid/bid-catalog.ts'
import { BidCompiler } from '../../src/catalog/bid/bid-compiler.ts'
import type { CompileMessage } from '../../src/catalog/bid/bid-data.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { CompileThreadData } from '../../src/process/compile-thread.ts'
import { openStore } from '../../src/store/open-store.ts'
import { Meter } from '../../src/telemetry/meter.ts'

/** Milliseconds of this thread for compiling everything, and once more after one change. */
export interface CompileTimes {
  readonly firstMs: number
  readonly changeMs: number
}

/** Compiles the store's catalog in this thread; `change` writes one entity in between. */
export async function compileTimes(
  address: string,
  change: () => Promise<unknown>,
): Promise<CompileTimes> {
  const store = await openStore({
    address,
    tlsCaFile: '',
    writer: false,
    meter: new Meter([]),
    wallMs: () => systemClock.wallMs(),
    monotonicMs: () => systemClock.monotonicMs(),
  })
  const problems: string[] = []
  const post = (message: CompileMessage): void => {
    if (message.kind === 'problem') problems.push(message.text)
  }
  const compiler = new BidCompiler({ store: store.catalog, post })
  const look = async (): Promise<number> => {
    const startMs = systemClock.monotonicMs()
    await compiler.look()
    return systemClock.monotonicMs() - startMs
  }
  const firstMs = await look()
  await change()
  const changeMs = await look()
  await store.close()
  if (problems.length > 0) throw new Error(`the catalog was not compiled: ${problems[0]}`)
  return { firstMs, changeMs }
}

/** The longest turn of the loop while one snapshot came in, milliseconds. */
export interface LongestTurn {
  /** By the clock on the wall. */
  readonly wallMs: number
  /** Without the time that the thread was ready and waited for a core: what the turn cost. */
  readonly ownMs: number
}

/** Longest turns: of the first snapshot, and of each further one. */
export interface SwapTurns {
  readonly first: LongestTurn
  readonly changes: readonly LongestTurn[]
}

/**
 * Follows the store with the real compiling thread while this loop does nothing but turn: how long
 * the longest turn is that takes a snapshot in. `changes` snapshots are waited for after the first.
 */
export async function swapTurns(
  address: string,
  changes: number,
  change: () => Promise<unknown>,
): Promise<SwapTurns> {
  const workerData: CompileThreadData = {
    address,
    tlsCaFile: '',
    modelsFolder: '',
    readerHasSnapshot: false,
  }
  const worker = new Worker(new URL('../../src/process/compile-thread.js', import.meta.url), {
    workerData,
  })
  const catalog = new BidCatalog(systemClock)
  let snapshots = 0
  worker.on('message', (message: CompileMessage) => {
    catalog.receive(message)
    if (message.kind === 'snapshot') snapshots++
  })
  const waitedMsNow = ownRunQueue()
  const longest = async (from: number): Promise<LongestTurn> => {
    let [wallMs, ownMs] = [0, 0]
    let lastMs = systemClock.monotonicMs()
    let lastWaitedMs = waitedMsNow()
    while (snapshots === from) {
      await new Promise((resolve) => setImmediate(resolve))
      const now = systemClock.monotonicMs()
      const waitedMs = waitedMsNow()
      wallMs = Math.max(wallMs, now - lastMs)
      ownMs = Math.max(ownMs, now - lastMs - (waitedMs - lastWaitedMs))
      lastMs = now
      lastWaitedMs = waitedMs
    }
    return { wallMs, ownMs }
  }
  const first = await longest(0)
  const turns: LongestTurn[] = []
  for (let number = 0; number < changes; number++) {
    const before = snapshots
    await change()
    turns.push(await longest(before))
  }
  worker.postMessage('stop')
  await new Promise((resolve) => worker.once('exit', resolve))
  return { first, changes: turns }
}

/**
 * Reads the time that this thread waited for a core, milliseconds, without allocating: a watcher
 * that makes garbage would watch its own collections.
 */
function ownRunQueue(): () => number {
  const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r')
  const bytes = new Uint8Array(64)
  return () => {
    const length = readSync(file, bytes, 0, bytes.length, 0)
    let at = bytes.indexOf(32) + 1
    let waitedNs = 0
    for (; at < length && bytes[at] !== 32; at++)
      waitedNs = waitedNs * 10 + ((bytes[at] ?? 48) - 48)
    return waitedNs / 1e6
  }
}
