/**
 * Device ids that are given with the name of their type, one at a time: events told from outside.
 */
import { DeviceKeys } from '../domain/device-keys.ts'
import { idTypeNamed } from '../domain/id-type.ts'
import type { DeviceHasher } from './device-hasher.ts'

/** An id as somebody wrote it. */
export interface NamedId {
  /** `oaid_md5` and the like (docs/identity.md). */
  readonly type: string
  readonly value: string
  /** CAID version, appid and the like; ignored for types that take none. */
  readonly scope: string
}

/** A device key with the code of its type. */
export interface NamedKey {
  readonly type: number
  readonly high: number
  readonly low: number
}

/** Makes keys of named ids. One a process; not re-entrant. */
export class NamedIds {
  readonly #hasher: DeviceHasher
  readonly #devices = new DeviceKeys()

  constructor(hasher: DeviceHasher) {
    this.#hasher = hasher
  }

  /** The key; null for a doubtful id, `unknown` for a type that does not exist. */
  keyOf({ type, value, scope }: NamedId): NamedKey | 'unknown' | null {
    const info = idTypeNamed(type)
    if (info === null) return 'unknown'
    const devices = this.#devices
    devices.clear()
    if (this.#hasher.addText(devices, info.code, value, scope) < 0) return null
    return { type: info.code, high: devices.high[0] ?? 0, low: devices.low[0] ?? 0 }
  }
}
