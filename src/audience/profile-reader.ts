/**
 * Reads a device's packs, and its history where somebody asks: all ids of a request in one trip,
 * all packs of an id in one value, its history in another.
 */
import { type DeviceKeys, deviceIdsMax } from '../domain/device-keys.ts'
import type { PackIndex } from '../domain/pack.ts'
import { type Profile, ProfileState } from '../domain/profile.ts'
import type { ValueAddress, ValueReader, ValueSink } from '../store/ports.ts'
import { userBucketOf, userGeneration } from '../store/user-space.ts'
import { addressOf, newAddress } from './address.ts'
import type { AudienceReader, AudienceView } from './audience-reader.ts'
import { MembershipCursor } from './membership.ts'

/** The reader over a store's values. */
export function createProfileReader(values: ValueReader): AudienceReader {
  return new ProfileReader(values)
}

class ProfileReader implements AudienceReader {
  readonly #values: ValueReader
  /** Reads not under way; grows to the number of requests in flight, which http/ bounds. */
  readonly #idle: ProfileRead[] = []

  constructor(values: ValueReader) {
    this.#values = values
  }

  read(devices: DeviceKeys, view: AudienceView, deadlineMs: number, profile: Profile) {
    profile.reset(view.packs.words)
    if (devices.count === 0) return undefined
    const read = this.#idle.pop() ?? new ProfileRead()
    read.start(devices, view, profile)
    const done = this.#values.read(read.addresses, read.count, read, deadlineMs)
    if (typeof done === 'boolean') {
      this.#finish(read, profile, done)
      return undefined
    }
    return this.#whenDone(read, profile, done)
  }

  async #whenDone(read: ProfileRead, profile: Profile, done: Promise<boolean>): Promise<undefined> {
    this.#finish(read, profile, await done)
    return undefined
  }

  #finish(read: ProfileRead, profile: Profile, ok: boolean): void {
    profile.state = ok ? ProfileState.Known : ProfileState.Unavailable
    profile.sawHistory = ok && read.asksHistory
    this.#idle.push(read)
  }
}

/** One read under way: its addresses, and where the values go. */
class ProfileRead implements ValueSink {
  /** Those of packs; behind them, where history is asked for, as many of it. */
  readonly addresses: ValueAddress[] = Array.from({ length: deviceIdsMax * 2 }, newAddress)
  count = 0
  asksHistory = false
  /** Device ids: values from this index on are histories. */
  #ids = 0
  readonly #cursor = new MembershipCursor()
  #packs: PackIndex | null = null
  #profile: Profile | null = null
  /** By pack number: order of the best layer seen in the value at hand. */
  #order = new Uint8Array(32)
  #score = new Int16Array(32)
  readonly #touched: number[] = []

  start(devices: DeviceKeys, view: AudienceView, profile: Profile): void {
    this.#packs = view.packs
    this.#profile = profile
    const room = view.packs.words * 32
    if (this.#order.length < room) {
      this.#order = new Uint8Array(room)
      this.#score = new Int16Array(room)
    }
    const ids = devices.count
    for (let i = 0; i < ids; i++) {
      const address = this.addresses[i] as ValueAddress
      addressOf(devices.high[i] as number, devices.low[i] as number, view.layout, address)
    }
    this.#ids = ids
    this.asksHistory = view.asksHistory === true
    this.count = this.asksHistory ? ids * 2 : ids
    for (let i = ids; i < this.count; i++) this.#addressHistory(i)
  }

  value(index: number, bytes: Uint8Array, start: number, end: number): void {
    const packs = this.#packs
    const profile = this.#profile
    if (start === end || packs === null || profile === null) return
    if (index >= this.#ids) {
      profile.history.add(bytes, start, end)
      return
    }
    profile.idsFound++
    const cursor = this.#cursor.reset(bytes, start, end)
    while (cursor.next()) this.#hold(cursor.slot, cursor.score, packs)
    for (const pack of this.#touched) {
      const sign = (this.#order[pack] as number) & 1
      if (sign === 1) profile.add(pack, this.#score[pack] as number)
      this.#order[pack] = 0
    }
    this.#touched.length = 0
  }

  /** The address of the history that belongs to the packs `#ids` before it. */
  #addressHistory(index: number): void {
    const address = this.addresses[index] as ValueAddress
    const ofPacks = this.addresses[index - this.#ids] as ValueAddress
    address.shard = ofPacks.shard
    address.generation = userGeneration
    address.fieldHigh = ofPacks.fieldHigh
    address.fieldLow = ofPacks.fieldLow
    address.bucket = userBucketOf(ofPacks.fieldHigh)
  }

  /** Keeps the latest layer of each pack; the order's lowest bit carries its sign. */
  #hold(slot: number, score: number, packs: PackIndex): void {
    const pack = packs.slotPack[slot] ?? -1
    if (pack < 0) return
    const order = ((packs.slotOrder[slot] as number) << 1) | (packs.slotSign[slot] as number)
    const held = this.#order[pack] as number
    if (order <= held) return
    if (held === 0) this.#touched.push(pack)
    this.#order[pack] = order
    this.#score[pack] = score
  }
}
