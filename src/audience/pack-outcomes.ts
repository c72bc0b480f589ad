/** What the pack service answers: refusals with their sentence, and the state of a pack. */
import { type Pack, packLayersMax } from '../domain/pack.ts'
import type { PackRefusal, PackStatus } from './pack-types.ts'

/** A replace that leaves less than this share of a pack's devices is refused unless forced. */
export const shrinkShareMin = 0.5

/** A no with its stable code (docs/errors.md). */
export function refused(code: string, message: string): PackRefusal {
  return { ok: false, code, message }
}

/** There is no such pack. */
export function unknownPack(id: string): PackRefusal {
  return refused('SLUICE_AUDIENCE_UNKNOWN_PACK', `there is no pack ${id}`)
}

/** No slot is left to write into. */
export function slotsFull(): PackRefusal {
  return refused('SLUICE_AUDIENCE_SLOTS_FULL', 'every pack slot is in use: delete packs first')
}

/** The pack can take no further layer. */
export function layersFull(id: string): PackRefusal {
  return refused(
    'SLUICE_AUDIENCE_LAYERS_FULL',
    `pack ${id} has ${packLayersMax} layers and cannot be folded: a device has no room; replace it`,
  )
}

/** The upload would shrink the pack too far. */
export function shrinkRefusal(id: string): PackRefusal {
  const share = `${shrinkShareMin * 100} %`
  return refused(
    'SLUICE_AUDIENCE_SHRINK',
    `pack ${id} would keep less than ${share}; force=true does it`,
  )
}

/** A pack as the admin API shows it. */
export function statusOf({ id, current, previous, expiresAtMs }: Pack): PackStatus {
  const active =
    current === null
      ? { version: 0, devices: 0, layers: 0, activatedAtMs: null }
      : { ...current, layers: current.layers.length }
  const { version, devices, layers, activatedAtMs } = active
  const previousVersion = previous?.version ?? null
  const previousDevices = previous?.devices ?? null
  return {
    id,
    version,
    devices,
    layers,
    activatedAtMs,
    expiresAtMs,
    previousVersion,
    previousDevices,
  }
}
