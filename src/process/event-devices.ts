/** Device ids of events from outside become keys: the identity room's work, for feedback. */
import { DeviceKeys } from '../domain/device-keys.ts'
import { idTypeNamed } from '../domain/id-type.ts'
import type { OutsideDevice } from '../feedback/outside-event.ts'
import type { DeviceKey } from '../feedback/token-body.ts'
import type { DeviceKeySource } from '../feedback/told-event.ts'
import type { DeviceHasher } from '../identity/device-hasher.ts'

/** Keys of ids, one at a time. One a process; what it is given is forgotten at once. */
export class DeviceKeysOfEvents implements DeviceKeySource {
  readonly #hasher: DeviceHasher
  readonly #keys = new DeviceKeys()

  constructor(hasher: DeviceHasher) {
    this.#hasher = hasher
  }

  keyOf({ type, value, scope }: OutsideDevice): DeviceKey | 'unknown' | null {
    const known = idTypeNamed(type)
    if (known === null) return 'unknown'
    this.#keys.clear()
    this.#hasher.addText(this.#keys, known.code, value, scope)
    if (this.#keys.count === 0) return null
    return { type: known.code, high: this.#keys.high[0] ?? 0, low: this.#keys.low[0] ?? 0 }
  }
}
