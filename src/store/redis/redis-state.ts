/** Derived state in Redis: hashes of a shard, changed by functions that move its place as well. */

import { shardCount } from '../../lib/shard-count.ts'
import {
  claimLostMs,
  type LogReader,
  type PartCommit,
  type StateKey,
  type StateStore,
  type StateTable,
} from '../feedback-ports.ts'
import { commitWords } from './commit-words.ts'
import { feedbackFunctions, groupOf } from './feedback-function.ts'
import {
  daysKey,
  eventsKey,
  fieldOf,
  hashKeyOf,
  hashKeysOf,
  placesKey,
  projectorsKey,
} from './feedback-keys.ts'
import type { FreshParts } from './fresh-parts.ts'
import { deliverOutboxes } from './outbox-delivery.ts'
import type { ReadCounts } from './read-counts.ts'
import { type RedisCommands, valuesOf, type Word } from './redis-commands.ts'
import { answeredOr } from './redis-outcomes.ts'
import { copyOf } from './resp-cursor.ts'
import { ReplyKind, type RespReply } from './resp-parser.ts'
import { scanHashes } from './scan-hashes.ts'
import { commonSlot, slotOfShard } from './shard-keys.ts'
import { shareOf } from './share-parts.ts'

/**
 * Days that were written down are believed to be for so long: a fail-over may forget what was not
 * copied yet.
 */
const daysKnownMs = 60_000

/** What it works with. */
export interface RedisStateDeps {
  /** One connection for what is read to be committed, and for the commit (`RedisLogDeps`). */
  readonly commands: RedisCommands
  /** For scans, which must not hold up the others. */
  readonly aside: RedisCommands
  readonly fresh: FreshParts
  readonly counts: ReadCounts
  readonly monotonicMs: () => number
}

/** `StateStore` on one Redis or Cluster. */
export class RedisState implements StateStore {
  readonly seesAllShards = false
  readonly #deps: RedisStateDeps
  /** `<table><day>` that the set of days has, and since when that is believed. */
  readonly #days = new Set<string>()
  #daysSinceMs = 0
  /** Names that this process claims for, and what came of it: hashing is for changes only. */
  readonly #claims = new Map<string, { living: string; parts: readonly string[] }>()

  constructor(deps: RedisStateDeps) {
    this.#deps = deps
  }

  async claim(projector: string): Promise<readonly string[]> {
    const words = ['FCALL', feedbackFunctions.claim, '1', projectorsKey, projector]
    const answer = await this.#deps.commands.ask(
      commonSlot,
      [...words, String(claimLostMs)],
      textsFrom,
    )
    const living = answer.sort()
    const known = this.#claims.get(projector)
    if (known?.living === living.join('\n')) return known.parts
    const parts = shareOf(projector, living)
    this.#claims.set(projector, { living: living.join('\n'), parts })
    return parts
  }

  async positions(parts: readonly string[], reader: LogReader): Promise<readonly string[]> {
    const asked = parts.map((part) => atPart(part, ['HGET', placesKey(part), groupOf[reader]]))
    return valuesOf(await this.#deps.commands.askAll(asked, (reply) => textOrEmpty(reply)))
  }

  async load(keys: readonly StateKey[]): Promise<readonly (Uint8Array | null)[]> {
    const asked = keys.map((key) => atShard(key, ['HGET', hashKeyOf(key), fieldOf(key)]))
    return valuesOf(await this.#deps.commands.askAll(asked, valueFrom))
  }

  async commit(commits: readonly PartCommit[]): Promise<readonly boolean[]> {
    const { commands, counts } = this.#deps
    await this.#writeDownDays(commits)
    const asked = commits.map((commit) => {
      const stretch = counts.endingAt(commit.part, commit.to)
      const count = stretch?.after === commit.from ? String(stretch.count) : ''
      return atPart(commit.part, commitWords(commit, count))
    })
    // A commit that got no answer may be done: its reader asks for its place, as after a refusal.
    return answeredOr(await commands.askAll(asked, isOne), false)
  }

  deliver(parts: readonly string[]): Promise<readonly string[]> {
    return deliverOutboxes(parts, this.#deps)
  }

  async advanceArchive(part: string, to: string): Promise<void> {
    const { commands, counts } = this.#deps
    const stretch = counts.endingAt(part, to)
    const count = stretch === undefined ? '' : String(stretch.count)
    const keys = [placesKey(part), eventsKey(part)]
    const words = [
      'FCALL',
      feedbackFunctions.archive,
      '2',
      ...keys,
      to,
      stretch?.after ?? '',
      count,
    ]
    await commands.ask(...atPart(part, words), isOne)
  }

  async scan(
    table: StateTable,
    day: number | null,
    visit: (key: StateKey, value: Uint8Array) => void,
  ): Promise<void> {
    const days = day === null ? await this.#daysOf(table) : [day]
    await scanHashes(this.#deps.aside, table, days, visit)
  }

  async remove(keys: readonly StateKey[]): Promise<void> {
    const asked = keys.map((key) => atShard(key, ['HDEL', hashKeyOf(key), fieldOf(key)]))
    valuesOf(await this.#deps.commands.askAll(asked, isOne))
  }

  async dropBefore(table: StateTable, day: number): Promise<void> {
    const { commands } = this.#deps
    const days = (await this.#daysOf(table)).filter((one) => one < day && one !== 0)
    for (const one of days) {
      const asked: [number, Word[]][] = []
      for (let shard = 0; shard < shardCount; shard++) {
        asked.push([slotOfShard(shard), ['UNLINK', ...hashKeysOf(table, shard, one)]])
      }
      // Forgotten last: a day that could not be dropped whole is dropped again.
      valuesOf(await commands.askAll(asked, isOne))
      this.#days.delete(dayName(table, one))
      await commands.ask(commonSlot, ['SREM', daysKey, dayName(table, one)], isOne)
    }
  }

  /** Names that were claimed for are given back, so that others need not wait for their silence. */
  async close(): Promise<void> {
    const names = [...this.#claims.keys()]
    if (names.length === 0) return
    try {
      await this.#deps.commands.ask(commonSlot, ['HDEL', projectorsKey, ...names], isOne)
    } catch {
      // Silence says it, too.
    }
  }

  /** A day is in the set before anything is in the day: nothing is ever left behind. */
  async #writeDownDays(commits: readonly PartCommit[]): Promise<void> {
    const nowMs = this.#deps.monotonicMs()
    if (nowMs - this.#daysSinceMs > daysKnownMs) {
      this.#days.clear()
      this.#daysSinceMs = nowMs
    }
    const unknown = new Set<string>()
    for (const { writes } of commits) {
      for (const { key } of writes) {
        const name = dayName(key.table, key.day)
        if (!this.#days.has(name)) unknown.add(name)
      }
    }
    if (unknown.size === 0) return
    await this.#deps.commands.ask(commonSlot, ['SADD', daysKey, ...unknown], isOne)
    for (const name of unknown) this.#days.add(name)
  }

  async #daysOf(table: StateTable): Promise<number[]> {
    const names = await this.#deps.aside.ask(commonSlot, ['SMEMBERS', daysKey], textsFrom)
    return names.filter((name) => name.startsWith(table)).map((name) => Number(name.slice(1)))
  }
}

function dayName(table: StateTable, day: number): string {
  return `${table}${day}`
}

function atPart(part: string, words: readonly Word[]): [number, readonly Word[]] {
  return [slotOfShard(Number(part)), words]
}

function atShard({ shard }: StateKey, words: readonly Word[]): [number, readonly Word[]] {
  return [slotOfShard(shard), words]
}

/** Whether the answer is the number 1. */
function isOne(reply: RespReply): boolean {
  return reply.kind === ReplyKind.Integer && reply.text() === '1'
}

function textOrEmpty(reply: RespReply): string {
  return reply.kind === ReplyKind.Bulk ? reply.text() : ''
}

function valueFrom(reply: RespReply): Uint8Array | null {
  if (reply.kind === ReplyKind.Null) return null
  return copyOf(reply.bytes, reply.start, reply.end)
}

function textsFrom(reply: RespReply): string[] {
  const bytes = Buffer.from(reply.bytes.buffer, reply.bytes.byteOffset, reply.bytes.length)
  return Array.from({ length: reply.itemCount }, (_, i) =>
    bytes.toString('latin1', reply.items[i * 2], reply.items[i * 2 + 1]),
  )
}
