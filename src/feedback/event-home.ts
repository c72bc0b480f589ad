/**
 * Where an event belongs: the shard that knows its bid, and the day under which it is remembered.
 */
import { shardCount } from '../lib/shard-count.ts'
import type { FeedbackEvent } from './event.ts'
import type { DeviceKey } from './token-body.ts'

const dayMs = 24 * 3_600_000

/** Epoch day of a time. */
export function dayOf(epochMs: number): number {
  return Math.max(0, Math.floor(epochMs / dayMs))
}

/**
 * The time that all events of one bid share, repeats included: its decision's; the event's own, as
 * it was told, where no decision of ours is known.
 */
export function anchorMsOf({ decidedAtMs, eventTimeMs }: FeedbackEvent): number {
  return decidedAtMs > 0 ? decidedAtMs : eventTimeMs
}

/** Shard of a device key: its upper ten bits. */
export function shardOfDevice(high: number): number {
  return high >>> 22
}

/** Shard of a name (order id, click id, event id): the same on every machine. */
export function shardOfName(name: string): number {
  // FNV-1a, 32 bits: names are hashes or ids already, this only spreads them.
  let hash = 0x811c_9dc5
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x0100_0193) >>> 0
  }
  return hash % shardCount
}

/**
 * The shard whose log takes the event. All events of one bid have one, so that a click finds its
 * exposure; a conversion with an order id goes where all reports of that order go, its id says
 * which.
 */
export function homeShardOf(event: FeedbackEvent): number {
  if (event.orderId !== '') return shardOfName(event.id)
  const device = homeDeviceOf(event)
  if (device !== null) return shardOfDevice(device.high)
  if (event.decisionId !== '') return shardOfName(event.decisionId)
  return shardOfName(event.clickId === '' ? event.id : clickName(event.medium, event.clickId))
}

/**
 * The device key that says where an event belongs: the lowest, so that a sender may name its ids in
 * any order; null = it names none.
 */
export function homeDeviceOf({ devices }: Pick<FeedbackEvent, 'devices'>): DeviceKey | null {
  let home: DeviceKey | null = null
  for (const device of devices) {
    const isLower =
      home === null ||
      device.high < home.high ||
      (device.high === home.high && device.low < home.low)
    if (isLower) home = device
  }
  return home
}

/** Name of a medium's click: what a conversion that knows nothing else is found by. */
export function clickName(medium: string, clickId: string): string {
  return `${medium}/${clickId}`
}
