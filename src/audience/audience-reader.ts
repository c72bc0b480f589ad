/** The audience port of the road: "what do we know of this device", before the deadline. */
import type { DeviceKeys } from '../domain/device-keys.ts'
import type { Layout, PackIndex } from '../domain/pack.ts'
import type { Profile } from '../domain/profile.ts'

/** The parts of a catalog snapshot that a profile is read through. */
export interface AudienceView {
  readonly packs: PackIndex
  readonly layout: Layout
  /** True: somebody asks for the history of the device (caps, converts). Absent = nobody. */
  readonly asksHistory?: boolean
}

/** Reads profiles; LMDB answers at once, Redis in one pipelined trip. */
export interface AudienceReader {
  /**
   * Fills `profile` from all ids of `devices`, united. Returns a promise only when it has to wait
   * (then resolves before `deadlineMs`, monotonic); never throws, never rejects: a store that
   * cannot answer leaves `ProfileState.Unavailable`.
   */
  read(
    devices: DeviceKeys,
    view: AudienceView,
    deadlineMs: number,
    profile: Profile,
  ): undefined | Promise<undefined>
}
