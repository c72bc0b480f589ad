import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { allParts, FreshParts } from './fresh-parts.ts'
import type { RedisClient } from './redis-client.ts'
import type { RedisCommands } from './redis-commands.ts'

/** What the server would do, by hand: messages come when the test says so. */
class FakeListener extends EventEmitter {
  isOpen = true

  subscribe(): Promise<void> {
    return Promise.resolve()
  }

  disconnect(): void {
    this.isOpen = false
  }
}

function setUp() {
  const listeners: FakeListener[] = []
  const published: string[] = []
  const errors: string[] = []
  const clock = { nowMs: 0 }
  const fresh = new FreshParts({
    commands: {
      ask: (_slot: number, [command, , text]: string[]) => {
        published.push(`${command} ${text}`)
        return Promise.resolve()
      },
    } as unknown as RedisCommands,
    connect: () => {
      const listener = new FakeListener()
      listeners.push(listener)
      return listener as unknown as RedisClient
    },
    meter: { read: () => undefined, error: (kind) => errors.push(kind) },
    monotonicMs: () => clock.nowMs,
  })
  return { fresh, listeners, published, errors, clock }
}

test('all parts come first, then those that were heard of, each once', () => {
  const { fresh, listeners } = setUp()
  expect(fresh.take()).toEqual(allParts)
  expect(fresh.take()).toEqual([])
  listeners[0]?.emit('message', 'channel', '7 1023')
  listeners[0]?.emit('message', 'channel', '7')
  expect(fresh.take()).toEqual(['7', '1023'])
  expect(fresh.take()).toEqual([])
})

test('whatever is heard each part is named once a second, a few at a time', () => {
  const { fresh, clock } = setUp()
  fresh.take()
  const seen: string[] = []
  for (clock.nowMs = 0; clock.nowMs <= 1_003; clock.nowMs += 1.9) {
    const parts = fresh.take()
    expect(parts.length).toBeLessThan(4)
    seen.push(...parts)
  }
  expect(new Set(seen).size).toBe(allParts.length)
  expect(seen.length).toBeLessThan(1_030)
  clock.nowMs += 5_000
  expect(fresh.take().length).toBe(allParts.length)
})

test('appends of a moment are told in one message', async () => {
  const { fresh, published } = setUp()
  for (const shard of [5, 9, 5, 9, 11]) fresh.appended(shard)
  await fresh.tell()
  await fresh.tell()
  expect(published).toEqual(['PUBLISH 5 9 11'])
  fresh.close()
})

test('a channel that is silent is listened to anew, one that answers is kept', async () => {
  const { fresh, listeners, published, errors, clock } = setUp()
  for (; clock.nowMs < 10_000; clock.nowMs += 100) {
    fresh.take()
    listeners[0]?.emit('message', 'channel', '')
  }
  expect(published.filter((text) => text === 'PUBLISH ').length).toBeGreaterThan(7)
  expect(listeners.length).toBe(1)
  for (; clock.nowMs < 14_000; clock.nowMs += 100) fresh.take()
  expect(listeners.map(({ isOpen }) => isOpen)).toEqual([false, true])
  expect(errors).toEqual(['redis-channel'])
  // The new one may have missed everything.
  await Promise.resolve()
  expect(fresh.take().length).toBe(allParts.length)
})
