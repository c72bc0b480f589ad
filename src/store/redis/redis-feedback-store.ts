/** The feedback side of a store on Redis ≥ 7: one server or a Cluster. */
import type { FeedbackStore } from '../feedback-ports.ts'
import type { StoreMeter } from '../ports.ts'
import { feedbackLibrary } from './feedback-function.ts'
import { FreshParts } from './fresh-parts.ts'
import { ReadCounts } from './read-counts.ts'
import { redisClientFor, slotsSourceOf } from './redis-client.ts'
import { RedisCommands } from './redis-commands.ts'
import { RedisEventLog } from './redis-event-log.ts'
import { RedisNodes } from './redis-nodes.ts'
import { RedisState } from './redis-state.ts'
import type { RedisAddress } from './redis-url.ts'

/** What it is opened with. */
export interface RedisFeedbackOptions {
  readonly address: RedisAddress
  /** Number of the `decide` worker; null = a process that projects. */
  readonly worker: number | null
  readonly meter: StoreMeter
  readonly monotonicMs: () => number
}

const firstConnectionMs = 2_000

/**
 * Opens it. Resolves also when the server does not answer (`log.problem()` says so, and the
 * connections keep trying).
 */
export async function openRedisFeedbackStore(
  options: RedisFeedbackOptions,
): Promise<FeedbackStore> {
  const { address, meter, monotonicMs } = options
  const connect = () => redisClientFor(address, meter)
  // A single server has no map of slots, and so nothing to ask.
  const client = address.cluster ? connect() : null
  const slots = client === null ? null : slotsSourceOf(client, address)
  const open = () => new RedisNodes(address, slots, meter, monotonicMs)
  const nodes = open()
  // A worker appends and does nothing else.
  const asideNodes = options.worker === null ? open() : nodes
  const commands = new RedisCommands(nodes, meter, feedbackLibrary)
  const aside = new RedisCommands(asideNodes, meter, feedbackLibrary)
  const fresh = new FreshParts({ commands, connect, meter, monotonicMs })
  const deps = { commands, aside, fresh, counts: new ReadCounts(), monotonicMs }
  const log = new RedisEventLog(deps)
  const state = new RedisState(deps)
  const connected = await nodes.whenReady(firstConnectionMs)
  if (connected) await asideNodes.whenReady(firstConnectionMs)
  if (connected && options.worker === null) commands.loadLibrary()
  return {
    log,
    state,
    async close() {
      await log.close()
      await state.close()
      fresh.close()
      asideNodes.close()
      nodes.close()
      client?.disconnect()
    },
  }
}
