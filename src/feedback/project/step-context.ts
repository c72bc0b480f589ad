/** What a step of the projector works with. */
import type { StateKey } from '../../store/feedback-ports.ts'
import type { FeedbackEvent } from '../event.ts'
import { shardOfDevice } from '../event-home.ts'
import type { DeviceKey } from '../token-body.ts'
import { type Message, MessageKind } from './message.ts'
import type { NoteStatus } from './note.ts'
import { userKey } from './state-keys.ts'
import type { StateView } from './state-view.ts'
import { type Counters, counterNames, decodeCounters, encodeCounters } from './totals.ts'
import { type Touch, touched } from './user-writer.ts'

/** Settings of the projector. */
export interface ProjectSettings {
  /** Clicks of one device within an hour of the clock; those beyond it are invalid. */
  readonly clicksADeviceHourMax: number
}

/** The part of a batch that one step sees. */
export interface StepContext {
  readonly view: StateView
  /** The one shard that the batch may write to; null = all of them. */
  readonly shard: number | null
  readonly settings: ProjectSettings
  /** Hands a message to the shard: done in the same commit where it is ours, else sent. */
  tell(shard: number, message: Message): void
  /** Says what became of the record at hand, and which flags were found. */
  note(status: NoteStatus, flags: readonly number[]): void
}

/** True when a batch may write to the shard. */
export function isOurs({ shard }: Pick<StepContext, 'shard'>, other: number): boolean {
  return shard === null || shard === other
}

/** Keys of the user states of those devices that the batch may write. */
export function ownUserKeys(
  context: Pick<StepContext, 'shard'>,
  devices: readonly DeviceKey[],
): StateKey[] {
  return devices
    .filter(({ high }) => isOurs(context, shardOfDevice(high)))
    .map((device) => userKey(device))
}

/** Changes the user states of devices, at home at once and elsewhere by message. */
export function touchDevices(
  context: StepContext,
  devices: readonly DeviceKey[],
  touches: readonly Touch[],
  told: { readonly name: string; readonly day: number },
): void {
  if (touches.length === 0) return
  const elsewhere = new Map<number, DeviceKey[]>()
  for (const device of devices) {
    const shard = shardOfDevice(device.high)
    if (isOurs(context, shard)) {
      const key = userKey(device)
      context.view.put(key, touched(context.view.get(key), touches, told.day))
    } else elsewhere.set(shard, [...(elsewhere.get(shard) ?? []), device])
  }
  for (const [shard, own] of elsewhere) {
    context.tell(shard, {
      kind: MessageKind.Touch,
      name: `${told.name}.${shard.toString(36)}`,
      day: told.day,
      devices: own,
      touches,
    })
  }
}

/** Adds the difference of two contributions to a row. */
export function addToTotal(
  { view }: StepContext,
  key: StateKey,
  before: Counters,
  after: Counters,
): void {
  const row = decodeCounters(view.get(key))
  let isChanged = false
  for (const name of counterNames) {
    const difference = after[name] - before[name]
    if (difference === 0) continue
    // Full at 2^53: a row stays a number, however absurd the values that it was told.
    row[name] = Math.min(Number.MAX_SAFE_INTEGER, row[name] + difference)
    isChanged = true
  }
  if (!isChanged) return
  const bytes = encodeCounters(row)
  view.put(key, bytes.length === 0 ? null : bytes)
}

/** Bits of numbered reasons. */
export function bitsOf(reasons: readonly number[]): number {
  let bits = 0
  for (const reason of reasons) if (reason > 0 && reason < 31) bits |= 1 << reason
  return bits
}

/** Numbers of bits, ascending. */
export function reasonsOf(bits: number): number[] {
  const reasons: number[] = []
  for (let reason = 1; reason < 31; reason++)
    if (((bits >>> reason) & 1) === 1) reasons.push(reason)
  return reasons
}

/** True for a conversion that names a click and not itself whose campaign or device it is. */
export function seeksClick(event: FeedbackEvent): boolean {
  return event.clickId !== '' && (event.campaign === 0 || event.devices.length === 0)
}
