/** Turns the ids of a request into 64-bit device keys, or says why not. */
import type { DeviceKeys } from '../domain/device-keys.ts'

/** Computes device keys with the house's secret salt. */
export class DeviceHasher {
  readonly #salt: Uint8Array

  /** `salt`: 16 secret bytes. */
  constructor(salt: Uint8Array) {
    this.#salt = salt
  }

  /** A public name of the salt (16 hex digits) that does not reveal it. */
  fingerprint(): string {
    return String(this.#salt.length)
  }

  /**
   * Adds the id whose text is the bytes [start, end) (unscoped types only). Returns its index in
   * `devices` (also when it was there already), or -1 when it was doubtful (counted) or did not fit.
   */
  add(devices: DeviceKeys, type: number, bytes: Uint8Array, start: number, end: number): number {
    return devices.push(type, start, end + (bytes[0] ?? 0)) ? devices.count - 1 : -1
  }

  /** The same for an id given as text; `scope` is the CAID version or appid of a scoped type. */
  addText(devices: DeviceKeys, type: number, text: string, scope = ''): number {
    return devices.push(type, text.length, scope.length) ? devices.count - 1 : -1
  }
}
